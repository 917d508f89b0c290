package io.github.allsourceconnect.tool.preview;

import io.github.allsourceconnect.config.BufferSettings;
import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.tool.input.Arguments;
import io.github.allsourceconnect.tool.input.ConnectorSettings;
import io.github.allsourceconnect.tool.input.UsageException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/**
 * What a preview was told.
 *
 * @param settings the connector's, as given
 * @param written their converters
 * @param config the same, checked
 * @param events how many of the history, and how many live ones, are shown at most
 * @param seconds after how long it ends; 0: it does not end for that
 * @param live whether live entries are shown behind the history
 * @param json whether for machines
 * @param width characters of a row for people
 */
record PreviewOptions(
    Map<String, String> settings,
    Written written,
    SourceConfig config,
    long events,
    long seconds,
    boolean live,
    boolean json,
    int width) {
  static final String HELP = "--help";
  static final String LEADER = "--leader";
  static final String CONFIG = "--config";
  static final String CONNECTOR = "--connector";
  static final String SET = "--set";
  static final String EVENTS = "--events";
  static final String SECONDS = "--seconds";
  static final String LIVE = "--live";
  static final String JSON = "--json";
  static final String WIDTH = "--width";

  private static final long EVENTS_USUAL = 20;
  private static final long WIDTH_LEAST = 60;
  private static final long WIDTH_USUAL = 100;
  private static final long WIDTH_MOST = 100_000;

  static Arguments parse(String[] args) throws UsageException {
    return Arguments.parse(
        args,
        Set.of(HELP, LIVE, JSON),
        Set.of(LEADER, CONFIG, CONNECTOR, SET, EVENTS, SECONDS, WIDTH),
        Set.of(SET));
  }

  /**
   * Reads and checks the settings.
   *
   * @param columns the terminal's width, or null
   * @throws UsageException naming all that is wrong
   */
  static PreviewOptions of(Arguments args, String columns) throws UsageException {
    if (args.has(CONFIG) && args.has(CONNECTOR)) {
      throw new UsageException("give " + CONFIG + " or " + CONNECTOR + ", not both");
    }
    Map<String, String> settings = new LinkedHashMap<>();
    if (args.has(CONFIG)) {
      settings.putAll(ConnectorSettings.ofFile(path(args.value(CONFIG))));
    } else if (args.has(CONNECTOR)) {
      settings.putAll(ConnectorSettings.ofWorker(args.value(CONNECTOR)));
    }
    settings.putAll(ConnectorSettings.ofPairs(args.values(SET)));
    settings.values().removeIf(String::isEmpty);
    String type = settings.getOrDefault("connector.class", "");
    if (!type.isEmpty() && !type.contains("AllSourceSource")) {
      throw new UsageException(
          "connector.class=" + type + ": a preview is of a source, AllSourceSourceConnector");
    }
    if (args.has(LEADER)) {
      settings.put(LeaderSettings.ADDRESSES, args.value(LEADER));
    }
    if (!settings.containsKey(LeaderSettings.ADDRESSES)) {
      throw new UsageException(
          "which leader? Give "
              + LEADER
              + " HOST:3910, "
              + CONFIG
              + " FILE or "
              + CONNECTOR
              + " URL");
    }
    for (String key : List.of("key.converter", "value.converter", "header.converter")) {
      settings.computeIfPresent(key, (same, name) -> Written.fullName(name.trim()));
    }
    return new PreviewOptions(
        Map.copyOf(settings),
        new Written(settings),
        checked(settings),
        args.number(EVENTS, EVENTS_USUAL, 1),
        args.number(SECONDS, 0, 1),
        args.has(LIVE),
        args.has(JSON),
        (int) Math.min(WIDTH_MOST, args.number(WIDTH, usual(columns), WIDTH_LEAST)));
  }

  private static Path path(String file) throws UsageException {
    try {
      return Path.of(file);
    } catch (InvalidPathException e) {
      throw new UsageException(file + " is not a file name");
    }
  }

  private static long usual(String columns) {
    return columns != null && columns.matches("[1-9][0-9]{1,4}")
        ? Math.max(WIDTH_LEAST, Long.parseLong(columns))
        : WIDTH_USUAL;
  }

  private static SourceConfig checked(Map<String, String> settings) throws UsageException {
    ConnectorSettings.checkLookedUp(settings);
    Map<String, String> own = new LinkedHashMap<>(settings);
    // the worker's folder may not be here
    own.put(BufferSettings.DISK_DIR, System.getProperty("java.io.tmpdir"));
    List<String> wrong = new ArrayList<>();
    for (ConfigValue value : SourceConfig.validate(own)) {
      wrong.addAll(value.errorMessages());
    }
    if (!wrong.isEmpty()) {
      throw new UsageException(String.join("\n", wrong));
    }
    try {
      return new SourceConfig(own);
    } catch (ConfigException e) {
      throw new UsageException(e.getMessage());
    }
  }
}
