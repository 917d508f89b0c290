package io.github.allsourceconnect.source.decision.phase;

/**
 * A phase of something that is decided about: a class a phase, which holds what is known only while
 * the phase lasts, and knows after which others it may come.
 *
 * @param <P> the sealed type of all phases of that thing
 */
public interface Phase<P extends Phase<P>> {
  /** Whether this may come right after {@code before}. */
  boolean mayFollow(P before);
}
