package io.github.allsourceconnect.sink.decision;

/**
 * A log as one task has seen it.
 *
 * @param identity which one it is
 * @param number 1 for the first that the task saw; each further one has a higher number. An order
 *     that was given for one log is not answered with what another one holds
 */
public record SeenLog(LogIdentity identity, int number) {}
