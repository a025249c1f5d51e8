package org.example.tickets;

import java.util.Map;
import java.util.Set;

/** What state a ticket is in. */
public enum Status {
    OPEN,
    IN_PROGRESS,
    RESOLVED;

    private static final Map<Status, Set<Status>> NEXT =
            Map.of(
                    OPEN, Set.of(IN_PROGRESS, RESOLVED),
                    IN_PROGRESS, Set.of(OPEN, RESOLVED),
                    RESOLVED, Set.of(OPEN));

    /** Whether a ticket in this state may go to another. */
    public boolean canBecome(Status other) {
        return NEXT.get(this).contains(other);
    }
}
