/** Many simulated histories, each decided by its seed: run, told, and held to the promise. */
package io.github.allsourceconnect.simulation.history;
