package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.config.LogSettings;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.sink.topic.Converters;
import io.github.allsourceconnect.sink.topic.Deadline;
import io.github.allsourceconnect.sink.topic.LateEncoder;
import io.github.allsourceconnect.sink.topic.LineEncoder;
import io.github.allsourceconnect.sink.topic.LogWatch;
import io.github.allsourceconnect.sink.topic.OlderReaders;
import io.github.allsourceconnect.sink.topic.Recognition;
import io.github.allsourceconnect.sink.topic.RecordPipeline;
import io.github.allsourceconnect.sink.topic.TailReader;
import java.util.function.Consumer;

/**
 * What reads the topic for all partitions of a task: the tail, older stretches, which log it is,
 * and how its records are read. Built whole or not at all. Used by the task's thread.
 */
final class TopicReaders {
  private static final long CLOSE_MS = 3_000;

  private final LeaderParts parts;
  private final MessageCodec codec;
  private final boolean passOverBad;
  private LogWatch watch;
  private Recognition recognition;
  private TailReader tail;
  private OlderReaders older;

  /**
   * @param name of threads and clients
   * @param passOverBad whether records that are no events are passed over
   * @param failure told why a thread ended before it was stopped
   */
  TopicReaders(
      String topic,
      LogSettings settings,
      LeaderParts parts,
      MessageCodec codec,
      String name,
      boolean passOverBad,
      Consumer<Throwable> failure) {
    this.parts = parts;
    this.codec = codec;
    this.passOverBad = passOverBad;
    try {
      build(topic, settings, name, failure);
    } catch (RuntimeException | Error e) {
      close(Deadline.in(CLOSE_MS));
      throw e;
    }
  }

  private void build(String topic, LogSettings settings, String name, Consumer<Throwable> failure) {
    watch = new LogWatch(parts.identities(name + "-watch"));
    recognition =
        new Recognition(
            name + "-recognition",
            topic,
            Converters.Choice.of(settings),
            () -> parts.consumer(name + "-recognition"),
            watch,
            failure);
    recognition.start();
    tail =
        new TailReader(
            name + "-tail",
            () -> parts.consumer(name + "-tail"),
            watch,
            new LateEncoder(this::encoder),
            failure);
    older =
        new OlderReaders(
            name + "-older",
            settings.consumersMax(),
            number -> parts.olderConsumer(name + "-older-" + number),
            () -> new LateEncoder(this::encoder),
            watch,
            settings.pollTimeout(),
            failure);
    tail.start();
    older.start();
  }

  /** A thread's encoder; waits until the converters are known. Any thread. */
  LineEncoder encoder() {
    return new RecordPipeline(
        new Converters(recognition.converters()), parts.mapper(), codec, passOverBad);
  }

  LogWatch watch() {
    return watch;
  }

  Recognition recognition() {
    return recognition;
  }

  TailReader tail() {
    return tail;
  }

  OlderReaders older() {
    return older;
  }

  /** Tells all threads to stop, and whoever waits for the converters. */
  void stop() {
    if (recognition != null) {
      recognition.stop();
    }
    if (tail != null) {
      tail.stop();
    }
    if (older != null) {
      older.stop();
    }
  }

  /** Stops, and waits for the threads. */
  void close(Deadline deadline) {
    stop();
    if (watch != null) {
      watch.close();
    }
    if (tail != null) {
      tail.await(deadline);
    }
    if (older != null) {
      older.await(deadline);
    }
    if (recognition != null) {
      recognition.await(deadline);
    }
  }
}
