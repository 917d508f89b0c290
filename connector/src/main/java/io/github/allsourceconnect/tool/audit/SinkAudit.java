package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.tool.audit.Options.Option;
import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import io.github.allsourceconnect.tool.audit.decision.Kind;
import io.github.allsourceconnect.tool.audit.decision.SentJudge;
import io.github.allsourceconnect.tool.audit.decision.Tally;
import io.github.allsourceconnect.transport.HostPort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * A topic against what a sink sends to a new follower of each partition. This follows, so what is
 * judged is what followers get. One thread.
 */
final class SinkAudit {
  private final Options options;
  private final Target target;
  private final Path folder;
  private final Progress progress;
  private final Names names = new Names();
  private final Prints prints = new Prints(names);
  private final List<String> notes = new ArrayList<>();
  private long historyRows;
  private long lastOffset;

  SinkAudit(Options options, Target target, Path folder, Progress progress) {
    this.options = options;
    this.target = target;
    this.folder = folder;
    this.progress = progress;
  }

  Outcome run() throws Exception {
    HostPort sink = address(options.need(Option.SINK));
    long memory = options.memory();
    Tally tally =
        new Tally((int) options.number(Option.EXAMPLES, 5, 0, 1000), file -> Fingerprint.EXPECTED);
    try (TopicScope scope = new TopicScope(target.brokers(), Option.TOPIC, target::has);
        Layout.Sort sent = new Layout.Sort(Layout.BY_PLACE, folder, "sent", memory / 2);
        Layout.Sort records = new Layout.Sort(Layout.BY_PLACE, folder, "records", memory / 2)) {
      if (scope.topics() != 1) {
        throw new Unjudgeable("a sink serves one topic; name it with --topic");
      }
      long[] ends = scope.committed();
      long readAt = LeaderAudit.nowMicros();
      SentJudge.Range[] ranges = new SentJudge.Range[ends.length];
      for (int i = 0; i < ends.length; i++) {
        ranges[i] = follow(sink, scope, i, ends[i], sent, tally);
      }
      notes.addAll(
          TopicRecords.readServed(
              target,
              scope,
              ends,
              progress,
              (partition, offset, entry) ->
                  records.add(prints.of(entry, partition, offset, 0, Fingerprint.EXPECTED))));
      SentJudge judge = new SentJudge(ranges, tally);
      judge.judge(sent.read(), records.read());
      return new Outcome(
          Outcome.Peer.SINK,
          sink.toString(),
          0,
          0,
          readAt,
          readAt,
          scope.partitions(),
          historyRows,
          judge.sent(),
          judge.records(),
          judge.matched(),
          tally,
          names,
          List.copyOf(notes));
    }
  }

  private static HostPort address(String text) throws Unjudgeable {
    try {
      return HostPort.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Unjudgeable("--sink " + text + ": " + e.getMessage(), e);
    }
  }

  /** All that the sink has of a partition, sorted by Kafka's offsets. */
  private SentJudge.Range follow(
      HostPort sink, TopicScope scope, int number, long end, Layout.Sort sent, Tally tally)
      throws Unjudgeable {
    TopicPartition partition = scope.partitions().get(number);
    HostPort address = new HostPort(sink.host(), sink.port() + partition.partition());
    lastOffset = -1;
    progress.begin("sink " + address, end);
    long before = sent.count();
    SinkStream stream =
        new SinkStream(
            target.config(),
            folder,
            end,
            new SinkStream.Each() {
              @Override
              public void row(SnapshotRow row) throws IOException {
                historyRows++;
                take(prints.of(row, Fingerprint.EXPECTED), row.walOffset(), number, sent, tally);
              }

              @Override
              public void entry(WalEntry entry) throws IOException {
                take(
                    prints.of(entry, number, 0, 0, Fingerprint.EXPECTED),
                    entry.sequence(),
                    number,
                    sent,
                    tally);
              }
            });
    if (end > 0) {
      stream.follow(address);
    }
    progress.end(sent.count() - before);
    long begin = scope.begin()[number];
    if (stream.historyEnd() >= 0 && stream.historyEnd() < begin) {
      notes.add(
          partition
              + ": the history ends with offset "
              + (stream.historyEnd() - 1)
              + " and the topic begins with "
              + begin
              + "; what was between them is in neither, unless there was nothing");
    }
    return new SentJudge.Range(begin, end, stream.reached());
  }

  private void take(Fingerprint print, long walOffset, int number, Layout.Sort sent, Tally tally)
      throws IOException {
    Fingerprint placed = print.movedTo(number, walOffset - 1);
    if (walOffset < lastOffset) {
      tally.found(Kind.OUT_OF_ORDER, placed, placed, Set.of());
    }
    lastOffset = Math.max(lastOffset, walOffset);
    sent.add(placed);
    progress.at(walOffset);
  }
}
