package io.github.allsourceconnect.source.decision.position;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * How the list of a position is divided. Under exactly-once older events of the list are sealed:
 * such a chunk is stored once in a slot of its own and named from then on, so that a position stays
 * small however many events it lists.
 *
 * <pre>
 *   listed  41 ... 104 | 105 ... 168 | 169 ... 190 | 191 ... 230
 *             chunk        chunk         chunk        the rest
 *             stored:      stored:       on its way:  in each position
 *             named        named         in each position, too
 * </pre>
 *
 * <p>Each record has the position after it. A chunk gets into the store with the positions of some
 * records in a row, its carriers: those are stored in its slot instead of the first one, and hold
 * the chunk beside all that a position has. So whichever records a transformation drops, the stored
 * position with the highest number is whole by itself.
 *
 * <p>Invariants: each listed event is in the rest or in a chunk. A chunk is named when Connect has
 * said that a carrier is stored, and before that only where the position has no room to list it; if
 * every carrier was dropped it gets others. There are chunks only where records and offsets are
 * seen together or not at all, and where the first slot has a position. A slot is begun anew once
 * no event of its chunk is listed: the carrier that does it is the newest position itself. Not
 * thread-safe.
 */
public class Chunks {
  /**
   * Bounds.
   *
   * @param enough events of the rest from which on it is sealed, if the whole list is short
   * @param chunkEvents events of a chunk at most
   * @param chunkBytes and their bytes
   * @param usualBytes bytes up to which a position lists what is on its way to the store
   * @param bytes bytes of what a position lists at most
   */
  public record Limits(int enough, int chunkEvents, int chunkBytes, int usualBytes, int bytes) {
    /** Those of a task: with base64 and all else a position stays below 8 KB. */
    public static final Limits OF_A_TASK = new Limits(64, 256, 2_000, 2_000, 3_300);
  }

  /** How many records in a row carry a chunk, and how many when whole chunks were dropped. */
  private static final int CARRIERS = 16;

  private static final int CARRIERS_MAX = 256;

  /** The more events are listed, the larger chunks are: there shall be about so many. */
  private static final int USUAL = 16;

  private static final int EVENT_BYTES_MAX = 16;

  private enum State {
    /** No carrier has been handed on. */
    SEALED,
    /** Carriers have been handed on, and there is no word of them yet. */
    CARRIED,
    /** All of them were dropped. */
    DROPPED,
    STORED
  }

  /** Whether chunks get through. */
  private enum Trust {
    UNKNOWN,
    TRUSTED,
    DOUBTED,
    /** Nobody says. */
    UNHEARD
  }

  private static final class Chunk {
    private final StoredChunk stored;
    private final long from;
    private final long to;
    private final long bytes;
    private State state;
    private int carriersLeft;
    private long firstCarrier;
    private long lastCarrier;

    private Chunk(StoredChunk stored, long from, long to, long bytes, State state) {
      this.stored = stored;
      this.from = from;
      this.to = to;
      this.bytes = bytes;
      this.state = state;
    }
  }

  /** What a position has of the list. */
  record Division(List<ListedIds> ids, StoredChunk own, List<StoredChunk> others) {}

  private final Limits limits;
  private final ListedEvents events = new ListedEvents();

  /** In order; each begins where the one before ends. */
  private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();

  private final BitSet taken = new BitSet(StoredChunk.SLOTS);
  private Chunk carrying;
  private long restFrom;
  private boolean together;
  private boolean apart;
  private boolean firstSlotStored;
  private Trust trust = Trust.UNKNOWN;
  private int carriers = CARRIERS;
  private long room;
  private long lastNumber;
  private long knownUpTo;

  /** Nothing is listed yet. */
  public Chunks(Limits limits) {
    this.limits = limits;
    room = limits.bytes;
    taken.set(0);
  }

  /** An event was produced; they have running numbers from 0 on. */
  void append(long micros, long hash) {
    events.append(micros, hash);
  }

  // ---- what Connect says

  /**
   * The first slot has a position.
   *
   * @param number the highest one of all that are stored
   */
  void firstSlotIsStored(long number) {
    firstSlotStored = true;
    lastNumber = number;
    knownUpTo = number;
  }

  /** The events just appended, from this one on, are a chunk that was read from the store. */
  void loaded(StoredChunk chunk, long from, long to) {
    taken.set(chunk.slot());
    chunks.add(new Chunk(chunk, from, to, events.bytes(from, to), State.STORED));
    restFrom = to;
  }

