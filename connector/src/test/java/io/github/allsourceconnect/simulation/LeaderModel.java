package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.simulation.clock.Trace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The store's leader as it was observed (0.19.1 and 0.27.0): it sends out of order, overwrites what
 * a slow follower has not taken, never replays, holds back what is at or below the subscription,
 * numbers anew after a crash, hides its history until the first write, and sends snapshots whose
 * rows may repeat and whose files stand in any order. See connector/docs/protocol.md.
 */
final class LeaderModel implements Upstream {
  /** A file is written when so many rows are waiting. */
  static final int FILE_ROWS = 10_000;

  /** One run of the leader's process: its numbering. */
  static final class Run {
    final List<Integer> indexOfOffset = new ArrayList<>();
    int contiguousInKafka;
  }

  final class Connection implements Link {
    final Client client;
    final ArrayDeque<WalEntry> ring = new ArrayDeque<>();
    long filter;
    boolean open = true;
    boolean subscribed;
    boolean live;
    boolean stalled;
    boolean halfOpen;
    boolean swallowed;
    boolean begun;
    boolean abandoned;
    boolean hasLost;
    long deliverAt;
    private long shipsNextAt;
    private boolean waitsToShip;
    final Run ofRun = run;

    Connection(Client client) {
      this.client = client;
    }

    void deliver(Runnable message) {
      if (halfOpen) {
        return;
      }
      deliverAt = Math.max(deliverAt, scheduler.now() + 1 + random.nextInt(3));
      scheduler.at(
          deliverAt,
          () -> {
            if (open && !halfOpen) {
              message.run();
            }
          });
    }

    @Override
    public void subscribe(long lastOffset) {
      if (subscribed) {
        trace.violation("a second subscribe on a connection");
      }
      subscribed = true;
      LeaderModel.this.subscribe(this, lastOffset);
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void pump() {
      while (open && !stalled && !ring.isEmpty() && (halfOpen || client.reads()) && mayShip()) {
        WalEntry entry = ring.poll();
        if (entry.sequence() > filter) {
          shipped = entry.sequence();
          if (corrupts > 0 && random.nextInt(corrupts) == 0) {
            long told = random.nextBoolean() ? entry.sequence() : 0;
            hasLost = true;
            deliver(() -> client.corrupt(told));
          } else {
            deliver(() -> client.entry(entry));
          }
        }
      }
    }

    /** A slow link takes one entry at a time, while the store goes on. */
    private boolean mayShip() {
      if (shipsEveryMs == 0) {
        return true;
      }
      if (scheduler.now() < shipsNextAt) {
        if (!waitsToShip) {
          waitsToShip = true;
          scheduler.at(
              shipsNextAt,
              () -> {
                waitsToShip = false;
                pump();
              });
        }
        return false;
      }
      shipsNextAt = scheduler.now() + shipsEveryMs;
      return true;
    }

    void close(String why) {
      if (open) {
        open = false;
        connections.remove(this);
        if (!halfOpen) {
          scheduler.after(1, () -> client.closed(why));
        } else if (swallowed) {
          tell(20_000, why);
        }
      }
    }

    /** The peer's machine is gone without a word; it is noticed by keep-alive only. */
    void goHalfOpen(long noticedAfter) {
      halfOpen = true;
      scheduler.after(
          noticedAfter,
          () -> {
            if (!abandoned) {
              open = false;
              connections.remove(this);
              client.closed("keep-alive found the connection dead");
            }
          });
    }

    /**
     * Something between goes on to answer and lets nothing through any more, while new connections
     * pass. Only a beginning that does not come is noticed, and at last that the leader has closed.
     */
    void swallow() {
      halfOpen = true;
      swallowed = true;
      if (!begun) {
        tell(10_000, "no answer");
      }
    }

    private void tell(long afterMs, String why) {
      scheduler.after(
          afterMs,
          () -> {
            if (!abandoned) {
              abandon();
              client.closed(why);
            }
          });
    }

    /** If the peer's process is gone, an ack comes back as a reset. */
    @Override
    public void ack(long offset) {
      if (!subscribed || (open && offset > ofRun.indexOfOffset.size())) {
        trace.violation("an ack of %d, and %d were written", offset, ofRun.indexOfOffset.size());
      }
      if (halfOpen && (ofRun != run || !up)) {
        scheduler.after(
            2,
            () -> {
              if (!abandoned) {
                abandon();
                client.closed("connection reset");
              }
            });
      }
    }

    @Override
    public long ackable(KafkaModel kafka) {
      while (ofRun.contiguousInKafka < ofRun.indexOfOffset.size()) {
        int index = ofRun.indexOfOffset.get(ofRun.contiguousInKafka);
        // one whose clock is behind may be passed over, see StoreSide.missing
        if (index >= 0
            && !kafka.has(index)
            && !kafka.isGivenUp(index)
            && !kafka.isSaidToLack(index)
            && !mayBePassedOver(index, kafka)) {
          break;
        }
        ofRun.contiguousInKafka++;
      }
      return ofRun.contiguousInKafka;
    }

    private boolean mayBePassedOver(int index, KafkaModel kafka) {
      return truth.get(index).behind || (kafka.mayHideNewer() && isOlderThanOneBefore(index));
    }

    @Override
    public void abandon() {
      abandoned = true;
      open = false;
      connections.remove(this);
    }

    @Override
    public boolean flows() {
      return open
          && up
          && ofRun == run
          && !stalled
          && !halfOpen
          && leavesOut == 0
          && shipsEveryMs == 0;
    }

    @Override
    public boolean isHonest() {
      return flows() && !hasLost;
    }

    @Override
    public int eventAt(long offset) {
      return offset > 0 && offset <= ofRun.indexOfOffset.size()
          ? ofRun.indexOfOffset.get((int) offset - 1)
          : -1;
    }

    @Override
    public Object numbering() {
      return ofRun;
    }

    @Override
    public long offsetOf(int event) {
      List<Integer> events = ofRun.indexOfOffset;
      int unknown = 0;
      while (unknown < events.size() && events.get(unknown) < 0) {
        unknown++;
      }
      // what is written under one numbering is numbered in the order of the truth
      long offset = unknown < events.size() ? event - events.get(unknown) + unknown + 1 : 0;
      return eventAt(offset) == event ? offset : 0;
    }

    /** It sends nothing for a while. */
    void stall() {
      stalled = true;
      hasLost = true;
    }
  }

  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final Trace trace;
  private final boolean newer;
  private final int ringSize;
  private final int latenessMs;

