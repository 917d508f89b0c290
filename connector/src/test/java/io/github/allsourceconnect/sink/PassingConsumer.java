package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.sink.topic.LogConsumer;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Hands everything on. */
class PassingConsumer implements LogConsumer {
  private final LogConsumer to;

  PassingConsumer(LogConsumer to) {
    this.to = to;
  }

  @Override
  public Bounds bounds(int partition) {
    return to.bounds(partition);
  }

  @Override
  public void seek(Map<Integer, Long> positions) {
    to.seek(positions);
  }

  @Override
  public long position(int partition) {
    return to.position(partition);
  }

  @Override
  public List<Stretch> poll(Duration timeout) {
    return to.poll(timeout);
  }

  @Override
  public void wakeUp() {
    to.wakeUp();
  }

  @Override
  public void close() {
    to.close();
  }
}
