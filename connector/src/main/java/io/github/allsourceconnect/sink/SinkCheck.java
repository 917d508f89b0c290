package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.config.ListenerSettings;
import io.github.allsourceconnect.config.LogSettings;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.protocol.Printable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries a sink's configuration: asks the brokers for the topic and its retention, and binds the
 * ports for a moment. Tasks may run on other workers, so what is tried here is this worker.
 *
 * <p>The brokers are asked on a thread of its own: making a client resolves names and may log in
 * somewhere, which takes as long as it takes, and whoever called has only so much time.
 */
public final class SinkCheck {
  private static final Logger LOG = LoggerFactory.getLogger(SinkCheck.class);
  private static final int LAST_PORT = 65_535;

  private final SinkConfig config;
  private final long end;
  private final long limitMs;
  private final BiConsumer<String, String> error;

  /** What the brokers say. */
  private record Topic(int partitions, boolean running, long retentionMs) {}

  /** The topic, or the key that is wrong and why. */
  private record Answer(Topic topic, String key, String problem) {}

  private SinkCheck(SinkConfig config, long limitMs, BiConsumer<String, String> error) {
    this.config = config;
    this.limitMs = limitMs;
    this.end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMs);
    this.error = error;
  }

  /**
   * Tries it.
   *
   * @param limitMs how long all of it may take
   * @param error told which key is wrong, and why
   */
  public static void ask(SinkConfig config, long limitMs, BiConsumer<String, String> error) {
    new SinkCheck(config, limitMs, error).run();
  }

  private void run() {
    Answer answer = asked();
    Topic topic = answer.topic();
    if (topic == null) {
      error.accept(answer.key(), answer.problem());
      bind(1, false);
      return;
    }
    int port = config.listener().port();
    if (port > 0 && port + topic.partitions() - 1 > LAST_PORT) {
      error.accept(
          ListenerSettings.PORT,
          "is too high: the topic has "
              + topic.partitions()
              + " partitions, and partition p is served on "
              + port
              + " + p, but ports end at "
              + LAST_PORT);
      return;
    }
    bind(topic.partitions(), topic.running());
    if (topic.retentionMs() > 0
        && config.snapshot().dir().isEmpty()
        && config.snapshot().topic().isEmpty()) {
      LOG.warn(
          "Topic {} forgets records after {} h, and neither snapshot.topic nor snapshot.dir keeps"
              + " them: a follower that is away for longer, or new, is refused then",
          config.topic(),
          TimeUnit.MILLISECONDS.toHours(topic.retentionMs()));
    }
  }

  private Answer asked() {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Runnable work =
        () -> {
          try {
            answer.complete(ask());
          } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
          }
        };
    Thread thread = new Thread(LogContext.here().around(work), "allsource-validate-brokers");
    thread.setDaemon(true);
    thread.start();
    try {
      return answer.get(left(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return silent();
    } catch (ExecutionException e) {
      return unusable(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return unusable(e);
    }
  }

  private Answer ask() {
    Admin admin;
    try {
      admin = Admin.create(settings());
    } catch (KafkaException e) {
      return unusable(e);
    }
    try {
      return new Answer(topic(admin), null, null);
    } catch (ExecutionException e) {
      return e.getCause() instanceof UnknownTopicOrPartitionException
          ? new Answer(
              null,
              SinkConfig.TOPICS,
              "names "
                  + config.topic()
                  + ", which is no topic of the brokers at "
                  + brokers()
                  + ". Create it, or set validate.live=false")
          : new Answer(
              null,
              LogSettings.BOOTSTRAP_SERVERS,
              brokers()
                  + " can't be asked for topic "
                  + config.topic()
                  + ": "
                  + Printable.message(reason(e.getCause())));
    } catch (TimeoutException e) {
      return silent();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return unusable(e);
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  private Map<String, Object> settings() {
    Map<String, Object> settings = new HashMap<>();
    config
        .log()
        .consumerOverrides()
        .forEach(
            (key, value) -> {
              if (AdminClientConfig.configNames().contains(key)) {
                settings.put(key, value);
              }
            });
    settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.log().bootstrapServers());
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) limitMs);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) limitMs);
    return settings;
  }

  private Answer silent() {
    return new Answer(
        null,
        LogSettings.BOOTSTRAP_SERVERS,
        "has no broker that answers within "
            + limitMs
            + " ms: "
            + brokers()
            + ". Check the addresses, and security settings under "
            + LogSettings.CONSUMER_PREFIX);
  }

  private Answer unusable(Throwable e) {
    return new Answer(
        null,
        LogSettings.BOOTSTRAP_SERVERS,
        "can't be used by a client: " + Printable.message(reason(e)));
  }

  private String brokers() {
    return String.join(",", config.log().bootstrapServers());
  }

  private Topic topic(Admin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    var described = admin.describeTopics(List.of(config.topic())).allTopicNames();
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, config.topic());
    var configs = admin.describeConfigs(List.of(resource)).all();
    var groups = admin.describeConsumerGroups(List.of(config.consumerGroup())).all();
    int partitions =
        described.get(left(), TimeUnit.NANOSECONDS).get(config.topic()).partitions().size();
    long retention = -1;
    boolean running = true;
    try {
      Config found = configs.get(left(), TimeUnit.NANOSECONDS).get(resource);
      retention = Long.parseLong(found.get("retention.ms").value());
      if (found.get("cleanup.policy").value().equals("compact")) {
        retention = -1;
      }
    } catch (ExecutionException e) {
      LOG.debug("The topic's settings are not shown to this client", e);
    }
    try {
      ConsumerGroupDescription group =
          groups.get(left(), TimeUnit.NANOSECONDS).get(config.consumerGroup());
      running = !group.members().isEmpty();
    } catch (ExecutionException e) {
      // one that there is not is not running; of one that can't be seen that is not known
      running = !(e.getCause() instanceof GroupIdNotFoundException);
    }
    return new Topic(partitions, running, retention);
  }

  private long left() {
    return Math.max(1, end - System.nanoTime());
  }

  /**
   * Binds each port for a moment.
   *
   * @param running whether the connector may run, and have the ports itself
   */
  private void bind(int partitions, boolean running) {
    String host = config.listener().host();
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      error.accept(
          ListenerSettings.HOST, "is not a host name that this worker can resolve: " + host);
      return;
    }
    try (ServerSocket any = new ServerSocket()) {
      any.bind(new InetSocketAddress(address, 0));
    } catch (IOException e) {
      error.accept(
          ListenerSettings.HOST,
          "is not an address of this worker ("
              + host
              + ": "
              + Printable.of(e.getMessage())
              + "). Take 0.0.0.0 for all of its addresses; listener.advertised.host is what"
              + " followers are told");
      return;
    }
    for (int p = 0; config.listener().port() > 0 && p < partitions && !running; p++) {
      int port = config.port(p);
      try (ServerSocket tried = new ServerSocket()) {
        tried.setReuseAddress(true);
        tried.bind(new InetSocketAddress(address, port));
      } catch (IOException e) {
        error.accept(
            ListenerSettings.PORT,
            "leads to port "
                + port
                + " for partition "
                + p
                + ", which can't be listened on here: "
                + Printable.of(e.getMessage())
                + ". Free it, or take another");
        return;
      }
    }
  }

  private static String reason(Throwable e) {
    Throwable deepest = e;
    while (deepest.getCause() != null && deepest.getCause() != deepest) {
      deepest = deepest.getCause();
    }
    return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
  }
}
