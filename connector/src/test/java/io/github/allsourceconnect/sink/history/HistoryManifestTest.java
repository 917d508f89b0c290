package io.github.allsourceconnect.sink.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryManifestTest {
  private static final HistoryFile ONE = new HistoryFile("a.parquet", 5, 9, 3, 100, 0xffffffffL, 2);
  private static final HistoryFile TWO = new HistoryFile("b.parquet", 9, 10, 1, 1, 0, 7);

  @Test
  void comesBackFromItsText() {
    HistoryManifest manifest =
        HistoryManifest.NONE.begin(5).add(ONE).add(TWO).reach(12).withRetired(List.of(ONE));
    assertEquals(manifest, HistoryManifest.decode(manifest.encode()));
    assertEquals(HistoryManifest.NONE, HistoryManifest.decode(HistoryManifest.NONE.encode()));
    assertEquals(4, manifest.number());
    assertEquals(12, manifest.upTo());
    assertEquals(10, manifest.filesUpTo());
  }

  @Test
  void anyDamageIsNoticed() {
    byte[] text = HistoryManifest.NONE.begin(5).add(ONE).add(TWO).encode();
    for (int length = 0; length < text.length; length++) {
      byte[] cut = Arrays.copyOf(text, length);
      assertThrows(IllegalArgumentException.class, () -> HistoryManifest.decode(cut));
    }
    for (int i = 0; i < text.length; i++) {
      byte[] altered = text.clone();
      altered[i] ^= 1;
      assertThrows(IllegalArgumentException.class, () -> HistoryManifest.decode(altered));
    }
  }

  @Test
  void onlyFilesThatFollowOneAnother() {
    HistoryManifest begun = HistoryManifest.NONE.begin(5).add(ONE);
    assertThrows(IllegalArgumentException.class, () -> begun.add(ONE));
    assertThrows(
        IllegalArgumentException.class,
        () -> begun.add(new HistoryFile("b.parquet", 10, 11, 1, 1, 1, 0)));
    assertThrows(
        IllegalArgumentException.class,
        () -> begun.add(new HistoryFile("A.parquet", 9, 11, 1, 1, 1, 0)));
    assertThrows(IllegalArgumentException.class, () -> new HistoryFile("../a", 0, 1, 1, 1, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new HistoryFile("a", 0, 1, 2, 1, 1, 0));
    HistoryManifest two = begun.add(TWO);
    HistoryFile merged = new HistoryFile("b2.parquet", 5, 10, 4, 90, 1, 0);
    assertEquals(List.of(merged), two.replace(List.of(ONE, TWO), merged).files());
    assertThrows(IllegalArgumentException.class, () -> two.replace(List.of(TWO, ONE), merged));
    assertEquals(9, two.keepFirst(1).upTo());
    assertEquals(5, two.keepFirst(0).upTo());
  }

  @Test
  void namesAreInTheRealPatternAndInTheOrderOfTheLog() {
    long time = 1_767_323_045_120L;
    List<String> names = new ArrayList<>();
    long[] clock = {time, time + 1, time + 1, time - 5000, time - 4999, time + 9};
    for (int i = 0; i < clock.length; i++) {
      names.add(FileNames.next(i == 0 ? null : names.get(i - 1), clock[i], i + 1, -i));
    }
    assertEquals(
        "events-20260102-030405120-00000000000000010000000000000000.parquet", names.get(0));
    for (String name : names) {
      assertTrue(name.matches("events-[0-9]{8}-[0-9]{9}-[0-9a-f]{32}\\.parquet"), name);
    }
    assertEquals(names, names.stream().sorted().toList());
    String merged = FileNames.inPlaceOf(names.get(3), 4, 99);
    assertTrue(merged.compareTo(names.get(2)) > 0 && merged.compareTo(names.get(4)) < 0);
  }
}