  final List<StoredEvent> truth = new ArrayList<>();
  private static final long STRAGGLER_MS = 200;
  private static final long SILENCE_MS = 10;

  private long clockMicros;
  private long newestMicros = Long.MIN_VALUE;
  private long nextOffMicros;
  private long busySince;
  private long lastWrite = Long.MIN_VALUE / 2;

  private final Map<String, Long> lastMicros = new HashMap<>();
  private final Map<String, Long> lastStored = new HashMap<>();
  private final Map<String, Long> versions = new HashMap<>();
  private final List<SnapshotFile> files = new ArrayList<>();
  private List<StoredEvent> unflushed = new ArrayList<>();
  private final Set<StoredEvent> storing = new HashSet<>();
  private final Map<StoredEvent, String> tenants = new HashMap<>();
  private final List<Connection> connections = new ArrayList<>();

  private boolean up = true;
  private int address;
  private long sequence;
  private long oldestKept = 1;
  private long shipped;
  private long fileNumber;
  private boolean compacted;
  private Run run = new Run();
  int overwritten;

  /** Every so many entries one is not sent to a follower, 0 for none. */
  int leavesOut;

  /** Every so many entries one is sent as a line that can't be read, 0 for none. */
  int corrupts;

  /**
   * Milliseconds between two entries that a connection takes, 0 for as fast as they are written.
   */
  private int shipsEveryMs;

  /** At the other address, or null for nobody. */
  StrangeStore other;

  LeaderModel(
      Scheduler scheduler,
      RandomGenerator random,
      Trace trace,
      boolean newer,
      int ringSize,
      int latenessMs) {
    this.scheduler = scheduler;
    this.random = random;
    this.trace = trace;
    this.newer = newer;
    this.ringSize = ringSize;
    this.latenessMs = latenessMs;
  }

