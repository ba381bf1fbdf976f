"""A typed client for Amazon's Selling Partner API."""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

from spshipping._version import __version__

if TYPE_CHECKING:
    from spshipping.async_client import AsyncClient
    from spshipping.auth.aws import AwsCredentials, AwsRole
    from spshipping.auth.cache import TokenCache
    from spshipping.auth.consent import ConsentFlow, ConsentRequest
    from spshipping.auth.credentials import Credentials
    from spshipping.auth.file_store import FileStore
    from spshipping.auth.redis import RedisStore
    from spshipping.auth.stores import MemoryStore, TokenStore
    from spshipping.catalogue import MODELS_DATE, operations
    from spshipping.checking import Report
    from spshipping.client import Client
    from spshipping.errors import (
        AccessDeniedError,
        ApiError,
        AuthError,
        BadRequestError,
        ConfigurationError,
        ConflictError,
        ConsentError,
        DecodeError,
        GatewayError,
        InvalidRequestError,
        LeaseLostError,
        MissingFieldError,
        NotFoundError,
        OutcomeUnknownError,
        PaginationError,
        QuotaError,
        RateExpiredError,
        ReferenceConflictError,
        ServerError,
        SpendingLimitError,
        SpShippingError,
        SwitchedOffError,
        ThrottledError,
        TransportError,
        UnsettledPurchaseError,
        WebhookError,
    )
    from spshipping.meta import Attempt, Deviation, ErrorDetail, ReplyMeta
    from spshipping.operation import (
        After,
        Before,
        Call,
        Effect,
        History,
        Items,
        Length,
        Operation,
        PagedOperation,
        Paging,
        Parameter,
        Pattern,
        Quota,
        Range,
        Reply,
        derived,
        random_key,
    )
    from spshipping.postgres import PostgresDatabase
    from spshipping.regions import Marketplace, Region, ShippingBusiness
    from spshipping.secret import Secret
    from spshipping.settings import Connection, Settings
    from spshipping.stored import call_from_json, call_to_json
    from spshipping.transport.bucket import QuotaState
    from spshipping.transport.bulk import Mapped, Progress
    from spshipping.transport.quota import MemoryQuota, QuotaKeeper
    from spshipping.transport.redis import RedisQuota
    from spshipping.transport.retry import RetryBudget, RetryPolicy
    from spshipping.transport.shared import FileQuota
    from spshipping.transport.unsettled import Unsettled
    from spshipping.wire.convert import converter, dumps, from_dict, loads, to_dict
    from spshipping.wire.json_schema import json_schema
    from spshipping.wire.model import extra, has, replace, reveal, set_extra

__all__ = [
    "Client",
    "AsyncClient",
    "Credentials",
    "Secret",
    # repeats, quotas, many calls
    "FileQuota",
    "Mapped",
    "MemoryQuota",
    "Progress",
    "QuotaKeeper",
    "QuotaState",
    "RedisQuota",
    "RetryBudget",
    "RetryPolicy",
    "Unsettled",
    # signing in
    "AwsCredentials",
    "AwsRole",
    "Connection",
    "ConsentFlow",
    "ConsentRequest",
    "FileStore",
    "MemoryStore",
    "RedisStore",
    "Report",
    "Settings",
    "TokenCache",
    "TokenStore",
    # what machines share
    "PostgresDatabase",
    # places
    "Marketplace",
    "Region",
    "ShippingBusiness",
    # calls as data
    "After",
    "Before",
    "Call",
    "Effect",
    "History",
    "Items",
    "Length",
    "Operation",
    "PagedOperation",
    "Paging",
    "Parameter",
    "Pattern",
    "Quota",
    "Range",
    "Reply",
    "call_from_json",
    "call_to_json",
    "derived",
    "operations",
    "MODELS_DATE",
    "random_key",
    # beside the value
    "Attempt",
    "Deviation",
    "ErrorDetail",
    "ReplyMeta",
    # models and JSON
    "converter",
    "dumps",
    "extra",
    "from_dict",
    "has",
    "json_schema",
    "loads",
    "replace",
    "reveal",
    "set_extra",
    "to_dict",
    # errors
    "AccessDeniedError",
    "ApiError",
    "AuthError",
    "BadRequestError",
    "ConfigurationError",
    "ConflictError",
    "ConsentError",
    "DecodeError",
    "GatewayError",
    "InvalidRequestError",
    "LeaseLostError",
    "MissingFieldError",
    "NotFoundError",
    "OutcomeUnknownError",
    "PaginationError",
    "QuotaError",
    "RateExpiredError",
    "ReferenceConflictError",
    "ServerError",
    "SpendingLimitError",
    "SpShippingError",
    "SwitchedOffError",
    "ThrottledError",
    "TransportError",
    "UnsettledPurchaseError",
    "WebhookError",
    "__version__",
]

# where each public name lives: importing this package loads nothing until a name is used
_HOMES = {
    "auth.aws": ("AwsCredentials", "AwsRole"),
    "auth.cache": ("TokenCache",),
    "auth.consent": ("ConsentFlow", "ConsentRequest"),
    "auth.credentials": ("Credentials",),
    "auth.file_store": ("FileStore",),
    "auth.redis": ("RedisStore",),
    "auth.stores": ("MemoryStore", "TokenStore"),
    "catalogue": ("operations", "MODELS_DATE"),
    "checking": ("Report",),
    "client": ("Client",),
    "async_client": ("AsyncClient",),
    "meta": ("Attempt", "Deviation", "ErrorDetail", "ReplyMeta"),
    "operation": (
        "After",
        "Before",
        "Call",
        "Effect",
        "History",
        "Items",
        "Length",
        "Operation",
        "PagedOperation",
        "Paging",
        "Parameter",
        "Pattern",
        "Quota",
        "Range",
        "Reply",
        "derived",
        "random_key",
    ),
    "postgres": ("PostgresDatabase",),
    "regions": ("Marketplace", "Region", "ShippingBusiness"),
    "secret": ("Secret",),
    "settings": ("Connection", "Settings"),
    "stored": ("call_from_json", "call_to_json"),
    "transport.bucket": ("QuotaState",),
    "transport.bulk": ("Mapped", "Progress"),
    "transport.quota": ("MemoryQuota", "QuotaKeeper"),
    "transport.redis": ("RedisQuota",),
    "transport.retry": ("RetryBudget", "RetryPolicy"),
    "transport.shared": ("FileQuota",),
    "transport.unsettled": ("Unsettled",),
    "wire.convert": ("converter", "dumps", "from_dict", "loads", "to_dict"),
    "wire.json_schema": ("json_schema",),
    "wire.model": ("extra", "has", "replace", "reveal", "set_extra"),
    "errors": tuple(name for name in __all__ if name.endswith("Error")),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

# a library stays silent unless the program switches its log on
logging.getLogger("spshipping").addHandler(logging.NullHandler())


if not TYPE_CHECKING:  # which would take every name for one that is there

    def __getattr__(name: str) -> Any:
        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module 'spshipping' has no attribute {name!r}")
        value = getattr(importlib.import_module(f"spshipping.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
