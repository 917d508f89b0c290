package io.github.allsourceconnect.tool.audit.decision;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Counts what is found, by tenant, type and hour, and keeps some examples. Its memory is bounded,
 * whatever is found. Not thread-safe.
 */
public final class Tally implements Findings {
  private static final long HOUR_MICROS = 3_600_000_000L;
  private static final int KEPT_MAX = 10_000;

  /** Stands for all hours beyond those that are kept. */
  public static final long OTHER_HOURS = Long.MAX_VALUE;

  /**
   * An example.
   *
   * @param what the row if the store has the event, otherwise the record
   * @param at where it is in the topic; null if it is not there
   * @param parts which parts are altered
   */
  public record Example(Fingerprint what, Fingerprint at, Set<Part> parts) {}

  /** What was found of one kind. */
  public static final class Count {
    private long events;
    private long newestMicros = Long.MIN_VALUE;
    private long oldestMicros = Long.MAX_VALUE;
    private final Map<Integer, Long> tenants = new HashMap<>();
    private final Map<Integer, Long> types = new HashMap<>();
    private final Map<Long, Long> hours = new HashMap<>();
    private final Map<Part, Long> parts = new EnumMap<>(Part.class);
    private final List<Example> examples = new ArrayList<>();

    private Count() {}

    /** How many. */
    public long events() {
      return events;
    }

    /** By tenant. */
    public Map<Integer, Long> tenants() {
      return Map.copyOf(tenants);
    }

    /** By type. */
    public Map<Integer, Long> types() {
      return Map.copyOf(types);
    }

    /** By hour since 1970. */
    public Map<Long, Long> hours() {
      return Map.copyOf(hours);
    }

    /** By the parts that are altered. */
    public Map<Part, Long> parts() {
      return Map.copyOf(parts);
    }

    /** Some of them. */
    public List<Example> examples() {
      return List.copyOf(examples);
    }

    /** The time of the oldest. */
    public long oldestMicros() {
      return oldestMicros;
    }

    /** The time of the newest. */
    public long newestMicros() {
      return newestMicros;
    }
  }

  private final int examplesMax;
  private final IntUnaryOperator tenantOfFile;
  private final Map<Kind, Count> counts = new EnumMap<>(Kind.class);

  /**
   * @param examplesMax how many examples of each kind are kept
   * @param tenantOfFile the tenant of a row that tells none, by its file
   */
  public Tally(int examplesMax, IntUnaryOperator tenantOfFile) {
    this.examplesMax = examplesMax;
    this.tenantOfFile = tenantOfFile;
    for (Kind kind : Kind.values()) {
      counts.put(kind, new Count());
    }
  }

  @Override
  public void found(Kind kind, Fingerprint what, Fingerprint at, Set<Part> parts) {
    Count count = counts.get(kind);
    count.events++;
    count.newestMicros = Math.max(count.newestMicros, what.micros());
    count.oldestMicros = Math.min(count.oldestMicros, what.micros());
    count.tenants.merge(tenant(what, at), 1L, Long::sum);
    count.types.merge(what.typeName(), 1L, Long::sum);
    long hour = Math.floorDiv(what.micros(), HOUR_MICROS);
    boolean kept = count.hours.size() < KEPT_MAX || count.hours.containsKey(hour);
    count.hours.merge(kept ? hour : OTHER_HOURS, 1L, Long::sum);
    parts.forEach(part -> count.parts.merge(part, 1L, Long::sum));
    if (count.examples.size() < examplesMax) {
      count.examples.add(new Example(what, at, Set.copyOf(parts)));
    }
  }

  /** The number of the tenant's name. */
  public int tenant(Fingerprint what, Fingerprint at) {
    if (what.tenantName() != Named.NONE) {
      return what.tenantName();
    }
    if (at != null) {
      return at.tenantName();
    }
    return tenantOfFile.applyAsInt(what.source());
  }

  /** What is found without an event that it could be told of. */
  public void add(Kind kind, long events) {
    counts.get(kind).events += events;
  }

  /** What was found of a kind. */
  public Count of(Kind kind) {
    return counts.get(kind);
  }

  /** How many were found of all kinds of a weight. */
  public long of(Kind.Weight weight) {
    long sum = 0;
    for (Kind kind : Kind.values()) {
      sum += kind.weight() == weight ? counts.get(kind).events : 0;
    }
    return sum;
  }
}
