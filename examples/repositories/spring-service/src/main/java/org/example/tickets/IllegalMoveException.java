package org.example.tickets;

public class IllegalMoveException extends RuntimeException {

    public IllegalMoveException(Status from, Status to) {
        super("a ticket that is " + from + " cannot become " + to);
    }
}
