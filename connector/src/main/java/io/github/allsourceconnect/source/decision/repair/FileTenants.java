package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.snapshot.SnapshotFiles;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.HeldEntries;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import java.util.List;
import java.util.Map;

/**
 * The tenants of a snapshot's files, exact or not at all: a name may tell, and in a file that holds
 * one tenant only an event that was also seen live. Not thread-safe.
 */
final class FileTenants {
  private final HeldEntries held;
  private final ProducedEvents produced;

  /** Whether a row may tell the tenant of its file: asked once a file, for a name is matched. */
  private boolean[] tellable = new boolean[0];

  private String[] known = new String[0];
  private Map<HeldEntries.Id, String> heldTenants = Map.of();

  FileTenants(HeldEntries held, ProducedEvents produced) {
    this.held = held;
    this.produced = produced;
  }

  /** Files of another snapshot. */
  void begin(List<String> files) {
    tellable = new boolean[files.size()];
    known = new String[files.size()];
    boolean more = false;
    for (int i = 0; i < known.length; i++) {
      known[i] = SnapshotFiles.tenantOf(files.get(i));
      tellable[i] = known[i] == null && SnapshotFiles.singleTenant(files.get(i));
      more |= tellable[i];
    }
    heldTenants = more ? held.tenants() : Map.of();
  }

  /** What a row says of its file. */
  void learn(SnapshotRow row) {
    int file = row.file();
    if (tellable[file] && known[file] == null) {
      Event event = row.event();
      String tenant = heldTenants.get(HeldEntries.Id.of(event));
      known[file] = tenant != null ? tenant : produced.tenantOf(event);
    }
  }

  /** The tenant of a file's rows, or null where it is not known. */
  String of(int file) {
    return known[file];
  }
}
