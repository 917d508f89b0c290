package io.github.allsourceconnect.tool.input;

/** What a command was told can't be used; its message is one line that says what to do. */
public final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
