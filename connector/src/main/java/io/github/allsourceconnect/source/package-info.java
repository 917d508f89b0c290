/** The source connector's task and the pipeline that it runs: built whole or not at all. */
package io.github.allsourceconnect.source;
