package org.example.rates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RatesTest {
    @ParameterizedTest
    @CsvSource({"1,95", "20,95", "21,110", "500,180", "1000,290"})
    void costsByWeight(int grams, int cents) {
        assertEquals(cents, Rates.cents(grams));
    }

    @Test
    void refusesWhatIsNoLetter() {
        assertThrows(IllegalArgumentException.class, () -> Rates.cents(0));
        assertThrows(IllegalArgumentException.class, () -> Rates.cents(1001));
    }
}