  boolean isUp() {
    return up;
  }

  /** The events of the current numbering, by offset; negative where nothing is known. */
  List<Integer> numbered() {
    return List.copyOf(run.indexOfOffset);
  }

  /** Whether its sequence is 0, so that it shows no history. */
  boolean hidesHistory() {
    return sequence == 0;
  }

  List<Connection> connections() {
    return new ArrayList<>(connections);
  }

  // ---- writing

  /** A client's write, acknowledged at once. */
  void write(String entity, String tenant) {
    sequence++;
    long micros = scheduler.now() * 1000 + 1_000_000 + clockMicros + random.nextInt(1000);
    if (scheduler.now() - lastWrite > SILENCE_MS) {
      busySince = scheduler.now();
    }
    lastWrite = scheduler.now();
    long allowed = latenessMs * 1000L;
    if (newer && random.nextInt(100) == 0) {
      // a thread that was held up between taking the time and writing the log
      allowed = Math.max(allowed, STRAGGLER_MS * 1000L);
      allowed = Math.min(allowed, (scheduler.now() - busySince) * 1000);
      micros -= random.nextLong(allowed + 1);
    } else if (random.nextInt(4) == 0) {
      micros -= random.nextInt(latenessMs * 1000);
    }
    long offMicros = nextOffMicros;
    boolean single = offMicros != 0;
    micros += offMicros;
    nextOffMicros = 0;
    Long last = single ? null : lastMicros.get(entity);
    if (last != null && micros <= last) {
      // the newer release counts versions, so only there may two events of an entity race
      boolean race = newer && last - micros < allowed && random.nextInt(3) == 0;
      micros = race ? micros : last + 1;
    }
    if (!single) {
      lastMicros.merge(entity, micros, Math::max);
    }
    long version = newer ? versions.merge(entity, 1L, Long::sum) : 1;
    boolean behind =
        offMicros < 0
            || (newestMicros != Long.MIN_VALUE && micros < newestMicros - STRAGGLER_MS * 1100);
    newestMicros = single ? newestMicros : Math.max(newestMicros, micros);
    StoredEvent event =
        new StoredEvent(truth.size(), entity, tenant, micros, version, behind, offMicros > 0);
    truth.add(event);
    tenants.put(event, tenant);
    run.indexOfOffset.add(event.index);
    storing.add(event);
    Run of = run;
    // the rows' order is not the log's, but an entity's is kept
    long storedAt =
        Math.max(scheduler.now() + random.nextInt(3), lastStored.getOrDefault(entity, 0L));
    lastStored.put(entity, storedAt);
    scheduler.at(
        storedAt,
        () -> {
          if (storing.remove(event)) {
            unflushed.add(event);
            if (unflushed.size() >= FILE_ROWS) {
              flush();
            }
          }
        });
    WalEntry entry = new WalEntry(sequence, "", event.live, 0, null, null);
    long delay = random.nextInt(3) == 0 ? random.nextInt(latenessMs + 1) : 0;
    scheduler.after(
        delay,
        () -> {
          if (up && run == of) {
            publish(entry);
          }
        });
  }

  private void publish(WalEntry entry) {
    for (Connection connection : connections()) {
      if (!connection.live) {
        continue;
      }
      if (leavesOut > 0 && random.nextInt(leavesOut) == 0) {
        connection.hasLost = true;
        continue;
      }
      connection.ring.add(entry);
      if (connection.ring.size() > ringSize) {
        connection.ring.poll();
        connection.hasLost = true;
        overwritten++;
      }
      connection.pump();
    }
  }

  /** The clock is set, and stays so. */
  void clockJumps(long byMicros) {
    clockMicros += byMicros;
    lastMicros.clear();
  }

  /** The next event's clock is off by so much. */
  void nextEventOff(long byMicros) {
    nextOffMicros = byMicros;
  }

  // ---- connections

  @Override
  public StoredEvent event(int index) {
    return StrangeStore.isStrange(index) ? other.event(index) : truth.get(index);
  }

