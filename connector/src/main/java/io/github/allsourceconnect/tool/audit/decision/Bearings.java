package io.github.allsourceconnect.tool.audit.decision;

import java.util.Arrays;

/**
 * A first look at what both sides have: how far the topic reaches, and of which tenant the store's
 * files are, for a row tells none. A record tells the tenant of all rows of its event's file only
 * where the file holds one tenant: otherwise those that are not in the topic may be of another. Not
 * thread-safe.
 */
public final class Bearings implements Join.Pairs {
  /** A file that may hold several tenants. */
  public static final int SEVERAL = -1;

  private final int[] tenantOfFile;
  private long oldest = Long.MAX_VALUE;
  private long newest = Long.MIN_VALUE;

  /**
   * @param tenantOfFile of each file the tenant's name, as far as it is known before; {@link
   *     Named#NONE} where a record may tell it; otherwise {@link #SEVERAL}
   */
  public Bearings(int[] tenantOfFile) {
    this.tenantOfFile = tenantOfFile.clone();
  }

  @Override
  public void event(Fingerprint row, Fingerprint record) {
    if (row == null || record == null) {
      return;
    }
    oldest = Math.min(oldest, row.micros());
    newest = Math.max(newest, row.micros());
    learn(row.source(), record.tenantName());
  }

  private void learn(int file, int tenant) {
    if (tenant != Named.NONE) {
      int known = tenantOfFile[file];
      tenantOfFile[file] = known == Named.NONE || known == tenant ? tenant : SEVERAL;
    }
  }

  @Override
  public void rowAgain(Fingerprint row) {
    // nothing new
  }

  @Override
  public void recordAgain(Fingerprint row, Fingerprint record) {
    // nothing new
  }

  /** The tenant's name that all events of a file have, or none. */
  public int tenantOfFile(int file) {
    return Math.max(Named.NONE, tenantOfFile[file]);
  }

  /** The time of the oldest event that both have; the greatest number for none. */
  public long oldest() {
    return oldest;
  }

  /** The time of the newest event that both have; the least number for none. */
  public long newest() {
    return newest;
  }

  @Override
  public String toString() {
    return "from " + oldest + " to " + newest + ", " + Arrays.toString(tenantOfFile);
  }
}
