package org.example.tickets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TicketServiceTest {

    private final TicketService service = new TicketService();

    @Test
    void listsTheMostUrgentFirst() {
        service.report(new NewTicket("Typo on the front page", 4));
        service.report(new NewTicket("Nobody can log in", 1));
        assertEquals(
                List.of("Nobody can log in", "Typo on the front page"),
                service.list().stream().map(Ticket::title).toList());
    }

    @Test
    void movesOnlyAsAllowed() {
        var ticket = service.report(new NewTicket("Nobody can log in", 1));
        assertEquals(Status.RESOLVED, service.move(ticket.id(), Status.RESOLVED).status());
        assertThrows(
                IllegalMoveException.class, () -> service.move(ticket.id(), Status.IN_PROGRESS));
        assertEquals(Status.RESOLVED, service.find(ticket.id()).status());
    }

    @Test
    void knowsOnlyWhatWasReported() {
        assertThrows(TicketNotFoundException.class, () -> service.find(UUID.randomUUID()));
    }
}
