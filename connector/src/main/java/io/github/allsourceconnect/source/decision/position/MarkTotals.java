package io.github.allsourceconnect.source.decision.position;

/**
 * What the ledger topic has counted, as a position carries it: stored with the records that it is
 * about, it goes on after a restart where they end. Immutable.
 *
 * @param series names the numbering of marks; empty where there is no ledger
 * @param mark how many marks were given in the series
 * @param events events produced since the series began
 * @param digest over their ids
 * @param sinceEvents those of them that no mark covers yet
 * @param sinceDigest over the ids of those
 * @param leftOut events that the settings left out since the series began
 * @param sinceLeftOut those of them that no mark tells of yet
 * @param configuration tells one configuration from another
 */
public record MarkTotals(
    String series,
    long mark,
    long events,
    IdSum digest,
    long sinceEvents,
    IdSum sinceDigest,
    long leftOut,
    long sinceLeftOut,
    String configuration) {
  /** There is no ledger. */
  public static final MarkTotals NONE = begun("", "");

  /** Nothing was counted. */
  public static MarkTotals begun(String series, String configuration) {
    return new MarkTotals(series, 0, 0, IdSum.ZERO, 0, IdSum.ZERO, 0, 0, configuration);
  }

  /** One more event. */
  public MarkTotals plus(IdSum id) {
    return new MarkTotals(
        series,
        mark,
        events + 1,
        digest.plus(id),
        sinceEvents + 1,
        sinceDigest.plus(id),
        leftOut,
        sinceLeftOut,
        configuration);
  }

  /** One more event that the settings left out. */
  public MarkTotals plusLeftOut() {
    return new MarkTotals(
        series,
        mark,
        events,
        digest,
        sinceEvents,
        sinceDigest,
        leftOut + 1,
        sinceLeftOut + 1,
        configuration);
  }

  /** After one more mark, which tells of all. */
  public MarkTotals marked() {
    return new MarkTotals(
        series, mark + 1, events, digest, 0, IdSum.ZERO, leftOut, 0, configuration);
  }

  /** The same under another configuration. */
  public MarkTotals under(String another) {
    return new MarkTotals(
        series, mark, events, digest, sinceEvents, sinceDigest, leftOut, sinceLeftOut, another);
  }
}
