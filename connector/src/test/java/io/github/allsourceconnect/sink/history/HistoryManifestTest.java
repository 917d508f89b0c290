package io.github.allsourceconnect.sink.history;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class HistoryManifestTest {
  private static final LogIdentity LOG = new LogIdentity("cluster", "topic");
  private static final long TIME = 1_767_323_045_120L;
  private static final HistoryFile ONE =
      new HistoryFile(FileNames.next(null, TIME, 9, 0), 5, 9, 3, 100, 0xffffffffL, 2);
  private static final HistoryFile ONE_ANEW =
      new HistoryFile(FileNames.next(null, TIME, 9, 0), 0, 9, 3, 100, 0, 2);
  private static final HistoryFile TWO =
      new HistoryFile(FileNames.next(null, TIME + 1, 10, 0), 9, 10, 1, 1, 0, 7);
  private static final HistoryFile FAR =
      new HistoryFile(FileNames.next(null, TIME + 2, 50, 0), 40, 50, 1, 1, 0, 7);

  @Test
  void comesBackFromItsText() {
    HistoryManifest manifest =
        HistoryManifest.NONE
            .of(LOG)
            .begin(5)
            .add(ONE)
            .add(TWO)
            .reach(12)
            .lose(new Hole(12, 40, "the \"log\" lost them"))
            .add(FAR)
            .withRetired(List.of(ONE));
    assertEquals(manifest, decoded(manifest));
    assertEquals(HistoryManifest.NONE, decoded(HistoryManifest.NONE));
    assertEquals(7, manifest.number());
    assertEquals(50, manifest.upTo());
    assertEquals(40, manifest.dropFirst(2).after());
  }

  @Test
  void theLogOfBeforeIsKeptUntilItIsForgotten() {
    EarlierLog before = new EarlierLog(new LogIdentity("cluster", "older"), 1_012);
    HistoryManifest manifest =
        HistoryManifest.NONE.of(LOG).begin(5).add(ONE).instead(LOG, before).begin(0).add(ONE_ANEW);
    assertEquals(before, decoded(manifest).earlier());
    assertEquals(before, decoded(manifest.reach(9).lose(new Hole(9, 11, "lost"))).earlier());
    assertNull(decoded(manifest.withoutEarlier()).earlier());
  }

  /** The record of a list is bounded before the list is. */
  @Test
  void aListIsFullBeforeItsRecordIs() throws IOException {
    assertEquals(0, TopicStorage.percent(HistoryManifest.NONE));
    Random random = new Random(1);
    List<HistoryFile> files = new ArrayList<>();
    String name = null;
    for (int i = 0; i < 20_000; i++) {
      name = FileNames.next(name, TIME + i * 1000L, i + 1, random.nextLong());
      long crc = random.nextInt() & 0xffffffffL;
      files.add(new HistoryFile(name, i, i + 1, 1, random.nextInt(1 << 28), crc, i * 500L));
    }
    HistoryManifest manifest =
        new HistoryManifest(1, LOG, 0, files.size(), List.of(), files, List.of());
    int percent = TopicStorage.percent(manifest);
    int zipped = Zipped.zip(ManifestFormat.encode(manifest)).length;
    assertTrue(percent > 30 && zipped * 100L / percent < 2 << 20, percent + " %, " + zipped);
  }

  private static HistoryManifest decoded(HistoryManifest manifest) {
    return ManifestFormat.decode(ManifestFormat.encode(manifest));
  }

  @Test
  void whatTheFirstBuildWroteIsRead() {
    String body =
        "allsource history 1\n4 5 12 2\n"
            + ONE.name()
            + " 5 9 3 100 ffffffff 2\n"
            + TWO.name()
            + " 9 10 1 1 0 7\n"
            + FAR.name()
            + " 40 50 1 1 0 7\n";
    HistoryManifest manifest = ManifestFormat.decode(sealed(body));
    assertEquals(
        new HistoryManifest(4, null, 5, 12, List.of(), List.of(ONE, TWO), List.of(FAR)), manifest);
  }

  @Test
  void whatIsNotKnownIsPassedOverAndWhatIsMustBeOfItsType() {
    String good = "{\"format\":2,\"number\":3,\"after\":-1,\"upTo\":-1,\"later\":{\"x\":[1]}}\n";
    assertEquals(3, ManifestFormat.decode(sealed(good)).number());
    for (String bad :
        List.of(
            good.replace("3,", "\"3\","),
            good.replace("3,", "3.0,"),
            good.replace("3,", "9223372036854775808,"),
            good.replace("3,", "null,"),
            good.replace("\"number\":3,", ""),
            good.replace("2,", "3,"),
            good.replace("{\"x\":[1]}", "1}}"),
            good.replace("\"later\":{\"x\":[1]}", "\"files\":{}"),
            good.replace("\"later\":{\"x\":[1]}", "\"files\":[7]"),
            good.replace("\"later\":{\"x\":[1]}", "\"log\":{\"cluster\":1}"),
            good.replace("\"later\":{\"x\":[1]}", "\"number\":4"),
            "[]\n",
            "null\n",
            "[".repeat(100_000) + "\n")) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> ManifestFormat.decode(sealed(bad)), bad);
      assertTrue(e.getMessage().startsWith("its ") || e.getMessage().startsWith("it is"), bad);
    }
  }

  private static byte[] sealed(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(UTF_8));
    return (body + String.format(Locale.ROOT, "%08x", crc.getValue()) + "\n").getBytes(UTF_8);
  }

  @Test
  void anyDamageIsNoticed() {
    byte[] text = ManifestFormat.encode(HistoryManifest.NONE.begin(5).add(ONE).add(TWO));
    for (int length = 0; length < text.length; length++) {
      byte[] cut = Arrays.copyOf(text, length);
      assertThrows(IllegalArgumentException.class, () -> ManifestFormat.decode(cut));
    }
    for (int i = 0; i < text.length; i++) {
      byte[] altered = text.clone();
      altered[i] ^= 1;
      assertThrows(IllegalArgumentException.class, () -> ManifestFormat.decode(altered));
    }
  }

  @Test
  void onlyFilesAndHolesThatFollowOneAnother() {
    HistoryManifest begun = HistoryManifest.NONE.begin(5).add(ONE);
    assertThrows(IllegalArgumentException.class, () -> begun.add(ONE));
    assertThrows(IllegalArgumentException.class, () -> begun.add(FAR));
    assertThrows(IllegalArgumentException.class, () -> begun.lose(new Hole(8, 12, "lost")));
    assertThrows(IllegalArgumentException.class, () -> begun.lose(new Hole(9, 12, "")).add(TWO));
    assertThrows(IllegalArgumentException.class, () -> new HistoryFile("../a", 0, 1, 1, 1, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new HistoryFile("a", 0, 1, 2, 1, 1, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new HistoryFile("a", 0, 1, 1, 1L << 62, 1, 0));
    HistoryManifest two = begun.add(TWO);
    HistoryFile merged = new HistoryFile(TWO.name(), 5, 10, 4, 90, 1, 0);
    assertEquals(List.of(merged), two.replace(List.of(ONE, TWO), merged).files());
    assertThrows(IllegalArgumentException.class, () -> two.replace(List.of(TWO, ONE), merged));
    assertEquals(List.of(ONE), two.cutTo(9).files());
    assertEquals(9, two.cutTo(9).upTo());
  }

  @Test
  void namesAreInTheRealPatternAndInTheOrderOfTheLog() {
    List<String> names = new ArrayList<>();
    long[] clock = {TIME, TIME + 1, TIME + 1, TIME - 5000, TIME - 4999, TIME + 9};
    for (int i = 0; i < clock.length; i++) {
      names.add(FileNames.next(i == 0 ? null : names.get(i - 1), clock[i], i + 1, -i));
      assertEquals(i + 1, FileNames.upTo(names.get(i)));
    }
    assertEquals(
        "events-20260102-030405120-00000000000000010000000000000000.parquet", names.get(0));
    assertEquals(TIME, FileNames.timeOf(names.get(0)));
    for (String name : names) {
      assertTrue(name.matches("events-[0-9]{8}-[0-9]{9}-[0-9a-f]{32}\\.parquet"), name);
    }
    assertEquals(names, names.stream().sorted().toList());
    String merged = FileNames.inPlaceOf(names.get(3), 4, 99);
    assertTrue(merged.compareTo(names.get(2)) > 0 && merged.compareTo(names.get(4)) < 0);
  }

  @Test
  void noTwoOwnersHaveOneName() {
    List<String> texts =
        List.of(
            "a".repeat(280), "a".repeat(281), "\u20ac".repeat(28), "\u20ac".repeat(29), "a", "a~b");
    assertEquals(texts.size(), texts.stream().map(OwnerNames::of).distinct().count(), "all differ");
    for (String text : texts) {
      assertTrue(OwnerNames.of(text).length() <= OwnerNames.LENGTH_MAX, text);
      assertTrue(OwnerNames.of(text).matches("[A-Za-z0-9._%+~-]+"), text);
    }
    assertEquals("a+b%2A%E2%82%AC", OwnerNames.of("a b*\u20ac"), "short ones are as they were");
  }
}
