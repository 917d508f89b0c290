/** One leader's numbering after the other: connections, order of entries, what is held, acks. */
package io.github.allsourceconnect.source.decision.epoch;
