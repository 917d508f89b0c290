package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.sink.decision.LogIdentity;

/**
 * Another log, whose history was found and set aside. It is kept in the list of the history that
 * took its place until it stands beside what Kafka has committed: followers of that log may be left
 * whatever becomes of the task meanwhile.
 *
 * @param log the log of before
 * @param mayHave followers of it may have so much, as a WAL offset
 */
public record EarlierLog(LogIdentity log, long mayHave) {}
