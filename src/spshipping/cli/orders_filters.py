"""Which orders a command reads: its options, and the search that they make."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import click

from spshipping.cli.sync import span
from spshipping.cli.values import plain
from spshipping.client import Client
from spshipping.orders import AmazonOrder, FulfillmentChannel, OrderSource, OrderStatus
from spshipping.regions import Marketplace

PERSONAL = ("buyerInfo", "shippingAddress", "buyerTaxInformation")
"""The data elements that `--pii` requests."""
_WEEK = timedelta(days=7)
_APIS = (OrderSource.V2026, OrderSource.BOTH, OrderSource.V0)
_DATE = len("2026-01-31")
_SPAN = re.compile(r"\d+[smhd]", re.ASCII)
_FORMS = "write 2026-01-31, 2026-01-31T12:00:00Z, or 7d for seven days ago"


def moment(value: str | datetime | timedelta) -> datetime | timedelta:
    """Read a date, which begins in UTC, a time with its offset, or how long ago, as `7d`."""
    if not isinstance(value, str):
        return value
    if _SPAN.fullmatch(value):
        return span(value)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no time: {_FORMS}") from None
    if found.tzinfo is None and len(value) == _DATE:
        return found.replace(tzinfo=UTC)
    if found.tzinfo is None:
        raise click.BadParameter(f"{value!r} has no offset: {_FORMS}")
    return found


def _time_option(name: str, text: str) -> Callable[[Any], Any]:
    return click.option(name, type=moment, metavar="TIME", help=text)


api_option: Callable[[Any], Any] = click.option(
    "--api",
    type=click.Choice([source.value for source in _APIS]),
    default=OrderSource.V2026.value,
    show_default=True,
    help="Which Orders API. `both` adds what only v0 has of an order, such as its total; v0 ends on"
    " 27 March 2027.",
)
pii_option: Callable[[Any], Any] = click.option(
    "--pii",
    "has_pii",
    is_flag=True,
    help="Request buyers and addresses, and show them; needs the roles. Without it, they are left out.",
)
_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _time_option("--created-after", "Placed then or later: 2026-01-31, a time, or 7d.  [default: 7d]"),
    _time_option("--created-before", "Placed then or earlier."),
    _time_option("--updated-after", "Changed then or later; in place of --created-after."),
    _time_option("--updated-before", "Changed then or earlier."),
    click.option(
        "--status",
        "statuses",
        multiple=True,
        type=click.Choice([status.value for status in OrderStatus]),
        metavar="STATUS",
        help="Such as Unshipped; can be repeated; else all.",
    ),
    click.option(
        "--marketplace",
        "marketplaces",
        multiple=True,
        help="As UK, or an id; can be repeated; else the connection's.",
    ),
    click.option(
        "--channel",
        "channels",
        multiple=True,
        type=click.Choice([channel.value for channel in FulfillmentChannel]),
        help="Who ships: the seller (MFN) or Amazon (AFN); else both.",
    ),
    click.option("--items", "has_items", is_flag=True, help="Read items; with v0, a call for each order."),
    api_option,
    pii_option,
)


def with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which orders it reads, and what of them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


class Filters(NamedTuple):
    """The values of these options."""

    created_after: datetime | timedelta | None
    created_before: datetime | timedelta | None
    updated_after: datetime | timedelta | None
    updated_before: datetime | timedelta | None
    statuses: Sequence[str]
    marketplaces: Sequence[str]
    channels: Sequence[str]
    has_items: bool
    api: str
    has_pii: bool

    @property
    def page(self) -> str:
        """The operation that reads a page."""
        return "getOrders" if self.api == OrderSource.V0.value else "searchOrders"

    def search(self, client: Client) -> Iterator[AmazonOrder]:
        """Search for them.

        Raises:
            InvalidRequestError: the options do not go together.
        """
        now = client.context.clock.now()
        created_after, created_before = _at(self.created_after, now), _at(self.created_before, now)
        updated_after, updated_before = _at(self.updated_after, now), _at(self.updated_before, now)
        if created_after is None and updated_after is None and updated_before is None:
            created_after = (created_before or now) - _WEEK
        source = OrderSource(self.api)
        return client.orders.retrieve_all(
            created_after=created_after,
            created_before=created_before,
            updated_after=updated_after,
            updated_before=updated_before,
            marketplaces=list[Marketplace | str](self.marketplaces) or None,
            statuses=[OrderStatus(status) for status in self.statuses] or None,
            channels=[FulfillmentChannel(channel) for channel in self.channels] or None,
            source=source,
            # 2026-01-01 has them in the same answer
            items=self.has_items or source is not OrderSource.V0,
            pii=PERSONAL if self.has_pii else None,
        )


def _at(given: datetime | timedelta | None, now: datetime) -> datetime | None:
    return now - given if isinstance(given, timedelta) else given


def order_dict(order: AmazonOrder, *, has_pii: bool) -> dict[str, Any]:
    """Return an order, fit for JSON, with every key; what is personal is None unless it was requested."""
    found: dict[str, Any] = plain(order, reveal=has_pii, hidden=None)
    return found
