package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.clock.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Another store at the address that is not the leader's: it has a history of its own, from the same
 * time, and gives it to whoever asks for a snapshot. It lets nobody follow.
 */
final class StrangeStore {
  /** Its events are numbered from here. */
  static final int FIRST_INDEX = 1 << 30;

  private static final int EVENTS_MAX = 4;

  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final List<StoredEvent> events = new ArrayList<>();

  StrangeStore(Scheduler scheduler, RandomGenerator random) {
    this.scheduler = scheduler;
    this.random = random;
  }

  static boolean isStrange(int index) {
    return index >= FIRST_INDEX;
  }

  StoredEvent event(int index) {
    return events.get(index - FIRST_INDEX);
  }

  Upstream.Link connect(Upstream.Client client) {
    return new StrangeLink(client);
  }

  /** A few events from just before now. */
  private List<StoredEvent> history() {
    List<StoredEvent> rows = new ArrayList<>();
    int count = 1 + random.nextInt(EVENTS_MAX);
    for (int i = 0; i < count; i++) {
      long micros = scheduler.now() * 1000 + 1_000_000 - 500_000 - random.nextInt(1_000_000);
      StoredEvent event =
          new StoredEvent(
              FIRST_INDEX + events.size(), "entity-" + random.nextInt(4), "tenant-0", micros, 1);
      events.add(event);
      rows.add(event);
    }
    return rows;
  }

  private final class StrangeLink implements Upstream.Link {
    private final Upstream.Client client;
    private boolean open = true;

    StrangeLink(Upstream.Client client) {
      this.client = client;
    }

    @Override
    public void subscribe(long lastOffset) {
      scheduler.after(
          2,
          () -> {
            if (open && lastOffset == 0) {
              client.snapshotStart(false);
              if (open) {
                client.files(
                    List.of(new Upstream.SnapshotFile("events-strange.parquet", history())), 0);
              }
            }
            if (open) {
              open = false;
              client.closed("it lets nobody follow");
            }
          });
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void pump() {}

    @Override
    public void ack(long offset) {}

    @Override
    public long ackable(KafkaModel kafka) {
      return Long.MAX_VALUE;
    }

    @Override
    public void abandon() {
      open = false;
    }
  }
}
