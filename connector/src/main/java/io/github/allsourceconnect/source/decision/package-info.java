/** All that is decided, single-threaded and without sockets, files, clocks, threads or Kafka. */
package io.github.allsourceconnect.source.decision;
