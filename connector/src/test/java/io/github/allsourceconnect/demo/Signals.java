package io.github.allsourceconnect.demo;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/** What to do when the process gets a signal, in place of the JVM's own way. */
final class Signals {
  private Signals() {}

  /**
   * Runs {@code action} on a thread of the JVM's each time signal {@code name} ({@code INT}, {@code
   * TERM}, {@code WINCH}) comes. Does nothing where the system has no such signal.
   */
  static void on(String name, Runnable action) {
    try {
      // by name, because the compiler warns of the class, and nothing else tells of signals
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler handle =
          (proxy, method, args) -> {
            if (method.getDeclaringClass() != Object.class) {
              action.run();
            }
            return switch (method.getName()) {
              case "hashCode" -> System.identityHashCode(proxy);
              case "equals" -> proxy == args[0];
              case "toString" -> "handler of " + name;
              default -> null;
            };
          };
      signal
          .getMethod("handle", signal, handler)
          .invoke(
              null,
              signal.getConstructor(String.class).newInstance(name),
              Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, handle));
    } catch (ReflectiveOperationException | RuntimeException e) {
      // then the JVM's own way stays
    }
  }
}
