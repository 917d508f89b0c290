package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileTenantsTest {
  private static final String HEX = "0123456789abcdef0123456789abcdef";
  private static final String OF_ONE_TENANT =
      "events-20261124-230852948-" + HEX + "." + HEX + ".part-0.parquet";

  private static String[] conclude(String name, String... tenants) {
    String[] all = tenants.clone();
    FileTenants.conclude(Collections.nCopies(all.length, name), all);
    return all;
  }

  @Test
  void whatStandsBetweenTwoFilesOfATenantIsOfThatTenant() {
    assertArrayEquals(
        new String[] {null, "a", "a", "a", "a", null, "b", "b", "b", null},
        conclude(OF_ONE_TENANT, null, "a", null, null, "a", null, "b", null, "b", null));
  }

  @Test
  void betweenTwoTenantsNothingIsConcluded() {
    String[] known = {"a", null, "b", null, null};
    assertArrayEquals(known, conclude(OF_ONE_TENANT, known));
  }

  @Test
  void nothingIsConcludedFromFilesThatDoNotComeTenantAfterTenant() {
    String[] known = {"a", null, "a", "b", null, "a"};
    assertArrayEquals(known, conclude(OF_ONE_TENANT, known));
  }

  @Test
  void aFileOfSeveralTenantsStaysUnknown() {
    String several = "events-20261124-230852948-" + HEX + ".parquet";
    String[] tenants = {"a", null, null, "a"};
    FileTenants.conclude(
        List.of(OF_ONE_TENANT, several, OF_ONE_TENANT, OF_ONE_TENANT), tenants);
    assertArrayEquals(Arrays.asList("a", null, "a", "a").toArray(), tenants);
  }
}
