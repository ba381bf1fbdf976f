"""The forms of one day: whose they are, their keys, and their files."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import ParamSpec, TypeVar

from spshipping import disk
from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.facade import Context
from spshipping.named import NamedTuple
from spshipping.operation import CallOptions, Operation
from spshipping.operation.keys import derive
from spshipping.regions import ShippingBusiness
from spshipping.shipping.models import files
from spshipping.shipping.models.collection import (
    CollectionsFormDocument,
    GenerateCollectionFormResponse,
    GetCollectionFormHistoryResponse,
    GetCollectionFormResponse,
    GetUnmanifestedShipmentsResponse,
)
from spshipping.shipping.models.parties import Address
from spshipping.wire.convert import to_dict

P = ParamSpec("P")
R = TypeVar("R")

_MARK_LETTERS = 12
_PLACE = ("address_line1", "city", "postal_code", "country_code")
"""What two addresses of one place have in common."""


class FormOperations(NamedTuple):
    """The operations that the workflow is made of."""

    unmanifested: Operation[GetUnmanifestedShipmentsResponse]
    generate: Operation[GenerateCollectionFormResponse]
    history: Operation[GetCollectionFormHistoryResponse]
    form: Operation[GetCollectionFormResponse]
    business: str
    """The header that names the business."""
    key: str
    """The header of the idempotency key."""


class Wish(NamedTuple):
    """What the caller of `collect` wants."""

    folder: Path
    number: int
    day: date | None
    time_zone: str
    seller: str | None
    business: ShippingBusiness | str | None
    wait: float
    options: CallOptions


class FormsOfDay(NamedTuple):
    """The forms of one day, of one seller and business, in one folder."""

    context: Context
    operations: FormOperations
    scope: tuple[str, ...]
    """Endpoint, seller, business."""
    folder: Path
    day: date
    start: datetime
    """When the day begins."""
    wish: Wish

    async def kept(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call what uses the disk."""
        return await self.context.io.plugin(function, *args, **kwargs)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every call."""
        return {self.operations.business: self.scope[-1]}

    def key(self, carrier_id: str, address: Address | None) -> str:
        """Return the key of the form for a carrier and a place; equal in every process."""
        fields = {} if address is None else to_dict(address)
        place = [f"{name}={plain(value)}" for name, value in sorted(fields.items())]
        return derive([*self.scope, carrier_id, *place, self.day.isoformat(), str(self.wish.number)])

    def form_mark(self, form_id: str) -> str:
        """Return what the name of a form's file has of its id, which may be any text."""
        return mark(derive([*self.scope, form_id]))

    async def save(
        self, carrier: str | None, key: str | None, form_id: str | None, document: CollectionsFormDocument
    ) -> Path:
        """Write a form, readable by the owner only, and on the disk on return.

        Raises:
            DecodeError: it cannot be read; nothing is written.
        """
        marks = [key and mark(key), form_id and self.form_mark(form_id)]
        parts = [carrier or "carrier", self.day.isoformat(), *marks]
        stem, _ = files.named_after("-".join(part for part in parts if part), None)
        path = self.folder / f"{stem}.pdf"
        await self.kept(disk.replace, path, document.data, private=True, durable=True)
        return path

    async def saved(self, mark: str) -> Path | None:
        """Return the file whose name has the mark of a key, or of an id."""
        return await self.kept(self._saved, mark)

    def _saved(self, mark: str) -> Path | None:
        return next(iter(sorted(self.folder.glob(f"*-{mark}*.pdf"))), None)


def forms_of_day(context: Context, operations: FormOperations, wish: Wish) -> FormsOfDay:
    """Return whose forms are collected, and of which day.

    Raises:
        ConfigurationError: it is not known whose forms they are, or for which business; or the time zone is
            not known.
        InvalidRequestError: the number, the day or the wait is none.
    """
    # imported here: nothing else needs it
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    _check(wish)
    origin = context.origin
    seller, business = wish.seller or origin.seller, wish.business or origin.business
    if not seller:
        raise ConfigurationError(
            "the key of a form needs a name for the seller that never changes: pass seller=, or"
            " Credentials(selling_partner_id=...)"
        )
    if isinstance(business, ConfigurationError):
        raise business
    try:
        zone = ZoneInfo(wish.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigurationError(
            f"{wish.time_zone!r} is no time zone that is known here; give one such as Europe/London"
        ) from None
    day = wish.day or context.clock.now().astimezone(zone).date()
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    scope = (origin.endpoint, seller, str(business))
    return FormsOfDay(context, operations, scope, wish.folder, day, start, wish)


def _check(wish: Wish) -> None:
    if type(wish.number) is not int or wish.number < 1:
        raise InvalidRequestError("is a whole number above 0", path="number")
    if wish.day is not None and type(wish.day) is not date:
        raise InvalidRequestError("is a date without a time", path="day")
    if not 0 <= wish.wait < float("inf"):
        raise InvalidRequestError("is a number of seconds", path="wait")


def mark(key: str) -> str:
    """Return the part of a key that the name of a file has."""
    return key.replace("-", "")[:_MARK_LETTERS]


def plain(value: object) -> str:
    """Return a text as it is compared: without case, and with single spaces."""
    return " ".join(str(value).split()).casefold()


def place(address: Address) -> tuple[str, ...]:
    """Return what two addresses of one place have in common."""
    return tuple(plain(getattr(address, name, None)) for name in _PLACE)
