package io.github.allsourceconnect.tool.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
  private static Arguments parse(String... args) throws UsageException {
    return Arguments.parse(
        args, Set.of("--json"), Set.of("--leader", "--set", "--events"), Set.of("--set"));
  }

  private static String wrong(String... args) {
    return assertThrows(UsageException.class, () -> parse(args)).getMessage();
  }

  @Test
  void bothWaysOfAValueAreTaken() throws UsageException {
    Arguments args = parse("--leader", "h:1", "--set=a=b", "--set", "c=d", "--json", "--events=3");
    assertEquals("h:1", args.value("--leader"));
    assertEquals(List.of("a=b", "c=d"), args.values("--set"));
    assertTrue(args.has("--json"));
    assertEquals(3, args.number("--events", 20, 1));
  }

  @Test
  void whatIsEmptyIsNotGiven() throws UsageException {
    Arguments args = parse("--leader=", "--json=", "--events=");
    assertNull(args.value("--leader"));
    assertFalse(args.has("--json"));
    assertEquals(20, args.number("--events", 20, 1));
    assertTrue(parse("--json=true").has("--json"));
    assertFalse(parse("--json=false").has("--json"));
  }

  @Test
  void whatIsWrongIsNamed() throws UsageException {
    assertTrue(wrong("--laeder", "h:1").contains("--laeder"));
    assertTrue(wrong("--laeder", "h:1").contains("--leader"));
    assertTrue(wrong("--leader").contains("--leader VALUE"));
    assertTrue(wrong("--leader=a", "--leader=b").contains("twice"));
    assertTrue(wrong("--json=3").contains("--json"));
    Arguments args = parse("--events=none");
    String message =
        assertThrows(UsageException.class, () -> args.number("--events", 20, 1)).getMessage();
    assertTrue(message.contains("--events") && message.contains("none"), message);
    assertThrows(UsageException.class, () -> parse("--events=0").number("--events", 20, 1));
  }
}
