package io.github.allsourceconnect.sink;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.connect.errors.ConnectException;

/** The first failure on a background thread, on its way to Connect's next call. Any thread. */
final class BackgroundFailure implements Consumer<Throwable> {
  private final AtomicReference<Throwable> first = new AtomicReference<>();

  @Override
  public void accept(Throwable cause) {
    first.compareAndSet(null, cause);
  }

  /**
   * Throws it, if there is one, with its cause.
   *
   * @param addresses where followers connect to, for the message
   */
  void check(Supplier<String> addresses) {
    Throwable cause = first.get();
    if (cause != null) {
      throw new ConnectException(
          "The sink can't go on serving followers at ["
              + addresses.get()
              + "]: "
              + (cause.getMessage() == null ? cause : cause.getMessage()),
          cause);
    }
  }
}
