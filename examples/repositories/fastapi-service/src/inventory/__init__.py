"""Keeps count of what is in the warehouses."""
