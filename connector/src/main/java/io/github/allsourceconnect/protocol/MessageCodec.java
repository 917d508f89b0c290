package io.github.allsourceconnect.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.util.Arrays;

/**
 * Lines of the replication protocol to messages and back. Immutable; for any number of threads.
 *
 * <p>Decoding: fields in any order, unknown fields ignored, a known field that stands twice is an
 * error (as for the real peers). Payload, metadata, event and entry become slices <em>of the given
 * array</em>, which must not be written to afterwards and which lives as long as a slice of it is
 * kept: a caller that keeps few entries of a large block should decode a copy of the line instead.
 * Anything that is not right is a {@link ProtocolException} of kind MALFORMED; the checksum is not
 * looked at (see {@link WalChecksum}).
 *
 * <p>Encoding: one line with its {@code \n}, fields in the real leader's order, the same message
 * always the same bytes; a decoded line of a real leader encodes to itself.
 */
public final class MessageCodec {
  /** How deep a payload may be nested; the real store takes 128 levels. */
  public static final int MAX_DEPTH = 10_000;

  private static final byte[] CHUNK_PREFIX =
      new LineWriter(32).raw("{\"type\":\"snapshot_chunk\"").toBytes();
  private static final byte[] SNAPSHOT_PREFIX =
      new LineWriter(32).raw("{\"type\":\"snapshot_start\"").toBytes();
  private static final byte[] ENTRY_PREFIX =
      new LineWriter(32).raw("{\"type\":\"wal_entry\"").toBytes();

