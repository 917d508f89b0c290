/** How fast both connectors are, beside what else does the same; one table, and plots. */
package io.github.allsourceconnect.bench;
