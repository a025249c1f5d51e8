package org.example;

public final class Stock {
  private Stock() {}

  public static int left(int held, int sold) {
    return held - sold;
  }
}
