package io.github.allsourceconnect.source.link;

import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.transport.HostPort;
import java.time.Duration;

/**
 * How long a connection may take to bring what it has begun to bring.
 *
 * <pre>
 *   no answer yet ......... until the deadline of the whole beginning
 *   a snapshot first ...... a least speed, and snapshot.timeout.ms for all of it
 *   between two lines ..... as long as it likes: a leader with nothing to say is silent
 *   within a line ......... a least speed
 * </pre>
 *
 * Knows no clock: times are milliseconds of one that only goes forward. Not thread-safe.
 */
public final class ReadPace {
  /**
   * What took too long.
   *
   * @param sort in one word, the same each time; null for no mistake of the protocol
   * @param why in words, with the address
   */
  public record Overrun(String sort, String why) {}

  private final LeaderSettings settings;
  private final HostPort address;
  private final long deadlineMs;
  private final long patienceMs;
  private LeastProgress progress;
  private boolean streams;
  private long snapshotEndMs = Long.MAX_VALUE;

  /**
   * @param patience how long the peer may pause in the middle of something
   * @param deadlineMs when it must have answered
   */
  public ReadPace(LeaderSettings settings, HostPort address, Duration patience, long deadlineMs) {
    this.settings = settings;
    this.address = address;
    this.deadlineMs = deadlineMs;
    patienceMs = patience.toMillis();
  }

  // ---- what came

  /** So many bytes of the beginning, or of an answer that is no stream. */
  public void beginning(int bytes, boolean answered, long nowMs) {
    if (progress != null) {
      progress.received(bytes);
    } else if (answered) {
      progress = leastProgress(nowMs);
      long limit = settings.snapshotTimeout().toMillis();
      snapshotEndMs = limit == 0 ? Long.MAX_VALUE : nowMs + limit;
    }
  }

  /** The beginning is over. */
  void streams() {
    streams = true;
    progress = null;
  }

  /**
   * A piece of the stream.
   *
   * @param waited it had to wait for room, so how long it took is not the peer's doing
   */
  void stream(byte[] array, int from, int to, boolean waited, long nowMs) {
    int lineEnd = to - 1;
    while (lineEnd >= from && array[lineEnd] != '\n') {
      lineEnd--;
    }
    if (lineEnd == to - 1) {
      progress = null;
    } else if (progress == null || waited || lineEnd >= from) {
      progress = leastProgress(nowMs);
    } else {
      progress.received(to - from);
    }
  }

  private LeastProgress leastProgress(long nowMs) {
    return new LeastProgress(settings.snapshotBytesPerSecond(), patienceMs, nowMs);
  }

  // ---- what that means

  /** What has taken too long by now; null for nothing. */
  public Overrun overrun(long nowMs) {
    if (progress == null) {
      return streams || nowMs < deadlineMs ? null : new Overrun(null, notAnswered());
    }
    if (progress.isTooSlow(nowMs)) {
      return new Overrun("TOO_SLOW", tooSlow());
    }
    return !streams && nowMs >= snapshotEndMs ? new Overrun("SNAPSHOT_TIMEOUT", endless()) : null;
  }

  /** How long a read may wait until {@link #overrun} must be asked again; 0 for ever. */
  public int readTimeoutMs(long nowMs) {
    if (progress != null) {
      return progress.patienceMs(nowMs);
    }
    return streams ? 0 : (int) Math.max(1, Math.min(Integer.MAX_VALUE, deadlineMs - nowMs));
  }

  private String notAnswered() {
    return address
        + " accepted, but did not answer within connect.timeout.ms="
        + settings.connectTimeout().toMillis();
  }

  private String tooSlow() {
    return address
        + " sent less than "
        + LeaderSettings.SNAPSHOT_BYTES_PER_SECOND
        + "="
        + settings.snapshotBytesPerSecond()
        + " over "
        + patienceMs
        + " ms in the middle of "
        + (streams ? "a line" : "its answer");
  }

  private String endless() {
    return address
        + " sends a snapshot that has not ended within "
        + LeaderSettings.SNAPSHOT_TIMEOUT_MS
        + "="
        + settings.snapshotTimeout().toMillis()
        + "; raise that if its history is so long";
  }
}
