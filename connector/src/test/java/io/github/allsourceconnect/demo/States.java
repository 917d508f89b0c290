package io.github.allsourceconnect.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.allsourceconnect.harness.ConnectRest;
import java.util.ArrayList;
import java.util.List;

/** What the worker says of the connectors: how each is, and why one failed. */
final class States {
  private final ConnectRest rest;
  private final List<String> texts = new ArrayList<>();
  private String failed;

  /**
   * @param rest null where nobody is asked
   */
  States(ConnectRest rest) {
    this.rest = rest;
  }

  /** Asks anew. */
  void ask(List<String> connectors) {
    texts.clear();
    failed = null;
    for (String name : connectors) {
      String state;
      try {
        state = take(name, rest.status(name));
      } catch (ConnectRest.Refused e) {
        state = e.status() == 404 ? "DELETED" : "UNKNOWN";
      } catch (RuntimeException e) {
        state = "UNKNOWN";
      }
      texts.add(name + " " + state);
    }
  }

  /** The state that stands for a connector: that of what is worst about it. */
  String take(String name, JsonNode status) {
    String state = status.path("connector").path("state").asText("UNKNOWN");
    if (!state.equals("RUNNING")) {
      return state;
    }
    if (status.path("tasks").isEmpty()) {
      return "STARTING";
    }
    for (JsonNode task : status.path("tasks")) {
      String of = task.path("state").asText();
      if (of.equals("FAILED")) {
        failed = name + " failed: " + reason(task.path("trace").asText());
      }
      if (!of.equals("RUNNING")) {
        state = of;
      }
    }
    return state;
  }

  /** Why a task failed, null where none did. */
  String failed() {
    return failed;
  }

  /** Whether all of them run. */
  boolean allRun() {
    return texts.stream().allMatch(text -> text.endsWith(" RUNNING"));
  }

  @Override
  public String toString() {
    return String.join("  ", texts);
  }

  private static String reason(String trace) {
    return trace
        .lines()
        .filter(line -> !line.startsWith("\tat ") && !line.startsWith("\t..."))
        .map(line -> line.replaceFirst("^(Caused by: )?[\\w.$]+(Exception|Error): ", ""))
        .distinct()
        .limit(3)
        .reduce((one, other) -> one + ": " + other)
        .orElse("without a word");
  }
}
