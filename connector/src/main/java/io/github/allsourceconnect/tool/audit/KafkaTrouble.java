package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.protocol.Printable;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;

/** Says what Kafka's clients have met, and what to do about it. */
final class KafkaTrouble {
  private static final int CAUSES_MAX = 10;

  /** The class of a cause, where a message repeats it. */
  private static final Pattern CLASS =
      Pattern.compile("\\b(?:[a-z]\\w*\\.)+[A-Z]\\w*(?:Exception|Error): ");

  private KafkaTrouble() {}

  /** One line. */
  static String text(Throwable trouble) {
    String why =
        trouble.getMessage() == null ? trouble.getClass().getSimpleName() : trouble.getMessage();
    if (trouble instanceof AuthorizationException) {
      return "Kafka does not allow it ("
          + Printable.message(why)
          + "): grant that to the user of --kafka-config, or name another one there";
    }
    if (trouble instanceof SslAuthenticationException) {
      return "TLS with the brokers of --bootstrap fails ("
          + withCauses(trouble)
          + "): see the certificates of ssl.truststore.location and ssl.keystore.location in"
          + " --kafka-config";
    }
    if (trouble instanceof AuthenticationException) {
      return "the brokers of --bootstrap let nobody in as --kafka-config says ("
          + Printable.message(why)
          + ")";
    }
    if (trouble instanceof TimeoutException || trouble instanceof DisconnectException) {
      return "the brokers of --bootstrap do not answer ("
          + Printable.message(why)
          + "): see whether they run, and whether --kafka-config has the security that they ask for";
    }
    return "Kafka answers: " + Printable.message(trouble.toString());
  }

  /** The settings of a client are such that there is none. */
  static Unjudgeable unusable(KafkaException trouble) {
    Throwable why = trouble.getCause() == null ? trouble : trouble.getCause();
    return new Unjudgeable(
        "--bootstrap or --kafka-config can't be used: " + withCauses(why), trouble);
  }

  /**
   * One line, about what Kafka's own answer does not name.
   *
   * @param wanted what was to be allowed
   */
  static String text(Throwable trouble, String wanted) {
    return trouble instanceof AuthorizationException
        ? "Kafka does not allow "
            + wanted
            + ": grant that to the user of --kafka-config, or name another one there"
        : text(trouble);
  }

  /** What each of its causes adds, for the first one often tells the least. */
  private static String withCauses(Throwable trouble) {
    StringBuilder said = new StringBuilder(String.valueOf(trouble.getMessage()));
    Throwable cause = trouble.getCause();
    for (int i = 0; i < CAUSES_MAX && cause != null; i++) {
      String more = cause.getMessage();
      if (more != null && said.indexOf(more) < 0) {
        said.append(": ").append(more);
      }
      cause = cause.getCause();
    }
    return Printable.message(CLASS.matcher(said).replaceAll(""));
  }
}
