package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.snapshot.SnapshotFiles;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tenants of snapshot files that hold one tenant's rows each. The leader sends them tenant after
 * tenant, so what stands between two files of one tenant is of that tenant too. Stateless.
 */
final class FileTenants {
  private FileTenants() {}

  /**
   * Fills in what follows from the files whose tenant is known; nothing when those contradict the
   * order tenant after tenant.
   *
   * @param names the files in the order in which they came
   * @param tenants the tenant of each, null where it is not known
   */
  static void conclude(List<String> names, String[] tenants) {
    Map<String, Integer> last = new HashMap<>();
    int[] knownBefore = new int[tenants.length];
    int known = -1;
    for (int i = 0; i < tenants.length; i++) {
      if (tenants[i] == null) {
        continue;
      }
      Integer same = last.put(tenants[i], i);
      if (same != null && same != known) {
        return;
      }
      knownBefore[i] = same == null ? i : same;
      known = i;
    }
    for (int i = 0; i < tenants.length; i++) {
      if (tenants[i] == null || knownBefore[i] == i) {
        continue;
      }
      for (int between = knownBefore[i] + 1; between < i; between++) {
        if (SnapshotFiles.singleTenant(names.get(between))) {
          tenants[between] = tenants[i];
        }
      }
    }
  }
}
