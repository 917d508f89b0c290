package io.github.allsourceconnect.mutation;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * Loads the project's classes anew, so that each trial has classes of its own, and one of them
 * changed. All others are those of the application.
 */
final class MutantLoader extends ClassLoader {
  private static final String OWN = "io.github.allsourceconnect.";
  private static final String SHARED = "io.github.allsourceconnect.mutation.";

  private final Map<String, byte[]> changed;

  /**
   * @param changed bytes by class name
   */
  MutantLoader(Map<String, byte[]> changed) {
    super(MutantLoader.class.getClassLoader());
    this.changed = changed;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OWN) || name.startsWith(SHARED)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        byte[] bytes = changed.containsKey(name) ? changed.get(name) : bytes(name);
        loaded = defineClass(name, bytes, 0, bytes.length);
      }
      return loaded;
    }
  }

  private static byte[] bytes(String name) throws ClassNotFoundException {
    String file = name.replace('.', '/') + ".class";
    try (InputStream in = MutantLoader.class.getClassLoader().getResourceAsStream(file)) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
