package io.github.allsourceconnect.transport;

/**
 * An address as it is written in settings: {@code host:port}, an IPv6 address in brackets. Names
 * are not looked up here. Immutable.
 *
 * @param host a name or an address, without brackets
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
  private static final int LAST_PORT = 65_535;

  public HostPort {
    if (host.isBlank()) {
      throw new IllegalArgumentException("the host is missing");
    }
    if (port < 1 || port > LAST_PORT) {
      throw new IllegalArgumentException("the port must be 1 to 65535, not " + port);
    }
  }

  /**
   * Reads {@code host:port}.
   *
   * @throws IllegalArgumentException with the reason, when it is none
   */
  public static HostPort parse(String text) {
    String trimmed = text.trim();
    if (trimmed.contains("://")) {
      throw new IllegalArgumentException(
          "must be host:port, without " + trimmed.substring(0, trimmed.indexOf("://") + 3));
    }
    int colon = trimmed.lastIndexOf(':');
    if (colon < 0 || trimmed.endsWith("]")) {
      throw new IllegalArgumentException("must be host:port, but has no port: " + trimmed);
    }
    String host = trimmed.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "an IPv6 address must be in brackets, as [::1]:3910: " + trimmed);
    }
    if (!host.chars().allMatch(c -> Character.isLetterOrDigit(c) || ".-_:%".indexOf(c) >= 0)) {
      throw new IllegalArgumentException(
          "must be host:port and nothing else: a host has letters, digits, '.', '-' and '_' only");
    }
    int port;
    try {
      port = Integer.parseInt(trimmed.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the port is not a number: " + trimmed, e);
    }
    return new HostPort(host, port);
  }

  /** As it is written in settings. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
