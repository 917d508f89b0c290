package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Timestamps;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** A shop's orders: placed, paid, packed, shipped, delivered, some cancelled. One thread. */
final class Orders {
  private static final List<String> TENANTS = List.of("aldgate", "borough", "camden");
  private static final List<String> GOODS =
      List.of("teapot", "umbrella", "biscuit tin", "crème brûlée dish", "globe \\\"1:60 M\\\"");
  private static final List<String> LIFE =
      List.of("order.placed", "order.paid", "order.packed", "order.shipped", "order.delivered");
  private static final int OPEN_MAX = 200;

  private final RandomGenerator random;
  private final List<Order> open = new ArrayList<>();
  private long orders;
  private long lastMicros;

  Orders(RandomGenerator random) {
    this.random = random;
  }

  private static final class Order {
    private final String id;
    private final String tenant;
    private int done;

    Order(String id, String tenant) {
      this.id = id;
      this.tenant = tenant;
    }
  }

  /** The next event; times never stand still. */
  Event next(long nowMicros) {
    lastMicros = Math.max(lastMicros + 1, nowMicros);
    Order order;
    if (open.isEmpty() || (open.size() < OPEN_MAX && random.nextInt(4) == 0)) {
      order = new Order("order-" + (10_000 + orders++), pick(TENANTS));
      open.add(order);
    } else {
      order = open.get(random.nextInt(open.size()));
    }
    boolean cancelled = order.done > 0 && random.nextInt(30) == 0;
    String type = cancelled ? "order.cancelled" : LIFE.get(order.done);
    order.done++;
    if (cancelled || order.done == LIFE.size()) {
      open.remove(order);
    }
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & ~(3L << 62)) | (2L << 62);
    return new Event(
        EventIds.text(high, low),
        high,
        low,
        type,
        order.id,
        order.tenant,
        JsonText.of(
            String.format(
                Locale.ROOT,
                "{\"order\":\"%s\",\"item\":\"%s\",\"quantity\":%d,\"price\":%d.%02d,\"ref\":%s}",
                order.id,
                pick(GOODS),
                1 + random.nextInt(9),
                random.nextInt(500),
                random.nextInt(100),
                Long.toUnsignedString(random.nextLong()))),
        Timestamps.ofMicros(lastMicros),
        lastMicros,
        random.nextBoolean() ? JsonText.of("{\"channel\":\"web\"}") : JsonText.NULL,
        1);
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
