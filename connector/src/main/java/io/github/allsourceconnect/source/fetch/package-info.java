/** How snapshots come: a connection of their own, lines into files, files that are damaged. */
package io.github.allsourceconnect.source.fetch;
