package io.github.allsourceconnect.sink.decision;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is kept beside a committed offset, so that the next task knows of which log it is true.
 *
 * @param log the log
 * @param reached no follower has been sent anything of it above this WAL offset
 * @param doubtfulUpTo a follower that has something, but nothing above this WAL offset, may have it
 *     from an earlier log; 0 for none
 * @param atMs when it was written, milliseconds since 1970
 */
public record CommitNote(LogIdentity log, long reached, long doubtfulUpTo, long atMs) {
  private static final String FIRST = "allsource-log=";

  /** As it is kept: words of the form {@code key=value}. */
  public String text() {
    return FIRST + log.text() + " reached=" + reached + " doubtful=" + doubtfulUpTo + " at=" + atMs;
  }

  /** Reads {@link #text}; empty for a text of somebody else. */
  public static Optional<CommitNote> of(String text) {
    if (text == null || !text.startsWith(FIRST)) {
      return Optional.empty();
    }
    Map<String, String> words = new HashMap<>();
    for (String word : text.split(" ", -1)) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        words.put(word.substring(0, equals + 1), word.substring(equals + 1));
      }
    }
    try {
      return Optional.of(
          new CommitNote(
              LogIdentity.of(words.get(FIRST)),
              Long.parseLong(words.getOrDefault("reached=", "0")),
              Long.parseLong(words.getOrDefault("doubtful=", "0")),
              Long.parseLong(words.getOrDefault("at=", "0"))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
