package io.github.allsourceconnect.source.decision.phase;

/**
 * The phase that something is in. A transition that is not legal throws: whoever ordered it has
 * overlooked what is going on, and to go on would be to guess. Not thread-safe.
 */
public final class Current<P extends Phase<P>> {
  private final String whose;
  private P phase;

  /**
   * @param whose the thing, as the message of an illegal transition begins: "a repair"
   * @param first the phase it begins in
   */
  public Current(String whose, P first) {
    this.whose = whose;
    phase = first;
  }

  public P get() {
    return phase;
  }

  /**
   * Goes on to the next phase.
   *
   * @throws IllegalStateException if it may not follow the one at hand
   */
  public void to(P next) {
    if (!next.mayFollow(phase)) {
      throw new IllegalStateException(whose + " can't go from " + phase + " to " + next);
    }
    phase = next;
  }

  @Override
  public String toString() {
    return phase.toString();
  }
}
