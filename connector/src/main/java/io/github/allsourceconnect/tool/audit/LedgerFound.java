package io.github.allsourceconnect.tool.audit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.allsourceconnect.tool.audit.decision.LedgerProof;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/**
 * What an audit against a ledger topic found.
 *
 * @param proof what it was found by
 * @param wrong the marks that are wrong
 * @param unmarked records that tell no mark
 * @param stray those of them that stand behind one that does, and are of no repair
 * @param overdue events that no mark covers although they are older than the patience
 * @param once whether an event that is there twice is wrong
 * @param lastMarkMs when the newest mark was written, milliseconds since 1970
 * @param late whether another one should have come since
 */
record LedgerFound(
    LedgerProof proof,
    List<LedgerProof.Wrong> wrong,
    long unmarked,
    long stray,
    long overdue,
    boolean once,
    long lastMarkMs,
    boolean late) {
  private static final String LATE =
      "another mark should have come since: the connector is stopped, or the ledger's end is lost;"
          + " nothing newer than the newest mark is proven";

  int status() {
    if (!wrong.isEmpty() || (once && proof.repeatedEvents() > 0)) {
      return 1;
    }
    return proof.covered() == 0 || stray > 0 || overdue > 0 ? 2 : 0;
  }

  /** The last line. */
  String verdict() {
    return switch (status()) {
      case 0 -> "WHOLE: the topic has what the marks cover, once";
      case 1 ->
          "WRONG: "
              + wrong.size()
              + " marks do not agree with the topic"
              + (once && proof.repeatedEvents() > 0
                  ? ", " + proof.repeatedEvents() + " records repeat an event"
                  : "");
      default ->
          proof.covered() == 0
              ? "NOT JUDGED: no mark covers an event"
              : "NOT JUDGED: what the marks cover is there, but there are "
                  + String.format(Locale.ROOT, "%,d", stray + overdue)
                  + " events more that no mark covers, although it should";
    };
  }

  /** For people. */
  String text() {
    StringBuilder out = new StringBuilder();
    line(out, "marks in the ledger", proof.marks());
    out.append(String.format(Locale.ROOT, "  %-24s %s%n", "the newest of", instant(lastMarkMs)));
    line(out, "events that they cover", proof.covered());
    line(out, "events in the topic", proof.events());
    line(out, "  not covered yet", proof.uncovered());
    line(out, "    and should be", overdue);
    line(out, "  there again", proof.repeatedEvents());
    line(out, "records without a mark", unmarked);
    line(out, "  behind some with one", stray);
    line(out, "marks that are wrong", wrong.size());
    for (LedgerProof.Wrong one : wrong) {
      out.append(
          String.format(
              Locale.ROOT,
              "%n  %s%n    written %s%s%n",
              one.text(),
              one.after() == null ? "" : "after " + one.after() + ", ",
              "until " + one.at()));
    }
    if (late) {
      out.append("\nNote: ").append(LATE).append('\n');
    }
    return out.append('\n').append(verdict()).toString();
  }

  private static Instant instant(long ms) {
    return Instant.ofEpochMilli(ms).truncatedTo(ChronoUnit.SECONDS);
  }

  private static void line(StringBuilder out, String what, long events) {
    out.append(String.format(Locale.ROOT, "  %-28s %,15d%n", what, events));
  }

  /** For machines. */
  String json() {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("verdict", List.of("whole", "wrong", "not_judged").get(status()));
    root.put("marks", proof.marks());
    root.put("newest_mark", instant(lastMarkMs).toString());
    root.put("covered", proof.covered());
    root.put("events", proof.events());
    root.put("uncovered", proof.uncovered());
    root.put("repeated", proof.repeatedEvents());
    root.put("overdue", overdue);
    root.put("unmarked", unmarked);
    root.put("stray", stray);
    ArrayNode array = root.putArray("wrong");
    for (LedgerProof.Wrong one : wrong) {
      array
          .addObject()
          .put("fault", one.fault().name().toLowerCase(Locale.ROOT))
          .put("series", one.series())
          .put("mark", one.mark())
          .put("to", one.to())
          .put("events", one.events())
          .put("there", one.there())
          .put("after", one.after())
          .put("at", one.at());
    }
    if (late) {
      root.putArray("notes").add(LATE);
    }
    return root.toString();
  }
}
