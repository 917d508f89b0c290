package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When a list is sealed, when it waits, and when it is cut. Each event takes seven bytes. */
class ChunksTest {
  private static final int BYTES = 7;
  private static final int ENOUGH = 4;
  private static final int CHUNK_EVENTS = 8;

  /** What the next event may take. */
  private static final int NEXT = 16;

  private static final int USUAL = 12 * BYTES + NEXT;
  private static final int MOST = 17 * BYTES + NEXT;

  private final Chunks chunks =
      new Chunks(new Chunks.Limits(ENOUGH, CHUNK_EVENTS, 1_000, USUAL, MOST));
  private long next;
  private long number;

  private void append(int events) {
    for (int i = 0; i < events; i++) {
      chunks.append(next, EventHash.stored(next++ << 40));
    }
  }

  private Chunks.Division position(boolean last) {
    return chunks.divide(0, next, ++number, last);
  }

  private void usable() {
    chunks.storedTogether();
    chunks.firstSlotIsStored(0);
  }

  /** What is on its way is listed as long as a position has no more than so many events. */
  private static Chunks usableUpTo(int events) {
    Chunks chunks =
        new Chunks(new Chunks.Limits(ENOUGH, CHUNK_EVENTS, 1_000, events * BYTES, MOST));
    chunks.storedTogether();
    chunks.firstSlotIsStored(0);
    return chunks;
  }

  private static int size(Chunks.Division division) {
    return ListedIds.joined(division.ids()).size();
  }

  @Test
  void withoutChunksItIsWaitedForWordWhenThereIsNoRoomForTwoEvents() {
    append(14);
    position(true);
    assertFalse(chunks.shouldWait(0, next));
    append(1);
    assertTrue(chunks.shouldWait(0, next));
    assertFalse(chunks.shouldWait(1, next), "the first is listed no longer");
  }

  @Test
  void withChunksItIsWaitedForWordWhenAPositionIsAsLongAsUsual() {
    usable();
    append(1);
    position(true);
    append(11);
    assertFalse(chunks.shouldWait(0, next));
    append(1);
    assertTrue(chunks.shouldWait(0, next));
    chunks.waitedInVain();
    assertFalse(chunks.shouldWait(0, next), "nobody says anything");
    chunks.stored(new StoredOffsets(Map.of(), 0));
    assertTrue(chunks.shouldWait(0, next), "somebody does");
    chunks.stored(new StoredOffsets(Map.of(0, number), number));
    assertFalse(chunks.shouldWait(0, next), "all that was handed on is known");
  }

  @Test
  void whereRecordsAreSeenBeforeTheirOffsetsThereIsNoWordToWaitFor() {
    append(30);
    position(true);
    assertTrue(chunks.shouldWait(0, next));
    chunks.storedApart();
    assertFalse(chunks.shouldWait(0, next));
    chunks.storedTogether();
    assertTrue(chunks.shouldWait(0, next));
    chunks.storedApart();
    assertTrue(chunks.shouldWait(0, next), "once they are seen together they are");
  }

  @Test
  void aListIsCutWhenItHasMoreThanThereIsRoomFor() {
    append(MOST / BYTES);
    assertFalse(chunks.isTooFull(0, next));
    append(1);
    assertTrue(chunks.isTooFull(0, next));
    assertFalse(chunks.isTooFull(1, next));
  }

  /** A build before listed whatever it took: room for five more than that. */
  @Test
  void theRoomOfALongListShrinksWithIt() {
    append(50);
    chunks.loadedRest(next);
    append(5);
    assertFalse(chunks.isTooFull(0, next));
    chunks.divide(20, next, ++number, false);
    append(5);
    assertFalse(chunks.isTooFull(20, next));
    append(1);
    assertTrue(chunks.isTooFull(20, next));
    chunks.divide(50, next, ++number, false);
    append(MOST / BYTES);
    assertFalse(chunks.isTooFull(next - MOST / BYTES, next), "it is never less than usual");
    assertTrue(chunks.isTooFull(next - MOST / BYTES - 1, next));
  }

