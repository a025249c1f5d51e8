"""Webhooks of forges: who sent one is checked, and what it tells is put into our words. Nothing is asked or written."""

from shiftdown.forges.webhooks.delivery import (
    MAX_BODY,
    Delivery,
    Ignored,
    MalformedDeliveryError,
    WrongSignatureError,
)
from shiftdown.forges.webhooks.reading import read_delivery

__all__ = ["MAX_BODY", "Delivery", "Ignored", "MalformedDeliveryError", "WrongSignatureError", "read_delivery"]
