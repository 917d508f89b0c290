package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.record.Batch;
import io.github.allsourceconnect.source.record.BatchBuilder;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.ByteUtils;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;

/**
 * What an entry costs from where the decisions hand it on to the bytes that the producer gets: no
 * network, no broker. What is left out by a filter, what each header adds, what each form of value
 * takes; in turns, in CPU time of the one thread that does it all, and each as a share of the first
 * line.
 */
final class RecordsBench {
  private static final String STRING = StringConverter.class.getName();
  private static final String JSON = JsonConverter.class.getName();
  private static final int BATCH = 1_000;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** One line of the table. */
  private static final class Line {
    private final String name;
    private final Map<String, String> settings;
    private final Converter values;
    private final List<Double> nanos = new ArrayList<>();
    private double bytes;

    Line(String name, Converter values, String... settings) {
      this.name = name;
      this.values = values;
      this.settings = new HashMap<>(Map.of("name", "bench", "value.converter", STRING));
      this.settings.put("record.time.ahead.max.ms", Long.toString(Long.MAX_VALUE));
      for (int i = 0; i < settings.length; i += 2) {
        this.settings.put(settings[i], settings[i + 1]);
      }
    }

    double median() {
      double[] sorted = nanos.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      return sorted[sorted.length / 2];
    }
  }

  private RecordsBench() {}

  /** Prints the table. */
  static void run(int records, int rounds, int warmups) {
    List<WalEntry> entries = entries(PreparedLines.generate(records));
    List<Line> lines = lines();
    for (int round = -warmups; round < rounds; round++) {
      for (Line line : lines) {
        double nanos = time(line, entries);
        if (round >= 0) {
          line.nanos.add(nanos);
        }
      }
    }
    System.out.printf(
        "%,d entries, medians of %d rounds after %d to warm up%n%n%-44s %8s %8s %10s%n",
        records, rounds, warmups, "", "ns each", "share", "bytes each");
    for (Line line : lines) {
      System.out.printf(
          "%-44s %,8.0f %8.2f %,10.0f%n",
          line.name, line.median(), line.median() / lines.get(0).median(), line.bytes);
    }
  }

  private static List<Line> lines() {
    Converter string = configured(new StringConverter(), Map.of());
    Converter plain = configured(new JsonConverter(), Map.of("schemas.enable", "false"));
    Converter schemas = configured(new JsonConverter(), Map.of());
    List<Line> lines = new ArrayList<>();
    lines.add(new Line("event_json, all headers", string, "value.format", "event_json"));
    lines.add(left("left out by exclude.event.types", "exclude.event.types", "order\\..*"));
    lines.add(left("left out by include.entities", "include.entities", "customer-.*"));
    lines.add(left("left out by exclude.payload", "exclude.payload", "/amount=12.5"));
    lines.add(
        new Line(
            "event_json, no headers",
            string,
            "value.format",
            "event_json",
            "record.headers",
            "none"));
    lines.add(
        new Line(
            "event_json, no headers, ByteArrayConverter",
            new ByteArrayConverter(),
            "value.format",
            "event_json",
            "record.headers",
            "none",
            "value.converter",
            ByteArrayConverter.class.getName()));
    for (String header :
        List.of("event_id", "event_type", "tenant_id", "wal_offset", "snapshot", "mark")) {
      lines.add(
          new Line(
              "event_json, " + header,
              string,
              "value.format",
              "event_json",
              "record.headers",
              header));
    }
    for (String header : List.of("event_id,event_type", "timestamp", "version", "metadata")) {
      lines.add(
          new Line(
              "payload, " + header, string, "value.format", "payload", "record.headers", header));
    }
    lines.add(new Line("payload, all headers", string, "value.format", "payload"));
    for (String payload : List.of("text", "map", "struct")) {
      lines.add(
          new Line(
              "event, " + payload + ", JsonConverter",
              plain,
              "payload.format",
              payload,
              "value.converter",
              JSON,
              "record.headers",
              "none"));
    }
    lines.add(
        new Line(
            "event, struct, JsonConverter with schemas",
            schemas,
            "payload.format",
            "struct",
            "value.converter",
            JSON,
            "record.headers",
            "none"));
    return lines;
  }

  private static Line left(String name, String key, String value) {
    return new Line(
        name,
        configured(new StringConverter(), Map.of()),
        "value.format",
        "event_json",
        key,
        value);
  }

  private static Converter configured(Converter converter, Map<String, ?> settings) {
    converter.configure(settings, false);
    return converter;
  }

  private static List<WalEntry> entries(PreparedLines lines) {
    MessageCodec codec = new MessageCodec();
    List<WalEntry> entries = new ArrayList<>();
    for (int n = 1; n <= lines.count(); n++) {
      byte[] line =
          Arrays.copyOfRange(lines.bytes(), lines.startAfter(n - 1), lines.startAfter(n) - 1);
      try {
        entries.add(((LeaderMessage.Entry) codec.decodeLeader(line, 0, line.length, n)).data());
      } catch (ProtocolException e) {
        throw new IllegalStateException(e);
      }
    }
    return entries;
  }

  /** CPU nanoseconds of this thread an entry. */
  private static double time(Line line, List<WalEntry> entries) {
    BatchBuilder builder = new BatchBuilder(new SourceConfig(line.settings), SourcePosition.START);
    builder.mark("bench/1");
    SimpleHeaderConverter headers = new SimpleHeaderConverter();
    Converter keys = configured(new StringConverter(), Map.of());
    long bytes = 0;
    long start = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < entries.size(); i++) {
      builder.settle(() -> SourcePosition.START);
      BatchBuilder.Refused left = builder.add(entries.get(i));
      if (left != null && left != BatchBuilder.Refused.FILTERED) {
        throw new IllegalStateException(line.name + ": " + left);
      }
      if (i % BATCH == BATCH - 1) {
        builder.settle(() -> SourcePosition.START);
        Batch batch = builder.close(i, false);
        for (SourceRecord record : batch.records()) {
          bytes += written(record, keys, line.values, headers);
        }
      }
    }
    line.bytes = (double) bytes / entries.size();
    return (double) (THREADS.getCurrentThreadCpuTime() - start) / entries.size();
  }

  /** What of a record the producer is given, with the lengths that stand before each. */
  private static long written(
      SourceRecord record, Converter keys, Converter values, SimpleHeaderConverter headers) {
    long bytes =
        length(keys.fromConnectData("t", record.keySchema(), record.key()))
            + length(values.fromConnectData("t", record.valueSchema(), record.value()));
    for (Header header : record.headers()) {
      bytes += header.key().length() + 1;
      bytes +=
          length(headers.fromConnectHeader("t", header.key(), header.schema(), header.value()));
    }
    return bytes;
  }

  private static long length(byte[] bytes) {
    return bytes.length + (long) ByteUtils.sizeOfVarint(bytes.length);
  }
}
