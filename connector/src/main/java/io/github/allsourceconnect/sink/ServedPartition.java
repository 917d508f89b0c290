package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.sink.listener.FollowerListener;
import io.github.allsourceconnect.sink.listener.PartitionLeader;
import io.github.allsourceconnect.sink.topic.HistoryWriter;
import io.github.allsourceconnect.sink.topic.TailReader;
import java.util.List;
import java.util.concurrent.Future;

/**
 * What serves one partition. Used by the task's thread; what it consists of may be asked by any.
 *
 * @param history null when none is kept
 */
record ServedPartition(PartitionLeader leader, FollowerListener listener, HistoryWriter history) {
  /** Begins to serve; the port may come a little later. */
  void start(TailReader tail) {
    tail.add(leader.readers());
    listener.start();
    if (history != null) {
      history.start();
    }
  }

  /**
   * Tells all of it to stop.
   *
   * @return done when followers are closed and the port is free
   */
  List<Future<?>> stop(TailReader tail, String why) {
    tail.remove(leader.readers());
    List<Future<?>> stopping = List.of(listener.stop(), leader.stop(why));
    if (history != null) {
      history.stop();
    }
    return stopping;
  }
}
