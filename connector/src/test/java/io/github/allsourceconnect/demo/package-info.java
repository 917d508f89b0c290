/**
 * The pair at work in one process: a leader that loses entries, a broker, a Connect worker with the
 * packaged plugin, and a follower; every event is compared at every station.
 */
package io.github.allsourceconnect.demo;
