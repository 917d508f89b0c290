package io.github.allsourceconnect.source.decision;

/** The figures that add up at any moment. Filled by the follower's thread. */
public final class Ledger {}
