package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import java.util.HashMap;
import java.util.Map;

/** Makes fingerprints of rows and records alike. One thread. */
final class Prints {
  private static final int KEPT_MAX = 10_000;
  private static final int KEPT_LENGTH_MAX = 256;

  private final Names names;
  private final Digest digest;
  private final Map<String, Long> kept = new HashMap<>();

  /**
   * @param names where types and tenants are named
   */
  Prints(Names names) {
    this(names, new Digest());
  }

  /**
   * @param digest of payloads and metadata
   */
  Prints(Names names, Digest digest) {
    this.names = names;
    this.digest = digest;
  }

  /**
   * A row's.
   *
   * @param fate see {@link Fingerprint#fate}
   */
  Fingerprint of(SnapshotRow row, int fate) {
    return of(row.event(), row.file(), row.row(), row.walOffset(), fate);
  }

  /**
   * A record's.
   *
   * @param walOffset where the leader had it; 0 if that is not known
   */
  Fingerprint of(WalEntry entry, int partition, long offset, long walOffset, int fate) {
    return of(entry.event(), partition, offset, walOffset, fate);
  }

  private Fingerprint of(Event event, int source, long place, long walOffset, int fate) {
    return new Fingerprint(
        event.idHigh(),
        event.idLow(),
        source,
        place,
        event.micros(),
        digest.of(event.payload()),
        digest.of(event.metadata()),
        known(event.eventType()),
        known(event.entityId()),
        event.tenantId() == null ? 0 : known(event.tenantId()),
        event.version(),
        walOffset,
        names.number(event.eventType()),
        names.number(event.tenantId()),
        fate);
  }

  private long known(String text) {
    if (text.length() > KEPT_LENGTH_MAX) {
      return Digest.of(text);
    }
    Long known = kept.get(text);
    if (known == null) {
      if (kept.size() >= KEPT_MAX) {
        kept.clear();
      }
      known = Digest.of(text);
      kept.put(text, known);
    }
    return known;
  }
}
