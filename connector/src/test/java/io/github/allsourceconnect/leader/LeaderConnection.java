package io.github.allsourceconnect.leader;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One follower at the scripted leader: a thread reads what it sends, another sends; between the
 * leader's publisher and the latter stands the ring.
 */
final class LeaderConnection {
  private static final Pattern CHECKSUM = Pattern.compile("\"checksum\":\\d+");
  private static final int LINE_MAX = 1 << 20;
  private static final int SEND_BUFFER = 64 << 10;

  private final ScriptedLeader leader;
  private final Socket socket;
  private final int number;
  private final int ofRun;
  private final Thread reader;
  private final Thread sender;
  private final ArrayDeque<Entry> ring = new ArrayDeque<>();
  private boolean attached;
  private boolean closed;
  private volatile long subscribedAt = -1;
  private long messages;

  @SuppressWarnings("ArrayRecordComponent")
  private record Entry(long offset, byte[] line) {}

  /** The scripted end of a connection. */
  private static final class CutException extends IOException {
    CutException() {
      super("cut by the script");
    }
  }

  LeaderConnection(ScriptedLeader leader, Socket socket, int number) {
    this.leader = leader;
    this.socket = socket;
    this.number = number;
    this.ofRun = leader.run();
    this.reader = new Thread(this::read, "scripted-leader-read-" + number);
    this.sender = new Thread(this::send, "scripted-leader-send-" + number);
    reader.setDaemon(true);
    sender.setDaemon(true);
  }

  void start() {
    reader.start();
  }

  Thread thread() {
    return reader;
  }

  /** From the publisher: puts an entry into the ring and overwrites the oldest of a full one. */
  void offer(long offset, byte[] line) {
    synchronized (ring) {
      if (!attached || closed) {
        return;
      }
      ring.add(new Entry(offset, line));
      if (ring.size() > leader.script().ringEntries()) {
        leader.overwrote(ring.remove().offset());
      }
      ring.notifyAll();
    }
  }

  void close() {
    synchronized (ring) {
      closed = true;
      ring.notifyAll();
    }
    try {
      socket.close();
    } catch (IOException e) {
      // gone is what it shall be
    }
  }

  private void read() {
    LineFramer framer = new LineFramer(LINE_MAX);
    try {
      socket.setTcpNoDelay(true);
      InputStream in = socket.getInputStream();
      while (true) {
        byte[] block = new byte[8192];
        int count = in.read(block);
        if (count < 0) {
          break;
        }
        framer.feed(block, 0, count, this::line);
      }
    } catch (IOException e) {
      // the follower is gone, or sent what a leader does not take: either way it is closed
    } finally {
      close();
      join();
      leader.closed(this);
    }
  }

  private void join() {
    try {
      sender.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void line(byte[] buf, int off, int len, long lineNumber) throws IOException {
    FollowerMessage message = leader.codec().decodeFollower(buf, off, len, lineNumber);
    if (message instanceof FollowerMessage.Subscribe subscribe && lineNumber == 1) {
      subscribedAt = subscribe.lastOffset();
      sender.start();
    } else if (message instanceof FollowerMessage.Ack ack && lineNumber > 1) {
      leader.acked(ack.offset());
    } else {
      throw new IOException("subscribe must be the first line, and only that");
    }
  }

  private void send() {
    try (OutputStream out = new BufferedOutputStream(socket.getOutputStream(), SEND_BUFFER)) {
      long filter = subscribedAt;
      synchronized (ring) {
        attached = true;
      }
      if (leader.needsSnapshot(filter)) {
        List<Path> files = leader.takeSnapshot();
        if (!files.isEmpty()) {
          filter = sendSnapshot(out, files);
        }
      }
      send(out, "caught_up", encoded(new LeaderMessage.CaughtUp(leader.shipped())));
      out.flush();
      for (List<Entry> entries = take(); !entries.isEmpty(); entries = take()) {
        for (Entry entry : entries) {
          if (entry.offset() > filter) {
            send(out, "wal_entry", entry.line());
            leader.shipped(ofRun, entry.offset());
          }
        }
        out.flush();
      }
    } catch (IOException e) {
      // the follower is gone, or the script cut it off
    } finally {
      close();
    }
  }

  /** Sends files and tells the offset above which live entries follow. */
  private long sendSnapshot(OutputStream out, List<Path> files) throws IOException {
    List<String> names = files.stream().map(file -> file.getFileName().toString()).toList();
    send(out, "snapshot_start", encoded(new LeaderMessage.SnapshotStart(names)));
    int size = leader.script().chunkBytes();
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file)) {
        long length = Files.size(file);
        for (long offset = 0; offset < length; offset += size) {
          byte[] data = in.readNBytes(size);
          send(
              out,
              "snapshot_chunk",
              encoded(
                  new LeaderMessage.SnapshotChunk(
                      file.getFileName().toString(),
                      data,
                      offset,
                      offset + data.length == length)));
        }
      }
    }
    long shipped = leader.shipped();
    send(out, "snapshot_end", encoded(new LeaderMessage.SnapshotEnd(shipped)));
    return shipped;
  }

  /** What the ring has, as soon as it has something; nothing once the connection is closed. */
  private List<Entry> take() {
    synchronized (ring) {
      try {
        while (ring.isEmpty() && !closed) {
          ring.wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return List.of();
      }
      if (closed) {
        return List.of();
      }
      // few at a time, so that a slow socket lets the ring fill
      List<Entry> entries = new ArrayList<>();
      while (!ring.isEmpty() && entries.size() < 64) {
        entries.add(ring.poll());
      }
      return entries;
    }
  }

  private byte[] encoded(LeaderMessage message) {
    return leader.codec().encode(message);
  }

  private void send(OutputStream out, String type, byte[] line) throws IOException {
    messages++;
    switch (leader.script().faults().before(number, messages, type)) {
      case NONE -> out.write(line);
      case DROP -> {}
      case CORRUPT -> out.write(corrupt(line));
      case CUT -> {
        out.flush();
        throw new CutException();
      }
      case TEAR -> {
        out.write(line, 0, line.length / 2);
        out.flush();
        throw new CutException();
      }
      case HANG -> {
        out.flush();
        hang();
      }
    }
  }

  private static byte[] corrupt(byte[] line) {
    Matcher checksum = CHECKSUM.matcher(new String(line, ISO_8859_1));
    if (!checksum.find()) {
      throw new IllegalArgumentException("only an entry has a checksum");
    }
    byte[] other = line.clone();
    int last = checksum.end() - 1;
    other[last] = (byte) (other[last] == '9' ? '8' : other[last] + 1);
    return other;
  }

  private void hang() throws IOException {
    synchronized (ring) {
      try {
        while (!closed) {
          ring.wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    throw new CutException();
  }
}
