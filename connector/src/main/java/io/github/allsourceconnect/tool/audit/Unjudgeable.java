package io.github.allsourceconnect.tool.audit;

/** Why nothing can be judged, in one line that says what to do. */
public final class Unjudgeable extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line
   */
  public Unjudgeable(String message) {
    super(message);
  }

  /**
   * @param cause for those who look for it
   */
  Unjudgeable(String message, Throwable cause) {
    super(message, cause);
  }
}
