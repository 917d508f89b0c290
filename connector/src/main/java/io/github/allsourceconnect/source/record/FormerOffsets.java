package io.github.allsourceconnect.source.record;

import static io.github.allsourceconnect.source.record.OffsetFields.atLeastZero;
import static io.github.allsourceconnect.source.record.OffsetFields.bad;
import static io.github.allsourceconnect.source.record.OffsetFields.count;
import static io.github.allsourceconnect.source.record.OffsetFields.flag;
import static io.github.allsourceconnect.source.record.OffsetFields.number;
import static io.github.allsourceconnect.source.record.OffsetFields.small;
import static io.github.allsourceconnect.source.record.OffsetFields.text;

import io.github.allsourceconnect.source.decision.position.ListedIds;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.SourcePosition.Missing;
import io.github.allsourceconnect.source.decision.position.SourcePosition.Produced;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;

/** Reads offsets as builds before stored them: format 1, whole ids, times in microseconds. */
final class FormerOffsets {
  private static final String IDS = "ids";
  private static final String NEWEST = "newest_micros";

  private FormerOffsets() {}

  /**
   * The position.
   *
   * @throws ConnectException naming the key that is missing or wrong
   */
  static SourcePosition decode(Map<String, ?> map) {
    long watermark = number(map, "watermark_micros");
    return new SourcePosition(
        atLeastZero(map, "wal_offset"),
        atLeastZero(map, "beyond"),
        small(map, "uncertain"),
        new Missing(
            count(map, "missing"),
            map.containsKey("missing_micros") ? number(map, "missing_micros") : Long.MAX_VALUE,
            count(map, "missing_after"),
            count(map, "missing_passed")),
        new Produced(watermark, watermark, number(map, NEWEST), List.of(ids(map)), null, List.of()),
        atLeastZero(map, "lateness_micros"),
        small(map, "displacement"),
        flag(map, "snapshot_done"),
        map.containsKey("leader") ? text(map, "leader") : "",
        count(map, "number"),
        Losses.NONE,
        false);
  }

  private static ListedIds ids(Map<String, ?> map) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text(map, IDS));
    } catch (IllegalArgumentException e) {
      throw bad(IDS, "is not base64");
    }
    if (bytes.length % 16 != 0) {
      throw bad(IDS, "has " + bytes.length + " bytes, not a multiple of 16");
    }
    long[] halves = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).asLongBuffer().get(halves);
    return ListedIds.ofHalves(halves, number(map, NEWEST));
  }
}
