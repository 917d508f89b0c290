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
 * @param configuration tells one configuration from another
 */
public record MarkTotals(
    String series,
    long mark,
    long events,
    IdSum digest,
    long sinceEvents,
    IdSum sinceDigest,
    String configuration) {
  /** There is no ledger. */
  public static final MarkTotals NONE = new MarkTotals("", 0, 0, IdSum.ZERO, 0, IdSum.ZERO, "");

  /** Nothing was counted. */
  public static MarkTotals begun(String series, String configuration) {
    return new MarkTotals(series, 0, 0, IdSum.ZERO, 0, IdSum.ZERO, configuration);
  }
}
