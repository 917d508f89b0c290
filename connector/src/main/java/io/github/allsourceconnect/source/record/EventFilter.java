package io.github.allsourceconnect.source.record;

import com.fasterxml.jackson.core.JsonPointer;
import io.github.allsourceconnect.config.ChooseSettings;
import io.github.allsourceconnect.config.ChooseSettings.Lists;
import io.github.allsourceconnect.config.ChooseSettings.PayloadCondition;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.record.BoundedMatch.Undecided;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which events are produced at all. What can't be decided is produced: an expression that takes too
 * long for a text, a tenant that is not known. What was decided about event types and tenants is
 * kept, up to a bound. One thread.
 */
final class EventFilter {
  private static final Logger LOG = LoggerFactory.getLogger(EventFilter.class);
  private static final int KEPT_MAX = 10_000;
  private static final int KEPT_LENGTH_MAX = 256;
  private static final long LOG_NANOS = 10_000_000_000L;

  private final ChooseSettings settings;
  private final boolean everything;
  private final Map<String, Boolean> types = new HashMap<>();
  private final Map<String, Boolean> tenants = new HashMap<>();
  private long undecided;
  private long loggedAt = System.nanoTime() - LOG_NANOS;

  EventFilter(ChooseSettings settings) {
    this.settings = settings;
    everything = settings.isEmpty();
  }

  /**
   * Whether the event is produced.
   *
   * @param tenantOrNull null if it is not known
   */
  boolean passes(Event event, String tenantOrNull) {
    return everything
        || (passes(settings.types(), event.eventType(), types, event)
            && passes(settings.entities(), event.entityId(), null, event)
            && (tenantOrNull == null || passes(settings.tenants(), tenantOrNull, tenants, event))
            && passesPayload(event));
  }

  private boolean passes(Lists lists, String text, Map<String, Boolean> kept, Event event) {
    if (lists.isEmpty()) {
      return true;
    }
    Boolean known = kept == null ? null : kept.get(text);
    if (known != null) {
      return known;
    }
    boolean passes;
    try {
      passes =
          (lists.include().isEmpty() || any(lists.include(), text)) && !any(lists.exclude(), text);
    } catch (Undecided e) {
      undecided(event, e);
      passes = true;
    }
    if (kept != null && text.length() <= KEPT_LENGTH_MAX) {
      if (kept.size() >= KEPT_MAX) {
        kept.clear();
      }
      kept.put(text, passes);
    }
    return passes;
  }

  private static boolean any(List<Pattern> expressions, String text) {
    for (Pattern expression : expressions) {
      if (BoundedMatch.matches(expression, text)) {
        return true;
      }
    }
    return false;
  }

  private boolean passesPayload(Event event) {
    List<PayloadCondition> include = settings.includePayload();
    try {
      return (include.isEmpty() || any(include, event)) && !any(settings.excludePayload(), event);
    } catch (Undecided e) {
      undecided(event, e);
      return true;
    }
  }

  private static boolean any(List<PayloadCondition> conditions, Event event) {
    JsonPointer at = null;
    PayloadValue value = null;
    for (PayloadCondition condition : conditions) {
      if (!condition.pointer().equals(at)) {
        at = condition.pointer();
        value = PayloadValue.of(event.payload(), at);
      }
      if (holds(condition, value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean holds(PayloadCondition condition, PayloadValue value) {
    if (condition.equal() != null) {
      return value.equal(condition.equal());
    }
    return condition.matches() == null
        ? value.isThere()
        : value.text() != null && BoundedMatch.matches(condition.matches(), value.text());
  }

  /** How many events were produced because whether they are to be left out took too long. */
  long undecided() {
    return undecided;
  }

  private void undecided(Event event, Undecided why) {
    undecided++;
    long now = System.nanoTime();
    if (now - loggedAt >= LOG_NANOS) {
      loggedAt = now;
      LOG.warn(
          "Whether event {} is to be left out can't be decided ({}), so it is produced; {} such"
              + " events since the start",
          event.id(),
          why.getMessage(),
          undecided);
    }
  }
}
