/** What the source writes and the sink reads, through real converters and by foreign readers. */
package io.github.allsourceconnect.formats;
