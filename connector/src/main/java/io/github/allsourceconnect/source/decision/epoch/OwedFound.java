package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Rows of a snapshot that were owed ({@link OwedEvents}): those of which it is known, and of the
 * others as many as can be one of a group each, by their time, with no group having more than it
 * lacks.
 *
 * <pre>
 *   found = min over all sets of groups:  lacking(set) + rows that may be of a group outside it
 * </pre>
 *
 * Not thread-safe.
 */
public final class OwedFound {
  /** What a row is that is told by its id. */
  private static final int NAMED = Integer.MIN_VALUE;

  private final Arrears arrears;
  private final OwedEvents owed;
  private final Set<HeldEntries.Id> named = new HashSet<>();

  /** A row is a set of these: bit i is set if it may be of group i. */
  private final List<OwedGroup> groups;

  private final Map<Integer, Long> rows = new HashMap<>();

  /**
   * So many rows are found of a group.
   *
   * @param events how many
   */
  record Share(OwedGroup group, long events) {}

  public OwedFound(LiveStream stream) {
    this(stream.arrears, stream.owed, new ArrayList<>());
  }

  private OwedFound(Arrears arrears, OwedEvents owed, List<OwedGroup> groups) {
    this.arrears = arrears;
    this.owed = owed;
    this.groups = groups;
  }

  /** Some of its rows; they are told by {@link #add}. */
  public OwedFound some() {
    return new OwedFound(arrears, owed, groups);
  }

  /** Another look begins. */
  public void clear() {
    named.clear();
    groups.clear();
    rows.clear();
  }

  /**
   * A row that is neither produced nor held.
   *
   * @return what it may be; 0 if it is not owed
   */
  public int row(Event event) {
    int what = owed.isNamed(event) ? NAMED : groupsOf(event);
    add(event, what);
    return what;
  }

  /**
   * The same of a row of which that is known.
   *
   * @param what what {@link #row} said
   */
  public void add(Event event, int what) {
    if (what == NAMED) {
      named.add(HeldEntries.Id.of(event));
    } else if (what != 0) {
      rows.merge(what, 1L, Long::sum);
    }
  }

  /** Whether one more with this event's time would count. */
  public boolean lacks(Event event) {
    if (owed.isNamed(event)) {
      return true;
    }
    int of = groupsOf(event);
    long before = byTime(owed::nameless);
    rows.merge(of, 1L, Long::sum);
    boolean more = byTime(owed::nameless) > before;
    rows.merge(of, -1L, Long::sum);
    return more;
  }

  private int groupsOf(Event event) {
    int of = 0;
    for (OwedGroup group : owed.groups()) {
      if (arrears.mayBeOwed(group, event)) {
        if (!groups.contains(group) && groups.size() < 2 * OwedEvents.GROUPS_MAX) {
          groups.add(group);
        }
        int i = groups.indexOf(group);
        of |= i < 0 ? 0 : 1 << i;
      }
    }
    return of;
  }

  private long byTime(ToLongFunction<OwedGroup> lacking) {
    return byTime(groups.stream().mapToLong(lacking).toArray());
  }

  /** How many rows are of one of the groups each, if each of these lacks so many. */
  private long byTime(long[] lacking) {
    long least = Long.MAX_VALUE;
    for (int set = 0; set < 1 << lacking.length; set++) {
      long most = 0;
      for (int i = 0; i < lacking.length; i++) {
        most += (set >> i & 1) * lacking[i];
      }
      for (Map.Entry<Integer, Long> row : rows.entrySet()) {
        most += (row.getKey() & ~set) == 0 ? 0 : row.getValue();
      }
      least = Math.min(least, most);
    }
    return least;
  }

  /** How many were owed. */
  public long count() {
    return named.size() + byTime(owed::nameless);
  }

  /** Whether some are lacking that must not stay missing. */
  public boolean lacksAny() {
    return named.size() + byTime(this::wantedNameless) < arrears.owed();
  }

  private long wantedNameless(OwedGroup group) {
    return Math.min(group.wanted(), owed.nameless(group));
  }

  /**
   * Of which groups those are that are not told by their ids: as many as can be of those that must
   * not stay missing, and then of the others; each time first of the group that ends first, for the
   * rows to come are newer.
   */
  List<Share> shares() {
    List<Share> shares = new ArrayList<>();
    long[] lacking = new long[groups.size()];
    List<Integer> order =
        IntStream.range(0, lacking.length)
            .boxed()
            .sorted(Comparator.comparing(groups::get, OwedGroup.THE_FIRST_TO_END))
            .toList();
    sharesOf(this::wantedNameless, order, lacking, shares);
    sharesOf(owed::nameless, order, lacking, shares);
    return shares;
  }

  private void sharesOf(
      ToLongFunction<OwedGroup> most, List<Integer> order, long[] lacking, List<Share> shares) {
    for (int i : order) {
      long before = byTime(lacking);
      lacking[i] = most.applyAsLong(groups.get(i));
      shares.add(new Share(groups.get(i), byTime(lacking) - before));
    }
  }

  /** Of those that had come. */
  public Set<HeldEntries.Id> named() {
    return named;
  }
}
