package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.Position;
import io.github.allsourceconnect.sink.decision.CommitNote;
import io.github.allsourceconnect.sink.decision.CommitPoint;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.PartitionSettings.GapPolicy;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.history.EarlierLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * One task with the real decisions, its readers of the topic and its connections modelled. Answers
 * come late, and tell what was true when they were given. It may be killed, or live on as a zombie:
 * then its own view of the history no longer changes, for its writer is fenced.
 */
public final class SinkTask implements LeaderOrders {
  private final SinkWorld world;
  private final String name;
  private final LeaderLog log;
  private final Map<Integer, Connection> connections = new TreeMap<>();
  private final Map<Integer, Peer> followers = new TreeMap<>();
  private boolean alive = true;
  private boolean listens = true;
  private boolean superseded;
  private int cutsSeen;
  private int errors;
  private final Position position = new Position(0);
  private long connectAt;

  /** Connect has handed over all that this log has before this offset, from where it began. */
  private long lookedAt;

  private int lookedAtLog;
  private long handed;
  private int tailEpoch = -1;
  private SeenLog tailLog;
  private long tailPosition = -1;
  private long lastTailAt;

  /** The tail has found the log cut, and what it read before is still on its way. */
  private boolean cutUnderWay;

  private long lastHistoryAt;
  private HistoryCoverage toldHistory = HistoryCoverage.NONE;
  private LogIdentity toldHistoryOf;
  private HistoryCoverage knownHistory = HistoryCoverage.NONE;
  private final Set<Integer> toldOfHoles = new HashSet<>();
  private final Map<Connection, List<Hole>> goneFor = new HashMap<>();
  private int lastId;
  private long committable = -1;

  /** Enough of them had so much at some time: it may be committed when it is known to be served. */
  private long acked = -1;

  private final SinkJudge judge;

  /** Connect's consumer has the partition, but Connect did not open it. */
  private final boolean notOpened;

  /**
   * Starts.
   *
   * @param notOpened whether Connect does not know from where it reads
   * @param decisions makes what is put to the test
   */
  public SinkTask(
      SinkWorld world,
      String name,
      boolean notOpened,
      Function<LeaderOrders, LeaderLog> decisions) {
    this.notOpened = notOpened;
    this.world = world;
    this.cutsSeen = world.topic.cuts();
    this.name = name;
    this.judge = new SinkJudge(world, name);
    this.log = decisions.apply(this);
    this.connectAt = world.committed().offset();
    if (connectAt < 0 || connectAt > world.topic.written()) {
      connectAt = world.topic.begin();
    }
    lookedAt = connectAt;
    lookedAtLog = world.topic.seen().number();
    if (notOpened) {
      input(log::onConnectLost);
    }
    input(() -> log.onStored(world.committed()));
    tick();
    handOver();
    world.after(300 + world.random(600), this::commit);
    world.after(world.random(300), this::startTail);
    if (world.topic.historyKept()) {
      world.after(world.random(600), this::openHistory);
    }
  }

  boolean isAlive() {
    return alive;
  }

  /** Whether followers can connect. */
  public boolean listens() {
    return alive && listens;
  }

  /** Whether its tail is at the log's end and would notice that the log is cut there. */
  boolean isAtTheEnd() {
    return tailPosition == world.topic.end() && tailEpoch >= 0;
  }

  /** Whether it has seen which log it serves, and where that ends. */
  boolean serves() {
    return log.commitPoint().note() != null;
  }

  /** How many errors it has logged. */
  int errors() {
    return errors;
  }

  /** The highest WAL offset that may be committed; -1 for nothing. */
  public long committable() {
    return committable;
  }

  /** It keeps those that it has, and gets nobody new. */
  public void stopListening() {
    listens = false;
  }

  /** Another task has the partition, and writes the history; this one does not know yet. */
  public void supersede() {
    superseded = true;
  }

  /** The process is gone, without a word. */
  public void kill() {
    alive = false;
    List.copyOf(connections.values()).forEach(connection -> connection.cut("the task was killed"));
    connections.clear();
  }

  /** The partition is taken from it in good order, or it learns that it is fenced. */
  public void close(String why) {
    judge.closesAll(true);
    input(() -> log.closeAll(why));
    kill();
  }

