package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.config.RefusalSettings.Policy;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotFiles;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.record.EventRecords;
import io.github.allsourceconnect.tool.audit.decision.Bearings;
import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import io.github.allsourceconnect.tool.audit.decision.Named;
import java.util.List;

/**
 * What is expected of a store's rows, by the connector's settings: which ones are to be in the
 * topic, and of which tenant they are. One thread.
 */
final class Expected {
  private final Target target;
  private final EventRecords records;

  /** By the names of files; null where they don't tell. */
  private final String[] tenants;

  private final int[] numbers;
  private String failing;
  private long failingMicros = Long.MAX_VALUE;

  /**
   * @param files the rows'
   * @param names where tenants are named
   */
  Expected(Target target, List<SnapshotFile> files, Names names) {
    this.target = target;
    records = new EventRecords(target.config(), System::currentTimeMillis);
    tenants = new String[files.size()];
    numbers = new int[files.size()];
    for (int i = 0; i < tenants.length; i++) {
      String name = files.get(i).name();
      tenants[i] = SnapshotFiles.tenantOf(name);
      numbers[i] =
          tenants[i] != null
              ? names.number(tenants[i])
              : SnapshotFiles.singleTenant(name) ? Named.NONE : Bearings.SEVERAL;
    }
  }

  /** The tenants of files, as {@link Bearings} wants them. */
  int[] tenants() {
    return numbers.clone();
  }

  /** What is to become of a row; see {@link Fingerprint#EXPECTED} and its kin. */
  int fate(SnapshotRow row) {
    String tenant = tenants[row.file()];
    EventRecords.Fate fate = records.of(row, tenant, false);
    if (fate instanceof EventRecords.LeftOut) {
      return Fingerprint.LEFT_OUT;
    }
    if (fate instanceof EventRecords.Refused refused) {
      if (refused.policy() != Policy.FAIL) {
        return Fingerprint.REFUSED;
      }
      fails(row, refused);
    }
    return tenant == null && row.event().tenantId() == null && target.choosesTenants()
        ? Fingerprint.DEPENDS_ON_TENANT
        : Fingerprint.EXPECTED;
  }

  private void fails(SnapshotRow row, EventRecords.Refused refused) {
    if (target.known() && row.event().micros() < failingMicros) {
      failingMicros = row.event().micros();
      failing = row.event().id() + ": its " + refused.why() + " (" + refused.key() + "=fail)";
    }
  }

  /** The first event at which the connector fails, and why; null if none is known. */
  String failing() {
    return failing;
  }
}
