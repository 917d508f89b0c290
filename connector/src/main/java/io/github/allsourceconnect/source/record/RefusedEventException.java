package io.github.allsourceconnect.source.record;

import org.apache.kafka.connect.errors.ConnectException;

/** An event can't be produced, and the task is to fail because of it; the position is before it. */
public final class RefusedEventException extends ConnectException {
  private static final long serialVersionUID = 1L;

  RefusedEventException(String message) {
    super(message);
  }
}
