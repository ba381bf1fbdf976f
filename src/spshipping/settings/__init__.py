"""Named connections: fields, checks, files, and what a client needs of them."""

from spshipping.settings.collection import Settings
from spshipping.settings.connection import ClientArguments, Connection, ConnectionDescription
from spshipping.settings.engines import Engines
from spshipping.settings.field import Problem
from spshipping.settings.fields import FieldDescription, describe, json_schema
from spshipping.settings.shop import (
    LabelSettings,
    MeasureSettings,
    PackageSettings,
    ShipFrom,
    ShopSettings,
    WebhookSettings,
)
from spshipping.settings.vendor import VendorSettings

__all__ = [
    "ClientArguments",
    "Connection",
    "ConnectionDescription",
    "Engines",
    "FieldDescription",
    "LabelSettings",
    "MeasureSettings",
    "PackageSettings",
    "Problem",
    "Settings",
    "ShipFrom",
    "ShopSettings",
    "VendorSettings",
    "WebhookSettings",
    "describe",
    "json_schema",
]
