/** How fast the source is, beside Kafka's own file source and a bare producer. */
package io.github.allsourceconnect.bench;
