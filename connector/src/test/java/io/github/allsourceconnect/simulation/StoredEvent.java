package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;

/**
 * An event that the leader has acknowledged to its writer; {@code index} is its place in the truth.
 */
final class StoredEvent {
  final int index;
  final Event live;
  final Event row;

  /** Its time is earlier than that of events before it, and not because it is late. */
  final boolean behind;

  /** Its clock alone was ahead: it has a later time than events that were written after it. */
  final boolean ahead;

  StoredEvent(int index, String entity, String tenant, long micros, long version) {
    this(index, entity, tenant, micros, version, false, false);
  }

  StoredEvent(
      int index,
      String entity,
      String tenant,
      long micros,
      long version,
      boolean behind,
      boolean ahead) {
    this.behind = behind;
    this.ahead = ahead;
    this.index = index;
    live = event(index, entity, tenant, micros, version);
    row = event(index, entity, null, micros, version);
  }

  private static Event event(int index, String entity, String tenant, long micros, long version) {
    return new Event(
        "event-" + index,
        0x5EED_0000_0000_4000L + index * 0x1_0000_0001L,
        0x8000_0000_0000_0000L | index,
        "simulated",
        entity,
        tenant,
        JsonText.NULL,
        "",
        micros,
        null,
        version);
  }

  long micros() {
    return live.micros();
  }

  String entity() {
    return live.entityId();
  }

  static int indexOf(Event event) {
    return (int) (event.idLow() & 0x7FFF_FFFF);
  }
}
