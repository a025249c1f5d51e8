"""Webhooks of forges: who sent one is checked, and what it tells is put into our words. Nothing is asked or written."""

from shiftdown.forges.webhooks.delivery import (
    MAX_BODY,
    Delivery,
    Ignored,
    MalformedDeliveryError,
    WebhookReader,
    WrongSignatureError,
)

__all__ = ["MAX_BODY", "Delivery", "Ignored", "MalformedDeliveryError", "WebhookReader", "WrongSignatureError"]
