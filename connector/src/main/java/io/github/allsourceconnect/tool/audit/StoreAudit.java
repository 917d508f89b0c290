package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.tool.audit.Options.Option;
import io.github.allsourceconnect.tool.audit.decision.Bearings;
import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import io.github.allsourceconnect.tool.audit.decision.Join;
import io.github.allsourceconnect.tool.audit.decision.JoinJudge;
import io.github.allsourceconnect.tool.audit.decision.Part;
import io.github.allsourceconnect.tool.audit.decision.Tally;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A store that followed a sink against the topic: here the topic's records are what is to be there.
 * The store is asked by its HTTP interface. Tenants are not compared, for a follower loses those of
 * a snapshot. One thread.
 */
final class StoreAudit {
  private static final String DEFAULT_TENANT = "default";
  private static final int TENANTS_MAX = 10_000;

  private final Options options;
  private final Target target;
  private final Path folder;
  private final Progress progress;
  private final Names names = new Names();
  private final Prints prints = new Prints(names);
  private final RecordReader texts = RecordReader.ofSource(Map.of(), false);
  private final Set<String> tenants = new TreeSet<>(Set.of(DEFAULT_TENANT));
  private long number;

  StoreAudit(Options options, Target target, Path folder, Progress progress) {
    this.options = options;
    this.target = target;
    this.folder = folder;
    this.progress = progress;
  }

  Outcome run() throws Exception {
    long memory = options.memory();
    long patience = options.number(Option.PATIENCE, 60, 0, 1 << 20) * 1_000_000;
    int examples = (int) options.number(Option.EXAMPLES, 5, 0, 1000);
    StoreQuery query = new StoreQuery(options.need(Option.STORE));
    try (TopicScope scope = new TopicScope(target.brokers(), Option.TOPIC, target::has);
        Layout.Sort records = new Layout.Sort(Layout.BY_ID, folder, "records", memory / 2);
        Layout.Sort events = new Layout.Sort(Layout.BY_ID, folder, "events", memory / 2)) {
      long[] ends = scope.committed();
      long readAt = LeaderAudit.nowMicros();
      List<String> notes =
          TopicRecords.readServed(
              target,
              scope,
              ends,
              progress,
              (partition, offset, entry) -> {
                String tenant = entry.event().tenantId();
                if (tenant != null && tenants.size() < TENANTS_MAX) {
                  tenants.add(tenant);
                }
                records.add(prints.of(entry, partition, offset, 0, Fingerprint.EXPECTED));
              });
      long total = query.total();
      long read = query.read(tenants, progress, json -> event(json, events));
      if (read < total) {
        throw new Unjudgeable(
            "the store has "
                + total
                + " events and tells "
                + read
                + " of them: its query interface answers for one tenant at a time, and 0.19.1 for"
                + " its own key's only. The topic has "
                + records.count()
                + " events");
      }
      Bearings bearings = new Bearings(new int[ends.length]);
      Join.of(records.read(), events.read(), bearings);
      Tally tally = new Tally(examples, bearings::tenantOfFile);
      JoinJudge judge =
          new JoinJudge(
              new JoinJudge.Bounds(
                  Long.MIN_VALUE,
                  Long.MIN_VALUE,
                  readAt - patience,
                  bearings.newest(),
                  new long[] {Long.MAX_VALUE}),
              EnumSet.allOf(Part.class),
              bearings,
              // what is shown of a place is the topic's
              (kind, what, at, parts) ->
                  tally.found(kind, what, what.equals(at) ? null : what, parts),
              inStore -> {});
      Join.of(records.read(), events.read(), judge);
      return new Outcome(
          Outcome.Peer.STORE,
          options.need(Option.STORE),
          0,
          0,
          readAt,
          readAt,
          scope.partitions(),
          total,
          read,
          judge.events(),
          judge.matched(),
          tally,
          names,
          notes);
    }
  }

  private void event(byte[] json, Layout.Sort events) throws Exception {
    WalEntry entry = texts.entry(new ConsumerRecord<>("store", 0, number++, null, json));
    if (entry == null) {
      throw new Unjudgeable(
          "the store tells something that is not an event: " + texts.firstTrouble());
    }
    events.add(prints.of(entry, 0, number, 0, Fingerprint.EXPECTED).withoutTenant());
  }
}
