package io.github.allsourceconnect.sink.topic;

import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a thread asks of a topic until it is told to stop: it is interrupted only in steps that
 * change nothing. One thread; {@link #stop} any.
 */
final class StoppableTopic {
  private static final Logger LOG = LoggerFactory.getLogger(StoppableTopic.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final String log;
  private final Supplier<LogConsumer> consumers;
  private final Object gate = new Object();
  private volatile boolean stopping;
  private boolean interruptible;
  private LogConsumer consumer;

  /**
   * @param log what messages call the partition
   * @param consumers makes a new consumer; {@link #consumer} keeps it
   */
  StoppableTopic(String log, Supplier<LogConsumer> consumers) {
    this.log = log;
    this.consumers = consumers;
  }

  boolean isStopping() {
    return stopping;
  }

  /** An answer of Kafka's, asked for until it comes; null when it was stopped before. */
  <T> T ask(String what, Supplier<T> question) throws InterruptedException {
    while (!stopping) {
      try {
        return interruptibly(question);
      } catch (RetriableException e) {
        LOG.warn("{}: Kafka does not say {}; asking again: {}", log, what, e.toString());
        pause();
      }
    }
    return null;
  }

  /** One second, or until it is stopped. */
  void pause() throws InterruptedException {
    long deadline = System.nanoTime() + PAUSE.toNanos();
    synchronized (gate) {
      long left = PAUSE.toMillis();
      while (!stopping && left > 0) {
        gate.wait(left);
        left = (deadline - System.nanoTime()) / 1_000_000;
      }
    }
  }

  /** A step that changes nothing, so that it may be interrupted. */
  <T> T interruptibly(Supplier<T> step) throws InterruptedException {
    synchronized (gate) {
      if (stopping) {
        throw new InterruptedException();
      }
      interruptible = true;
    }
    try {
      return step.get();
    } finally {
      synchronized (gate) {
        interruptible = false;
      }
    }
  }

  /** The consumer; a new one when there is none. */
  LogConsumer consumer() {
    synchronized (gate) {
      if (consumer == null) {
        consumer = consumers.get();
      }
      return consumer;
    }
  }

  /** It is not needed for now. */
  void closeConsumer() {
    LogConsumer old;
    synchronized (gate) {
      old = consumer;
      consumer = null;
    }
    if (old != null) {
      old.close();
    }
  }

  /** Nothing more is to be asked by this thread. Any thread. */
  void stop(Thread thread) {
    synchronized (gate) {
      stopping = true;
      if (interruptible) {
        thread.interrupt();
      }
      if (consumer != null) {
        consumer.wakeUp();
      }
      gate.notifyAll();
    }
  }
}
