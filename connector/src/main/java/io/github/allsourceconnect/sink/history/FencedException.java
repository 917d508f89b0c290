package io.github.allsourceconnect.sink.history;

import java.io.IOException;

/** Another writer has taken over this history; this one may write nothing any more. */
public final class FencedException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says who lost the history and how it was noticed. */
  public FencedException(String message, Throwable cause) {
    super(message, cause);
  }
}
