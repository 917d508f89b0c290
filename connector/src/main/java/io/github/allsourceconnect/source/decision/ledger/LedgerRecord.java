package io.github.allsourceconnect.source.decision.ledger;

import io.github.allsourceconnect.protocol.JsonText;

/**
 * One record of the ledger topic.
 *
 * @param type {@code mark}, or what is noticed
 * @param id a UUID's text
 * @param atMs when it was made, milliseconds since 1970
 * @param json one flat object
 */
public record LedgerRecord(String type, String id, long atMs, JsonText json) {}
