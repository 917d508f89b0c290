package io.github.allsourceconnect.sink.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Whom not to believe, and where Connect has to begin anew. */
class LogTrustTest {
  private static final LogIdentity OLD = new LogIdentity("cluster", "old");
  private static final LogIdentity NEW = new LogIdentity("cluster", "new");

  private final LogTrust trust = new LogTrust();

  private static Stored stored(long offset, LogIdentity log, long reached, long doubtful) {
    return new Stored(offset, new CommitNote(log, reached, doubtful, 0));
  }

  @Test
  void nothingIsServedBeforeALogIsSeen() {
    assertEquals(0, trust.number());
    assertFalse(trust.serves(0));
    assertFalse(trust.isPlaced());
    assertTrue(trust.isNewer(new SeenLog(OLD, 1)));
    assertNull(trust.serve(new SeenLog(OLD, 1)));
    assertTrue(trust.serves(1));
    assertFalse(trust.isNewer(new SeenLog(OLD, 1)));
    assertTrue(trust.isNewer(new SeenLog(NEW, 2)));
    assertFalse(trust.isPlaced());
    assertNull(trust.ends(0));
    assertTrue(trust.isPlaced());
    assertFalse(trust.isDoubtful(0));
    assertFalse(trust.isDoubtful(1));
  }

  @Test
  void whatIsServedOnIsBelievedAsBefore() {
    assertNull(trust.stored(stored(60, OLD, 100, 7)));
    assertNull(trust.serve(new SeenLog(OLD, 1)));
    assertNull(trust.ends(80));
    assertEquals(60, trust.committedBefore());
    assertEquals(7, trust.doubtfulUpTo());
    assertTrue(trust.isDoubtful(7));
    assertFalse(trust.isDoubtful(8));
    assertEquals(0, trust.epoch());
  }

  @Test
  void ofAnotherLogNothingCountsThatWasCommitted() {
    assertNull(trust.serve(new SeenLog(NEW, 1)));
    assertNotNull(trust.stored(stored(60, OLD, 100, 7)));
    assertEquals(-1, trust.committedBefore());
    assertEquals(100, trust.doubtfulUpTo());
    assertEquals(1, trust.epoch());
    assertEquals(-1, trust.anewFrom());
  }

  /** Once, when it is known where the log ends. */
  @Test
  void aConnectThatIsLostBeginsAnewWithWhatWasCommitted() {
    trust.connectIsLost();
    trust.stored(stored(60, OLD, 100, 7));
    trust.serve(new SeenLog(OLD, 1));
    assertEquals(0, trust.epoch());
    assertNull(trust.ends(80));
    assertEquals(1, trust.epoch());
    assertEquals(60, trust.anewFrom());
    assertEquals(60, trust.committedBefore());
    assertEquals(7, trust.doubtfulUpTo(), "nobody is to be doubted for it");
    trust.ends(90);
    assertEquals(1, trust.epoch());
  }

  /** As when it knew where it reads: where what was committed is of no use, at the beginning. */
  @Test
  void aConnectThatIsLostBeginsAnewOnlyOnce() {
    trust.connectIsLost();
    trust.stored(stored(60, OLD, 100, 7));
    trust.serve(new SeenLog(NEW, 1));
    trust.ends(80);
    assertEquals(1, trust.epoch());
    assertEquals(-1, trust.anewFrom());
    LogTrust other = new LogTrust();
    other.connectIsLost();
    other.stored(stored(60, OLD, 100, 7));
    other.serve(new SeenLog(OLD, 1));
    assertNotNull(other.ends(50));
    assertEquals(1, other.epoch());
    assertEquals(-1, other.anewFrom());
    LogTrust fresh = new LogTrust();
    fresh.connectIsLost();
    fresh.stored(Stored.NOTHING);
    fresh.serve(new SeenLog(OLD, 1));
    fresh.ends(50);
    assertEquals(1, fresh.epoch());
    assertEquals(-1, fresh.anewFrom());
  }

  @Test
  void theHighestOfWhatWasNotedCounts() {
    trust.serve(new SeenLog(NEW, 1));
    trust.stored(stored(300, OLD, 100, 7));
    assertEquals(300, trust.doubtfulUpTo(), "more was committed than was noted");
    LogTrust other = new LogTrust();
    other.serve(new SeenLog(NEW, 1));
    other.stored(stored(60, OLD, 100, 500));
    assertEquals(500, other.doubtfulUpTo(), "a log before that one reached further");
  }