  @Override
  public Link connect(int toAddress, Client client) {
    if (toAddress != address && other != null) {
      return other.connect(client);
    }
    if (!up || toAddress != address) {
      return null;
    }
    Connection connection = new Connection(client);
    connections.add(connection);
    return connection;
  }

  private void subscribe(Connection connection, long lastOffset) {
    if (!connection.open || !up) {
      return;
    }
    connection.filter = lastOffset;
    boolean snapshot =
        (lastOffset == 0 && sequence > 0)
            || (lastOffset + 1 < oldestKept && sequence >= oldestKept);
    if (snapshot) {
      flush();
    }
    if (snapshot && !files.isEmpty()) {
      List<SnapshotFile> sent = new ArrayList<>(files);
      sent.sort(Comparator.comparing(SnapshotFile::name));
      connection.deliver(() -> connection.client.snapshotStart(false));
      scheduler.after(
          1 + random.nextInt(30),
          () -> {
            if (connection.open) {
              connection.filter = Math.max(connection.filter, shipped);
              long end = shipped;
              connection.deliver(() -> connection.client.files(sent, end));
              goLive(connection);
            }
          });
    } else {
      goLive(connection);
    }
  }

  private void goLive(Connection connection) {
    long current = shipped;
    connection.deliver(
        () -> {
          connection.begun = true;
          connection.client.caughtUp(current);
        });
    connection.live = true;
  }

  /** Links are so slow that a connection takes one entry in so many ms; 0 for as fast as it can. */
  void shipsEvery(int ms) {
    shipsEveryMs = ms;
    if (ms == 0) {
      connections().forEach(Connection::pump);
    }
  }

  /** Another follower takes everything, so that the offsets told are newer. */
  void shipToOthers() {
    shipped = sequence;
  }

  // ---- files

  private void flush() {
    if (unflushed.isEmpty()) {
      return;
    }
    addFiles(unflushed);
    unflushed = new ArrayList<>();
  }

  private void addFiles(List<StoredEvent> events) {
    if (events.isEmpty()) {
      return;
    }
    if (newer) {
      Map<String, List<StoredEvent>> byTenant = new HashMap<>();
      for (StoredEvent event : events) {
        byTenant.computeIfAbsent(tenants.get(event), t -> new ArrayList<>()).add(event);
      }
      byTenant.forEach(
          (tenant, rows) ->
              files.add(
                  new SnapshotFile(
                      "events-%08x.%s.part-0.parquet"
                          .formatted(
                              Math.floorMod(tenant.hashCode() * 7919 + fileNumber++, 1 << 30),
                              fileNumber),
                      rows)));
    } else {
      files.add(new SnapshotFile("events-%08d.parquet".formatted(fileNumber++), events));
    }
  }

  /**
   * Merges files; the older release repeats rows within the new file and leaves larger ones beside
   * it.
   */
  void compact() {
    if (files.size() < 2) {
      return;
    }
    compacted = true;
    if (newer) {
      Map<String, Set<StoredEvent>> byTenant = new HashMap<>();
      for (SnapshotFile file : files) {
        byTenant
            .computeIfAbsent(tenants.get(file.rows().get(0)), t -> new HashSet<>())
            .addAll(file.rows());
      }
      files.clear();
      byTenant.forEach(
          (tenant, rows) ->
              files.add(
                  new SnapshotFile(
                      "snapshot." + tenant + ".0-9." + fileNumber++ + ".part-0.parquet",
                      sorted(rows))));
    } else {
      List<StoredEvent> merged = new ArrayList<>();
      int times = 1 + random.nextInt(3);
      for (int i = 0; i < times; i++) {
        files.forEach(file -> merged.addAll(file.rows()));
      }
      if (random.nextBoolean()) {
        files.removeIf(file -> file.rows().size() < 20 || random.nextBoolean());
      }
      files.add(new SnapshotFile("events-%08d.parquet".formatted(fileNumber++), sorted(merged)));
    }
  }

