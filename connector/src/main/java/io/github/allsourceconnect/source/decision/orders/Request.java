package io.github.allsourceconnect.source.decision.orders;

/**
 * A request to a leader over a connection of its own, for a snapshot or for a word about how far it
 * has come. The leader of the epoch is asked, and nobody else.
 *
 * @param epoch what it is asked for
 * @param number rises with each request, whatever is asked
 */
public record Request(Epoch epoch, int number) {}
