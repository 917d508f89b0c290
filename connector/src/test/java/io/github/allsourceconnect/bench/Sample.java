package io.github.allsourceconnect.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.Map;

/**
 * A moment of a run.
 *
 * @param records how many records the topic had
 * @param nanos when, by {@link System#nanoTime}
 * @param processNanos CPU time of the whole process: broker, worker, leader, collector, compiler
 * @param threadNanos CPU time of each thread, by its id
 * @param work which of them do the work measured: the task's, the connector's own, the producer's;
 *     Connect's threads serve one task after another, and are named after the present one
 */
record Sample(
    long records,
    long nanos,
    long processNanos,
    Map<Long, Long> threadNanos,
    Map<Long, String> work) {

  static Sample now(long records) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    Map<Long, Long> nanos = new HashMap<>();
    Map<Long, String> work = new HashMap<>();
    for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (thread != null) {
        nanos.put(thread.getThreadId(), threads.getThreadCpuTime(thread.getThreadId()));
        if (isWork(thread.getThreadName())) {
          work.put(thread.getThreadId(), thread.getThreadName());
        }
      }
    }
    return new Sample(records, System.nanoTime(), system.getProcessCpuTime(), nanos, work);
  }

  /** CPU time since then of the threads that do the work now. */
  long workNanosSince(Sample before) {
    long sum = 0;
    for (Long thread : work.keySet()) {
      long then = before.threadNanos.getOrDefault(thread, 0L);
      sum += Math.max(0, threadNanos.get(thread) - then);
    }
    return sum;
  }

  static boolean isWork(String thread) {
    return thread.startsWith("task-thread-bench-")
        || thread.startsWith("allsource-bench-")
        || thread.startsWith("bench-producer")
        || thread.contains("producer-network-thread | connector-producer-bench-")
        || thread.contains("producer-network-thread | bench-");
  }

  /** As if nothing had been there then. */
  Sample atZero() {
    return new Sample(0, nanos - 1_000_000, processNanos, threadNanos, work);
  }

  /** What happened between two samples. */
  static Result between(Sample from, Sample to) {
    double records = to.records - from.records;
    return new Result(
        records * 1e9 / (to.nanos - from.nanos),
        (to.processNanos - from.processNanos) / records / 1000,
        to.workNanosSince(from) / records / 1000);
  }

  /**
   * Of one run.
   *
   * @param rate records a second
   * @param processCpu CPU time of the process, microseconds a record
   * @param workCpu the same of the threads that do the work measured
   */
  record Result(double rate, double processCpu, double workCpu) {}
}