  private final JsonFactory factory =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          // payloads may have any keys, also many of one hash
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxDocumentLength(-1)
                  .build())
          .build();

  /**
   * What a leader sent.
   *
   * @param buf not to be written to afterwards
   * @param off first byte of the line
   * @param len bytes of the line, without its {@code \n}
   * @param lineNumber for messages, from 1
   */
  public LeaderMessage decodeLeader(byte[] buf, int off, int len, long lineNumber)
      throws ProtocolException {
    LeaderMessage usual = EntryScanner.scan(buf, off, len);
    if (usual == null) {
      usual = ChunkScanner.scan(buf, off, len);
    }
    return usual != null ? usual : parseLeader(buf, off, len, lineNumber);
  }

  /** The general way: fields in any order, and errors told. */
  LeaderMessage parseLeader(byte[] buf, int off, int len, long lineNumber)
      throws ProtocolException {
    try (LineParser in = new LineParser(factory, buf, off, len, lineNumber)) {
      in.beginObject("it");
      String first = in.nextField();
      if ("type".equals(first)) {
        return leaderMessage(in, in.text(first), in.nextField(), true);
      }
    }
    String type = findType(buf, off, len, lineNumber);
    try (LineParser in = new LineParser(factory, buf, off, len, lineNumber)) {
      in.beginObject("it");
      return leaderMessage(in, type, in.nextField(), false);
    }
  }

  /**
   * What a follower sent; parameters as for {@link #decodeLeader}. The array is not needed
   * afterwards.
   */
  public FollowerMessage decodeFollower(byte[] buf, int off, int len, long lineNumber)
      throws ProtocolException {
    String type = findType(buf, off, len, lineNumber);
    try (LineParser in = new LineParser(factory, buf, off, len, lineNumber)) {
      in.beginObject("it");
      String first = in.nextField();
      return switch (type) {
        case "subscribe" ->
            new FollowerMessage.Subscribe(onlyOffset(in, "last_offset", first, false));
        case "ack" -> new FollowerMessage.Ack(onlyOffset(in, "offset", first, false));
        default -> throw in.malformed("its type is not one that a follower sends (subscribe, ack)");
      };
    }
  }

  /**
   * The WAL entry of a text that is just its object (as {@link #encodeEntry} gives it); parameters
   * as for {@link #decodeLeader}.
   */
  public WalEntry decodeEntry(byte[] buf, int off, int len, long lineNumber)
      throws ProtocolException {
    try (LineParser in = new LineParser(factory, buf, off, len, lineNumber)) {
      in.beginObject("it");
      WalEntry entry = EntryDecoder.entry(in);
      in.endLine();
      return entry;
    }
  }

  /**
   * The event of a text that is just its object (as {@link #encodeEvent} gives it); parameters as
   * for {@link #decodeLeader}.
   */
  public Event decodeEvent(byte[] buf, int off, int len, long lineNumber) throws ProtocolException {
    try (LineParser in = new LineParser(factory, buf, off, len, lineNumber)) {
      in.beginObject("it");
      Event event = EntryDecoder.event(in);
      in.endLine();
      return event;
    }
  }

  /**
   * The text, if it is one JSON value in strict UTF-8, not nested deeper than {@link #MAX_DEPTH};
   * null if it is not.
   *
   * @param buf not to be written to afterwards
   */
  public JsonText jsonOrNull(byte[] buf, int off, int len) {
    JsonText plain = JsonCursor.plainOrNull(buf, off, len);
    if (plain != null) {
      return plain;
    }
    JsonText text = new JsonText(buf, off, len);
    return isJsonByParser(text) ? text : null;
  }

  /** What is said of a text that is not of the usual form; the quick way must agree. */
  boolean isJsonByParser(JsonText text) {
    try (LineParser in = new LineParser(factory, text.array(), text.offset(), text.length(), 1)) {
      in.anyValue();
      in.endLine();
      return true;
    } catch (ProtocolException e) {
      return false;
    }
  }

  /**
   * Whether the line is, by its first bytes as real leaders write them, a {@code snapshot_chunk}:
   * for callers that skip chunks unread. False says nothing.
   */
  public static boolean looksLikeChunk(byte[] buf, int off, int len) {
    return begins(CHUNK_PREFIX, buf, off, len);
  }

  /**
   * Whether a leader's line begins as a {@code snapshot_start} does, though it may not be readable
   * as one. Never says so wrongly of another message; may miss one that is laid out differently.
   */
  public static boolean looksLikeSnapshotStart(byte[] buf, int off, int len) {
    return begins(SNAPSHOT_PREFIX, buf, off, len);
  }

  /** As {@link #looksLikeSnapshotStart}, of a {@code wal_entry}. */
  public static boolean looksLikeEntry(byte[] buf, int off, int len) {
    return begins(ENTRY_PREFIX, buf, off, len);
  }

  private static boolean begins(byte[] prefix, byte[] buf, int off, int len) {
    return len > prefix.length
        && Arrays.equals(buf, off, off + prefix.length, prefix, 0, prefix.length);
  }

  /** The line, {@code \n} included. */
  public byte[] encode(LeaderMessage message) {
    return MessageEncoder.line(message);
  }

  /** Writes the line of an entry behind what {@code out} has, {@code \n} included. */
  public void encode(WalEntry entry, LineWriter out) {
    MessageEncoder.entry(out, entry.sequence(), entry).raw("}\n");
  }

  /** The line, {@code \n} included. */
  public byte[] encode(FollowerMessage message) {
    return MessageEncoder.line(message);
  }

  /**
   * The entry's object: the text it was decoded from if it has one, otherwise built from its fields
   * (an absent tenant stays absent, absent metadata is written as null). An entry whose fields were
   * changed must therefore be given without its texts.
   */
  public JsonText encodeEntry(WalEntry entry) {
    return entry.entryText() != null
        ? entry.entryText()
        : EntryEncoder.entry(new LineWriter(EntryEncoder.size(entry)), entry).toJsonText();
  }

  /** The entry's event object, as {@link #encodeEntry} has it. */
  public JsonText encodeEvent(WalEntry entry) {
    return entry.eventText() != null ? entry.eventText() : encodeEvent(entry.event());
  }

  /** An event's object, built from its fields. */
  public JsonText encodeEvent(Event event) {
    return EntryEncoder.event(new LineWriter(EntryEncoder.size(event)), event).toJsonText();
  }

  private String findType(byte[] buf, int off, int len, long lineNumber) throws ProtocolException {
    try (LineParser in = new LineParser(factory, buf, off, len, lineNumber)) {
      in.beginObject("it");
      String type = null;
      for (String field = in.nextField(); field != null; field = in.nextField()) {
        if (field.equals("type")) {
          in.once(type != null, field);
          type = in.text(field);
        } else {
          in.skipValue();
        }
      }
      in.endLine();
      if (type == null) {
        throw in.missing("type");
      }
      return type;
    }
  }

  private static LeaderMessage leaderMessage(
      LineParser in, String type, String first, boolean typeSeen) throws ProtocolException {
    return switch (type) {
      case "wal_entry" -> entry(in, first, typeSeen);
      case "caught_up" -> caughtUp(in, first, typeSeen);
      case "snapshot_start" -> SnapshotFields.start(in, first, typeSeen);
      case "snapshot_chunk" -> SnapshotFields.chunk(in, first, typeSeen);
      case "snapshot_end" ->
          new LeaderMessage.SnapshotEnd(
              onlyOffset(in, "wal_offset_after_snapshot", first, typeSeen));
      default ->
          throw in.malformed(
              "its type is not one that a leader sends (wal_entry, caught_up, snapshot_start,"
                  + " snapshot_chunk, snapshot_end)");
    };
  }

  private static LeaderMessage.Entry entry(LineParser in, String first, boolean typeSeen)
      throws ProtocolException {
    long offset = -1;
    WalEntry data = null;
    for (String field = first; field != null; field = in.nextField()) {
      switch (field) {
        case "type" -> in.once(typeSeen, field);
        case "offset" -> {
          in.once(offset >= 0, field);
          offset = in.unsigned(field, Long.MAX_VALUE);
          in.walOffset(offset);
        }
        case "data" -> {
          in.once(data != null, field);
          data = EntryDecoder.entry(in);
        }
        default -> in.skipValue();
      }
    }
    in.endLine();
    if (offset < 0 || data == null) {
      throw in.missing(offset < 0 ? "offset" : "data");
    }
    if (offset != data.sequence()) {
      throw in.malformed(
          "its offset is " + offset + " but its entry's sequence is " + data.sequence());
    }
    return new LeaderMessage.Entry(offset, data);
  }

  private static LeaderMessage.CaughtUp caughtUp(LineParser in, String first, boolean typeSeen)
      throws ProtocolException {
    long offset = -1;
    Boolean replays = null;
    for (String field = first; field != null; field = in.nextField()) {
      switch (field) {
        case "type" -> in.once(typeSeen, field);
        case "current_offset" -> {
          in.once(offset >= 0, field);
          offset = in.unsigned(field, Long.MAX_VALUE);
        }
        case "replays" -> {
          in.once(replays != null, field);
          replays = in.bool(field);
        }
        default -> in.skipValue();
      }
    }
    in.endLine();
    if (offset < 0) {
      throw in.missing("current_offset");
    }
    return new LeaderMessage.CaughtUp(offset, replays != null && replays);
  }

  private static long onlyOffset(LineParser in, String name, String first, boolean typeSeen)
      throws ProtocolException {
    long offset = -1;
    for (String field = first; field != null; field = in.nextField()) {
      if (field.equals(name)) {
        in.once(offset >= 0, field);
        offset = in.unsigned(field, Long.MAX_VALUE);
      } else if (field.equals("type")) {
        in.once(typeSeen, field);
      } else {
        in.skipValue();
      }
    }
    in.endLine();
    if (offset < 0) {
      throw in.missing(name);
    }
    return offset;
  }
}
