/** What Connect gets: batches of records, topic names, stored offsets. */
package io.github.allsourceconnect.source.record;
