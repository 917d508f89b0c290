package io.github.allsourceconnect.bench;

/** A part of the benchmark. */
interface Part {
  /** Measures, and reports what was found. */
  void run(BenchSettings settings, Stages stages, Report report) throws Exception;
}
