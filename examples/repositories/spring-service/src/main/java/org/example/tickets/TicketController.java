package org.example.tickets;

import jakarta.validation.Valid;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/tickets")
public class TicketController {

    private final TicketService service;

    public TicketController(TicketService service) {
        this.service = service;
    }

    @GetMapping
    public List<Ticket> list() {
        return service.list();
    }

    @PostMapping
    public ResponseEntity<Ticket> report(@Valid @RequestBody NewTicket newTicket) {
        var ticket = service.report(newTicket);
        return ResponseEntity.created(URI.create("/tickets/" + ticket.id())).body(ticket);
    }

    @GetMapping("/{id}")
    public Ticket show(@PathVariable UUID id) {
        return service.find(id);
    }

    @PutMapping("/{id}/status")
    public Ticket move(@PathVariable UUID id, @RequestBody Status status) {
        return service.move(id, status);
    }

    @ExceptionHandler
    public ProblemDetail unknown(TicketNotFoundException error) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, error.getMessage());
    }

    @ExceptionHandler
    public ProblemDetail illegal(IllegalMoveException error) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, error.getMessage());
    }
}
