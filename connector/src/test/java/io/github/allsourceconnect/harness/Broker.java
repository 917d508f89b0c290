package io.github.allsourceconnect.harness;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka broker (KRaft, broker and controller in one) in this process, on loopback. Not for
 * several threads at once.
 */
public final class Broker implements AutoCloseable {
  private static final String DIRECT_PORT = "direct";

  private final Path folder;
  private final int port;
  private final int directPort;
  private final Map<String, String> settings;
  private KafkaRaftServer server;

  private Broker(Path folder, int port, int directPort, Map<String, String> settings) {
    this.folder = folder;
    this.port = port;
    this.directPort = directPort;
    this.settings = settings;
  }

  /** Starts a broker with an empty log in a temporary folder. */
  public static Broker start() {
    return start(Map.of());
  }

  /** Starts a broker with an empty log; {@code overrides} are broker settings. */
  public static Broker start(Map<String, String> overrides) {
    int port = Ports.free();
    return start(port, port, overrides);
  }

  /**
   * Starts a broker whose clients come through a gate, but for those that begin with {@link
   * #direct}.
   */
  public static Broker behind(Gate gate) {
    int port = Ports.free();
    gate.leadsTo(port);
    return start(port, gate.port(), withDirect("PLAINTEXT"));
  }

  /** Starts a broker that speaks TLS, but to clients that begin with {@link #direct}. */
  public static Broker withTls(Map<String, String> ssl) {
    int port = Ports.free();
    Map<String, String> settings = withDirect("SSL");
    ssl.forEach((key, value) -> settings.put("listener.name.plaintext." + key, value));
    return start(port, port, settings);
  }

  private static Map<String, String> withDirect(String protocol) {
    Map<String, String> settings = new HashMap<>();
    settings.put(
        "listener.security.protocol.map",
        "PLAINTEXT:" + protocol + ",CONTROLLER:PLAINTEXT,DIRECT:PLAINTEXT");
    settings.put("inter.broker.listener.name", "DIRECT");
    settings.put(DIRECT_PORT, Integer.toString(Ports.free()));
    return settings;
  }

  private static Broker start(int port, int advertised, Map<String, String> overrides) {
    Path folder = Folders.temporary("allsource-broker-");
    int controllerPort = Ports.free();
    Map<String, String> settings = new HashMap<>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + advertised);
    settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("log.dirs", folder.toString());
    // one broker: one copy of everything
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "1");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "1");
    settings.put("min.insync.replicas", "1");
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("log.cleaner.dedupe.buffer.size", "2097152");
    settings.put("auto.create.topics.enable", "false");
    settings.putAll(overrides);
    String direct = settings.remove(DIRECT_PORT);
    if (direct != null) {
      settings.merge("listeners", ",DIRECT://127.0.0.1:" + direct, String::concat);
      settings.merge("advertised.listeners", ",DIRECT://127.0.0.1:" + direct, String::concat);
    }
    Broker broker =
        new Broker(folder, advertised, direct == null ? port : Integer.parseInt(direct), settings);
    broker.format();
    broker.resume();
    return broker;
  }

  /** {@code host:port} for clients. */
  public String bootstrap() {
    return "127.0.0.1:" + port;
  }

  /**
   * {@code host:port} for clients that come neither through the gate nor by TLS, if there is such.
   */
  public String direct() {
    return "127.0.0.1:" + directPort;
  }

  /** A new client for administration, to be closed by the caller. */
  public Admin admin() {
    return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, direct()));
  }

  /** What a topic takes on the broker's disk, in bytes. */
  public long bytes(String topic) {
    try (Admin admin = admin()) {
      return admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).values().stream()
          .flatMap(dir -> dir.replicaInfos().entrySet().stream())
          .filter(one -> one.getKey().topic().equals(topic))
          .mapToLong(one -> one.getValue().size())
          .sum();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("the broker does not tell the size of " + topic, e);
    }
  }

  /** Stops the broker and keeps what it has; {@link #resume} goes on with it on the same port. */
  public void pause() {
    if (server != null) {
      server.shutdown();
      server.awaitShutdown();
      server = null;
    }
  }

  /** Starts the broker, for the first time or after {@link #pause}. */
  public void resume() {
    server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
    server.startup();
  }

  @Override
  public void close() {
    pause();
    Folders.delete(folder);
  }

  private void format() {
    try {
      new Formatter()
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(1)
          .setControllerListenerName("CONTROLLER")
          .setDirectories(List.of(folder.toString()))
          .setMetadataLogDirectory(folder.toString())
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .setIgnoreFormatted(true)
          .setPrintStream(
              new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
          .run();
    } catch (Exception e) {
      throw new IllegalStateException("cannot format " + folder, e);
    }
  }
}
