package io.github.allsourceconnect.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Objects;

/**
 * A block of IP addresses, as {@code 10.0.0.0/8}, {@code ::1/128} or a single address. Immutable.
 */
public final class Cidr {
  private final byte[] network;
  private final int prefix;
  private final String text;

  private Cidr(byte[] network, int prefix, String text) {
    this.network = network;
    this.prefix = prefix;
    this.text = text;
  }

  /**
   * Reads a block. Names are never looked up.
   *
   * @throws IllegalArgumentException with the reason, when it is none
   */
  public static Cidr parse(String text) {
    String trimmed = text.trim();
    int slash = trimmed.indexOf('/');
    String host = slash < 0 ? trimmed : trimmed.substring(0, slash);
    if (!host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")
        && !host.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
      throw new IllegalArgumentException("not an IP address: " + host);
    }
    byte[] address;
    try {
      address = InetAddress.getByName(host).getAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an IP address: " + host, e);
    }
    int bits = address.length * 8;
    int prefix = bits;
    if (slash >= 0) {
      try {
        prefix = Integer.parseInt(trimmed.substring(slash + 1));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("no number after the slash: " + trimmed, e);
      }
      if (prefix < 0 || prefix > bits) {
        throw new IllegalArgumentException("the number after the slash must be 0 to " + bits);
      }
    }
    for (int bit = prefix; bit < bits; bit++) {
      address[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
    }
    return new Cidr(address, prefix, trimmed);
  }

  /** Whether the address lies in the block. An IPv4 address never lies in an IPv6 block. */
  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != network.length) {
      return false;
    }
    int whole = prefix / 8;
    if (!Arrays.equals(bytes, 0, whole, network, 0, whole)) {
      return false;
    }
    int rest = prefix % 8;
    return rest == 0 || ((bytes[whole] ^ network[whole]) & (0xff00 >> rest) & 0xff) == 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cidr that
        && prefix == that.prefix
        && Arrays.equals(network, that.network);
  }

  @Override
  public int hashCode() {
    return Objects.hash(prefix, Arrays.hashCode(network));
  }

  /** The block as it was written. */
  @Override
  public String toString() {
    return text;
  }
}
