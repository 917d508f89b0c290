package io.github.allsourceconnect.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Key and trust stores of two ends that trust each other, made with the JDK's own {@code keytool}:
 * {@code leader} has a certificate for 127.0.0.1 and localhost, {@code follower} one of its own.
 */
public final class TlsStores {
  private static final String PASSWORD = "only-for-tests";
  private static final long KEYTOOL_SECONDS = 60;

  private final Path folder;

  private TlsStores(Path folder) {
    this.folder = folder;
  }

  /** Makes them in a folder. */
  public static TlsStores in(Path folder) {
    TlsStores stores = new TlsStores(folder);
    stores.pair("leader", "-ext", "san=ip:127.0.0.1,dns:localhost");
    stores.pair("follower");
    stores.trust("leader", "follower");
    stores.trust("follower", "leader");
    return stores;
  }

  /** The {@code ssl.} settings of the end that accepts. */
  public Map<String, String> leader() {
    return settings("leader");
  }

  /** The {@code ssl.} settings of the end that connects, with its certificate. */
  public Map<String, String> follower() {
    return settings("follower");
  }

  /** The same without a certificate. */
  public Map<String, String> followerWithoutCertificate() {
    Map<String, String> settings = follower();
    settings.keySet().removeIf(key -> key.contains("key"));
    return settings;
  }

  private Map<String, String> settings(String end) {
    Map<String, String> settings = new HashMap<>();
    settings.put("ssl.keystore.type", "PKCS12");
    settings.put("ssl.keystore.location", keys(end).toString());
    settings.put("ssl.keystore.password", PASSWORD);
    settings.put("ssl.truststore.type", "PKCS12");
    settings.put("ssl.truststore.location", trusted(end).toString());
    settings.put("ssl.truststore.password", PASSWORD);
    return settings;
  }

  private Path keys(String end) {
    return folder.resolve(end + "-keys.p12");
  }

  private Path trusted(String end) {
    return folder.resolve(end + "-trusted.p12");
  }

  private void pair(String end, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-genkeypair", "-alias", end, "-dname", "CN=" + end));
    arguments.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"));
    arguments.addAll(List.of("-keystore", keys(end).toString()));
    arguments.addAll(List.of(more));
    keytool(arguments);
  }

  private void trust(String end, String other) {
    char[] password = PASSWORD.toCharArray();
    try (OutputStream out = Files.newOutputStream(trusted(end))) {
      KeyStore keys = KeyStore.getInstance(keys(other).toFile(), password);
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry(other, keys.getCertificate(other));
      trusted.store(out, password);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot write " + trusted(end), e);
    }
  }

  private static void keytool(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.add("-J-XX:TieredStopAtLevel=1");
    command.addAll(arguments);
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    try {
      Path output = Files.createTempFile("keytool", ".txt");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      try (InputStream said = Files.newInputStream(output)) {
        String text = new String(said.readAllBytes(), StandardCharsets.UTF_8);
        Files.delete(output);
        if (!ended || process.exitValue() != 0) {
          throw new IllegalStateException("keytool " + arguments.get(0) + " failed: " + text);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("keytool can't be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while keytool ran", e);
    }
  }
}
