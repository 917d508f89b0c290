package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.config.Template.Variable;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.record.BoundedMatch.Undecided;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a template's variables stand for in an event.
 *
 * @param leader the leader's name
 * @param entityTypeSeparator what ends the type in an entity's id; not asked with an expression
 * @param entityType its first group is the type of an entity whose whole id it matches; null: the
 *     separator tells
 */
record TemplateValues(String leader, String entityTypeSeparator, Pattern entityType) {

  /**
   * The value, its fallback, or null if it has neither.
   *
   * @param tenant the event's tenant, or what stands for it
   */
  String of(Variable variable, Event event, String tenant) {
    String value =
        switch (variable.kind()) {
          case LEADER -> leader;
          case TENANT_ID -> tenant;
          case EVENT_TYPE -> event.eventType();
          case ENTITY_ID -> event.entityId();
          case ENTITY_TYPE -> entityType(event.entityId());
          case PAYLOAD -> PayloadValue.of(event.payload(), variable.pointer()).scalar();
        };
    return value == null ? variable.fallback() : value;
  }

  private String entityType(String entityId) {
    if (entityType == null) {
      int at = entityId.indexOf(entityTypeSeparator);
      return at <= 0 ? null : entityId.substring(0, at);
    }
    try {
      Matcher matcher = BoundedMatch.matcher(entityType, entityId);
      return matcher.matches() ? matcher.group(1) : null;
    } catch (Undecided | StackOverflowError e) {
      return null;
    }
  }
}
