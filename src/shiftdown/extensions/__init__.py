"""What plugins add: the hooks that they implement, and the manager that finds and loads them."""

from shiftdown.extensions.hooks import hookimpl
from shiftdown.extensions.manager import PluginInfo, Plugins, collect

__all__ = ["PluginInfo", "Plugins", "collect", "hookimpl"]
