/** Both connectors at once: the source as a follower of the sink. */
package io.github.allsourceconnect.chain;
