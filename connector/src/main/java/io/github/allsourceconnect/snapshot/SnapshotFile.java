package io.github.allsourceconnect.snapshot;

import java.nio.file.Path;

/**
 * A stored file of a snapshot.
 *
 * @param name the name that the leader gave it; see {@link SnapshotFiles}
 * @param path where it lies, which need not end in that name
 */
public record SnapshotFile(String name, Path path) {}
