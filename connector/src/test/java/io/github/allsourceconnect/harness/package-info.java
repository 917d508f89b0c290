/**
 * A Kafka broker and Connect workers in one process, started in seconds, for tests, demo and
 * benchmark alike. Knows nothing of JUnit.
 */
package io.github.allsourceconnect.harness;
