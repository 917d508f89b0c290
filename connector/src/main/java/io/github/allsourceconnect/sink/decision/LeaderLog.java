package io.github.allsourceconnect.sink.decision;

import io.github.allsourceconnect.sink.decision.FollowerState.Stage;
import io.github.allsourceconnect.sink.decision.LeaderOrders.Level;
import io.github.allsourceconnect.sink.decision.LeaderSettings.SnapshotMode;
import io.github.allsourceconnect.sink.history.SnapshotStore.Coverage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All decisions of the sink for one partition: who may follow, what each follower gets next, where
 * snapshot, topic and tail meet, when a follower has caught up, what may be committed.
 * Single-threaded; knows no socket, file, clock, thread or Kafka. Time is what the last {@link
 * #tick} said.
 *
 * <p>Invariant: what a follower is sent after subscribing with WAL offset n is every entry of the
 * log above n, once, in order, and nothing else. It depends on n and the log alone, never on what
 * another follower, another task or an earlier connection did.
 */
public class LeaderLog {
  private final LeaderSettings settings;
  private final LeaderOrders orders;
  private final WalLog log;
  private final CommitTracker commits;
  private final Map<Integer, FollowerState> followers = new LinkedHashMap<>();
  private final Set<FollowerState> atTail = new LinkedHashSet<>();
  private final Map<Long, Read> reads = new HashMap<>();
  private final List<FollowerState> boundsWanted = new ArrayList<>();
  private final List<FollowerState> boundsAsked = new ArrayList<>();
  private final ArrayDeque<FollowerState> historyWanted = new ArrayDeque<>();
  private final Set<Integer> snapshots = new HashSet<>();
  private boolean historyOpen;
  private Coverage history = Coverage.NONE;
  private boolean boundsInFlight;
  private boolean boundsDue;
  private int lastRead;
  private long begin;

  /** The highest Kafka offset that the log is known to have reached. */
  private long reached;

  /** A follower that has something up to here may have it from a log that is no more. */
  private long doubtfulUpTo;

  private long now;
  private long refused;

  /** A stretch of the log that is being read, and for whom. */
  private static final class Read {
    final int number;
    final List<FollowerState> waiting = new ArrayList<>();
    boolean due;

    Read(int number) {
      this.number = number;
    }
  }

  public LeaderLog(LeaderSettings settings, LeaderOrders orders, long nowMs) {
    this.settings = settings;
    this.orders = orders;
    this.now = nowMs;
    this.log = new WalLog(settings.tailBytes(), settings.olderBytes());
    this.commits = new CommitTracker(settings.commitAcks());
  }

  // time

  /** Time passes; to be called several times a second, and before other inputs if it can be. */
  public void tick(long nowMs) {
    now = nowMs;
    if (boundsDue) {
      boundsDue = false;
      askBounds();
    }
    reads.forEach(
        (position, read) -> {
          if (read.due) {
            read.due = false;
            orders.read(read.number, position);
          }
        });
    for (FollowerState follower : List.copyOf(followers.values())) {
      if (follower.stage == Stage.SUBSCRIBE) {
        if (now - follower.connectedAt >= settings.subscribeTimeoutMs()) {
          refuse(
              follower,
              "it sent no subscribe line within " + settings.subscribeTimeoutMs() + " ms");
        }
      } else if (settings.idleTimeoutMs() > 0
          && (follower.acked < follower.sent || follower.stage == Stage.SNAPSHOT)
          && now - follower.aliveAt >= settings.idleTimeoutMs()) {
        refuse(
            follower,
            "it has entries to ack (up to "
                + follower.sent
                + ", acked "
                + follower.acked
                + ") and said nothing for "
                + settings.idleTimeoutMs()
                + " ms (follower.idle.timeout.ms)");
      }
    }
  }

  // followers

  /**
   * Somebody connected.
   *
   * @param follower a number that was not used before
   * @param peer its address, for messages
   */
  public void onConnected(int follower, String peer) {
    FollowerState state = new FollowerState(follower, peer, now);
    if (followers.size() >= settings.followerMax()) {
      refuse(
          state,
          "there are "
              + followers.size()
              + " connections already, the most that follower.max allows");
      return;
    }
    followers.put(follower, state);
  }

  /** Somebody connected who may not ({@code listener.allowed.cidrs}) and was closed at once. */
  public void onStranger(String peer) {
    refused++;
    orders.log(
        Level.WARN,
        settings.log() + ": " + peer + " is closed: its address is not in listener.allowed.cidrs");
  }

  /** The connection ended by itself. */
  public void onClosed(int follower, String why) {
    FollowerState state = followers.get(follower);
    if (state != null) {
      forget(state);
      orders.log(
          Level.INFO,
          settings.log() + ": " + state + " left (" + why + "); it has acked " + state.acked);
    }
  }

  /** What the follower sent is no message of the protocol, or it may not be here. */
  public void onOffence(int follower, String what) {
    FollowerState state = followers.get(follower);
    if (state != null) {
      refuse(state, what);
    }
  }

  /** The first line. */
  public void onSubscribe(int follower, long lastOffset) {
    FollowerState state = followers.get(follower);
    if (state == null) {
      return;
    }
    if (state.stage != Stage.SUBSCRIBE) {
      refuse(state, "it sent a second subscribe line");
      return;
    }
    state.stage = Stage.BOUNDS;
    state.subscribed = lastOffset;
    state.next = lastOffset;
    state.sent = lastOffset;
    state.acked = lastOffset;
    boundsWanted.add(state);
    askBounds();
  }

  /** The follower says that it has everything up to this WAL offset. */
  public void onAck(int follower, long walOffset) {
    FollowerState state = followers.get(follower);
    if (state == null) {
      return;
    }
    state.aliveAt = now;
    if (state.stage == Stage.SUBSCRIBE) {
      refuse(state, "its first line is an ack, not subscribe");
    } else if (walOffset > state.sent) {
      refuse(state, "it acked " + walOffset + " but was sent nothing above " + state.sent);
    } else if (walOffset < state.acked) {
      refuse(state, "it acked " + walOffset + " after " + state.acked);
    } else if (walOffset > state.acked) {
      state.acked = walOffset;
      count(state);
    }
  }

  /** The follower takes more again. */
  public void onWritable(int follower) {
    FollowerState state = followers.get(follower);
    if (state != null) {
      state.writable = true;
      state.aliveAt = now;
      pump(state);
    }
  }

  // the log

  /** The tail will begin at this Kafka offset. */
  public void onTailStart(long position) {
    log.start(position);
    pumpAll();
  }

  /** The log went on. */
  public void onTail(LogBlock block) {
    reached = Math.max(reached, block.to());
    if (!log.append(block)) {
      return;
    }
    List<FollowerState> waiting = List.copyOf(atTail);
    atTail.clear();
    for (FollowerState state : waiting) {
      if (state.stage == Stage.TAIL) {
        pump(state);
      }
    }
  }

  /**
   * What the tail was to bring next was deleted before it was read; it goes on where the log
   * begins.
   */
  public void onTailGone(long logBegin) {
    begin = Math.max(begin, logBegin);
    log.jump(logBegin);
    pumpAll();
  }

  /**
   * The log is no longer the one that was read: it was cut back (and may have grown again since),
   * or the topic was deleted and created again. Everybody is closed. What followers have may not be
   * what the log now holds under the same offsets, and they can't tell: from now on nobody is
   * served who has something up to where the old log had reached.
   *
   * @param end the Kafka offset from which on it is read now
   */
  public void onTruncated(long end) {
    doubtfulUpTo = Math.max(reached, Math.max(doubtfulUpTo, log.tailTo()));
    orders.log(
        Level.ERROR,
        settings.log()
            + ": the log was cut, or the topic was deleted and created again: it is not the one"
            + " that was read up to Kafka offset "
            + doubtfulUpTo
            + ", and goes on at "
            + end
            + ". All followers are closed; those that have entries up to there have to be reset");
    for (FollowerState follower : List.copyOf(followers.values())) {
      close(follower, Level.WARN, "the log was cut");
    }
    commits.reset();
    reads.clear();
    history = Coverage.NONE;
    begin = 0;
    log.start(end);
  }

  /** Where the log begins and ends, both as Kafka offsets; the end is the next one. */
  public void onBounds(long logBegin, long logEnd) {
    boundsInFlight = false;
    List<FollowerState> asked = List.copyOf(boundsAsked);
    boundsAsked.clear();
    begin = logBegin;
    reached = Math.max(reached, logEnd);
    for (FollowerState follower : asked) {
      place(follower, logEnd);
    }
    askBounds();
  }

  /** Kafka did not say; it is asked again a little later. */
  public void onBoundsFailed() {
    boundsInFlight = false;
    boundsWanted.addAll(0, boundsAsked);
    boundsAsked.clear();
    boundsDue = true;
  }

  /**
   * What was read for {@link LeaderOrders#read}.
   *
   * @param number the order's number
   * @param blocks the first begins at the order's position, the others follow on it; never empty
   */
  public void onRead(int number, List<LogBlock> blocks) {
    List<FollowerState> waiting = readFor(number, blocks.get(0).from());
    if (!waiting.isEmpty()) {
      // the first last: it is the one that is waited for, and the last one stays in any case
      for (int i = blocks.size() - 1; i >= 0; i--) {
        log.keep(blocks.get(i));
      }
      waiting.forEach(this::pump);
    }
  }

  /** The log no longer has the Kafka offset that was to be read; it begins later. */
  public void onReadGone(int number, long position, long logBegin) {
    List<FollowerState> waiting = readFor(number, position);
    if (!waiting.isEmpty()) {
      begin = Math.max(begin, logBegin);
      waiting.forEach(this::gone);
    }
  }

  /** Nothing could be read there; it is tried again a little later. */
  public void onReadFailed(int number, long position) {
    Read read = reads.get(position);
    if (read != null && read.number == number) {
      read.due = true;
    }
  }

  private List<FollowerState> readFor(int number, long position) {
    Read read = reads.get(position);
    if (read == null || read.number != number) {
      return List.of();
    }
    reads.remove(position);
    read.waiting.forEach(f -> f.reading = -1);
    return read.waiting;
  }

  // the kept history

  /** What the history holds now. Before the first call it is still being opened. */
  public void onHistory(Coverage coverage) {
    boolean first = !historyOpen;
    historyOpen = true;
    // after a cut it may be the history of the old log: only a new task can look at it anew
    history = doubtfulUpTo > 0 ? Coverage.NONE : coverage;
    if (first) {
      List<FollowerState> waiting = List.copyOf(historyWanted);
      historyWanted.clear();
      for (FollowerState follower : waiting) {
        follower.stage = Stage.REPLAY;
        wantHistory(follower);
      }
    }
  }

  /** A piece of the snapshot went out. */
  public void onSnapshotProgress(int follower) {
    FollowerState state = followers.get(follower);
    if (state != null) {
      state.aliveAt = now;
    }
  }

  /** The snapshot is with the follower, up to this WAL offset. */
  public void onSnapshotSent(int follower, long endOffset) {
    FollowerState state = followers.get(follower);
    if (state == null || state.stage != Stage.SNAPSHOT) {
      return;
    }
    snapshots.remove(follower);
    state.stage = Stage.REPLAY;
    state.next = endOffset;
    state.sent = endOffset;
    state.aliveAt = now;
    nextSnapshot();
    count(state);
    pump(state);
  }

  /** The snapshot could not be read. */
  public void onSnapshotFailed(int follower, String why) {
    FollowerState state = followers.get(follower);
    if (state != null) {
      refuse(state, "its snapshot can't be sent: " + why);
    }
  }

  // what others want to know

  /** The highest WAL offset that may be committed; -1 for nothing. */
  public long committable() {
    return commits.committable();
  }

  /** The figures of this moment. */
  public LeaderFigures figures() {
    int catchingUp = 0;
    for (FollowerState follower : followers.values()) {
      if (follower.stage != Stage.TAIL || !follower.caughtUp) {
        catchingUp++;
      }
    }
    return new LeaderFigures(
        followers.size(),
        catchingUp,
        refused,
        begin,
        log.tailTo(),
        log.bytes(),
        commits.lowest(),
        commits.highest(),
        commits.committable(),
        snapshots.size(),
        history.after(),
        history.upTo());
  }

  /** Closes everybody: the partition goes, or the task ends. */
  public void closeAll(String why) {
    for (FollowerState follower : List.copyOf(followers.values())) {
      close(follower, Level.INFO, why);
    }
  }

  // deciding

  private void askBounds() {
    if (boundsInFlight || boundsDue || boundsWanted.isEmpty()) {
      return;
    }
    boundsInFlight = true;
    boundsAsked.addAll(boundsWanted);
    boundsWanted.clear();
    orders.queryBounds();
  }

  /** Its place in the log is known: what does it get first? */
  private void place(FollowerState follower, long logEnd) {
    if (follower.subscribed > logEnd) {
      refuse(
          follower,
          "it has everything up to "
              + follower.subscribed
              + " but the log ends at "
              + logEnd
              + ": it followed another log, or the topic was created again. Reset the follower, or"
              + " point it to the right port");
      return;
    }
    if (follower.subscribed > 0 && follower.subscribed <= doubtfulUpTo) {
      refuse(
          follower,
          "it has everything up to "
              + follower.subscribed
              + ", but perhaps of the log as it was before it was cut or created again (up to "
              + doubtfulUpTo
              + "). Reset the follower; one that is known to have followed only the new log is"
              + " served after a restart of the task");
      return;
    }
    follower.target = logEnd;
    follower.stage = Stage.REPLAY;
    count(follower);
    orders.log(
        Level.INFO,
        settings.log()
            + ": "
            + follower
            + " subscribed with "
            + follower.subscribed
            + ", the log is at "
            + logEnd);
    boolean isNew = follower.subscribed == 0;
    if (settings.snapshotMode() == SnapshotMode.INITIAL && isNew && settings.historyKept()) {
      wantHistory(follower);
    } else {
      pump(follower);
    }
  }

  /** Sends whatever the follower lacks and takes now, or arranges for it. */
  private void pump(FollowerState follower) {
    while (follower.streams() && follower.writable && follower.reading < 0) {
      if (!follower.caughtUp && follower.next >= follower.target) {
        follower.caughtUp = true;
        follower.writable = orders.caughtUp(follower.id, follower.sent);
        continue;
      }
      LogBlock block = log.find(follower.next);
      if (block != null) {
        send(follower, block);
      } else if (!log.started() || follower.next >= log.tailTo()) {
        follower.stage = Stage.TAIL;
        atTail.add(follower);
        return;
      } else if (follower.next < begin) {
        gone(follower);
        return;
      } else {
        read(follower);
        return;
      }
    }
    if (follower.streams() && !follower.writable) {
      follower.stage = Stage.REPLAY;
    }
  }

  private void send(FollowerState follower, LogBlock block) {
    int index = block.indexFrom(follower.next);
    follower.next = block.to();
    reached = Math.max(reached, follower.next);
    if (index < block.count()) {
      if (follower.acked == follower.sent) {
        follower.aliveAt = now;
      }
      follower.sent = block.offset(block.count() - 1) + 1;
      follower.writable = orders.send(follower.id, block, index);
    }
    count(follower);
  }

  private void read(FollowerState follower) {
    follower.stage = Stage.REPLAY;
    follower.reading = follower.next;
    Read read = reads.get(follower.next);
    if (read == null) {
      read = new Read(++lastRead);
      reads.put(follower.next, read);
      orders.read(read.number, follower.next);
    }
    read.waiting.add(follower);
  }

  /** The topic no longer has what the follower needs next. */
  private void gone(FollowerState follower) {
    if (settings.snapshotMode() == SnapshotMode.NEVER || !settings.historyKept()) {
      refuse(
          follower,
          lost(follower)
              + (settings.historyKept()
                  ? " and snapshot.mode is never"
                  : ", and no history is kept: set snapshot.dir or snapshot.topic before the"
                      + " topic's retention takes entries away")
              + "; a longer retention also helps");
    } else if (follower.sent != follower.subscribed || follower.caughtUp) {
      refuse(
          follower,
          lost(follower)
              + " while it was being served; it gets them from the history when it"
              + " connects again");
    } else {
      wantHistory(follower);
    }
  }

  private String lost(FollowerState follower) {
    return "it needs offset "
        + (follower.next + 1)
        + " but the topic begins at "
        + (begin + 1)
        + ": "
        + (begin - follower.next)
        + " offsets are gone from it";
  }

  /** Gives the history to a follower that has been sent nothing yet, when its turn has come. */
  private void wantHistory(FollowerState follower) {
    if (!historyOpen) {
      follower.stage = Stage.HISTORY;
      historyWanted.add(follower);
      return;
    }
    boolean needed = follower.next < begin;
    boolean reaches =
        history.after() >= 0
            && history.after() <= follower.next
            && follower.next < history.upTo()
            && history.upTo() <= Math.max(follower.target, log.tailTo());
    if (reaches && history.upTo() >= begin) {
      follower.stage = Stage.HISTORY;
      historyWanted.add(follower);
      nextSnapshot();
    } else if (needed) {
      refuse(follower, lost(follower) + "; " + whyNotFromHistory(follower));
    } else {
      pump(follower);
    }
  }

  private String whyNotFromHistory(FollowerState follower) {
    if (doubtfulUpTo > 0) {
      return "the history may be that of the log before it was cut";
    }
    if (history.after() < 0 || history.upTo() == history.after()) {
      return "the history is empty";
    }
    String holds = "the history holds " + (history.after() + 1) + " to " + history.upTo();
    if (history.upTo() > Math.max(follower.target, log.tailTo())) {
      return holds + ", which is beyond the log's end: it is the history of another log";
    }
    return holds + ", so nothing leads from the follower's offset to where the topic begins";
  }

  private void nextSnapshot() {
    while (historyOpen
        && snapshots.size() < settings.snapshotsAtOnce()
        && !historyWanted.isEmpty()) {
      FollowerState follower = historyWanted.poll();
      follower.stage = Stage.SNAPSHOT;
      follower.aliveAt = now;
      snapshots.add(follower.id);
      orders.sendSnapshot(follower.id, follower.subscribed);
    }
  }

  private void count(FollowerState follower) {
    commits.acked(follower.id, follower.has());
  }

  private void pumpAll() {
    atTail.clear();
    for (FollowerState follower : List.copyOf(followers.values())) {
      pump(follower);
    }
  }

  private void refuse(FollowerState follower, String why) {
    refused++;
    close(follower, Level.WARN, why);
  }

  private void close(FollowerState follower, Level level, String why) {
    forget(follower);
    orders.log(level, settings.log() + ": " + follower + " is closed: " + why);
    orders.close(follower.id);
  }

  private void forget(FollowerState follower) {
    followers.remove(follower.id);
    commits.left(follower.id);
    atTail.remove(follower);
    historyWanted.remove(follower);
    boundsWanted.remove(follower);
    boundsAsked.remove(follower);
    if (follower.reading >= 0) {
      Read read = reads.get(follower.reading);
      if (read != null && read.waiting.remove(follower) && read.waiting.isEmpty()) {
        reads.remove(follower.reading);
      }
    }
    if (snapshots.remove(follower.id)) {
      nextSnapshot();
    }
  }
}
