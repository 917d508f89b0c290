package io.github.allsourceconnect.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;

/**
 * A moment of a run.
 *
 * @param records how many records the topic had
 * @param nanos when, by {@link System#nanoTime}
 * @param processNanos CPU time of the whole process: broker, worker, leader, collector, compiler
 * @param workNanos CPU time of the threads that do the work measured: the task's, the connector's
 *     own, the producer's
 */
record Sample(long records, long nanos, long processNanos, long workNanos) {

  static Sample now(long records) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Sample(records, System.nanoTime(), system.getProcessCpuTime(), workCpuTime());
  }

  private static long workCpuTime() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (thread != null && isWork(thread.getThreadName())) {
        sum += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
      }
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
    return new Sample(0, nanos - 1_000_000, processNanos, workNanos);
  }

  /** What happened between two samples. */
  static Result between(Sample from, Sample to) {
    double records = to.records - from.records;
    return new Result(
        records * 1e9 / (to.nanos - from.nanos),
        (to.processNanos - from.processNanos) / records / 1000,
        (to.workNanos - from.workNanos) / records / 1000);
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
