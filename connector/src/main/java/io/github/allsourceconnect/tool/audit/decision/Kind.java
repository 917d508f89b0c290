package io.github.allsourceconnect.tool.audit.decision;

/** What an audit finds of an event, beside that all is well. */
public enum Kind {
  /** The store has it, the topic has newer events and not this one. */
  MISSING(Weight.WRONG, "missing"),
  /** The store has it, and the topic has nothing that is as new. */
  BEHIND(Weight.WRONG, "behind"),
  /** The topic has it more than once; each further record counts. */
  TWICE(Weight.WRONG, "twice"),
  /** The topic has it with another content. */
  ALTERED(Weight.WRONG, "altered"),
  /** The topic has it, the store does not. */
  FOREIGN(Weight.WRONG, "foreign"),
  /** It stands behind a later event of its entity, or before an earlier one. */
  OUT_OF_ORDER(Weight.WRONG, "out of order"),
  /** A record is no event, or tells no id. */
  NO_EVENT(Weight.WRONG, "no event"),
  /** Whether the settings leave it out depends on its tenant, which nothing tells. */
  UNDECIDED(Weight.UNSURE, "tenant unknown"),
  /** Kafka's retention may have removed it, or it never came: another partition begins later. */
  PERHAPS_REMOVED(Weight.UNSURE, "perhaps removed"),
  /** The store has it, the topic perhaps not yet. */
  TOO_NEW(Weight.NOTED, "too new to judge"),
  /** The topic has it, and was written after the snapshot was asked for. */
  AFTER_SNAPSHOT(Weight.NOTED, "written after the snapshot"),
  /** It is older than where the topic begins. */
  BEFORE_TOPIC(Weight.NOTED, "before the topic begins"),
  /** The connector's settings leave it out. */
  LEFT_OUT(Weight.NOTED, "left out by the settings"),
  /** Kafka must not have it, by the connector's settings. */
  REFUSED(Weight.NOTED, "refused by the settings"),
  /** Events of one entity that are so close that time and version, or place, tell otherwise. */
  RACED(Weight.NOTED, "raced"),
  /** Only the sink's history has it: the topic begins later. */
  HISTORY(Weight.NOTED, "in the history only"),
  /** An earlier audit's repair has brought it, behind later events. */
  REPAIRED(Weight.NOTED, "brought by a repair"),
  /** The store's files hold it more than once. */
  ROW_AGAIN(Weight.NOTED, "repeated in the store's files");

  /** What it means for the verdict. */
  public enum Weight {
    WRONG,
    UNSURE,
    NOTED
  }

  private final Weight weight;
  private final String text;

  Kind(Weight weight, String text) {
    this.weight = weight;
    this.text = text;
  }

  /** What it means for the verdict. */
  public Weight weight() {
    return weight;
  }

  /** In a report. */
  public String text() {
    return text;
  }
}
