package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.Request;
import java.util.ArrayList;
import java.util.List;

/**
 * Orders as they were given: connections in words, what was produced by event id, what was logged
 * with its level.
 */
public class RecordedOrders implements FollowerOrders {
  public final List<String> said = new ArrayList<>();
  public final List<String> produced = new ArrayList<>();
  public final List<String> logged = new ArrayList<>();

  @Override
  public void connectLive(Epoch epoch, long lastOffset) {
    said.add("connect " + epoch.connection() + " to " + epoch.leader() + " with " + lastOffset);
  }

  @Override
  public void closeLive(Epoch epoch, String why) {
    said.add("close " + epoch.connection());
  }

  @Override
  public void ack(Epoch epoch, long offset) {
    said.add("ack " + offset);
  }

  @Override
  public void probe(Request request, long lastOffset) {
    said.add("probe " + request.epoch().connection());
  }

  @Override
  public void requestSnapshot(Request request, long lastOffset) {
    said.add("snapshot " + request.number());
  }

  @Override
  public void openRows(Request request, long fromMicros, boolean idsOnly) {
    said.add("rows");
  }

  @Override
  public void openLogRows(Request request) {
    said.add("log rows");
  }

  @Override
  public void discardSnapshot(Request request) {
    said.add("discard");
  }

  @Override
  public void emitEntry(WalEntry entry) {
    produced.add(entry.event().id());
  }

  @Override
  public void emitRow(SnapshotRow row, String tenant) {
    produced.add(row.event().id());
  }

  @Override
  public void finished() {
    said.add("finished");
  }

  @Override
  public void fail(String message) {
    said.add("fail " + message);
  }

  @Override
  public void log(Level level, String message) {
    logged.add(level + " " + message);
  }

  /** Whether something was said that has these words in it. */
  public boolean hasLogged(String words) {
    return logged.stream().anyMatch(message -> message.contains(words));
  }
}
