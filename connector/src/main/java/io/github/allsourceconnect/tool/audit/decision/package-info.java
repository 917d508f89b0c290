/** What an audit decides: rows and records, as fingerprints, against each other. */
package io.github.allsourceconnect.tool.audit.decision;
