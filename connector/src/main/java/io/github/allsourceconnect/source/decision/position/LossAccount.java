package io.github.allsourceconnect.source.decision.position;

import java.util.ArrayList;
import java.util.List;

/**
 * What was given up: it never becomes less by itself, only by what is found later. Goes on behind a
 * stored position. Not thread-safe.
 */
public final class LossAccount {
  private final List<Losses.Loss> newest = new ArrayList<>();
  private long events;
  private long noted;
  private long skipped;

  /** What {@link #losses} told last; null if something was changed since. Each position has it. */
  private Losses told;

  /** Goes on with what a position says. */
  public void load(Losses stored) {
    told = null;
    newest.clear();
    newest.addAll(stored.newest());
    events = stored.events();
    noted = stored.noted();
    skipped = stored.skipped();
  }

  /** These are given up. */
  public void add(Losses.Loss loss) {
    if (loss.events() <= 0) {
      return;
    }
    told = null;
    events += loss.events();
    newest.add(loss);
    if (newest.size() > Losses.NAMED_MAX) {
      newest.remove(0);
    }
  }

  /** An event got no record because Kafka must not have it. */
  public void refused(boolean isNoted) {
    told = null;
    noted += isNoted ? 1 : 0;
    skipped += isNoted ? 0 : 1;
  }

  /** The event of an offset of a leader's numbering has been found. */
  public void found(String leader, long offset) {
    told = null;
    for (int i = newest.size() - 1; i >= 0; i--) {
      Losses.Loss loss = newest.get(i);
      if (loss.leader().equals(leader) && loss.has(offset)) {
        less(i, 1);
        break;
      }
    }
    events = Math.max(0, events - 1);
  }

  private void less(int index, long found) {
    Losses.Loss loss = newest.get(index).less(found);
    if (loss.events() == 0) {
      newest.remove(index);
    } else {
      newest.set(index, loss);
    }
  }

  /** How many there are. */
  public long events() {
    return events;
  }

  /** All of it. */
  public Losses losses() {
    if (told == null) {
      told = new Losses(List.copyOf(newest), events, noted, skipped);
    }
    return told;
  }
}
