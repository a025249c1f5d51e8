package org.example.tickets;

import java.util.UUID;

/** A problem that somebody reported. */
public record Ticket(UUID id, String title, int priority, Status status) {

    Ticket with(Status newStatus) {
        return new Ticket(id, title, priority, newStatus);
    }
}
