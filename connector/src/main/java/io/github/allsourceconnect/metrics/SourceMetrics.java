package io.github.allsourceconnect.metrics;

import io.github.allsourceconnect.source.decision.position.Ledger;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.management.JMException;

/**
 * The source's figures as a JMX bean, {@code
 * io.github.allsourceconnect:type=source-metrics,connector=NAME,task=0}. Published by the
 * follower's thread, read by any.
 */
public final class SourceMetrics implements AutoCloseable {
  private final FiguresBean bean;
  private volatile Map<String, Object> figures = Map.of();
  private volatile Runnable hidden = () -> {};

  /** Registers the bean; one that a task left behind is replaced. */
  public SourceMetrics(String connector) {
    bean =
        new FiguresBean(
            "source-metrics",
            connector,
            "0",
            "Figures of the source",
            Catalog.source(),
            () -> figures);
  }

  /** Shows the figures among the worker's metrics, too. */
  public void showIn(PluginFigures worker) {
    if (worker != null) {
      hidden = worker.show(Catalog.SOURCE, Map.of(), () -> figures);
    }
  }

  /** The ledger's figures by their attribute names. */
  public static Map<String, Number> of(Ledger ledger) {
    Map<String, Number> map = new LinkedHashMap<>();
    map.put("delivered", ledger.delivered);
    map.put("outOfOrder", ledger.outOfOrder);
    map.put("producedLive", ledger.producedLive);
    map.put("snapshotRows", ledger.snapshotRows);
    map.put("repaired", ledger.repaired);
    map.put("duplicates", ledger.duplicates);
    map.put("gaps", ledger.gaps);
    map.put("gapOffsets", ledger.gapOffsets);
    map.put("repairs", ledger.repairs);
    map.put("unverifiedRepairs", ledger.unverifiedRepairs);
    map.put("snapshotRequests", ledger.snapshotRequests);
    map.put("snapshotFailures", ledger.snapshotFailures);
    map.put("unaccounted", ledger.unaccounted);
    map.put("refusedToDeadLetters", ledger.refusedToDeadLetters);
    map.put("refusedAndSkipped", ledger.refusedAndSkipped);
    map.put("late", ledger.late);
    map.put("corrupt", ledger.corrupt);
    map.put("regressions", ledger.regressions);
    map.put("surplusRows", ledger.surplusRows);
    map.put("racedRows", ledger.racedRows);
    map.put("hurried", ledger.hurried);
    map.put("foreignRows", ledger.foreignRows);
    map.put("tenantUnknown", ledger.tenantUnknown);
    map.put("heldForgotten", ledger.heldForgotten);
    map.put("listCut", ledger.listCut);
    map.put("clocksBack", ledger.clocksBack);
    map.put("inexactRepairs", ledger.inexactRepairs);
    map.put("connections", ledger.connections);
    map.put("highestOffset", ledger.highestOffset);
    map.put("walOffset", ledger.walOffset);
    map.put("held", ledger.held);
    map.put("open", ledger.open);
    map.put("awaited", ledger.awaited);
    map.put("latenessMicros", ledger.latenessMicros);
    map.put("displacement", ledger.displacement);
    map.put("balance", ledger.balance());
    return map;
  }

  /** New figures. */
  public void publish(Map<String, Number> numbers, String state, String leader, String losses) {
    Map<String, Object> all = new LinkedHashMap<>(numbers);
    all.put("state", state);
    all.put("leader", leader);
    all.put("losses", losses);
    figures = all;
  }

  /** Shows nothing any more; what a later task of the connector shows stays. */
  @Override
  public void close() throws JMException {
    hidden.run();
    bean.close();
  }
}
