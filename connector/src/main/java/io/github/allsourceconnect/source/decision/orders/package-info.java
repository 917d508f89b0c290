/** What the decisions order from their surroundings, and the settings that they depend on. */
package io.github.allsourceconnect.source.decision.orders;
