package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.WorkerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The benchmark: the same prepared lines through the source, through Kafka's FileStreamSource, and
 * by a bare producer, in one process with one broker and one worker, in turns. Then the sink, on
 * the same lines in a topic: {@link SinkBench}.
 *
 * <p>System properties: {@code records} (100,000), {@code rounds} (7), {@code warmups} (2), {@code
 * lines} (a file of wal_entry lines instead of generated ones), {@code only} (source, plain, file,
 * producer, headers, sink: that one alone; costs: what positions cost, see {@link CostsBench};
 * records: what a record costs before the producer gets it, see {@link RecordsBench}), {@code
 * seconds} (of each run of costs), {@code batch} (the producers' {@code batch.size}, of all alike;
 * Kafka's own default otherwise).
 */
public final class Bench {
  private static final String SOURCE = "source, wal_entry";
  private static final String PLAIN = "source, wal_entry, record.headers=none";
  private static final String FILE = "FileStreamSource";
  private static final String PRODUCER = "bare producer, the values";
  private static final String HEADERS = "bare producer, and key and headers";

  private Bench() {}

  /** Prints the table. */
  public static void main(String[] args) throws IOException {
    if (text("only", "").equals("costs")) {
      CostsBench.run(number("seconds", 20));
      System.exit(0);
    }
    if (text("only", "").equals("records")) {
      RecordsBench.run(number("records", 100_000), number("rounds", 7), number("warmups", 3));
      System.exit(0);
    }
    PreparedLines lines =
        text("lines", "").isEmpty()
            ? PreparedLines.generate(number("records", 100_000))
            : PreparedLines.read(Path.of(text("lines", "")));
    int rounds = number("rounds", 7);
    int warmups = number("warmups", 2);
    Path folder = Folders.temporary("allsource-bench-");
    Map<String, List<Sample.Result>> results = new LinkedHashMap<>();
    boolean sink = List.of("", "sink").contains(text("only", ""));
    try (Broker broker = Broker.start();
        InProcessWorker worker =
            InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()))) {
      Path file = folder.resolve("lines");
      lines.write(file);
      System.out.printf(
          "%,d lines, %,d bytes; %d rounds after %d to warm up%n",
          lines.count(), lines.bytes().length, rounds, warmups);
      try (Contenders contenders =
          new Contenders(broker, worker.rest(), lines, file, number("batch", 0))) {
        Map<String, Supplier<Sample.Result>> all = contenders(contenders);
        for (int round = 1 - warmups; round <= rounds; round++) {
          for (Map.Entry<String, Supplier<Sample.Result>> one : all.entrySet()) {
            Sample.Result result = one.getValue().get();
            System.out.printf(
                "%8s  %-39s %,9.0f records/s%n",
                round < 1 ? "warm-up" : "round " + round, one.getKey(), result.rate());
            if (round >= 1) {
              results.computeIfAbsent(one.getKey(), name -> new ArrayList<>()).add(result);
            }
          }
        }
      }
      if (!results.isEmpty()) {
        print(results);
      }
      if (sink) {
        try (SinkBench second = new SinkBench(broker, worker.rest(), lines)) {
          second.run(Math.min(warmups, 1), Math.min(rounds, 3));
          second.print();
        }
      }
    } finally {
      Folders.delete(folder);
    }
    System.exit(0);
  }

  private static Map<String, Supplier<Sample.Result>> contenders(Contenders contenders) {
    Map<String, Supplier<Sample.Result>> all = new LinkedHashMap<>();
    String only = text("only", "");
    if (only.isEmpty() || only.equals("source")) {
      all.put(SOURCE, () -> contenders.source("all"));
    }
    if (only.isEmpty() || only.equals("plain")) {
      all.put(PLAIN, () -> contenders.source("none"));
    }
    if (only.isEmpty() || only.equals("file")) {
      all.put(FILE, contenders::fileSource);
    }
    if (only.isEmpty() || only.equals("producer")) {
      all.put(PRODUCER, () -> contenders.producer(false));
    }
    if (only.isEmpty() || only.equals("headers")) {
      all.put(HEADERS, () -> contenders.producer(true));
    }
    return all;
  }

  private static void print(Map<String, List<Sample.Result>> results) {
    System.out.printf(
        "%n%-39s %12s %23s %14s %14s%n",
        "medians", "records/s", "(least to most)", "CPU s/million", "its own CPU");
    results.forEach(
        (name, runs) ->
            System.out.printf(
                "%-39s %,12.0f %,11.0f to %,8.0f %14.2f %14.2f%n",
                name,
                median(runs, Sample.Result::rate),
                runs.stream().mapToDouble(Sample.Result::rate).min().orElse(0),
                runs.stream().mapToDouble(Sample.Result::rate).max().orElse(0),
                median(runs, Sample.Result::processCpu),
                median(runs, Sample.Result::workCpu)));
    System.out.println(
        """

        CPU s/million: of the whole process for a million events: broker, worker, leader, garbage
        collector and compiler. Its own CPU: of the task's, the connector's and the producer's
        threads alone. Measured from the first records in the topic to the last.""");
    for (String one : List.of(SOURCE, PLAIN)) {
      for (String other : List.of(FILE, PRODUCER, HEADERS)) {
        if (results.containsKey(one) && results.containsKey(other)) {
          System.out.printf(
              "%-39s / %-34s rate %.2f, CPU %.2f, its own CPU %.2f%n",
              one,
              other,
              ratio(results, one, other, Sample.Result::rate),
              ratio(results, one, other, Sample.Result::processCpu),
              ratio(results, one, other, Sample.Result::workCpu));
        }
      }
    }
  }

  private static double ratio(
      Map<String, List<Sample.Result>> results,
      String one,
      String other,
      ToDoubleFunction<Sample.Result> figure) {
    return median(results.get(one), figure) / median(results.get(other), figure);
  }

  private static double median(List<Sample.Result> runs, ToDoubleFunction<Sample.Result> figure) {
    double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static int number(String property, int otherwise) {
    String value = text(property, "");
    return value.isEmpty() ? otherwise : Integer.parseInt(value);
  }

  private static String text(String property, String otherwise) {
    String value = System.getProperty(property);
    return value == null || value.isBlank() ? otherwise : value;
  }
}
