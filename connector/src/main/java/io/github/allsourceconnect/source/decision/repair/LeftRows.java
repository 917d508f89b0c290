package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.decision.epoch.AwaitedRows;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of a snapshot of which a repair can't tell on which side of its cut they lie: those that it
 * leaves for the live stream to tell, and those that it produces though they may be beyond.
 *
 * <p>Bound: with those awaited already, {@link AwaitedRows#ROWS_MAX} are left; the others are only
 * counted. Without contents. Not thread-safe.
 */
final class LeftRows {
  private final LiveStream stream;
  private final RepairCut cut;

  private final List<Event> toStream = new ArrayList<>();
  private final List<Event> atSeam = new ArrayList<>();
  private long untold;
  private long oldest;
  private long seamFrom;

  LeftRows(LiveStream stream, RepairCut cut) {
    this.stream = stream;
    this.cut = cut;
  }

  /**
   * None yet.
   *
   * @param cutNewest event time of the newest entry up to the cut
   */
  void begin(long cutNewest) {
    toStream.clear();
    atSeam.clear();
    untold = 0;
    oldest = Long.MAX_VALUE;
    seamFrom = cutNewest - stream.lateness.allowedMicros();
  }

  /** Whether one more can be left. */
  boolean hasRoom() {
    return toStream.size() + stream.awaited.size() < AwaitedRows.ROWS_MAX;
  }

  /** Whether the stream brings it has to be seen. */
  void leave(Event event) {
    if (hasRoom()) {
      toStream.add(event.withoutContent()); // many rows may lie there
      holdsBack(event.micros());
    } else {
      untold++;
    }
  }

  /** The position must not get past this event time. */
  void holdsBack(long micros) {
    oldest = Math.min(oldest, micros);
  }

  /** A row; it is noted if it is so near the cut that it may be beyond, and no entry has told. */
  void atSeam(Event event, long upToMicros) {
    if (cut.offset() > 0
        && event.micros() >= seamFrom
        && event.micros() <= upToMicros
        && !stream.held.has(event)
        && (!stream.produced.contains(event) || stream.produced.isOnlyRow(event))) {
      atSeam.add(event.withoutContent());
    }
  }

  /** Those that the live stream has to bring, if they are beyond the cut. */
  List<Event> toStream() {
    return toStream;
  }

  /** How many more there were. */
  long untold() {
    return untold;
  }

  /** Those that may be beyond the cut. */
  List<Event> atSeam() {
    return atSeam;
  }

  /** Event time that the position must not get past; {@link Long#MAX_VALUE} for none. */
  long oldest() {
    return oldest;
  }
}
