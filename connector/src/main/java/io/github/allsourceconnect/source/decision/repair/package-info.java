/** How what the live stream did not bring is had from a snapshot: cut, count, production. */
package io.github.allsourceconnect.source.decision.repair;
