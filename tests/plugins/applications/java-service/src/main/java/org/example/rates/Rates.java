package org.example.rates;

/** What it costs to send a letter. */
public final class Rates {
    private static final int[] LIMITS = {20, 50, 500, 1000};
    private static final int[] CENTS = {95, 110, 180, 290};

    private Rates() {
    }

    /** The postage in cents of a letter of so many grams. */
    public static int cents(int grams) {
        if (grams <= 0) {
            throw new IllegalArgumentException("A letter weighs more than " + grams + " g.");
        }
        for (int i = 0; i < LIMITS.length; i++) {
            if (grams <= LIMITS[i]) {
                return CENTS[i];
            }
        }
        throw new IllegalArgumentException("A letter weighs at most " + LIMITS[LIMITS.length - 1] + " g.");
    }
}
