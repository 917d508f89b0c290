/**
 * Shows the main job in one process: leader, Kafka, both connectors, follower, and the counting.
 */
package io.github.allsourceconnect.demo;
