package org.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StockTest {
  @Test
  void left() {
    assertEquals(1, Stock.left(3, 2));
  }
}
