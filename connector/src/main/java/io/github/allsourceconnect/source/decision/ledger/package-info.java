/** What the ledger topic says: marks, by which a consumer proves what it has, and notices. */
package io.github.allsourceconnect.source.decision.ledger;
