package io.github.allsourceconnect.config;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A text with variables: {@code ${tenant_id}}, {@code ${payload:/country|none}}. What follows the
 * bar stands where there is no value.
 *
 * @param literals before the first variable, between two, after the last: one more than variables
 * @param variables in their order
 */
public record Template(List<String> literals, List<Variable> variables) {

  /** What a variable stands for. */
  public enum Kind {
    LEADER,
    TENANT_ID,
    EVENT_TYPE,
    ENTITY_ID,
    /** The part of the entity id that tells its type; not every id has one. */
    ENTITY_TYPE,
    /** A value of the payload; not every payload has it. */
    PAYLOAD;

    boolean mayBeAbsent() {
      return this == ENTITY_TYPE || this == PAYLOAD;
    }
  }

  /**
   * One variable.
   *
   * @param pointer where in the payload; null for other kinds
   * @param fallback what stands where there is no value; null if there is none
   */
  public record Variable(Kind kind, JsonPointer pointer, String fallback) {
    /** Its name in messages. */
    public String name() {
      return Validators.name(kind) + (pointer == null ? "" : ":" + pointer);
    }
  }

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");
  private static final String PAYLOAD = "payload:";

  /**
   * Reads a template.
   *
   * @param allowed the variables that it may have
   * @throws IllegalArgumentException saying what is wrong
   */
  static Template of(String text, Set<Kind> allowed) {
    List<String> literals = new ArrayList<>();
    List<Variable> variables = new ArrayList<>();
    Matcher matcher = VARIABLE.matcher(text);
    int at = 0;
    while (matcher.find()) {
      literals.add(text.substring(at, matcher.start()));
      variables.add(variable(matcher.group(1), allowed));
      at = matcher.end();
    }
    literals.add(text.substring(at));
    if (literals.stream().anyMatch(literal -> literal.contains("${"))) {
      throw new IllegalArgumentException("has a ${ without its }");
    }
    return new Template(List.copyOf(literals), List.copyOf(variables));
  }

  private static Variable variable(String text, Set<Kind> allowed) {
    int bar = text.indexOf('|');
    String name = (bar < 0 ? text : text.substring(0, bar)).trim();
    String fallback = bar < 0 ? null : text.substring(bar + 1).trim();
    JsonPointer pointer = null;
    String kindName = name;
    if (name.startsWith(PAYLOAD)) {
      String path = name.substring(PAYLOAD.length());
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException(
            "has ${" + text + "}, where no JSON pointer such as /country follows the colon");
      }
      pointer = Validators.pointer(path);
      kindName = "payload";
    }
    for (Kind kind : allowed) {
      if (Validators.name(kind).equals(kindName) && (kind == Kind.PAYLOAD) == (pointer != null)) {
        if (fallback != null && fallback.contains("${")) {
          throw new IllegalArgumentException(
              "has ${" + text + "}, where a variable stands as the fallback: only a text may");
        }
        if (fallback != null && (!kind.mayBeAbsent() || fallback.isEmpty())) {
          throw new IllegalArgumentException(
              kind.mayBeAbsent()
                  ? "has ${" + text + "}, where nothing follows the bar"
                  : "has ${" + text + "}, which is always there and needs no fallback");
        }
        return new Variable(kind, pointer, fallback);
      }
    }
    throw new IllegalArgumentException(
        "knows no ${"
            + text
            + "}, only "
            + EnumSet.copyOf(allowed).stream()
                .map(Validators::name)
                .map(each -> each.equals("payload") ? "payload:/pointer" : each)
                .map(each -> "${" + each + "}")
                .collect(Collectors.joining(", ")));
  }

  /** The text with values, each of them what the function gives for the variable. */
  public String fill(Function<Variable, String> values) {
    StringBuilder text = new StringBuilder(literals.get(0));
    for (int i = 0; i < variables.size(); i++) {
      text.append(values.apply(variables.get(i))).append(literals.get(i + 1));
    }
    return text.toString();
  }

  /** The same with the leader's name in its places. */
  public Template withLeader(String leader) {
    List<String> texts = new ArrayList<>();
    List<Variable> rest = new ArrayList<>();
    texts.add(literals.get(0));
    for (int i = 0; i < variables.size(); i++) {
      if (variables.get(i).kind() == Kind.LEADER) {
        int last = texts.size() - 1;
        texts.set(last, texts.get(last) + leader + literals.get(i + 1));
      } else {
        rest.add(variables.get(i));
        texts.add(literals.get(i + 1));
      }
    }
    return new Template(List.copyOf(texts), List.copyOf(rest));
  }

  /** Whether it has a variable of this kind. */
  public boolean has(Kind kind) {
    return variables.stream().anyMatch(variable -> variable.kind() == kind);
  }

  /** Whether it begins with what whoever writes events chooses. */
  boolean beginsWithWritersChoice() {
    return literals.get(0).isEmpty()
        && !variables.isEmpty()
        && variables.get(0).kind() != Kind.LEADER;
  }

  /** Whether whoever writes events chooses some of it. */
  boolean hasWritersChoice() {
    return variables.stream().anyMatch(variable -> variable.kind() != Kind.LEADER);
  }

  /** Whether nothing stands between two variables. */
  boolean hasAdjacentVariables() {
    return variables.size() > 1
        && literals.subList(1, literals.size() - 1).stream().anyMatch(String::isEmpty);
  }

  /** A variable that may have no value, and has no fallback; null if there is none. */
  Variable withoutFallback() {
    return variables.stream()
        .filter(variable -> variable.kind().mayBeAbsent() && variable.fallback() == null)
        .findFirst()
        .orElse(null);
  }

  @Override
  public String toString() {
    return fill(
        variable ->
            "${"
                + variable.name()
                + (variable.fallback() == null ? "" : "|" + variable.fallback())
                + "}");
  }
}
