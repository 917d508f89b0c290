package io.github.allsourceconnect.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortsTest {
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
      }
    }
    assertEquals(stretches.size(), new HashSet<>(stretches).size(), () -> "stretches " + stretches);
  }

  private static int stretch(int port) {
    return port / 1_000;
  }
}
