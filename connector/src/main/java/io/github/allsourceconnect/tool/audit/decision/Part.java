package io.github.allsourceconnect.tool.audit.decision;

import java.util.EnumSet;
import java.util.Set;

/** The parts of an event that are compared. */
public enum Part {
  ID,
  PAYLOAD,
  METADATA,
  TYPE,
  ENTITY,
  TENANT,
  TIME,
  VERSION;

  /** Those that differ; a tenant that one side does not know is not compared. */
  static Set<Part> differing(Fingerprint row, Fingerprint record) {
    EnumSet<Part> parts = EnumSet.noneOf(Part.class);
    if (!row.isOf(record)) {
      parts.add(ID);
    }
    add(parts, PAYLOAD, row.payload(), record.payload());
    add(parts, METADATA, row.metadata(), record.metadata());
    add(parts, TYPE, row.type(), record.type());
    add(parts, ENTITY, row.entity(), record.entity());
    if (row.tenant() != 0 && record.tenant() != 0) {
      add(parts, TENANT, row.tenant(), record.tenant());
    }
    add(parts, TIME, row.micros(), record.micros());
    add(parts, VERSION, row.version(), record.version());
    return parts;
  }

  private static void add(Set<Part> parts, Part part, long one, long other) {
    if (one != other) {
      parts.add(part);
    }
  }
}
