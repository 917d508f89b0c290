/** Phases: a class each, with the transitions that are legal. */
package io.github.allsourceconnect.source.decision.phase;
