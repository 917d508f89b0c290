package io.github.allsourceconnect.monitoring;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an exporter said, one time after another. */
final class Scrapes {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-z_]+)(?:\\{([^}]*)\\})? ([-+0-9.eENa]+)(?: .*)?");
  private static final Pattern NAME =
      Pattern.compile("\\b(allsource_[a-z_]+|kafka_connect_[a-z_]+)");
  private static final Pattern RATE =
      Pattern.compile("(?:rate|increase)\\(([a-z_]+)(?:\\{[^}]*\\})?\\[\\w+\\]\\)");
  private static final Pattern PLAIN = Pattern.compile("([a-z_]+)(?:\\{[^}]*\\})?");

  /** A moment's samples. */
  private record Scrape(double seconds, Map<String, Double> samples) {}

  private final List<Scrape> scrapes = new ArrayList<>();

  /** A point of a curve. */
  record Point(double seconds, double value) {}

  void add(double seconds, String text) {
    Map<String, Double> samples = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      Matcher sample = SAMPLE.matcher(line);
      if (sample.matches()) {
        samples.put(
            sample.group(1) + "{" + (sample.group(2) == null ? "" : sample.group(2)) + "}",
            Double.parseDouble(sample.group(3)));
      }
    }
    scrapes.add(new Scrape(seconds, samples));
  }

  /** The series' names in an expression. */
  static Set<String> names(String expression) {
    Set<String> names = new TreeSet<>();
    Matcher found = NAME.matcher(expression);
    while (found.find()) {
      names.add(found.group(1));
    }
    return names;
  }

  boolean has(String name) {
    return scrapes.stream().anyMatch(s -> s.samples().keySet().stream().anyMatch(is(name)));
  }

  /** The value of such a series at last, of the first one if there are several; or no number. */
  double last(String name) {
    return scrapes.get(scrapes.size() - 1).samples().entrySet().stream()
        .filter(each -> is(name).test(each.getKey()))
        .mapToDouble(Map.Entry::getValue)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** Whether such series are there, and never had another value. */
  boolean isAlways(String name, double value) {
    return has(name)
        && scrapes.stream()
            .flatMap(scrape -> scrape.samples().entrySet().stream())
            .filter(each -> is(name).test(each.getKey()))
            .allMatch(each -> each.getValue() == value);
  }

  /** Whether a series of this name ever had two values. */
  boolean moved(String name) {
    Map<String, Double> first = new LinkedHashMap<>();
    for (Scrape scrape : scrapes) {
      for (Map.Entry<String, Double> each : scrape.samples().entrySet()) {
        if (is(name).test(each.getKey())
            && !each.getValue()
                .equals(first.computeIfAbsent(each.getKey(), k -> each.getValue()))) {
          return true;
        }
      }
    }
    return false;
  }

  private static java.util.function.Predicate<String> is(String name) {
    return key -> key.startsWith(name + "{");
  }

  /** The curves of an expression of the dashboard, by their labels. */
  Map<String, List<Point>> curves(String expression) {
    Matcher rate = RATE.matcher(expression);
    Matcher plain = PLAIN.matcher(expression);
    boolean perSecond = rate.matches();
    if (!perSecond && !plain.matches()) {
      throw new IllegalArgumentException("not drawn: " + expression);
    }
    String name = perSecond ? rate.group(1) : plain.group(1);
    Map<String, List<Point>> curves = new LinkedHashMap<>();
    Scrape before = null;
    for (Scrape scrape : scrapes) {
      for (Map.Entry<String, Double> each : scrape.samples().entrySet()) {
        if (!is(name).test(each.getKey())) {
          continue;
        }
        double value = each.getValue();
        if (perSecond) {
          Double earlier = before == null ? null : before.samples().get(each.getKey());
          if (earlier == null) {
            continue;
          }
          value = Math.max(0, value - earlier) / (scrape.seconds() - before.seconds());
        }
        curves
            .computeIfAbsent(each.getKey(), key -> new ArrayList<>())
            .add(new Point(scrape.seconds(), value));
      }
      before = scrape;
    }
    return curves;
  }
}
