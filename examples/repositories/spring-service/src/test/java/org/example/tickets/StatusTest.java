package org.example.tickets;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTest {

    @ParameterizedTest
    @CsvSource({
        "OPEN, IN_PROGRESS, true",
        "OPEN, OPEN, false",
        "IN_PROGRESS, RESOLVED, true",
        "RESOLVED, OPEN, true",
        "RESOLVED, IN_PROGRESS, false",
    })
    void movesAsTheWorkflowSays(Status from, Status to, boolean allowed) {
        assertEquals(allowed, from.canBecome(to));
    }
}
