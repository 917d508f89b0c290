package io.github.allsourceconnect.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Goes over a struct in Thrift's compact encoding without keeping anything of it, and holds each of
 * its counts and lengths against the bytes that are there. Thrift's own reader, which makes room
 * for what a count says, may then read it.
 */
final class ThriftBounds {
  private static final int DEPTH = 16;

  private final InputStream in;
  private long left;
  private int nodesLeft;

  private ThriftBounds(InputStream in, long bytes, int nodes) {
    this.in = in;
    this.left = bytes;
    this.nodesLeft = nodes;
  }

  /**
   * Checks the struct that comes next, and goes past it.
   *
   * @param bytes how many it may have
   * @param nodes how many structs and elements of lists there may be
   * @throws IOException if it is no such struct
   */
  static void check(InputStream in, long bytes, int nodes) throws IOException {
    new ThriftBounds(in, bytes, nodes).struct(0);
  }

  private void struct(int depth) throws IOException {
    if (depth > DEPTH) {
      throw new BadFile("its structure is nested too deeply");
    }
    node();
    while (true) {
      int header = next();
      if (header == 0) {
        return;
      }
      if (header >>> 4 == 0) {
        varint();
      }
      int type = header & 15;
      if (type > 2) { // a boolean is in its header
        value(type, depth);
      }
    }
  }

  private void value(int type, int depth) throws IOException {
    switch (type) {
      case 1, 2, 3 -> pass(1);
      case 4, 5, 6 -> varint();
      case 7 -> pass(8);
      case 8 -> pass(varint());
      case 9, 10 -> {
        int header = next();
        long count = header >>> 4 == 15 ? varint() : header >>> 4;
        elements(count, header & 15, depth);
      }
      case 11 -> {
        long count = varint();
        if (count != 0) {
          int types = next();
          room(count);
          for (long i = 0; i < count; i++) {
            node();
            value(types >>> 4, depth + 1);
            value(types & 15, depth + 1);
          }
        }
      }
      case 12 -> struct(depth + 1);
      default -> throw new BadFile("its structure has a field of an unknown type");
    }
  }

  private void elements(long count, int type, int depth) throws IOException {
    room(count);
    if (depth > DEPTH) {
      throw new BadFile("its structure is nested too deeply");
    }
    for (long i = 0; i < count; i++) {
      node();
      value(type, depth + 1);
    }
  }

  /** Each element has a byte at least. */
  private void room(long count) throws IOException {
    if (count < 0 || count > left) {
      throw new BadFile("its structure has a count beyond its own length");
    }
  }

  private void node() throws IOException {
    if (--nodesLeft < 0) {
      throw new BadFile(
          "its structure has more parts than snapshot.memory.bytes allows; raise it if the file is"
              + " in order");
    }
  }

  private void pass(long count) throws IOException {
    if (count < 0 || count > left) {
      throw new BadFile("its structure has a length beyond its own end");
    }
    left -= count;
    in.skipNBytes(count);
  }

  private int next() throws IOException {
    int b = --left < 0 ? -1 : in.read();
    if (b < 0) {
      throw new EOFException();
    }
    return b;
  }

  private long varint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      int b = next();
      value |= (long) (b & 0x7F) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw new BadFile("its structure has a number that does not end");
  }
}
