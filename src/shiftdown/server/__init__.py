"""The HTTP server: webhooks of forges. Needs `shiftdown[server]`."""

from shiftdown.server.application import create_app

__all__ = ["create_app"]
