package io.github.allsourceconnect.harness;

import java.net.URI;

/** A distributed Connect worker. */
public interface Worker extends AutoCloseable {
  /** The settings that it runs with; another worker with the same ones takes its place. */
  WorkerSettings settings();

  /** Stops it the friendly way: tasks are stopped, positions committed; returns when it is gone. */
  @Override
  void close();

  /** Its REST interface. */
  default ConnectRest rest() {
    return new ConnectRest(URI.create("http://127.0.0.1:" + settings().restPort()));
  }
}
