package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.snapshot.ScratchException;
import io.github.allsourceconnect.tool.audit.Options.Option;

/** Why nothing can be judged, in one line that says what to do. */
public final class Unjudgeable extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line
   */
  public Unjudgeable(String message) {
    super(message);
  }

  /** The disk takes no more of what the command keeps there. */
  static Unjudgeable full(ScratchException e) {
    return new Unjudgeable(Printable.message(e.message(Option.DIR.dashed())), e);
  }

  /**
   * @param cause for those who look for it
   */
  Unjudgeable(String message, Throwable cause) {
    super(message, cause);
  }
}
