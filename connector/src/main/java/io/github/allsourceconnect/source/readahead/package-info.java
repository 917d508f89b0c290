/** What the live connection has received and nobody has taken yet: memory first, then files. */
package io.github.allsourceconnect.source.readahead;
