/**
 * Connections to a leader: dialing, the live one, the beginning of each, acks, the second opinion.
 */
package io.github.allsourceconnect.source.link;
