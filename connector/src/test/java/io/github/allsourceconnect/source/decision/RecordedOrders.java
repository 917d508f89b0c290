package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import java.util.ArrayList;
import java.util.List;

/** Orders as they were given: connections in words, what was produced by event id. */
public class RecordedOrders implements FollowerOrders {
  public final List<String> said = new ArrayList<>();
  public final List<String> produced = new ArrayList<>();

  @Override
  public void connectLive(int generation, int address, long lastOffset) {
    said.add("connect " + generation + " to " + address + " with " + lastOffset);
  }

  @Override
  public void closeLive(int generation, String why) {
    said.add("close " + generation);
  }

  @Override
  public void ack(int generation, long offset) {
    said.add("ack " + offset);
  }

  @Override
  public void probe(int generation, int address, long lastOffset) {
    said.add("probe " + generation);
  }

  @Override
  public void requestSnapshot(int snapshot, int address, long lastOffset) {
    said.add("snapshot " + snapshot);
  }

  @Override
  public void openRows(int snapshot, long fromMicros, boolean idsOnly) {
    said.add("rows");
  }

  @Override
  public void openLogRows(int snapshot) {
    said.add("log rows");
  }

  @Override
  public void discardSnapshot(int snapshot) {
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
  public void log(Level level, String message) {}
}
