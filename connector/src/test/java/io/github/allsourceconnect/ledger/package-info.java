/** A consumer that proves with the ledger topic that it has every event, and that it works. */
package io.github.allsourceconnect.ledger;
