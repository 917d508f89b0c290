package io.github.allsourceconnect.bench;

/** The stage that is open, kept from part to part as long as they need the same. One thread. */
final class Stages implements AutoCloseable {
  private Stage open;
  private boolean exactlyOnce;

  /** Without exactly-once. */
  Stage plain() {
    return of(false);
  }

  /** With exactly-once. */
  Stage exactlyOnce() {
    return of(true);
  }

  private Stage of(boolean once) {
    if (open != null && exactlyOnce != once) {
      close();
    }
    if (open == null) {
      open = Stage.open(once);
      exactlyOnce = once;
    }
    return open;
  }

  @Override
  public void close() {
    if (open != null) {
      open.close();
      open = null;
    }
  }
}