  @Test
  void aLogThatReplacesTheServedOneMakesAllDoubtfulThatMayHaveBeenServed() {
    trust.stored(stored(60, OLD, 5_000, 0));
    trust.serve(new SeenLog(OLD, 1));
    trust.ends(80);
    String why = trust.serve(new SeenLog(NEW, 2));
    assertTrue(why.contains("it was topic id old on cluster cluster and is topic id new"), why);
    assertEquals(5_000, trust.doubtfulUpTo(), "a task before may have served so much");
    assertEquals(-1, trust.committedBefore());
    assertEquals(0, trust.reached());
    assertFalse(trust.isPlaced());
    assertEquals(1, trust.epoch());
    trust.ends(6_000);
    trust.serve(new SeenLog(OLD, 3));
    assertEquals(6_000 + LogTrust.MARGIN, trust.doubtfulUpTo());
    assertEquals(2, trust.epoch());
  }

  @Test
  void aCutMakesAllDoubtfulUpToWhereTheLogWas() {
    trust.stored(stored(60, OLD, 100, 0));
    trust.serve(new SeenLog(OLD, 1));
    trust.ends(80);
    trust.reached(90);
    trust.reached(85);
    assertEquals(90, trust.cut(50));
    assertEquals(90 + LogTrust.MARGIN, trust.doubtfulUpTo());
    assertEquals(50, trust.reached());
    assertEquals(50, trust.anewFrom());
    assertEquals(1, trust.epoch());
    assertEquals(-1, trust.committedBefore(), "it is more than there is");
    assertEquals(50, trust.cut(40));
    assertEquals(90 + LogTrust.MARGIN, trust.doubtfulUpTo(), "it never falls");
    assertEquals(2, trust.epoch());
  }

  @Test
  void whatIsCommittedBelowACutStays() {
    trust.stored(stored(60, OLD, 100, 0));
    trust.serve(new SeenLog(OLD, 1));
    trust.cut(60);
    assertEquals(60, trust.committedBefore());
  }

  @Test
  void moreCommittedThanThereIsIsOfAnotherLog() {
    trust.stored(new Stored(20, null));
    trust.serve(new SeenLog(OLD, 1));
    assertNull(trust.ends(20));
    assertEquals(20, trust.committedBefore());
    assertEquals(0, trust.epoch());
    assertEquals("offset 20 is committed but the log ends at 19", trust.ends(19));
    assertEquals(-1, trust.committedBefore());
    assertEquals(20, trust.doubtfulUpTo());
    assertEquals(1, trust.epoch());
    assertEquals(-1, trust.anewFrom());
    assertNull(trust.ends(19), "it is said once");
  }

  @Test
  void theHistoryTellsWhereNothingElseDoesAndOnce() {
    trust.historyOf(OLD, 200);
    assertNull(trust.compareHistory(), "it is not known which log is served");
    trust.serve(new SeenLog(NEW, 1));
    assertNull(trust.compareHistory(), "nor what was committed");
    trust.stored(Stored.NOTHING);
    String why = trust.compareHistory();
    assertTrue(why.contains("the history was that of topic id old on cluster cluster"), why);
    assertEquals(200, trust.doubtfulUpTo());
    assertNull(trust.compareHistory());
    trust.historyOf(OLD, 199);
    assertNull(trust.compareHistory());
    assertEquals(200, trust.doubtfulUpTo());
  }

  @Test
  void theHistoryOfTheServedLogTellsNothing() {
    trust.stored(Stored.NOTHING);
    trust.serve(new SeenLog(NEW, 1));
    assertNull(trust.compareHistory(), "there is none");
    trust.historyOf(NEW, 200);
    assertNull(trust.compareHistory());
    assertEquals(0, trust.doubtfulUpTo());
  }

  @Test
  void whatATaskHasSeenItselfIsNotToldByTheHistory() {
    trust.stored(Stored.NOTHING);
    trust.serve(new SeenLog(OLD, 1));
    trust.serve(new SeenLog(NEW, 2));
    trust.historyOf(OLD, 200_000);
    assertNull(trust.compareHistory());
    assertEquals(LogTrust.MARGIN, trust.doubtfulUpTo());
  }
}
