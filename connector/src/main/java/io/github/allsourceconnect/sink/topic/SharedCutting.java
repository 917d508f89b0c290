package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.topic.LogConsumer.Stretch;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Cuts stretches for readers, of which that is most of the work: the second half of a large one by
 * another thread, if one is free. Nothing waits for a thread: where all are at work already, the
 * reader does the whole. Any thread.
 */
final class SharedCutting {
  /** A half is worth another thread from so many bytes on. */
  private static final int HALF_BYTES = BlockCutter.BLOCK_BYTES;

  private static final long IDLE_SECONDS = 10;

  private final Supplier<LineEncoder> encoders;
  private final Queue<BlockCutter> free = new ConcurrentLinkedQueue<>();
  private final ThreadPoolExecutor threads;

  /**
   * @param readers how many readers there are; no more threads than that, nor than half the
   *     processors, but one at least
   * @param encoders makes the encoder of a thread
   */
  SharedCutting(String threadName, int readers, Supplier<LineEncoder> encoders) {
    this(readers, named(threadName), encoders);
  }

  /**
   * @param maker makes the threads
   */
  SharedCutting(int readers, ThreadFactory maker, Supplier<LineEncoder> encoders) {
    this.encoders = encoders;
    int most = Math.min(readers, Runtime.getRuntime().availableProcessors() / 2);
    threads =
        new ThreadPoolExecutor(
            0, Math.max(1, most), IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), maker);
  }

  private static ThreadFactory named(String threadName) {
    LogContext context = LogContext.here();
    AtomicInteger made = new AtomicInteger();
    return work -> {
      Thread thread = new Thread(context.around(work), threadName + "-" + made.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * Blocks that together cover the stretch, in order.
   *
   * @throws InterruptedException if the caller is interrupted while another thread is at work
   */
  List<LogBlock> cut(Stretch stretch) throws InterruptedException {
    int middle = middle(stretch.records());
    Future<List<LogBlock>> second = middle == 0 ? null : begun(behind(stretch, middle));
    if (second == null) {
      return alone(stretch);
    }
    List<LogBlock> blocks = alone(before(stretch, middle));
    blocks.addAll(taken(second));
    return blocks;
  }

  private List<LogBlock> alone(Stretch stretch) {
    BlockCutter used = free.poll();
    BlockCutter cutter = used == null ? new BlockCutter(encoders.get()) : used;
    try {
      return cutter.cut(stretch);
    } finally {
      free.add(cutter);
    }
  }

  /** Null if no thread is free, or none can be made: then the caller does it all. */
  private Future<List<LogBlock>> begun(Stretch stretch) {
    try {
      return threads.submit(() -> alone(stretch));
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      return null;
    }
  }

  private static List<LogBlock> taken(Future<List<LogBlock>> second) throws InterruptedException {
    try {
      return second.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      if (e.getCause() instanceof RuntimeException exception) {
        throw exception;
      }
      throw new ConnectException(e.getCause()); // an encoder's that does not declare it
    }
  }

  /** Where the second half begins; 0 if the stretch is too short for two. */
  private static int middle(List<ConsumerRecord<byte[], byte[]>> records) {
    long all = BlockCutter.bytes(records);
    if (all < 2 * HALF_BYTES) {
      return 0;
    }
    int middle = 0;
    for (long before = 0; before < all / 2; middle++) {
      before += BlockCutter.bytes(records.get(middle));
    }
    return middle == records.size() ? 0 : middle;
  }

  private static Stretch before(Stretch whole, int middle) {
    return new Stretch(
        whole.partition(),
        whole.from(),
        whole.records().get(middle).offset(),
        whole.records().subList(0, middle));
  }

  private static Stretch behind(Stretch whole, int middle) {
    return new Stretch(
        whole.partition(),
        whole.records().get(middle).offset(),
        whole.to(),
        whole.records().subList(middle, whole.records().size()));
  }

  /** Tells the threads to stop. */
  void stop() {
    threads.shutdownNow();
  }

  /** Waits for the threads after {@link #stop}. */
  void await(Deadline deadline) {
    try {
      threads.awaitTermination(deadline.left(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
