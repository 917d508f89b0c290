package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.decision.CommitNote;
import io.github.allsourceconnect.sink.decision.CommitPoint;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.LogTrust;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

class PositionTest {
  private static final LogIdentity LOG = new LogIdentity("cluster", "topic");

  private final Position position = new Position(0);

  private static CommitPoint point(int epoch, long anewFrom, long offset, long doubtful) {
    return new CommitPoint(1, epoch, anewFrom, offset, new CommitNote(LOG, 500, doubtful, 0));
  }

  private static CommitNote note(OffsetAndMetadata committed) {
    return CommitNote.of(committed.metadata()).orElseThrow();
  }

  @Test
  void nothingIsCommittedThatWasNotHandedOver() {
    assertNull(position.commit(point(0, 0, 20, 0), 7));
    assertTrue(position.handed(10));
    assertFalse(position.handed(10), "it is no news");
    assertEquals(10, position.commit(point(0, 0, 20, 0), 7).offset());
    position.handed(30);
    assertEquals(20, position.commit(point(0, 0, 20, 0), 7).offset());
  }

  /** Asked for once more in vain, a record is asked for ever more rarely. */
  @Test
  void aRecordIsAskedForOnceMoreWhenNothingComes() {
    assertFalse(position.isQuiet(1_999));
    assertTrue(position.isQuiet(2_000));
    long now = 2_000;
    for (long wait : new long[] {4_000, 8_000, 16_000, 32_000, 64_000, 64_000}) {
      position.askedAgain(now);
      assertFalse(position.isQuiet(now + wait - 1));
      now += wait;
      assertTrue(position.isQuiet(now));
    }
    position.beginsAnew(point(1, 0, 20, 0));
    assertFalse(position.isQuiet(now), "Connect is on its way already");
  }

  /** Connect skips what lies before a place to which it is sent, and commits that place. */
  @Test
  void aRecordIsAskedForOnceMoreFromNoPlaceBehindConnectsBeginning() {
    assertEquals(-1, position.placeFor(5), "it is not known where Connect begins");
    position.begins(10);
    position.handed(10);
    position.begins(20);
    assertEquals(9, position.placeFor(9));
    assertEquals(-1, position.placeFor(10), "it comes by itself");
    assertEquals(-1, position.placeFor(-1), "there is none");
    position.sawRecord();
    position.handed(30);
    assertEquals(9, position.placeFor(9), "what was handed over may all be aborted");
    assertEquals(10, position.placeFor(29), "it was handed over among others");
    assertEquals(-1, position.placeFor(30), "it comes by itself");
  }

  /** What Connect hands over until it has gone back is not counted; then all goes on. */
  @Test
  void connectGoesBackToWhereItBegan() {
    position.begins(10);
    position.handed(30);
    assertEquals(10, position.goesBack());
    assertTrue(position.isRewinding());
    assertFalse(position.handed(40));
    position.hasRewound();
    assertTrue(position.handed(40));
    assertEquals(10, position.goesBack());
  }

  @Test
  void whatConnectReadsIsTheLogThatIsServedOnceItNeedNotBeginAnew() {
    assertEquals(0, position.log());
    position.reads(point(0, 0, 20, 0));
    assertEquals(1, position.log());
    position.reads(CommitPoint.NONE);
    assertEquals(1, position.log(), "where the next one ends is not known yet");
  }

  /** Connect would commit the place without the note, and whom not to believe were forgotten. */
  @Test
  void aPlaceThatDoesNotMoveKeepsItsNote() {
    assertNull(position.unmoved(point(0, 0, -1, 3), 7), "no place is known");
    position.begins(10);
    assertNull(position.unmoved(CommitPoint.NONE, 7));
    assertNull(position.unmoved(point(1, 0, -1, 3), 7), "Connect begins anew soon");
    OffsetAndMetadata unmoved = position.unmoved(point(0, 0, -1, 3), 7);
    assertEquals(10, unmoved.offset());
    assertEquals(LOG, note(unmoved).log());
    assertEquals(3, note(unmoved).doubtfulUpTo());
  }

  @Test
  void nothingIsCommittedBeforeTheLogIsKnown() {
    position.handed(10);
    assertNull(position.commit(CommitPoint.NONE, 7));
  }

  /** A margin stands in for what followers get between two commits. */
  @Test
  void theNoteSaysHowFarFollowersMayGet() {
    position.handed(600);
    CommitNote first = note(position.commit(point(0, 0, 20, 3), 7));
    assertEquals(LOG, first.log());
    assertEquals(500 + Math.max(LogTrust.MARGIN, 2 * 500), first.reached());
    assertEquals(3, first.doubtfulUpTo());
    assertEquals(7, first.atMs());
    assertEquals(500 + LogTrust.MARGIN, note(position.commit(point(0, 0, 20, 3), 8)).reached());
  }

  /** Where it has not come to, nobody has looked. */
  @Test
  void connectIsNotSentBeyondWhereItIsInTheSameLog() {
    position.reads(point(0, 0, -1, 0));
    position.begins(3);
    assertEquals(3, position.beginsAnew(point(1, 10, -1, 0)), "it has handed over nothing yet");
    position.hasRewound();
    position.handed(8);
    assertEquals(8, position.beginsAnew(point(2, 10, -1, 0)));
    position.hasRewound();
    position.handed(12);
    assertEquals(10, position.beginsAnew(point(3, 10, -1, 0)));
    position.hasRewound();
    assertEquals(10, position.beginsAnew(point(4, 20, -1, 0)), "there it was sent to");
    position.hasRewound();
    position.handed(8);
    CommitPoint other = new CommitPoint(2, 5, 10, -1, new CommitNote(LOG, 500, 0, 0));
    assertEquals(10, position.beginsAnew(other), "where it was in another log says nothing");
  }

  @Test
  void whatConnectSaysOfTheLogBeforeIsNotCommitted() {
    position.handed(40);
    CommitPoint anew = point(1, 5, 20, 0);
    assertTrue(position.mustBeginAnew(anew));
    assertNull(position.commit(anew, 7));
    position.beginsAnew(anew);
    assertFalse(position.handed(50), "it has not begun anew yet");
    position.hasRewound();
    assertNull(position.commit(anew, 7));
    position.handed(6);
    assertEquals(6, position.commit(anew, 7).offset());
  }

  /** Nothing is acked yet, but whom not to believe must outlive the task. */
  @Test
  void doubtsAreCommittedAtOnceWithWhereTheLogBegins() {
    position.handed(40);
    assertNull(position.commit(point(0, 5, -1, 0), 7));
    OffsetAndMetadata committed = position.commit(point(0, 5, -1, 300), 7);
    assertEquals(5, committed.offset());
    assertEquals(300, note(committed).doubtfulUpTo());
  }
}
