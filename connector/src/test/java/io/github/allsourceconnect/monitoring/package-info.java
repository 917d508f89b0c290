/** The monitoring examples with the real exporter. */
package io.github.allsourceconnect.monitoring;