  private void input(Runnable step) {
    if (!alive) {
      return;
    }
    Set<Connection> there = new HashSet<>(connections.values());
    int placed = placed(there);
    step.run();
    long now = log.committable();
    if (cutsSeen < world.topic.cuts()) {
      committable = now; // it can't know yet
      acked = -1;
    } else if (now > committable && isNewTo(acked, now)) {
      check(now, there, placed);
    } else if (now < committable) {
      world.violation("%s: what may be committed fell from %d to %d", name, committable, now);
    }
    committable = now;
    for (Connection connection : connections.values()) {
      long offset = connection.acked();
      if (offset > acked
          && lacking(offset, connections.values(), placed(connections.values())) <= 0) {
        acked = offset;
      }
    }
    judge.closesAll(false);
    judge.check(log.figures(), connections);
    long memory = log.figures().memoryBytes();
    if (memory > world.settings.tailBytes() + world.settings.olderBytes() + 4_000) {
      world.violation("%s: %d bytes in memory", name, memory);
    }
  }

  /**
   * So much may be committed only if enough of those connected have it by their own word: of those
   * before the step, or of those after it. Where all are wanted, it is all that have been given a
   * place in the log; several may be in one step.
   */
  private void check(long offset, Set<Connection> before, int placedBefore) {
    Collection<Connection> after = connections.values();
    int lacking =
        Math.min(lacking(offset, before, placedBefore), lacking(offset, after, placed(after)));
    if (lacking > 0) {
      world.violation(
          "%s: %d may be committed although it is too few by %d who have it",
          name, offset, lacking);
    }
  }

  /** Whether there is an entry above a WAL offset, up to another. */
  private boolean isNewTo(long has, long offset) {
    long next = world.topic.nextEntry(Math.max(0, has));
    return next >= 0 && next <= offset;
  }

  private static int placed(Collection<Connection> there) {
    int placed = 0;
    for (Connection connection : there) {
      placed += connection.wasSentSomething() ? 1 : 0;
    }
    return placed;
  }

  private int lacking(long offset, Collection<Connection> there, int placed) {
    int have = 0;
    for (Connection connection : there) {
      boolean has = connection.acked() >= 0 && covers(connection, offset);
      have += has ? 1 : 0;
    }
    int wanted = world.settings.commitAcks();
    return (wanted == 0 ? Math.max(1, placed) : wanted) - have;
  }

  /** What it was told that it does not get, for nobody has it, it need not have. */
  private boolean covers(Connection connection, long offset) {
    long next = world.topic.nextEntry(connection.acked());
    for (Hole hole : goneFor.getOrDefault(connection, List.of())) {
      if (next > hole.after() && next <= hole.upTo()) {
        next = world.topic.nextEntry(hole.upTo());
      }
    }
    return next < 0 || next > offset;
  }

  private void tick() {
    if (alive) {
      if (world.random(20) == 0) {
        // partitions came or went, so that this one may take less, or more again
        long tail = 1 + world.random((int) world.settings.tailBytes());
        long older = 1 + world.random((int) world.settings.olderBytes());
        input(() -> log.onRoom(tail, older));
      }
      input(() -> log.tick(world.now()));
      judge.checkWaiting(
          connections, handed, world.kafkaIsUp() && cutsSeen == world.topic.cuts() && !superseded);
      world.after(200, this::tick);
    }
  }

  // Connect

  /** Connect hands over what there is, in batches, unless the connector is paused. */
  private void handOver() {
    if (!alive) {
      return;
    }
    CommitPoint point = log.commitPoint();
    if (position.isRewinding()) {
      position.hasRewound();
    }
    boolean isOther = lookedAtLog != world.topic.seen().number();
    lookedAt = isOther ? 0 : Math.min(lookedAt, world.topic.written());
    lookedAt = Math.max(lookedAt, world.topic.begin());
    lookedAtLog = world.topic.seen().number();
    if (position.mustBeginAnew(point)) {
      boolean wasLost = isLost();
      connectAt = position.beginsAnew(point);
      if (connectAt > lookedAt && !wasLost) {
        world.violation("%s: Connect jumps from %d to %d", name, lookedAt, connectAt);
      }
      lookedAt = connectAt;
      handed = 0;
      world.line("%s: Connect begins anew at %d", name, connectAt);
    } else {
      position.reads(point);
      if (connectAt > world.topic.written()) {
        connectAt = world.topic.begin();
      }
      connectAt = Math.max(connectAt, world.topic.begin());
      if (world.kafkaIsUp() && !world.isPaused()) {
        connectAt = Math.min(world.topic.written(), connectAt + world.random(200));
      }
      lookedAt = Math.max(lookedAt, connectAt);
      if (!isLost() && position.handed(connectAt)) {
        long to = connectAt;
        int epoch = position.epoch();
        handed = Math.max(handed, to);
        input(() -> log.onHanded(epoch, to));
      }
    }
    world.after(1 + world.random(30), this::handOver);
  }

