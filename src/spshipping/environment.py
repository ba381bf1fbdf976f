"""The one reader of the environment variables `SPSHIPPING_*`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from spshipping.errors import ConfigurationError

PREFIX = "SPSHIPPING_"

CONNECTION = (
    "CLIENT_ID",
    "CLIENT_SECRET",
    "REFRESH_TOKEN",
    "MARKETPLACE",
    "MARKETPLACE_ID",
    "REGION",
    "ENVIRONMENT",
    "MODE",
    "SHIPPING_BUSINESS",
    "VENDOR_CODE",
    "ENDPOINT",
    "BASE_URI",
    "BASE_URL",
    "AUTHORIZATION_URL",
    "AUTHORIZE_URL",
    "TOKEN_URL",
    "ACCESS_TOKEN_URL",
    "ROLE_ARN",
    "ROLE",
    "STS_URL",
    "ACCESS_KEY_ID",
    "ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "SECRET_ACCESS_KEY",
    "SECRET_KEY",
    "AWS_SECRET_ACCESS_KEY",
)
"""The fields of a connection, by all their names; `spshipping.settings` says what each is."""

SHOP = (
    "SELLER",
    "IS_ENABLED",
    "ENABLE_ORDER_CREATION",
    "WEBHOOK_ENABLED",
    "WEBHOOK_URL",
    "WEBHOOK_MODE",
    "WEBHOOK_HEADER_NAME",
    "WEBHOOK_USER_NAME",
    "WEBHOOK_SECRET",
    "SHIPPING_PARTY_ACCOUNT",
    "SHIP_FROM_NAME",
    "SHIP_FROM_COMPANY",
    "SHIP_FROM_LINE1",
    "SHIP_FROM_LINE2",
    "SHIP_FROM_LINE3",
    "SHIP_FROM_CITY",
    "SHIP_FROM_REGION",
    "SHIP_FROM_POSTAL_CODE",
    "SHIP_FROM_COUNTRY",
    "SHIP_FROM_PHONE",
    "SHIP_FROM_EMAIL",
    "LABEL_FORMAT",
    "LABEL_LENGTH",
    "LABEL_WIDTH",
    "LABEL_UNIT",
    "LABEL_DPI",
    "RATE_CHOICE",
    "SERVICE_POLICY",
    "PREFERRED_SERVICES",
    "GOODS_OWNER",
    "SERVICE_IDS",
    "LENGTH_ATTRIBUTE",
    "DEFAULT_LENGTH",
    "BREADTH_ATTRIBUTE",
    "DEFAULT_BREADTH",
    "HEIGHT_ATTRIBUTE",
    "DEFAULT_HEIGHT",
    "WEIGHT_ATTRIBUTE",
    "DEFAULT_WEIGHT",
    "LENGTH_UNIT",
    "WEIGHT_UNIT",
    "SPENDING_LIMIT",
    "MAX_CHARGE",
    "TIME_ZONE",
)
"""The fields of a shop's page; each has a variable of its own name only."""

VENDOR = (
    "SYNCHRONIZATION_ENABLED",
    "ORDERS_INTEGRATION",
    "IMPORT_NEW_ORDERS",
    "IMPORT_MISSING_ORDERS",
    "IMPORT_HISTORY",
)
"""The fields of a vendor's page; each has a variable of its own name only."""

ENGINES = ("MACHINES", "REDIS_URL", "REDIS_PASSWORD", "POSTGRES_URL", "POSTGRES_PASSWORD")
"""What several machines share; each has a variable of its own name only."""

OTHERS = {
    "NAME": "what the connection of the environment is called; `default` unless set",
    "SETTINGS": "the settings file",
    "STORE": "the folder of the file store that settings use",
    "STORE_KEY": "the key of a file store",
    "CONNECTION": "the connection that the command uses",
    "APPLICATION_ID": "the application that `spshipping authorize` requests consent for",
    "MODELS": "read by this package's own tests only",
    "SOAK": "read by this package's own tests only",
}

_KNOWN = frozenset((*CONNECTION, *SHOP, *VENDOR, *ENGINES, *OTHERS))
_OF_KUBERNETES = r"(SERVICE|PORT)(_.*)?"
"""What Kubernetes sets in every pod beside a service that is called spshipping."""


class Variables:
    """The variables `SPSHIPPING_*` that are set and not blank, without a repr that shows them."""

    __slots__ = ("_values",)

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        """Read *environ*; None means the process's environment."""
        found = os.environ if environ is None else environ
        self._values = {
            name.removeprefix(PREFIX): value
            for name, value in found.items()
            if name.startswith(PREFIX) and value.strip()
        }

    def get(self, name: str) -> str | None:
        """Return the variable *name*, which is given without its prefix; None if it is not set."""
        if name not in _KNOWN:
            raise LookupError(f"{PREFIX}{name} is in no table of {__name__}")
        return self._values.get(name)

    def unknown(self) -> Iterator[tuple[str, str]]:
        """Give each variable that nothing reads, with a sentence that names the nearest one that is read."""
        # imported here: only a mistake needs it
        from difflib import get_close_matches

        for name in sorted(self._values.keys() - _KNOWN):
            if re.fullmatch(_OF_KUBERNETES, name):
                continue
            near = get_close_matches(name, sorted(_KNOWN), n=1)
            yield (
                PREFIX + name,
                "is no variable of spshipping"
                + (f": did you mean {PREFIX}{near[0]}?" if near else ": remove or rename it"),
            )


def variables(environ: Mapping[str, str] | None = None) -> Variables:
    """Read *environ*, or the process's environment.

    Raises:
        ConfigurationError: a variable `SPSHIPPING_*` is unknown, so that a misspelt one is never ignored.
    """
    found = Variables(environ)
    faults = [f"{name} {fault}" for name, fault in found.unknown()]
    if faults:
        raise ConfigurationError("; ".join(faults))
    return found


COUNT_RULE = "is no number of machines: 1 or more"


def count_of(text: str) -> int | None:
    """Return the number of machines that *text* is; None if it is none."""
    return int(text) or None if re.fullmatch("[0-9]{1,6}", text) else None


def refuse_second_machine(what: str, remedy: str, count: int | None = None) -> None:
    """Do nothing, unless there is more than one machine.

    Args:
        what: what only one machine can have, such as `a journal in a file`.
        remedy: what to use there.
        count: how many machines there are; None for what the variable says.

    Raises:
        ConfigurationError: there is more than one.
    """
    if count is None:
        text = (Variables().get("MACHINES") or "1").strip()
        count = count_of(text)
        if count is None:
            raise ConfigurationError(f"{PREFIX}MACHINES {COUNT_RULE}")
    if count > 1:
        raise ConfigurationError(
            f"{what} belongs to one machine, and there are {count}: each would have its own. {remedy}"
        )
