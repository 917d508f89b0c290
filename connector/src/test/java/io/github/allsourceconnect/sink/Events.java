package io.github.allsourceconnect.sink;

/** Events for tests. */
final class Events {
  private Events() {}

  /** An event as its JSON text; the same number gives the same text. */
  static String json(int number) {
    return "{\"id\":\"00000000-0000-4000-8000-"
        + String.format("%012d", number)
        + "\",\"event_type\":\"order.placed\",\"entity_id\":\"order-"
        + number
        + "\",\"tenant_id\":\"t\",\"payload\":{\"n\":"
        + number
        + ",\"text\":\"some text that makes it as long as a usual event\"},\"timestamp\":"
        + "\"2025-01-02T03:04:05.123456789Z\",\"metadata\":null,\"version\":1}";
  }
}
