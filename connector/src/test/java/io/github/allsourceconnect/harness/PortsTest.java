package io.github.allsourceconnect.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.ServerSocket;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PortsTest {
  private final List<ServerSocket> taken = new ArrayList<>();

  /** Other processes need them. */
  @AfterEach
  void letGo() throws IOException {
    for (ServerSocket each : taken) {
      each.close();
    }
  }

  /** A class that is loaded anew knows as little of this one as another process does. */
  @Test
  void nobodyElseIsToldPortsOfTheSameStretch() throws Exception {
    List<Integer> stretches = new ArrayList<>(List.of(stretch(Ports.free())));
    URL classes = Ports.class.getProtectionDomain().getCodeSource().getLocation();
    for (int i = 0; i < 4; i++) {
      try (URLClassLoader other =
          new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
        Class<?> ports = other.loadClass(Ports.class.getName());
        stretches.add(stretch((int) ports.getMethod("free").invoke(null)));
        Field field = ports.getDeclaredField("TAKEN");
        field.setAccessible(true);
        taken.add((ServerSocket) field.get(null));
      }
    }
    assertEquals(stretches.size(), new HashSet<>(stretches).size(), () -> "stretches " + stretches);
  }

  private static int stretch(int port) {
    return port / Ports.STRETCH;
  }
}
