package io.github.allsourceconnect.source;

import io.github.allsourceconnect.source.decision.Ledger;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The figures that the metrics show: the ledger as the follower's thread last published it, and what
 * the shell's parts tell by themselves. {@link #publish} is the follower's, {@link #all} anybody's.
 */
final class Figures {
  private final Map<String, Supplier<?>> own = new LinkedHashMap<>();
  private final List<Field> ledgerFields = new ArrayList<>();
  private volatile Map<String, Long> ledger = Map.of();

  Figures() {
    for (Field field : Ledger.class.getFields()) {
      if (field.getType() == long.class && !Modifier.isStatic(field.getModifiers())) {
        ledgerFields.add(field);
      }
    }
  }

  /** Adds a figure; before the metrics are registered. The supplier is for any thread. */
  void add(String name, Supplier<?> figure) {
    own.put(name, figure);
  }

  /** Publishes the ledger as it is now. */
  void publish(Ledger now) {
    Map<String, Long> copy = new TreeMap<>();
    for (Field field : ledgerFields) {
      try {
        copy.put(kebab(field.getName()), field.getLong(now));
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(field + " is public", e);
      }
    }
    copy.put("balance", now.balance());
    ledger = copy;
  }

  Map<String, ?> all() {
    Map<String, Object> all = new TreeMap<>(ledger);
    own.forEach((name, figure) -> all.put(name, figure.get()));
    return all;
  }

  /** A figure of the ledger as last published; 0 before the first time. */
  long ofLedger(String name) {
    return ledger.getOrDefault(name, 0L);
  }

  private static String kebab(String camel) {
    return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
