/** What needs a container engine; skipped where there is none. */
package io.github.allsourceconnect.container;