  /** Whether Connect does not know from where it hands over: what it commits is nothing. */
  boolean isLost() {
    return notOpened && position.epoch() == 0;
  }

  private void commit() {
    if (!alive || superseded) {
      return;
    }
    CommitPoint point = log.commitPoint();
    OffsetAndMetadata commit = position.commit(point, world.now());
    if (commit != null && !isLost()) {
      if (point.log() == world.topic.seen().number()
          && cutsSeen == world.topic.cuts()
          && commit.offset() > world.topic.written()) {
        world.violation(
            "%s commits %d of a log that ends at %d", name, commit.offset(), world.topic.written());
      }
      world.commit(commit.offset(), commit.metadata());
    }
    world.after(300 + world.random(600), this::commit);
  }

  // the readers of the topic

  /** One before the end: what it reads there tells the epoch of the log that it follows. */
  private void startTail() {
    if (!alive) {
      return;
    }
    beginTail();
    pollTail();
  }

  private void beginTail() {
    tailLog = world.topic.seen();
    tailEpoch = -1;
    tailPosition = Math.max(world.topic.begin(), world.topic.end() - 1);
    long start = tailPosition;
    SeenLog seen = tailLog;
    int cuts = world.topic.cuts();
    inTailOrder(
        () -> {
          learns(seen, cuts);
          log.onTailStart(seen, start);
        });
  }

  /** By this answer the task gets to know which log it is, perhaps another one than before. */
  private void learns(SeenLog seen, int cuts) {
    if (log.logNumber() == 0) {
      // unless its tail has read what was cut off meanwhile, and does not know yet
      if (!cutUnderWay && !(tailEpoch >= 0 && world.topic.diverged(tailEpoch, tailPosition))) {
        cutsSeen = cuts;
      }
    } else if (seen.number() > log.logNumber()) {
      world.line("%s finds that it is %s now", name, seen.identity());
      judge.closesAll(true);
      cutsSeen = cuts;
      committable = -1;
      handed = 0;
    }
  }

  /** What it reads of the log's end comes so much later, once. */
  void tailIsLate(long ms) {
    lastTailAt = Math.max(lastTailAt, world.now() + ms);
  }

  private void inTailOrder(Runnable step) {
    lastTailAt = Math.max(lastTailAt, world.now() + world.random(20));
    world.at(lastTailAt, () -> input(step));
  }

  private void pollTail() {
    if (!alive) {
      return;
    }
    if (world.kafkaIsUp() && !world.trouble(25)) {
      readTail(); // now and then a reader's poll throws something that passes
    }
    world.after(1 + world.random(40), this::pollTail);
  }

  private void readTail() {
    TopicModel topic = world.topic;
    if (topic.seen().number() != tailLog.number()) {
      beginTail();
    }
    long end = topic.end();
    int number = tailLog.number();
    if (tailPosition > end || (tailEpoch >= 0 && topic.diverged(tailEpoch, tailPosition))) {
      long same = tailEpoch >= 0 ? topic.divergedAt(tailEpoch) : tailPosition;
      long cut = Math.max(topic.begin(), Math.min(Math.min(end, tailPosition), same));
      int cuts = topic.cuts();
      world.line("%s finds the log cut at %d", name, cut);
      cutUnderWay = true;
      inTailOrder(
          () -> {
            cutUnderWay = false;
            cutsSeen = cuts;
            committable = -1;
            handed = 0;
            judge.closesAll(true);
            log.onTruncated(number, cut);
          });
      tailPosition = cut;
      tailEpoch = -1;
    } else if (tailPosition < topic.begin()) {
      tailPosition = topic.begin();
      long begin = tailPosition;
      inTailOrder(() -> log.onTailGone(number, begin));
    }
    while (tailPosition < end) {
      LogBlock block =
          topic.block(tailPosition, Math.min(end, tailPosition + 1 + world.random(30)));
      tailPosition = block.to();
      tailEpoch = topic.epochBefore(tailPosition);
      inTailOrder(() -> log.onTail(number, block));
    }
  }

