package io.github.allsourceconnect.sink.decision;

/**
 * Which log a topic's name stands for: the same name on another cluster, or after the topic was
 * deleted and created again, is another log. Kept wherever something is kept that is true of one
 * log only.
 *
 * @param clusterId Kafka's id of the cluster
 * @param topicId Kafka's id of the topic, as text
 */
public record LogIdentity(String clusterId, String topicId) {
  private static final char BETWEEN = '/';

  /** Both parts are needed, and a slash in the cluster's id would make {@link #text} ambiguous. */
  public LogIdentity {
    if (clusterId.isEmpty() || topicId.isEmpty() || topicId.indexOf(BETWEEN) >= 0) {
      throw new IllegalArgumentException("no identity of a log: " + clusterId + ", " + topicId);
    }
  }

  /** Both ids as one text, {@code cluster/topic}. */
  public String text() {
    return clusterId + BETWEEN + topicId;
  }

  /**
   * The identity of a {@link #text}.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static LogIdentity of(String text) {
    int between = text.lastIndexOf(BETWEEN);
    if (between < 0) {
      throw new IllegalArgumentException("no identity of a log: " + text);
    }
    return new LogIdentity(text.substring(0, between), text.substring(between + 1));
  }

  @Override
  public String toString() {
    return "topic id " + topicId + " on cluster " + clusterId;
  }
}
