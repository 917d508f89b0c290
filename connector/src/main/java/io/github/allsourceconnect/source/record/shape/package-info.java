/**
 * Payloads as values instead of text: JSON to trees, the shapes of event types and how they grow,
 * and Connect's schemas and values made of them. Knows no events and no settings. What decides is
 * pure; {@code Shapes} remembers, on one thread.
 */
package io.github.allsourceconnect.source.record.shape;
