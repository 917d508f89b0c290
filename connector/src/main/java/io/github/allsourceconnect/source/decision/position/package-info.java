/** Where the source stands: the position, the events produced last, lateness, the account. */
package io.github.allsourceconnect.source.decision.position;
