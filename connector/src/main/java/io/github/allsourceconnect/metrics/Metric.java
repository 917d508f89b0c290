package io.github.allsourceconnect.metrics;

/**
 * What a figure is: the one place for its name, its unit and what it says. Beans, Connect's plugin
 * metrics and the page of all metrics are made from it.
 *
 * @param name the attribute's name; Debezium's where it says the same
 * @param unit of the value; empty for plain numbers and texts
 * @param kind how the value goes
 * @param alias the name of earlier releases, kept for one release; null without one
 * @param help one sentence for whoever reads a dashboard
 */
public record Metric(String name, String unit, Kind kind, String alias, String help) {
  /** How a value goes. */
  public enum Kind {
    /** Only up, from 0 when the task starts. */
    COUNTER,
    /** Up and down. */
    GAUGE,
    /** For people; in JMX only. */
    TEXT
  }

  static Metric counter(String name, String unit, String help) {
    return new Metric(name, unit, Kind.COUNTER, null, help);
  }

  static Metric gauge(String name, String unit, String help) {
    return new Metric(name, unit, Kind.GAUGE, null, help);
  }

  static Metric text(String name, String help) {
    return new Metric(name, "", Kind.TEXT, null, help);
  }

  Metric once(String earlierName) {
    return new Metric(name, unit, kind, earlierName, help);
  }
}
