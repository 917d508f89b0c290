package io.github.allsourceconnect.sink.topic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.LogSettings.ConverterSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;

class ConvertersTest {
  @Test
  void whatCantBeReadIsNotShown() {
    ConverterSettings json = new ConverterSettings(JsonConverter.class.getName(), Map.of());
    Converters converters =
        new Converters(new Converters.Choice(json, json, new ConverterSettings(null, Map.of())));
    DataException refused =
        assertThrows(
            DataException.class,
            () ->
                converters.convert(
                    new ConsumerRecord<>("t", 2, 41, null, "secret\u009B".getBytes(UTF_8))));
    StringWriter trace = new StringWriter();
    refused.printStackTrace(new PrintWriter(trace, true));
    assertFalse(trace.toString().contains("secret"), trace.toString());
    assertTrue(refused.getMessage().contains("t-2, offset 41"), refused.getMessage());
    assertTrue(refused.getMessage().contains("JsonParseException"), refused.getMessage());
  }
}
