/**
 * A leader over real sockets that behaves like the real store's, for tests and the demo. Knows
 * nothing of JUnit.
 */
package io.github.allsourceconnect.leader;
