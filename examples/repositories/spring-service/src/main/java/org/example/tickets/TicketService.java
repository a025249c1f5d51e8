package org.example.tickets;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Service;

/** Keeps tickets in memory. */
@Service
public class TicketService {

    private final Map<UUID, Ticket> tickets = new ConcurrentHashMap<>();

    public Ticket report(NewTicket ticket) {
        var stored = new Ticket(UUID.randomUUID(), ticket.title(), ticket.priority(), Status.OPEN);
        tickets.put(stored.id(), stored);
        return stored;
    }

    public Ticket find(UUID id) {
        var ticket = tickets.get(id);
        if (ticket == null) {
            throw new TicketNotFoundException(id);
        }
        return ticket;
    }

    /** All tickets, the most urgent first. */
    public List<Ticket> list() {
        return tickets.values().stream().sorted(Comparator.comparingInt(Ticket::priority)).toList();
    }

    public Ticket move(UUID id, Status status) {
        find(id);
        return tickets.computeIfPresent(
                id,
                (key, ticket) -> {
                    if (!ticket.status().canBecome(status)) {
                        throw new IllegalMoveException(ticket.status(), status);
                    }
                    return ticket.with(status);
                });
    }
}
