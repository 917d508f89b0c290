package io.github.allsourceconnect.tool.preview;

/** Where what was found is shown. One thread. */
interface Output {
  /** Where an event comes from. */
  enum From {
    HISTORY,
    LIVE;

    @Override
    public String toString() {
      return this == HISTORY ? "history" : "live";
    }
  }

  /** A record that the source would produce. */
  void record(From from, String eventId, ShownRecord record);

  /**
   * An event that would get no record.
   *
   * @param eventId null where there is none
   * @param answer what the settings say to it
   * @param note the dead letter about it, or null
   */
  void refused(From from, String eventId, String why, String answer, ShownRecord note);

  /** Whether nobody takes it any more: a pipe's other end is gone. */
  boolean isBroken();

  /** The end. */
  void summary(Account account);
}
