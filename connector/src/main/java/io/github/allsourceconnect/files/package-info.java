/** Folders and files that belong to one task and that nobody else may read. */
package io.github.allsourceconnect.files;
