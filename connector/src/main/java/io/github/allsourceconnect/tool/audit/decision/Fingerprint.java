package io.github.allsourceconnect.tool.audit.decision;

/**
 * What is kept of one row of a store, or of one record of a topic, to compare them. Digests of
 * equal contents are equal; of others they differ but for one case in 2^64.
 *
 * @param idHigh the id's upper 64 bits
 * @param idLow its lower 64 bits
 * @param source of a row its file's place in the list; of a record its partition's
 * @param place of a row its place in the file, from 1; of a record its offset
 * @param micros the event's time, microseconds since 1970
 * @param payload digest of the payload as a value
 * @param metadata digest of the metadata as a value; 0 for none, or null
 * @param type digest of the event's type
 * @param entity digest of the entity's id
 * @param tenant digest of the tenant; 0 if it is not known
 * @param version the event's version
 * @param walOffset the WAL offset; 0 if it is not known
 * @param typeName the type's number among the names; see {@link Named}
 * @param tenantName the tenant's
 * @param fate see {@link #EXPECTED} and its kin
 */
public record Fingerprint(
    long idHigh,
    long idLow,
    int source,
    long place,
    long micros,
    long payload,
    long metadata,
    long type,
    long entity,
    long tenant,
    long version,
    long walOffset,
    int typeName,
    int tenantName,
    int fate) {
  /** The row is to be in the topic. */
  public static final int EXPECTED = 0;

  /** The connector's settings leave it out. */
  public static final int LEFT_OUT = 1;

  /** Kafka must not have it, by the connector's settings. */
  public static final int REFUSED = 2;

  /** It depends on its tenant, which the row does not tell. */
  public static final int DEPENDS_ON_TENANT = 3;

  /** The record was brought by an audit's repair, wherever it belongs. */
  public static final int REPAIRED = 4;

  /** The record is the connector's own, and of no event, unless the store has it. */
  public static final int OWN = 5;

  /** Whether both are of one event. */
  public boolean isOf(Fingerprint other) {
    return idHigh == other.idHigh && idLow == other.idLow;
  }

  /** By id, as unsigned numbers. */
  public int compareId(Fingerprint other) {
    int byHigh = Long.compareUnsigned(idHigh, other.idHigh);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(idLow, other.idLow);
  }

  /** The same, with a tenant that is not known. */
  public Fingerprint withoutTenant() {
    return new Fingerprint(
        idHigh,
        idLow,
        source,
        place,
        micros,
        payload,
        metadata,
        type,
        entity,
        0,
        version,
        walOffset,
        typeName,
        Named.NONE,
        fate);
  }

  /** The same elsewhere. */
  public Fingerprint movedTo(int otherSource, long otherPlace) {
    return new Fingerprint(
        idHigh,
        idLow,
        otherSource,
        otherPlace,
        micros,
        payload,
        metadata,
        type,
        entity,
        tenant,
        version,
        walOffset,
        typeName,
        tenantName,
        fate);
  }

  /**
   * A record as its place in the order is judged: with the store's entity, time and version, and
   * where the store has it, {@link #storeFile} and {@link #storePlace}; its contents have been
   * judged.
   */
  Fingerprint ordered(Fingerprint row) {
    return new Fingerprint(
        idHigh,
        idLow,
        source,
        place,
        row.micros,
        row.source,
        row.place,
        type,
        row.entity,
        tenant,
        row.version,
        walOffset,
        typeName,
        tenantName,
        fate);
  }

  /** The file of its row; of what {@link #ordered} has made. */
  long storeFile() {
    return payload;
  }

  /** The place of its row in the file; of what {@link #ordered} has made. */
  long storePlace() {
    return metadata;
  }
}