  private void openHistory() {
    if (alive && !superseded) {
      historyBelongsToLog();
      tellHistory();
    }
  }

  private void historyBelongsToLog() {
    if (world.topic.history().of() == null || !world.topic.history().isBroken()) {
      EarlierLog earlier = world.topic.history().belongTo(world.topic.seen().identity());
      if (earlier != null) {
        world.line("%s finds that the history was that of %s", name, earlier.log());
        world.after(1, () -> input(() -> log.onEarlierHistory(earlier.log(), earlier.mayHave())));
        lastHistoryAt = world.now() + 2;
      }
    }
  }

  private boolean isEarlierNoted() {
    CommitNote note = world.committed().note();
    return note != null
        && note.log().equals(world.topic.seen().identity())
        && note.doubtfulUpTo() > 0;
  }

  private void tellHistory() {
    if (!alive || superseded) {
      return;
    }
    if (world.topic.history().earlier() != null && world.random(20) == 0 && isEarlierNoted()) {
      world.topic.history().forgetEarlier();
    }
    if (!world.topic.history().isOf(world.topic.seen().identity())) {
      historyBelongsToLog();
    }
    HistoryCoverage now = world.topic.history().coverage();
    LogIdentity of = world.topic.history().of();
    if (now.begun() && !(now.equals(toldHistory) && of.equals(toldHistoryOf))) {
      toldHistory = now;
      toldHistoryOf = of;
      lastHistoryAt = Math.max(lastHistoryAt, world.now() + world.random(30));
      world.at(
          lastHistoryAt,
          () -> {
            knownHistory = now;
            input(() -> log.onHistory(of, now));
          });
    }
    world.after(1 + world.random(100), this::tellHistory);
  }

  @Override
  public void queryBounds() {
    world.after(
        world.random(60),
        () -> {
          long begin = world.topic.begin();
          long end = world.topic.end();
          SeenLog seen = world.topic.seen();
          int cuts = world.topic.cuts();
          boolean fails = !world.kafkaIsUp() || world.trouble(20);
          world.after(
              world.random(40),
              () ->
                  input(
                      () -> {
                        if (fails) {
                          log.onBoundsFailed();
                        } else {
                          learns(seen, cuts);
                          log.onBounds(seen, begin, end);
                        }
                      }));
        });
  }

  @Override
  public void read(int number, long position) {
    int ordered = log.logNumber();
    world.after(
        1 + world.random(60),
        () -> {
          long delay = world.random(40);
          SeenLog seen = world.topic.seen();
          if (seen.number() != ordered) {
            int cuts = world.topic.cuts();
            world.after(
                delay,
                () ->
                    input(
                        () -> {
                          learns(seen, cuts);
                          log.onLog(seen);
                        }));
          } else if (!world.kafkaIsUp() || world.trouble(15) || position >= world.topic.end()) {
            world.after(delay, () -> input(() -> log.onReadFailed(number, position)));
          } else if (position < world.topic.begin()) {
            long begin = world.topic.begin();
            world.after(delay, () -> input(() -> log.onReadGone(number, position, begin)));
          } else {
            List<LogBlock> blocks = new ArrayList<>();
            long from = position;
            int count = 1 + world.random(3);
            while (blocks.size() < count && from < world.topic.end()) {
              long to = Math.min(world.topic.end(), from + 1 + world.random(25));
              blocks.add(world.topic.block(from, to));
              from = to;
            }
            world.after(delay, () -> input(() -> log.onRead(number, blocks)));
          }
        });
  }

  // the followers' connections

  /** A follower connects, or a liar, who sends what it must not. */
  public Connection connect(Peer follower, boolean lies) {
    int id = ++lastId;
    Connection connection = new Connection(world, this, id, follower, lies);
    connections.put(id, connection);
    followers.put(follower.number(), follower);
    input(() -> log.onConnected(id, name(follower)));
    return connection;
  }

  private static String name(Peer follower) {
    return "f" + follower.number();
  }

  void subscribed(int id, long offset) {
    input(() -> log.onSubscribe(id, offset));
  }

