package io.github.allsourceconnect.tool.audit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.junit.jupiter.api.Test;

/** What Kafka's clients meet is said in a line that tells what to do. */
class KafkaTroubleTest {
  private static void says(Exception trouble, String... parts) {
    String said = KafkaTrouble.text(trouble);
    for (String part : parts) {
      assertTrue(said.contains(part), said);
    }
    assertFalse(said.contains("\n") || said.contains("org.apache"), said);
  }

  @Test
  void eachTroubleNamesTheOptionThatHelps() {
    says(
        new TopicAuthorizationException("Not authorized to access topics: [events]"),
        "does not allow",
        "[events]",
        "--kafka-config");
    says(new SaslAuthenticationException("Authentication failed"), "failed", "--kafka-config");
    says(
        new TimeoutException("Call: listTopics"), "--bootstrap", "do not answer", "--kafka-config");
    says(new DisconnectException(), "--bootstrap", "do not answer");
  }

  @Test
  void anythingElseIsKafkasOwnAnswer() {
    String said = KafkaTrouble.text(new UnknownServerException("on purpose"));
    assertTrue(said.contains("Kafka answers: ") && said.contains("on purpose"), said);
  }
}
