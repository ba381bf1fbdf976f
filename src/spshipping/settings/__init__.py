"""Named connections: fields, checks, files, and what a client needs of them."""

from spshipping.settings.collection import Settings
from spshipping.settings.connection import ClientArguments, Connection, ConnectionDescription
from spshipping.settings.fields import FieldDescription, Problem, describe, json_schema

__all__ = [
    "ClientArguments",
    "Connection",
    "ConnectionDescription",
    "FieldDescription",
    "Problem",
    "Settings",
    "describe",
    "json_schema",
]