  private static List<StoredEvent> sorted(Iterable<StoredEvent> events) {
    List<StoredEvent> rows = new ArrayList<>();
    events.forEach(rows::add);
    rows.sort(Comparator.comparingLong(StoredEvent::micros));
    return rows;
  }

  /** The newer release's checkpoint retires what its log holds. */
  void checkpoint() {
    if (newer) {
      oldestKept = sequence + 1;
    }
  }

  // ---- the process

  /** {@code kill -9}: what was acknowledged survives, the numbering does not. */
  void crash() {
    boolean lostNumbering = newer || !unflushed.isEmpty() || !storing.isEmpty();
    stop("the leader's process ended");
    if (newer && random.nextBoolean()) {
      // recovered entries that were in a file already are written to another
      Set<StoredEvent> waiting = new HashSet<>(unflushed);
      List<StoredEvent> again = new ArrayList<>();
      for (int index : run.indexOfOffset.subList((int) oldestKept - 1, (int) sequence)) {
        if (index >= 0 && !waiting.contains(truth.get(index))) {
          again.add(truth.get(index));
        }
      }
      addFiles(again);
      versions.clear();
    }
    if (lostNumbering) {
      numberAnew();
    } else {
      shipped = 0;
    }
  }

  /** The clock went back: by its time the event lies among those that were written long ago. */
  boolean isOlderThanOneBefore(int index) {
    long micros = truth.get(index).micros();
    return truth.subList(0, index).stream().anyMatch(one -> one.micros() > micros);
  }

  /** An orderly stop. */
  void stopCleanly() {
    stop("the leader shut down");
    flush();
    if (newer) {
      numberAnew();
    } else {
      shipped = 0;
    }
  }

  private void stop(String why) {
    up = false;
    for (Connection connection : connections()) {
      connection.close(why);
    }
    unflushed.addAll(sorted(storing));
    storing.clear();
  }

  private void numberAnew() {
    run = new Run();
    sequence = 0;
    shipped = 0;
    oldestKept = 1;
  }

  /** Another machine with the same events takes over under another numbering. */
  void failOver() {
    stop("the leader's machine is gone");
    other = null;
    address = 1 - address;
    run = new Run();
    int begin = random.nextInt(3) == 0 ? 0 : truth.size() / 2;
    sequence = 0;
    shipped = 0;
    oldestKept = 1;
    // a promoted follower counts on from what it had applied
    for (int i = 0; i < begin; i++) {
      sequence++;
      run.indexOfOffset.add(-1);
    }
    oldestKept = sequence + 1;
  }

  /**
   * The machine is gone for good, and one that had not got everything takes over.
   *
   * @param lagging how many of the newest events it lacks for certain
   * @param holes of how many before those it lacks about every second one
   * @param withFiles whether it has kept files; a promoted follower has not
   * @return the events that nobody can send any more
   */
  Set<Integer> lose(int lagging, int holes, boolean withFiles) {
    other = null;
    failOver();
    Set<Integer> lost = new HashSet<>();
    int whole = Math.max(0, truth.size() - lagging);
    for (StoredEvent event : truth) {
      boolean hole = event.index >= whole - holes && random.nextBoolean();
      if (!withFiles || event.index >= whole || hole) {
        lost.add(event.index);
      }
    }
    unflushed.removeIf(event -> lost.contains(event.index));
    List<SnapshotFile> kept = new ArrayList<>();
    for (SnapshotFile file : files) {
      List<StoredEvent> rows = new ArrayList<>(file.rows());
      rows.removeIf(event -> lost.contains(event.index));
      if (!rows.isEmpty()) {
        kept.add(new SnapshotFile(file.name(), rows));
      }
    }
    files.clear();
    files.addAll(kept);
    return lost;
  }

  /** Comes up; what was recovered from the log goes into a file of its own. */
  void start() {
    up = true;
    flush();
    trace.line(
        "leader up, sequence %d, %d files%s",
        sequence, files.size(), compacted ? ", compacted" : "");
  }

  @Override
  public String toString() {
    return (newer ? "0.27.0" : "0.19.1")
        + ", ring "
        + ringSize
        + ", lateness "
        + latenessMs
        + " ms";
  }
}
