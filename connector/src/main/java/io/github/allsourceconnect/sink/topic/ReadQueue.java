package io.github.allsourceconnect.sink.topic;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who waits for a read of the topic, in turn: at most one request for each follower, or for each
 * partition. A request that goes on where a free thread has read is left to that thread, whose
 * consumer has what follows already; another one would fetch it again. Partitions that give nothing
 * (they have no leader, say) are tried by one thread at a time, so that the others have theirs. Any
 * thread.
 */
final class ReadQueue {
  private final LinkedHashSet<Request> waiting = new LinkedHashSet<>();

  /** Where the threads that are free, or give an answer just now, have read last. */
  private final Map<Thread, Place> free = new HashMap<>();

  /** The partitions of which the last read brought nothing. */
  private final Set<Integer> silent = new HashSet<>();

  /** The thread that reads one of them; null for none. */
  private Thread trying;

  /**
   * What is wanted.
   *
   * @param log the number of the log that is to be read; without a meaning for bounds, as what
   *     follows
   */
  record Request(LogSink sink, int log, int number, long position) {
    boolean goesOnAt(Place place) {
      return place.log == log && place.partition == sink.partition() && place.position == position;
    }
  }

  /**
   * A place in a log.
   *
   * @param position the Kafka offset that comes next
   */
  record Place(int log, int partition, long position) {}

  synchronized void add(Request request) {
    waiting.add(request);
    notifyAll();
  }

  /**
   * The calling thread will take the next request when it has given its answer, and the consumer
   * that it has is there.
   */
  synchronized void freeAt(Place place) {
    free.put(Thread.currentThread(), place);
  }

  /** The next; waits for one. */
  synchronized Request take() throws InterruptedException {
    Request request = next();
    while (request == null) {
      wait();
      request = next();
    }
    return request;
  }

  /** The next, if one comes in time; null otherwise. */
  synchronized Request take(long millis) throws InterruptedException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    Request request = next();
    while (request == null) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return null;
      }
      wait(left);
      request = next();
    }
    return request;
  }

  /** Whether there is one that the calling thread would take. */
  synchronized boolean hasNext() {
    return find() != null;
  }

  private Request next() {
    Request request = find();
    if (request != null) {
      Thread me = Thread.currentThread();
      waiting.remove(request);
      free.remove(me);
      if (isSilent(request)) {
        trying = me;
      }
      notifyAll(); // what was left to this thread is anybody's
    }
    return request;
  }

  private Request find() {
    Thread me = Thread.currentThread();
    for (Request request : waiting) {
      if (!(isSilent(request) && trying != null) && !isForAnother(request, me)) {
        return request;
      }
    }
    return null;
  }

  private boolean isSilent(Request request) {
    return silent.contains(request.sink().partition());
  }

  private boolean isForAnother(Request request, Thread me) {
    Place mine = free.get(me);
    if (mine != null && request.goesOnAt(mine)) {
      return false;
    }
    return free.values().stream().anyMatch(request::goesOnAt);
  }

  /**
   * The calling thread has read what it took.
   *
   * @param answered whether Kafka has said anything about it
   */
  synchronized void done(Request request, boolean answered) {
    if (answered) {
      silent.remove(request.sink().partition());
    } else {
      silent.add(request.sink().partition());
    }
    ends();
  }

  /** The calling thread will take nothing more. */
  synchronized void leave() {
    free.remove(Thread.currentThread());
    ends();
  }

  private void ends() {
    if (trying == Thread.currentThread()) {
      trying = null;
    }
    notifyAll();
  }

  synchronized void forget(LogSink sink, int number) {
    waiting.removeIf(each -> each.sink() == sink && each.number() == number);
  }

  synchronized void forget(LogSink sink) {
    waiting.removeIf(each -> each.sink() == sink);
  }

  synchronized int size() {
    return waiting.size();
  }
}
