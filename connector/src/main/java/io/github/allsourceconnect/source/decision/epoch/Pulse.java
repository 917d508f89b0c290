package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;

/**
 * Whether the live connection is still one. An idle leader and a path that swallows everything look
 * the same from here, and TCP may not tell them apart either: a proxy or a firewall between keeps
 * answering, or has forgotten the connection while new ones pass. So after a silence the leader is
 * asked over a second connection how far it has come.
 *
 * <pre>
 *   heard, live or asked ---- dead timeout / 2 ----> asked ---- / 3 ----> answered, or it failed
 * </pre>
 *
 * One question at a time for a connection. Not thread-safe.
 */
public final class Pulse {
  /** So many offsets may a leader's word step back at least. */
  private static final long STEP_BACK = 64;

  /** So many silences without a word that tells anything raise a doubt; then twice as many. */
  private static final int VAGUE_FLOOR = 4;

  private final FollowerOrders orders;
  private final long silenceMs;

  /** Of what was asked last. */
  private Epoch epoch = Epoch.NONE;

  private boolean waits;
  private long askedAt;
  private boolean moreTells;
  private int vague;
  private int vagueMax = VAGUE_FLOOR;

  public Pulse(FollowerSettings settings, FollowerOrders orders) {
    this.orders = orders;
    silenceMs = settings.deadTimeoutMs() / 2;
  }

  /**
   * Time passes while the stream is live and all of it has been taken.
   *
   * @param heardAt when the connection last brought something
   * @param verifiedOffset the contiguous offset if Kafka has it and the leader knows; otherwise 0
   */
  public void tick(LiveLink live, long heardAt, long verifiedOffset, long now) {
    if (waits && epoch.equals(live.epoch())) {
      return;
    }
    long since = Math.max(heardAt, live.liveSince());
    if (epoch.equals(live.epoch())) {
      since = Math.max(since, askedAt);
    }
    if (now - since >= silenceMs) {
      boolean first = !epoch.equals(live.epoch());
      if (heardAt > (first ? live.liveSince() : askedAt)) {
        vague = 0;
        vagueMax = VAGUE_FLOOR;
      }
      waits = true;
      epoch = live.epoch();
      askedAt = now;
      moreTells = verifiedOffset > 0;
      // 1: what a newcomer would get is not wanted, and an ack is never claimed
      orders.probe(live.newRequest(epoch), Math.max(1, verifiedOffset));
    }
  }

  public long wakeAt(LiveLink live, long heardAt) {
    if (waits && epoch.equals(live.epoch())) {
      return Long.MAX_VALUE;
    }
    long since = Math.max(heardAt, live.liveSince());
    return (epoch.equals(live.epoch()) ? Math.max(since, askedAt) : since) + silenceMs;
  }

  /** The answer has come, or that there is none. */
  public void answered() {
    waits = false;
  }

  /** Whether it was asked with an offset, so that the answer tells what there is beyond. */
  public boolean askedWithOffset() {
    return moreTells;
  }

  /** Whether the connection has brought nothing since the question. */
  public boolean silentSince(long heardAt) {
    return heardAt < askedAt;
  }

  /**
   * What is wrong by the leader's word, or null.
   *
   * @param more it has something beyond the offset asked with
   * @param offset how far it has come
   * @param known how far the connection is known to have come
   * @param replays whether it sends what its log holds beyond the offset asked with; then nothing
   *     else tells, for its offsets may have holes
   * @param highest the highest offset that the connection has brought, 0 for none
   * @param displacement the greatest that the stream has shown, places
   */
  public String judge(
      boolean more, long offset, boolean replays, long known, long highest, int displacement) {
    if (more && moreTells) {
      return "the leader has more entries for a second connection";
    }
    if (replays) {
      return null;
    }
    if (more) {
      // so it may have had all the time; another look costs a snapshot, so more and more rarely
      vague++;
      if (vague < vagueMax) {
        return null;
      }
      vague = 0;
      vagueMax = Math.min(2 * vagueMax, 1 << 20);
      return "what the leader says over a second connection does not tell whether it should";
    }
    if (offset > known) {
      return "the leader says over a second connection that it has sent offset "
          + offset
          + ", and the last that came is "
          + known;
    }
    if (highest > 0 && (offset == 0 || offset < highest - Math.max(STEP_BACK, 4L * displacement))) {
      return "the leader says over a second connection that it is at offset "
          + offset
          + ", though this one has brought "
          + highest
          + ": it was restarted";
    }
    return null;
  }
}
