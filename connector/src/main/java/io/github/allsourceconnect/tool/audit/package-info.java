/** The audit: a leader's snapshot, a topic and what they say of each other. */
package io.github.allsourceconnect.tool.audit;
