package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Shops of three tenants at work: orders are placed, paid, packed, shipped, now and then cancelled,
 * and the stock of a few articles goes up and down. Several threads write, as a store's clients do.
 */
final class Orders implements AutoCloseable {
  private static final String[] TENANTS = {"acme", "globex", "initech"};
  private static final String[] STEPS = {
    "order.placed", "order.paid", "order.packed", "order.shipped", "order.delivered"
  };
  private static final String[] CITIES = {"Zürich", "São Paulo", "Łódź", "Kraków", "東京", "Oslo"};
  private static final int ARTICLES = 12;
  private static final long JOIN_MS = 10_000;

  private final ScriptedLeader leader;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  private static final class Order {
    final String id;
    final String tenant;
    int step;

    Order(String id, String tenant) {
      this.id = id;
      this.tenant = tenant;
    }
  }

  private Orders(ScriptedLeader leader) {
    this.leader = leader;
  }

  /** Writes {@code count} events and returns. */
  static void history(ScriptedLeader leader, int count) {
    Writer writer = new Orders(leader).new Writer(0, 1);
    for (int i = 0; i < count; i++) {
      writer.step();
    }
  }

  /** Starts writers that together write {@code rate} events a second until they are closed. */
  static Orders start(ScriptedLeader leader, int rate) {
    Orders orders = new Orders(leader);
    int writers = Math.min(4, rate);
    for (int i = 1; i <= writers; i++) {
      Writer writer = orders.new Writer(i, (double) rate / writers);
      Thread thread = new Thread(writer::run, "demo-writer-" + i);
      thread.setDaemon(true);
      orders.threads.add(thread);
      thread.start();
    }
    return orders;
  }

  @Override
  public void close() {
    stopped = true;
    for (Thread thread : threads) {
      try {
        thread.join(JOIN_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private final class Writer {
    private final int number;
    private final double perSecond;
    private final SplittableRandom random;
    private final List<Order> open = new ArrayList<>();
    private int placed;

    Writer(int number, double perSecond) {
      this.number = number;
      this.perSecond = perSecond;
      this.random = new SplittableRandom(number);
    }

    void run() {
      long begin = System.nanoTime();
      for (long i = 1; !stopped; i++) {
        step();
        long due = begin + (long) (i / perSecond * 1e9);
        long wait = due - System.nanoTime();
        if (wait > 0) {
          try {
            TimeUnit.NANOSECONDS.sleep(wait);
          } catch (InterruptedException e) {
            return;
          }
        }
      }
    }

    void step() {
      int kind = random.nextInt(10);
      if (kind < 2) {
        stock();
      } else if (open.size() < 20 || (kind < 4 && open.size() < 200)) {
        Order order =
            new Order(
                String.format(Locale.ROOT, "order-%d-%06d", number, ++placed),
                TENANTS[random.nextInt(TENANTS.length)]);
        open.add(order);
        advance(order);
      } else {
        advance(open.get(random.nextInt(open.size())));
      }
    }

    private void advance(Order order) {
      boolean cancelled = order.step > 0 && order.step < 3 && random.nextInt(30) == 0;
      String type = cancelled ? "order.cancelled" : STEPS[order.step];
      String payload =
          switch (type) {
            case "order.placed" ->
                String.format(
                    Locale.ROOT,
                    "{\"customer\":%d,\"city\":\"%s\",\"items\":[{\"article\":\"art-%02d\","
                        + "\"quantity\":%d,\"price\":%d.%02d}],\"currency\":\"EUR\"}",
                    random.nextInt(100_000),
                    CITIES[random.nextInt(CITIES.length)],
                    random.nextInt(ARTICLES),
                    1 + random.nextInt(5),
                    random.nextInt(200),
                    random.nextInt(10) * 10);
            case "order.paid" ->
                "{\"reference\":"
                    + Long.toUnsignedString(random.nextLong() | Long.MIN_VALUE)
                    + ",\"method\":\"card\"}";
            case "order.shipped" ->
                "{\"parcel\":\"P" + random.nextInt(1_000_000) + "\",\"weight_kg\":1.250}";
            case "order.cancelled" -> "\"changed my mind\"";
            default -> "{}";
          };
      write(order.tenant, order.id, type, payload);
      order.step++;
      if (cancelled || order.step == STEPS.length) {
        open.remove(order);
      }
    }

    private void stock() {
      write(
          "acme",
          String.format(Locale.ROOT, "stock-art-%02d", random.nextInt(ARTICLES)),
          "stock.changed",
          "{\"by\":" + (random.nextInt(21) - 10) + "}");
    }

    private void write(String tenant, String entity, String type, String payload) {
      JsonText metadata =
          random.nextInt(3) == 0
              ? null
              : JsonText.of("{\"clerk\":" + number + ",\"trace\":\"" + random.nextInt() + "\"}");
      leader.write(tenant, entity, type, JsonText.of(payload), metadata);
    }
  }
}
