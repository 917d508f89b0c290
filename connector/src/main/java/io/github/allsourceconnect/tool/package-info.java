/** Commands that are run by hand. */
package io.github.allsourceconnect.tool;