  /**
   * What was appended behind the chunks that were read is listed, and somewhat more: task after
   * task may add to it, so the room does not grow with each. A longer list is one of a build
   * before, which listed whatever it took.
   */
  void loadedRest(long next) {
    long slack = (long) limits.bytes - limits.usualBytes;
    long loaded = events.bytes(restFrom, next);
    long most = limits.bytes + slack;
    boolean isOfBuildBefore = loaded > 2 * most;
    room =
        isOfBuildBefore ? loaded + slack : Math.min(most, Math.max(limits.bytes, loaded + slack));
  }

  /** What is handed on together is seen together, or not at all. */
  void storedTogether() {
    together = true;
    apart = false;
  }

  /** Records are seen before their offsets are. */
  void storedApart() {
    apart = !together;
  }

  /** A transaction is over. */
  void stored(StoredOffsets stored) {
    firstSlotStored |= stored.numbers().containsKey(0);
    knownUpTo = Math.max(knownUpTo, stored.upTo());
    trust = trust == Trust.UNHEARD ? Trust.UNKNOWN : trust;
    for (Chunk chunk : chunks) {
      if (chunk.state == State.CARRIED) {
        judge(chunk, stored);
      }
    }
  }

  private void judge(Chunk chunk, StoredOffsets stored) {
    if (stored.numbers().getOrDefault(chunk.stored.slot(), 0L) >= chunk.firstCarrier) {
      chunk.state = State.STORED;
      trust = Trust.TRUSTED;
      carriers = Math.max(CARRIERS, carriers / 2);
      if (carrying == chunk) {
        carrying = null;
      }
    } else if (carrying != chunk && stored.upTo() >= chunk.lastCarrier) {
      chunk.state = State.DROPPED;
      trust = Trust.DOUBTED;
      carriers = Math.min(CARRIERS_MAX, carriers * 2);
    }
  }

  /** Nothing was heard of what was handed on, and there is no more waiting for it. */
  void waitedInVain() {
    trust = Trust.UNHEARD;
  }

  // ---- what there is room for

  private long bytesOf(State state) {
    long bytes = 0;
    for (Chunk chunk : chunks) {
      bytes += chunk.state == state ? chunk.bytes : 0;
    }
    return bytes;
  }

  private long restBytes(long listed, long next) {
    return events.bytes(Math.max(listed, restFrom), next);
  }

  /** Bytes of what only the positions themselves can tell. */
  private long least(long listed, long next) {
    return restBytes(listed, next) + bytesOf(State.SEALED);
  }

  /** Whether the list must be cut: what is next to be a chunk needs the slot of the oldest one. */
  boolean isTooFull(long listed, long next) {
    return least(listed, next) > room || (isUsable() && !hasSlot(listed) && isEnough(listed, next));
  }

  private boolean hasSlot(long listed) {
    int free = StoredChunk.SLOTS - taken.cardinality();
    return free > 0 || chunks.stream().anyMatch(chunk -> !isNeeded(chunk.to, listed));
  }

  /** Whether the rest is long enough to be sealed. */
  private boolean isEnough(long listed, long next) {
    long enough = Math.max(limits.enough, Math.min(limits.chunkEvents, (next - listed) / USUAL));
    return next - Math.max(listed, restFrom) >= enough;
  }

  /**
   * Whether the next event had better wait for word of what was handed on: without it, it is not
   * known whether there are chunks at all, or whether they get through.
   */
  boolean shouldWait(long listed, long next) {
    boolean decided = trust == Trust.TRUSTED || trust == Trust.UNHEARD;
    if (apart || decided || lastNumber <= knownUpTo) {
      return false;
    }
    long bytes = least(listed, next) + EVENT_BYTES_MAX;
    return isUsable()
        ? bytes + bytesOf(State.CARRIED) + bytesOf(State.DROPPED) > limits.usualBytes
        : bytes + EVENT_BYTES_MAX
            > room; // behind the word one more is listed before the first chunk
  }

  private boolean isUsable() {
    return together && firstSlotStored;
  }

  // ---- positions

