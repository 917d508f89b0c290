package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.simulation.sink.Connection;
import io.github.allsourceconnect.simulation.sink.Peer;
import io.github.allsourceconnect.simulation.sink.SinkSide;
import io.github.allsourceconnect.simulation.sink.SinkTask;
import io.github.allsourceconnect.simulation.sink.TopicModel;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.ArrayList;
import java.util.List;

/** The sink as the leader of another source. */
final class SinkUpstream implements Upstream {
  private static final int FIRST_NUMBER = 1_000;

  private final SinkSide side;
  private final TopicModel topic;
  private final List<StoredEvent> truth;
  private final Trace trace;
  private int connections;

  SinkUpstream(SinkSide side, TopicModel topic, List<StoredEvent> truth, Trace trace) {
    this.side = side;
    this.topic = topic;
    this.truth = truth;
    this.trace = trace;
  }

  @Override
  public Link connect(int address, Client client) {
    SinkTask task = side.listening();
    if (task == null) {
      return null;
    }
    SinkLink link = new SinkLink(FIRST_NUMBER + ++connections, client);
    link.connection = task.connect(link, false);
    return link;
  }

  @Override
  public StoredEvent event(int index) {
    return truth.get(index);
  }

  private final class SinkLink implements Link, Peer {
    private final int number;
    private final Client client;
    private Connection connection;
    private long acked;
    private long inKafka;
    private boolean begun;
    private long snapshotEnd = -1;
    private boolean abandoned;

    SinkLink(int number, Client client) {
      this.number = number;
      this.client = client;
    }

    // towards the worker

    @Override
    public void subscribe(long lastOffset) {
      acked = lastOffset;
      connection.subscribe(lastOffset);
    }

    @Override
    public boolean isOpen() {
      return !abandoned && connection.isOpen();
    }

    @Override
    public void pump() {
      connection.pump();
    }

    @Override
    public void ack(long offset) {
      if (offset <= acked) {
        trace.violation("the source acks %d after %d, for which a sink closes it", offset, acked);
      }
      acked = offset;
    }

    @Override
    public long ackable(KafkaModel kafka) {
      while (inKafka < topic.end()) {
        long content = topic.contentAt(inKafka + 1);
        if (content >= 0 && !kafka.has((int) content)) {
          break;
        }
        inKafka++;
      }
      return inKafka;
    }

    @Override
    public void abandon() {
      abandoned = true;
      if (connection.isOpen()) {
        connection.leave();
      }
    }

    // towards the sink

    @Override
    public int number() {
      return number;
    }

    @Override
    public long has() {
      return acked;
    }

    @Override
    public void subscribes() {}

    @Override
    public void entry(long walOffset, long content, int cutsSeen) {
      if (!abandoned) {
        begin(snapshotEnd);
        client.entry(new WalEntry(walOffset, "", truth.get((int) content).live, 0, null, null));
      }
    }

    @Override
    public void caughtUp(long walOffset, int cutsSeen) {
      if (!abandoned && begun) {
        client.caughtUp(walOffset);
      } else if (!abandoned) {
        begin(walOffset);
      }
    }

    /** What the source's side makes of the first line behind a snapshot, if there was one. */
    private void begin(long offset) {
      if (!begun) {
        begun = true;
        if (snapshotEnd < 0) {
          client.replays();
        }
        if (offset >= 0) {
          client.caughtUp(offset);
        }
      }
    }

    @Override
    public void snapshot(TopicModel.Snapshot snapshot, int cutsSeen) {
      if (abandoned) {
        return;
      }
      snapshotEnd = snapshot.end();
      client.snapshotStart(true);
      if (!abandoned) {
        List<SnapshotRow> rows = new ArrayList<>();
        snapshot
            .rows()
            .forEach(
                (walOffset, content) ->
                    rows.add(new SnapshotRow(truth.get(content.intValue()).live, walOffset, 0)));
        client.snapshot(rows, snapshot.end());
      }
    }

    @Override
    public boolean reads() {
      return client.reads();
    }

    @Override
    public void mustBeReset() {
      trace.violation("the source is told to begin anew");
    }

    @Override
    public void closed(String why) {
      if (!abandoned) {
        client.closed(why);
      }
    }

    @Override
    public String toString() {
      return "connection " + (number - FIRST_NUMBER) + " of the second source";
    }
  }
}
