package io.github.allsourceconnect.source.decision.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.JsonFields;
import io.github.allsourceconnect.source.decision.position.IdSum;
import io.github.allsourceconnect.source.decision.position.Losses.Micros;
import io.github.allsourceconnect.source.decision.position.MarkTotals;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Decides what the ledger topic says, and when: marks and notices.
 *
 * <p>A mark covers the events produced since the mark before it, and stands behind them in the same
 * batch as the last of them. So, at any moment:
 *
 * <pre>
 *   events since the series began = sum of all marks' events + events since the last mark
 * </pre>
 *
 * <p>and the same of their digests. What is counted is stored with each position ({@link #stamp}),
 * so that the next task goes on where the stored records end. A mark is given when the interval is
 * over and whenever there is a notice. Not thread-safe; knows no clock.
 */
public class TopicLedger {
  private static final int NOTICES_MAX = 100;
  private static final long PROGRESS_MS = 10_000;
  private static final long LOOK_MS = 100;

  /** A notice that waits for the next batch. */
  private record Notice(String type, JsonFields fields) {}

  private final String leaderName;
  private final long intervalMs;
  private final List<Notice> notices = new ArrayList<>();
  private final LedgerChanges changes;
  private MarkTotals totals;
  private long markedAtMs;
  private long lookedAtMs;
  private long lastMarkMs;
  private long records;

  /**
   * Goes on with what the position says, or begins a series.
   *
   * @param configuration tells one configuration from another
   * @param wallMs milliseconds since 1970
   */
  public TopicLedger(
      String leaderName,
      long intervalMs,
      String configuration,
      SourcePosition start,
      long nowMs,
      long wallMs) {
    this.leaderName = leaderName;
    this.intervalMs = intervalMs;
    changes = new LedgerChanges(start, nowMs, PROGRESS_MS);
    markedAtMs = nowMs;
    lookedAtMs = nowMs;
    MarkTotals stored = start.marks();
    boolean goesOn = !stored.series().isEmpty() && !start.altered();
    totals =
        goesOn
            ? stored.under(configuration)
            : MarkTotals.begun(Long.toString(wallMs, Character.MAX_RADIX), configuration);
    add(
        "started",
        new JsonFields().put("goes_on_from", start.summary()).put("series_begins", !goesOn));
    if (goesOn && !stored.configuration().equals(configuration)) {
      add(
          "configuration_changed",
          new JsonFields().put("before", stored.configuration()).put("now", configuration));
    }
  }

  /** What the events that are produced now carry: the mark that will cover them. */
  public String markName() {
    return totals.series() + "/" + (totals.mark() + 1);
  }

  /** An event gets a record in the batch that is being filled. */
  public void produced(Event event) {
    totals = totals.plus(IdSum.ZERO.plus(event.idHigh(), event.idLow()));
  }

  /** The settings leave an event out; the position passes it. */
  public void leftOut() {
    totals = totals.plusLeftOut();
  }

  /** Something that only the surroundings know. */
  public void say(String type, JsonFields fields) {
    add(type, fields);
  }

  private void add(String type, JsonFields fields) {
    if (notices.size() < NOTICES_MAX) {
      notices.add(new Notice(type, fields));
    }
  }

  /** Whether {@link #look} may find something: not more often than it is worth. */
  public boolean wantsLook(long nowMs) {
    return nowMs - lookedAtMs >= LOOK_MS;
  }

  /** Finds out what has changed. */
  public void look(LedgerView view) {
    lookedAtMs = view.nowMs();
    changes.look(view, this::add);
  }

  /** Whether a batch is due for a mark or a notice alone. */
  public boolean isDue(long nowMs) {
    return !notices.isEmpty() || nowMs - markedAtMs >= intervalMs;
  }

  /** When {@link #isDue} or {@link #wantsLook} is true at the latest. */
  public long dueAtMs() {
    return notices.isEmpty() ? Math.min(markedAtMs + intervalMs, lookedAtMs + LOOK_MS) : 0;
  }

  /**
   * What stands at the end of the batch that is closed now; empty if nothing is due.
   *
   * @param after the position after the batch
   */
  public List<LedgerRecord> close(LedgerView view, SourcePosition after) {
    look(view);
    changes.leader(after.leader(), this::add);
    if (!isDue(view.nowMs())) {
      return List.of();
    }
    List<LedgerRecord> due = new ArrayList<>();
    for (Notice notice : notices) {
      due.add(record(notice.type(), notice.fields(), view, after));
    }
    notices.clear();
    due.add(mark(view, after));
    markedAtMs = view.nowMs();
    lastMarkMs = view.wallMs();
    return due;
  }

  private LedgerRecord mark(LedgerView view, SourcePosition after) {
    MarkTotals now = totals;
    totals = now.marked();
    long watermark = after.produced().watermarkMicros();
    boolean known = watermark > Long.MIN_VALUE + 1;
    JsonFields fields =
        new JsonFields()
            .put("leader", after.leader().isEmpty() ? null : after.leader())
            .put("wal_offset", after.walOffset())
            .put("whole_up_to", known ? Micros.text(watermark) : null)
            .put("events", now.sinceEvents())
            .put("digest", now.sinceDigest().text())
            .put("total_events", now.events())
            .put("total_digest", now.digest().text())
            .put("left_out", now.sinceLeftOut())
            .put("total_left_out", now.leftOut())
            .put("missing", view.counts().open)
            .put("unaccounted", after.losses().events())
            .put("refused", after.losses().noted() + after.losses().skipped())
            .put("confirmed", view.left().confirmed())
            .put("filtered", view.left().filtered())
            .put("dropped", view.left().dropped())
            .put("snapshot_done", view.snapshotDone());
    return record("mark", fields, view, after);
  }

  private LedgerRecord record(
      String type, JsonFields fields, LedgerView view, SourcePosition after) {
    JsonFields whole =
        new JsonFields()
            .put("type", type)
            .put("series", totals.series())
            .put("mark", type.equals("mark") ? totals.mark() : totals.mark() + 1)
            .put("leader_name", leaderName)
            .put("position", after.number())
            .put("at", Micros.text(view.wallMs() * 1000))
            .putAll(fields);
    records++;
    String name = totals.series() + "/" + after.number() + "/" + records;
    UUID id = UUID.nameUUIDFromBytes(name.getBytes(UTF_8));
    return new LedgerRecord(
        type,
        EventIds.text(id.getMostSignificantBits(), id.getLeastSignificantBits()),
        view.wallMs(),
        whole.end());
  }

  /** The position with what was counted up to it. */
  public SourcePosition stamp(SourcePosition position) {
    return position.with(totals);
  }

  /** When the last mark was given, milliseconds since 1970; 0 for none. */
  public long lastMarkMs() {
    return lastMarkMs;
  }
}