  /**
   * The list, divided for the next position.
   *
   * @param number the position's
   * @param last whether it is that of the last record of a batch, which is stored in the first slot
   *     where that is possible: people look there
   */
  Division divide(long listed, long next, long number, boolean last) {
    forgetBefore(listed);
    events.forgetBefore(listed);
    if (room > limits.bytes) {
      long slack = (long) limits.bytes - limits.usualBytes;
      room = Math.max(limits.bytes, Math.min(room, least(listed, next) + slack));
    }
    lastNumber = number;
    if (isUsable() && carrying == null) {
      carrying = toCarry(listed, next, number);
    }
    boolean urgent = least(listed, next) > limits.usualBytes / 2;
    if (carrying == null || (last && !urgent)) {
      return divide(null, listed, next);
    }
    Chunk own = carrying;
    Division division = divide(own, listed, next);
    carried(own, number, restBytes(listed, next));
    return division;
  }

  private void carried(Chunk own, long number, long restBytes) {
    if (own.state != State.CARRIED) {
      own.state = State.CARRIED;
      own.firstCarrier = number;
      own.carriersLeft = carriers;
    }
    own.lastCarrier = number;
    if (--own.carriersLeft == 0 || own.bytes + restBytes > carrierBytes()) {
      carrying = null;
    }
  }

  /** What a carrier lists at most: somewhat more, so that a chunk of a long list has carriers. */
  private long carrierBytes() {
    return limits.bytes * 6L / 5;
  }

  /** The same without consequences. */
  Division show(long listed, long next) {
    return divide(null, listed, next);
  }

  private Division divide(Chunk own, long listed, long next) {
    long left = limits.usualBytes - least(listed, next);
    left -= own == null || own.state == State.SEALED ? 0 : own.bytes;
    // the newest ones are listed as far as there is room: of the older ones there is word sooner
    long listedFrom = restFrom;
    for (var all = chunks.descendingIterator(); all.hasNext(); ) {
      Chunk chunk = all.next();
      if (chunk != own && (chunk.state == State.CARRIED || chunk.state == State.DROPPED)) {
        left -= chunk.bytes;
        if (left < 0) {
          break;
        }
        listedFrom = chunk.from;
      }
    }
    // each record has a position, and most have no chunks
    List<ListedEvents.Stretch> stretches = new ArrayList<>(chunks.size() + 1);
    List<StoredChunk> others = new ArrayList<>(chunks.size());
    for (Chunk chunk : chunks) {
      if (chunk == own || chunk.to <= listed) {
        continue;
      }
      if (mayBeNamed(chunk.state == State.STORED)
          || (chunk.state != State.SEALED && chunk.from < listedFrom)) {
        others.add(chunk.stored);
      } else {
        stretches.add(events.stretch(Math.max(listed, chunk.from), chunk.to));
      }
    }
    stretches.add(events.stretch(Math.max(listed, restFrom), next));
    return new Division(
        List.of(ListedIds.of(stretches)), own == null ? null : own.stored, List.copyOf(others));
  }

  /** Whether a chunk may be named where there is room to list it. */
  protected boolean mayBeNamed(boolean isStored) {
    return isStored;
  }

  private void forgetBefore(long listed) {
    while (!chunks.isEmpty() && !isNeeded(chunks.peek().to, listed)) {
      Chunk gone = chunks.poll();
      taken.clear(gone.stored.slot());
      if (carrying == gone) {
        carrying = null;
      }
    }
  }

  /** Whether a chunk that ends before {@code to} has an event from {@code listed} on. */
  public boolean isNeeded(long to, long listed) {
    return to > listed;
  }

  private Chunk toCarry(long listed, long next, long number) {
    for (Chunk chunk : chunks) {
      if (chunk.state == State.SEALED || chunk.state == State.DROPPED) {
        return chunk;
      }
    }
    int slot = taken.nextClearBit(0);
    if (!isEnough(listed, next) || slot >= StoredChunk.SLOTS) {
      return null;
    }
    long from = Math.max(listed, restFrom);
    return seal(slot, number, from, Math.min(next, from + limits.chunkEvents));
  }

  private Chunk seal(int slot, long number, long from, long end) {
    long to = end;
    while (events.bytes(from, to) > limits.chunkBytes) {
      to--;
    }
    ListedIds ids = ListedIds.of(List.of(events.stretch(from, to)));
    StoredChunk stored = StoredChunk.of(slot, number, ids);
    Chunk chunk = new Chunk(stored, from, to, events.bytes(from, to), State.SEALED);
    taken.set(slot);
    chunks.add(chunk);
    restFrom = to;
    return chunk;
  }
}