  void acked(int id, long offset) {
    input(() -> log.onAck(id, offset));
  }

  void writable(int id) {
    input(() -> log.onWritable(id));
  }

  /** The follower is gone; the task notices now. */
  void closed(int id) {
    if (connections.remove(id) != null) {
      judge.left(id);
      input(() -> log.onClosed(id, "it left"));
    }
  }

  @Override
  public boolean send(int follower, LogBlock block, int fromIndex) {
    Connection connection = connections.get(follower);
    if (connection == null) {
      return false;
    }
    if (block.offset(block.count() - 1) >= handed) {
      world.violation(
          "%s: follower %d is sent entry %d although Connect has handed over no more than %d",
          name, follower, block.offset(block.count() - 1) + 1, handed);
    }
    int seen = cutsSeen;
    connection.carriesUpTo(block.to());
    for (long[] line : TopicModel.lines(block, fromIndex)) {
      connection.carry(model -> model.entry(line[0], line[1], seen));
    }
    return connection.takesMore();
  }

  @Override
  public boolean caughtUp(int follower, long walOffset) {
    Connection connection = connections.get(follower);
    if (connection == null) {
      return false;
    }
    int seen = cutsSeen;
    connection.isTold();
    connection.carry(model -> model.caughtUp(walOffset, seen));
    return connection.takesMore();
  }

  @Override
  public void sendHistory(int follower, long after, boolean acrossHoles) {
    world.count("snapshot");
    judge.sendsSnapshot(follower, after, cutsSeen == world.topic.cuts());
    if (!acrossHoles && !knownHistory.lackedAbove(after).isEmpty()) {
      world.violation("%s: a snapshot above %d was ordered of %s", name, after, knownHistory);
    }
    if (acrossHoles && !toldOfHoles.contains(follower)) {
      world.violation("%s: nobody is told that what follower %d gets has holes", name, follower);
    }
    world.after(
        1 + world.random(200),
        () -> {
          HistoryCoverage mine = toldHistory;
          long end = mine.upTo();
          boolean whole = mine.lackedAbove(after).isEmpty();
          HistoryCoverage there = world.topic.history().coverage();
          // a zombie does not know what its successor has begun to write anew
          boolean damaged =
              there.upTo() < end
                  || HistoryModel.lacked(there, after, end) > HistoryModel.lacked(mine, after, end);
          Connection connection = connections.get(follower);
          if (!(whole || acrossHoles) || after >= end || damaged || world.trouble(10)) {
            input(() -> log.onHistoryFailed(follower, "damaged"));
          } else if (alive && connection != null) {
            int seen = cutsSeen;
            if (acrossHoles) {
              world.count("snapshot across a hole");
            }
            TopicModel.Snapshot snapshot = world.topic.snapshot(after, mine);
            connection.carry(model -> model.snapshot(snapshot, seen));
            connection.carriesUpTo(end);
            input(
                () -> {
                  judge.snapshotEnds(follower);
                  log.onHistorySent(follower, end);
                });
          }
        });
  }

  @Override
  public void disconnect(int follower) {
    judge.closes(follower, connections.get(follower));
    Connection connection = connections.remove(follower);
    if (connection != null) {
      connection.cut("closed by the leader");
    }
  }

  @Override
  public void say(Level level, String message) {
    errors += level == Level.ERROR ? 1 : 0;
    if (message.contains("Reset the follower") && world.topic.cuts() > 0) {
      // somebody reads the log and does so
      followers.values().stream()
          .filter(follower -> message.contains(name(follower) + " "))
          .forEach(Peer::mustBeReset);
    }
    if (message.contains("(history.gap.policy=continue)")) {
      toldOfHole(message);
    }
    world.line("%s: %s", name, message);
  }

  private void toldOfHole(String message) {
    if (world.settings.gapPolicy() != GapPolicy.CONTINUE) {
      world.violation("%s serves across a hole although it must refuse", name);
    }
    connections.forEach(
        (id, connection) -> {
          if (message.contains(name(connection.follower()) + " ")) {
            toldOfHoles.add(id);
            goneFor.put(connection, knownHistory.lackedAbove(0));
            connection.follower().lacks(knownHistory.lackedAbove(0));
          }
        });
  }

  @Override
  public String toString() {
    return name;
  }
}
