"""Reads files, checks each row against a contract, and keeps what it says in a database."""