  /** Of chunks so many may be stored: then the oldest has to go before there is another. */
  @Test
  void aListIsCutWhenTheNextChunkNeedsTheSlotOfTheOldest() {
    usable();
    for (int slot = 1; slot < StoredChunk.SLOTS; slot++) {
      append(1);
      chunks.loaded(StoredChunk.of(slot, slot, ListedIds.NONE), next - 1, next);
    }
    chunks.loadedRest(next);
    append(ENOUGH - 1);
    assertFalse(chunks.isTooFull(0, next), "the rest is too short for a chunk");
    append(1);
    assertTrue(chunks.isTooFull(0, next));
    assertFalse(chunks.isTooFull(1, next), "nothing of the oldest is listed any more");
  }

  @Test
  void aSlotIsFreeUntilAllAreTaken() {
    usable();
    for (int slot = 1; slot < StoredChunk.SLOTS - 1; slot++) {
      append(1);
      chunks.loaded(StoredChunk.of(slot, slot, ListedIds.NONE), next - 1, next);
    }
    chunks.loadedRest(next);
    append(2 * ENOUGH);
    assertFalse(chunks.isTooFull(0, next));
    number = 100;
    assertEquals(StoredChunk.SLOTS - 1, position(false).own().slot());
  }

  // ---- what is sealed, and how it is carried

  @Test
  void theRestIsSealedWhenItIsLongEnough() {
    usable();
    append(ENOUGH - 1);
    assertNull(position(false).own());
    append(1);
    Chunks.Division carrier = position(false);
    assertEquals(1, carrier.own().slot());
    assertEquals(ENOUGH, carrier.own().ids().size());
    assertEquals(0, size(carrier), "it is in the chunk");
    assertEquals(ENOUGH, size(chunks.show(0, next)), "and in each other position");
  }

  @Test
  void withoutChunksNothingIsSealed() {
    append(3 * ENOUGH);
    assertNull(position(false).own());
    chunks.storedTogether();
    assertNull(position(false).own(), "the first slot has no position yet");
    chunks.stored(new StoredOffsets(Map.of(0, 1L), 1));
    assertNotNull(position(false).own());
  }

  @Test
  void aChunkHasNoMoreEventsAndBytesThanItMay() {
    usable();
    append(CHUNK_EVENTS + 3);
    assertEquals(CHUNK_EVENTS, position(false).own().ids().size());
    Chunks small = new Chunks(new Chunks.Limits(ENOUGH, CHUNK_EVENTS, 5 * BYTES, USUAL, MOST));
    small.storedTogether();
    small.firstSlotIsStored(0);
    for (int i = 0; i < CHUNK_EVENTS; i++) {
      small.append(i, (long) i << 40);
    }
    assertEquals(5, small.divide(0, CHUNK_EVENTS, 1, false).own().ids().size());
  }

  /** People look into the first slot. */
  @Test
  void theLastOfABatchIsStoredInTheFirstSlotUnlessRoomIsShort() {
    usable();
    append(ENOUGH);
    assertNull(position(true).own());
    assertNotNull(position(false).own());
    int half = 7;
    Chunks other = usableUpTo(2 * half);
    for (int i = 0; i <= half; i++) {
      other.append(i, (long) i << 40);
    }
    assertNull(other.divide(0, half, 1, true).own(), "half of what is usual");
    assertNotNull(other.divide(0, half + 1, 2, true).own(), "and more than that");
  }

  @Test
  void aChunkIsNamedWhenACarrierIsStored() {
    usable();
    append(ENOUGH);
    StoredChunk own = position(false).own();
    assertEquals(List.of(), chunks.show(0, next).others(), "there is no word of it");
    chunks.stored(new StoredOffsets(Map.of(0, number), number));
    assertEquals(List.of(), chunks.show(0, next).others(), "another slot's");
    chunks.stored(new StoredOffsets(Map.of(own.slot(), number - 1), number));
    assertEquals(List.of(), chunks.show(0, next).others(), "what was stored there before");
    chunks.stored(new StoredOffsets(Map.of(own.slot(), number), number));
    assertEquals(List.of(own), chunks.show(0, next).others());
    assertEquals(0, size(chunks.show(0, next)));
    assertEquals(List.of(), chunks.show(ENOUGH, next).others(), "nothing of it is listed");
    assertNull(position(false).own(), "it needs no more carriers");
  }

