/** Virtual time, shared by all simulations. */
package io.github.allsourceconnect.simulation.clock;
