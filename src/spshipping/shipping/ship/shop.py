"""What every workflow with a journal works with: the client, the operations, the journal, the account."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from spshipping.errors import ConfigurationError, GatewayError, InvalidRequestError
from spshipping.facade import Context
from spshipping.journal.entry import Account, Charge, Entry, Owned, Scope, SpendingLimit, State
from spshipping.journal.protocol import PurchaseJournal
from spshipping.named import NamedTuple
from spshipping.operation import CallOptions, Operation
from spshipping.operation.options import OPTION_NAMES
from spshipping.regions import ShippingBusiness
from spshipping.shipping.models.purchases import (
    CancelShipmentResult,
    DirectPurchaseResult,
    GetShipmentDocumentsResult,
    OneClickShipmentResult,
    PurchaseShipmentResult,
)
from spshipping.shipping.models.rates import GetRatesResult
from spshipping.shipping.models.tracking import GetTrackingResult
from spshipping.shipping.ship.money import check_limit_of
from spshipping.shipping.ship.shipment import Bought
from spshipping.shipping.ship.wanted import ShipOptions, order_id_of
from spshipping.timeouts import checked_deadline

P = ParamSpec("P")
R = TypeVar("R")

_logger = logging.getLogger("spshipping")
_RETURN = "\x1freturn"
"""Added to a reference for the way back; no reference of a user's can hold it, since it is not printable."""


class Operations(NamedTuple):
    """The operations that the workflows are made of."""

    get_rates: Operation[GetRatesResult]
    purchase: Operation[PurchaseShipmentResult]
    get_documents: Operation[GetShipmentDocumentsResult]
    cancel: Operation[CancelShipmentResult]
    get_tracking: Operation[GetTrackingResult]
    business: str
    """The header that names the business."""
    key: str
    """The header of the idempotency key."""
    direct: Operation[DirectPurchaseResult]
    one_click: Operation[OneClickShipmentResult]


