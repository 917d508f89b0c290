package io.github.allsourceconnect.harness;

import org.apache.kafka.connect.cli.ConnectDistributed;
import org.apache.kafka.connect.runtime.Connect;
import org.apache.kafka.connect.runtime.Herder;
import org.apache.kafka.connect.runtime.isolation.PluginClassLoader;

/** A worker in this JVM. */
public final class InProcessWorker implements Worker {

  private static final String SOURCE = "io.github.allsourceconnect.AllSourceSourceConnector";

  private final WorkerSettings settings;
  private final Connect<? extends Herder> connect;

  private InProcessWorker(WorkerSettings settings, Connect<? extends Herder> connect) {
    this.settings = settings;
    this.connect = connect;
  }

  /** Starts a worker; returns when its REST interface answers and it has joined its group. */
  public static InProcessWorker start(WorkerSettings settings) {
    InProcessWorker worker =
        new InProcessWorker(settings, new ConnectDistributed().startConnect(settings.properties()));
    try {
      worker.rest().awaitReady(Await.LIMIT);
      if (!worker.loadsFromPluginPath(SOURCE)) {
        throw new IllegalStateException(
            SOURCE + " is not taken from the packaged plugin, but from this JVM's class path");
      }
    } catch (RuntimeException e) {
      worker.close();
      throw e;
    }
    return worker;
  }

  @Override
  public WorkerSettings settings() {
    return settings;
  }

  /**
   * Whether the worker takes {@code connectorClass} from {@code plugin.path} and not from the class
   * path of this JVM, which may hold it as well.
   */
  public boolean loadsFromPluginPath(String connectorClass) {
    try {
      // of the ways to ask, the one that older workers have, too
      return connect.herder().plugins().pluginClass(connectorClass).getClassLoader()
          instanceof PluginClassLoader;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  @Override
  public void close() {
    connect.stop();
    connect.awaitStop();
  }
}