  @Test
  void aChunkHasSoManyCarriersAndOthersIfAllAreDropped() {
    usable();
    append(ENOUGH);
    StoredChunk first = position(false).own();
    for (int i = 1; i < 16; i++) {
      assertEquals(first, position(false).own(), "carrier " + i);
    }
    assertNull(position(false).own());
    chunks.stored(new StoredOffsets(Map.of(0, number), number - 2));
    assertNull(position(false).own(), "the last carrier may still get there");
    chunks.stored(new StoredOffsets(Map.of(0, number), number));
    assertEquals(first, position(false).own(), "none of them has");
    for (int i = 1; i < 32; i++) {
      assertEquals(first, position(false).own(), "carrier " + i + " of twice as many");
    }
    assertNull(position(false).own());
  }

  @Test
  void aSlotIsTakenAgainWhenNothingOfItsChunkIsListed() {
    usable();
    append(ENOUGH);
    StoredChunk first = position(false).own();
    append(ENOUGH);
    assertEquals(first, chunks.divide(ENOUGH - 1, next, ++number, false).own(), "one is");
    StoredChunk again = chunks.divide(ENOUGH, next, ++number, false).own();
    assertEquals(first.slot(), again.slot());
    assertTrue(again.number() > first.number());
    assertTrue(chunks.isNeeded(5, 4));
    assertFalse(chunks.isNeeded(4, 4));
  }

  /** So many carriers of the chunk that is sealed now have been handed on. */
  private StoredChunk carriedInVain() {
    append(CHUNK_EVENTS);
    StoredChunk sealed = position(false).own();
    while (sealed.equals(position(false).own())) {
      // the next carrier
    }
    return sealed;
  }

  /** Of older chunks there is word sooner; without room they have to be believed to get through. */
  @Test
  void whereThereIsNoRoomTheOlderOnesOfThoseOnTheirWayAreNamed() {
    usable();
    StoredChunk first = carriedInVain();
    assertEquals(List.of(), chunks.show(0, next).others());
    assertEquals(CHUNK_EVENTS, size(chunks.show(0, next)));
    carriedInVain();
    append(2);
    Chunks.Division division = chunks.show(0, next);
    assertEquals(List.of(first), division.others());
    assertEquals(CHUNK_EVENTS + 2, size(division), "the newer one, and the rest");
    chunks.stored(new StoredOffsets(Map.of(0, number), number));
    division = chunks.show(0, next);
    assertEquals(List.of(first), division.others(), "and so where both were dropped");
    assertEquals(CHUNK_EVENTS + 2, size(division));
  }

  /** The chunk that a carrier holds takes of its room, and so does what is on its way besides. */
  @Test
  void whatACarrierHoldsLeavesSoMuchLessRoomForTheOthers() {
    Chunks exact = usableUpTo(ENOUGH + CHUNK_EVENTS + 2);
    int listed = ENOUGH;
    for (int i = 0; i < ENOUGH + CHUNK_EVENTS + 3; i++) {
      exact.append(i, (long) i << 40);
    }
    StoredChunk first = exact.divide(0, listed, 1, false).own();
    while (exact.divide(0, listed, 1, false).own() != null) {
      // the next carrier
    }
    listed += CHUNK_EVENTS;
    for (int carrier = 0; carrier < 2; carrier++) {
      Chunks.Division division = exact.divide(0, listed, 2, false);
      assertNotNull(division.own());
      assertEquals(List.of(), division.others(), "carrier " + carrier);
      assertEquals(ENOUGH, size(division), "the first is listed");
    }
    assertEquals(List.of(), exact.divide(0, listed + 2, 3, false).others(), "there is just room");
    assertEquals(List.of(first), exact.divide(0, listed + 3, 4, false).others());
  }
}
