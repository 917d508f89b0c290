package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.protocol.WalEntry;
import java.util.List;

/**
 * The entries of a stretch of the log, as its reader has mapped them.
 *
 * @param from Kafka offset, inclusive
 * @param to exclusive
 * @param oldestMs the lowest timestamp of its records; {@link Long#MAX_VALUE} without any
 * @param bytes about what it takes in memory
 */
public record MappedStretch(
    long from, long to, List<WalEntry> entries, long oldestMs, long bytes) {}
