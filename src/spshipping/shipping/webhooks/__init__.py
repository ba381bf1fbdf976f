"""Webhooks: what Amazon Shipping pushes, read, written down, and handed over."""

from spshipping.shipping.webhooks.checks import (
    ApiKey,
    OAuth,
    QueryParameter,
    UserPassword,
    WebhookAuth,
    WebhookMode,
    webhook_auth,
)
from spshipping.shipping.webhooks.delivering import Delivered
from spshipping.shipping.webhooks.exchange import WebhookRequest, WebhookResponse
from spshipping.shipping.webhooks.parsing import parse_push, parse_pushes
from spshipping.shipping.webhooks.pushes import (
    NdrPush,
    OtpPush,
    ParcelPush,
    Push,
    TrackingPush,
    UnknownPush,
)
from spshipping.shipping.webhooks.receiver import AsyncWebhookReceiver, ReceiverOptions, WebhookReceiver

__all__ = [
    "AsyncWebhookReceiver",
    "Delivered",
    "ReceiverOptions",
    "WebhookReceiver",
    "WebhookRequest",
    "WebhookResponse",
    # how Amazon shows that it is Amazon
    "ApiKey",
    "OAuth",
    "QueryParameter",
    "UserPassword",
    "WebhookAuth",
    "WebhookMode",
    "webhook_auth",
    # what is pushed
    "NdrPush",
    "OtpPush",
    "ParcelPush",
    "Push",
    "TrackingPush",
    "UnknownPush",
    "parse_push",
    "parse_pushes",
]
