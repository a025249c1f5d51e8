"""Alembic migrations of the registry, run by `shiftdown.registry.migrate`."""
