package io.github.allsourceconnect.protocol;

import java.util.Base64;

/** Writes messages as lines. */
final class MessageEncoder {
  private MessageEncoder() {}

  /** The line, {@code \n} included. */
  static byte[] line(LeaderMessage message) {
    LineWriter out;
    if (message instanceof LeaderMessage.Entry entry) {
      out =
          entry(new LineWriter(64 + EntryEncoder.size(entry.data())), entry.offset(), entry.data());
    } else if (message instanceof LeaderMessage.CaughtUp caughtUp) {
      out = line("caught_up", "current_offset").number(caughtUp.currentOffset());
      if (caughtUp.replays()) {
        out.raw(",\"replays\":true");
      }
    } else if (message instanceof LeaderMessage.SnapshotStart start) {
      out = line("snapshot_start", "parquet_files");
      String separator = "[";
      for (String file : start.parquetFiles()) {
        out.raw(separator).string(file);
        separator = ",";
      }
      out.raw(start.parquetFiles().isEmpty() ? "[]" : "]");
      if (start.replays()) {
        out.raw(",\"replays\":true");
      }
    } else if (message instanceof LeaderMessage.SnapshotChunk chunk) {
      byte[] data = Base64.getEncoder().encode(chunk.data());
      out =
          new LineWriter(data.length + 256)
              .raw("{\"type\":\"snapshot_chunk\",\"filename\":")
              .string(chunk.filename())
              .raw(",\"data\":\"")
              .bytes(data)
              .raw("\",\"chunk_offset\":")
              .number(chunk.chunkOffset())
              .raw(chunk.last() ? ",\"is_last\":true" : ",\"is_last\":false");
    } else if (message instanceof LeaderMessage.SnapshotEnd end) {
      out = line("snapshot_end", "wal_offset_after_snapshot").number(end.walOffsetAfterSnapshot());
    } else {
      throw new IllegalArgumentException("null is not a message");
    }
    return out.raw("}\n").toBytes();
  }

  /** The line, {@code \n} included. */
  static byte[] line(FollowerMessage message) {
    LineWriter out;
    if (message instanceof FollowerMessage.Subscribe subscribe) {
      out = line("subscribe", "last_offset").number(subscribe.lastOffset());
    } else if (message instanceof FollowerMessage.Ack ack) {
      out = line("ack", "offset").number(ack.offset());
    } else {
      throw new IllegalArgumentException("null is not a message");
    }
    return out.raw("}\n").toBytes();
  }

  /** But for its end. */
  static LineWriter entry(LineWriter out, long offset, WalEntry data) {
    out.raw("{\"type\":\"wal_entry\",\"offset\":").number(offset).raw(",\"data\":");
    return data.entryText() != null ? out.value(data.entryText()) : EntryEncoder.entry(out, data);
  }

  private static LineWriter line(String type, String field) {
    return new LineWriter(96).raw("{\"type\":\"").raw(type).raw("\",\"").raw(field).raw("\":");
  }
}