class Shop(NamedTuple):
    """Whose parcels are shipped, and where that is written down."""

    context: Context
    operations: Operations
    journal: PurchaseJournal
    account: Account
    business: str
    folder: Path | None
    """Where labels are saved."""
    limit: SpendingLimit | None
    """What may be spent on one day."""

    def scope(self, reference: str, generation: int = 1, *, is_return: bool = False) -> Scope:
        """Return the scope of a reference, or of the way back of its parcel.

        Raises:
            InvalidRequestError: it is no reference, or no generation.
        """
        text: object = reference
        if not isinstance(text, str) or not text.strip() or not text.isprintable():
            raise InvalidRequestError("is your own name for the parcel, as printable text", path="reference")
        if type(generation) is not int or generation < 1:
            raise InvalidRequestError("is a whole number above 0", path="generation")
        name = f"{reference}{_RETURN}" if is_return else reference
        return Scope(*self.account, self.business, name, generation)

    async def kept(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the journal, which may block; a caller that is cancelled leaves when the journal has ended."""
        return await self.context.io.entire(function, *args, **kwargs)

    async def owned(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Let the journal make a purchase the caller's; one that is interrupted meanwhile gives it up."""
        found: list[R] = []

        def own() -> R:
            found.append(function(*args, **kwargs))
            return found[0]

        async with self.or_released(found):
            return await self.kept(own)

    @asynccontextmanager
    async def or_released(self, found: Sequence[object]) -> AsyncIterator[None]:
        """Give up the purchases among *found* where something fails, or is interrupted.

        The next caller need not wait then until their leases end.
        """
        try:
            yield
        except GeneratorExit:
            raise  # a coroutine that is being closed cannot wait for the journal
        except BaseException:
            for each in found:
                if isinstance(each, Owned):
                    await self.release(each)
            raise

    async def release(self, owned: Owned) -> None:
        """Give up a purchase."""
        await quietly(lambda: self.kept(self.journal.renew, owned, 0.0), "the journal")


def shop_of(
    context: Context,
    operations: Operations,
    journal: PurchaseJournal,
    seller: str | None,
    business: ShippingBusiness | str | None,
    save_to: str | PathLike[str] | None,
    limit: SpendingLimit | None,
) -> Shop:
    """Return what the workflows work with.

    Raises:
        ConfigurationError: it is not known whose parcels they are, or for which business; or the limit is in
            another currency than that of the business, or its time zone is not known.
    """
    origin = context.origin
    owner: object = origin.seller if seller is None else seller
    if not isinstance(owner, str) or not owner.strip():
        raise ConfigurationError(
            "the journal needs a name for the seller that never changes: pass seller=, or"
            " Credentials(selling_partner_id=...)"
        )
    used = business or origin.business
    if isinstance(used, ConfigurationError):
        raise used
    # in one spelling: it is part of what makes a purchase this one
    named = ShippingBusiness.named(used).value
    if limit is not None:
        check_limit_of(limit, named)
    folder = None if save_to is None else Path(save_to).expanduser()
    return Shop(context, operations, journal, Account(origin.endpoint, owner), named, folder, limit)


def call_options(options: Mapping[str, Any], allowed: type = ShipOptions) -> CallOptions:
    """Return the options of a call that are among those of a shipment.

    Raises:
        TypeError: there is no such option.
        InvalidRequestError: the deadline is no time.
    """
    for name in options:
        if name not in allowed.__annotations__ and name not in OPTION_NAMES:
            raise TypeError(f"shipping has no option {name!r}")
    if "deadline" in options:
        checked_deadline(options["deadline"], "deadline", InvalidRequestError)
    return cast("CallOptions", {name: value for name, value in options.items() if name in OPTION_NAMES})


def checked_time(time: datetime | None, path: str) -> datetime | None:
    """Return *time*.

    Raises:
        InvalidRequestError: it has no time zone.
    """
    given: object = time
    if given is not None and (not isinstance(given, datetime) or given.utcoffset() is None):
        raise InvalidRequestError("must be a datetime with a time zone", path=path)
    return time


class Purchase(NamedTuple):
    """A purchase as the journal has it, for people to look at."""

    reference: str
    generation: int
    business: str
    state: State
    attempt: int
    idempotency_key: str
    package_client_reference_id: str
    """What Amazon knows the package by."""
    order_id: str | None
    """The Amazon order, where it is for one: the PACKAGES of the order show a label that was bought."""
    shipment_id: str | None
    tracking_id: str | None
    charge: Charge | None
    sent_age: float
    """Seconds since it may first have left; infinite where it did not."""
    is_by_hand: bool
    """Whether a person said what came of it."""
    is_return: bool = False
    """Whether it is for the way back."""
    delivered_at: datetime | None = None
    """When it was delivered; None unless `delivered()` was called."""


def purchase_of(entry: Entry) -> Purchase:
    """Return an entry for people to look at."""
    bought: Any = Bought.of(entry) if entry.result else None
    reference, is_return = shown(entry.scope)
    at = entry.delivered_at
    return Purchase(
        reference=reference,
        generation=entry.scope.generation,
        business=entry.scope.business,
        state=entry.state,
        attempt=entry.attempt,
        idempotency_key=entry.key,
        package_client_reference_id=(bought and bought.package) or entry.scope.package,
        order_id=order_id_of(entry.wanted),
        shipment_id=bought and bought.shipment_id,
        tracking_id=bought and bought.tracking_id,
        charge=entry.charge,
        sent_age=entry.sent_age,
        is_by_hand=entry.is_by_hand,
        is_return=is_return,
        delivered_at=None if at is None else datetime.fromtimestamp(at, UTC),
    )


def shown(scope: Scope) -> tuple[str, bool]:
    """Return the reference of a scope as the user knows it, and whether it is for the way back."""
    return scope.reference.removesuffix(_RETURN), scope.reference.endswith(_RETURN)


async def required(shop: Shop, scope: Scope) -> Entry:
    """Return the entry of a scope.

    Raises:
        GatewayError: there is none.
    """
    found = await shop.kept(shop.journal.find, scope)
    if found is None:
        raise GatewayError(
            f"generation {scope.generation} of this reference is not in the journal, for this seller"
            " and business"
        )
    return found


async def marked(shop: Shop, entry: Entry, state: State) -> Purchase:
    """Mark what was bought; see `PurchaseJournal.mark`.

    Raises:
        GatewayError: it cannot become that.
    """
    found = await shop.kept(shop.journal.mark, entry.scope, state)
    if found is None:
        raise GatewayError(f"this reference is {entry.state.value}, and cannot become {state.value}")
    return purchase_of(found)


async def quietly(work: Callable[[], Any], what: str) -> None:
    """Write to the journal where its failure must not hide what is in hand."""
    try:
        await work()
    except Exception as error:
        _logger.warning("%s raised %s; ignored", what, type(error).__name__)
