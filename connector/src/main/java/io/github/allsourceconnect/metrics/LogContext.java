package io.github.allsourceconnect.metrics;

import java.util.Map;
import org.slf4j.MDC;

/**
 * What Connect has the log say of the thread at hand ({@code connector.context}), for threads that
 * are started on its behalf. Immutable.
 */
public final class LogContext {
  private final Map<String, String> context;

  private LogContext(Map<String, String> context) {
    this.context = context;
  }

  /** That of the calling thread. */
  public static LogContext here() {
    return new LogContext(MDC.getCopyOfContextMap());
  }

  /** {@code work}, with the log saying the same on the thread that runs it. */
  public Runnable around(Runnable work) {
    return () -> {
      if (context != null) {
        MDC.setContextMap(context);
      }
      work.run();
    };
  }
}
