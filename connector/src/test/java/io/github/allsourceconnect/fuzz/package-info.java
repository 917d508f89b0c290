/**
 * Fuzzing of what reads foreign bytes. Each class is one target, its name ends in {@code FuzzTest};
 * {@link io.github.allsourceconnect.fuzz.Fuzz} finds and runs them all. In a usual build each is
 * fed its seeds and a few thousand damaged ones.
 */
package io.github.allsourceconnect.fuzz;
