package io.github.allsourceconnect.protocol;

/**
 * An entry of the leader's write-ahead log.
 *
 * @param sequence the WAL offset, from 1
 * @param walTimestamp RFC 3339, UTC, as sent
 * @param event the event
 * @param checksum CRC-32 as sent, 0 to 2^32-1; see {@link WalChecksum}
 * @param eventText the event object's own text, or null when the entry was not decoded from a line
 * @param entryText the whole entry object's own text ({@code data}), or null likewise
 */
public record WalEntry(
    long sequence,
    String walTimestamp,
    Event event,
    long checksum,
    JsonText eventText,
    JsonText entryText) {}
