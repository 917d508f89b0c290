package io.github.allsourceconnect.sink.decision;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * When the topic deletes its records, and what that means for a history that must have them before.
 * Immutable.
 *
 * @param ms a record is deleted when it is so old; empty for never
 * @param bytes the oldest are deleted when a partition has so many; empty for never
 */
public record TopicRetention(OptionalLong ms, OptionalLong bytes) {
  /** Nothing is deleted, or it is not known. */
  public static final TopicRetention FOREVER =
      new TopicRetention(OptionalLong.empty(), OptionalLong.empty());

  /** A restart, a rebalance or a broker that is away must fit in what is left. */
  private static final int SHARE = 4;

  private static final long LEAST_MS = 100;
  private static final long LEAST_BYTES = 64 << 10;

  /** How long a file may stay open of those milliseconds. */
  public long openMs(long wanted) {
    return ms.isEmpty() ? wanted : Math.min(wanted, Math.max(LEAST_MS, ms.getAsLong() / SHARE));
  }

  /** How many bytes an open file may take of those. */
  public long openBytes(long wanted) {
    return bytes.isEmpty()
        ? wanted
        : Math.min(wanted, Math.max(LEAST_BYTES, bytes.getAsLong() / SHARE));
  }

  /** Whether a record of that time is about to be deleted, or may be at any moment. */
  public boolean takesSoon(long timestampMs, long nowMs) {
    return ms.isPresent() && nowMs - timestampMs >= ms.getAsLong() / 2;
  }

  /** What an operator should be told, with the settings' names and what to do. */
  public List<String> warnings(long fileMs, long fileBytes) {
    List<String> warnings = new ArrayList<>();
    if (openMs(fileMs) < fileMs) {
      warnings.add(
          "the topic's retention.ms is "
              + ms.getAsLong()
              + " and snapshot.file.max.age.ms "
              + fileMs
              + ": records could be deleted before the history has them. Files are closed after "
              + openMs(fileMs)
              + " ms; raise retention.ms, or lower snapshot.file.max.age.ms to a quarter of it");
    }
    if (openBytes(fileBytes) < fileBytes) {
      warnings.add(
          "the topic's retention.bytes is "
              + bytes.getAsLong()
              + " and snapshot.file.max.bytes "
              + fileBytes
              + ": records could be deleted before the history has them. Files are closed with "
              + openBytes(fileBytes)
              + " bytes; raise retention.bytes, or lower snapshot.file.max.bytes to a quarter of"
              + " it");
    }
    return warnings;
  }
}
