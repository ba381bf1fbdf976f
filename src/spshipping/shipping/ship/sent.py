"""A purchase as it is sent: kept as JSON, sent once, and settled in the journal."""

from typing import Any, NamedTuple

from spshipping.errors import (
    ApiError,
    DecodeError,
    GatewayError,
    OutcomeUnknownError,
    RateExpiredError,
    SpShippingError,
    ThrottledError,
    UnsettledPurchaseError,
)
from spshipping.journal.entry import Entry, Outcome, Owned
from spshipping.operation import Call, CallOptions, Reply
from spshipping.shipping.models.purchases import QUOTE_LIFETIME, PurchaseShipmentResult
from spshipping.shipping.ship.shipment import Bought, RateFacts, bought_of
from spshipping.shipping.ship.shop import Shop, quietly
from spshipping.stored import call_from_json, call_to_json
from spshipping.wire.text import parse, write

LEASE_SECONDS = 90.0
"""So long a purchase stays with a process that may have died."""
CALL_SECONDS = 75.0
"""So long a call may take while it lasts."""
_REPEATABLE_SECONDS = QUOTE_LIFETIME.total_seconds()
_LEAST_SECONDS = 5.0
"""Not worth sending with less time than this left."""
_REFUSED = range(400, 500)
_ADVICE = "look it up at Amazon, and settle it: see the page on shipping"


class Sending(NamedTuple):
    """A purchase as it is sent, and what is known of its rate."""

    call: Call[PurchaseShipmentResult]
    rate: RateFacts

    def to_json(self) -> str:
        """Return it as JSON: the bytes that are sent are in it."""
        return write({"call": call_to_json(self.call), "rate": self.rate._asdict()})

    @classmethod
    def of(cls, entry: Entry) -> "Sending":
        """Read what the journal has of a purchase that may have been sent."""
        saved = parse((entry.call or "{}").encode())
        return cls(call_from_json(saved["call"]), RateFacts(**saved["rate"]))

    @property
    def specification(self) -> Any:
        """The documents that were requested; None where that cannot be read any more."""
        return getattr(self.call.body, "requested_document_specification", None)


class Answer(NamedTuple):
    """What a purchase has brought."""

    bought: Bought
    result: PurchaseShipmentResult


def is_repeatable(entry: Entry) -> bool:
    """Return whether the same purchase can still be sent again."""
    return entry.sent_age <= _REPEATABLE_SECONDS - _LEAST_SECONDS


async def send_again(shop: Shop, owned: Owned, options: CallOptions) -> Answer | None:
    """Send the same bytes with the same key; None where another process has taken the purchase over.

    Raises:
        UnsettledPurchaseError: it is too late for that.
        OutcomeUnknownError: the outcome is still unknown.
    """
    if not is_repeatable(owned.entry):
        await shop.kept(shop.journal.settle, owned, Outcome.UNSETTLED)
        raise unsettled()
    sending = Sending.of(owned.entry)
    if not await shop.kept(shop.journal.sending, owned, LEASE_SECONDS):
        return None
    left = _REPEATABLE_SECONDS - owned.entry.sent_age
    return await send(shop, owned, sending, limited(options, left), is_repeat=True)


def unsettled() -> UnsettledPurchaseError:
    """Return the error of a purchase that only a person can settle."""
    return UnsettledPurchaseError(f"it may have been bought, and can no longer be sent again: {_ADVICE}")


def cancelling() -> GatewayError:
    """Return the error of a shipment that may be cancelled."""
    return GatewayError(
        "a cancellation of this reference was sent, and its outcome is not known: cancel it again, or look it"
        " up at Amazon and settle it"
    )


def limited(options: CallOptions, seconds: float) -> CallOptions:
    """Return the options of a call that is over before the lease is."""
    longest = min(CALL_SECONDS, seconds)
    return {**options, "deadline": min(options.get("deadline", longest), longest)}


async def send(
    shop: Shop, owned: Owned, sending: Sending, options: CallOptions, *, is_repeat: bool
) -> Answer:
    """Send a purchase that the journal has as `sending`, and settle it.

    Raises:
        OutcomeUnknownError: it may have been bought.
        SpShippingError: it was not.
    """
    try:
        reply = await _sent(shop, sending, options, is_repeat=is_repeat)
    except GeneratorExit:
        raise  # a coroutine that is being closed cannot wait for the journal
    except DecodeError as error:
        bought = bought_of(error.value, sending.rate, sending.specification) if error.value else None
        await _settle(shop, owned, Outcome.UNKNOWN if bought is None else Outcome.BOUGHT, bought)
        raise
    except BaseException as error:
        await _settle(shop, owned, Outcome.UNKNOWN if is_repeat else _outcome(error))
        raise
    bought = bought_of(reply.value, sending.rate, sending.specification)
    await _settle(shop, owned, Outcome.UNKNOWN if bought is None else Outcome.BOUGHT, bought)
    if bought is None:
        raise OutcomeUnknownError(
            "it was bought, and the answer does not say which shipment it is: ship it again",
            operation=sending.call.operation.name,
            status=reply.meta.status,
            request_id=reply.meta.request_id,
            call=sending.call,
        )
    return Answer(bought, reply.value)


async def _sent(
    shop: Shop, sending: Sending, options: CallOptions, *, is_repeat: bool
) -> Reply[PurchaseShipmentResult]:
    sender = shop.context.sender
    if is_repeat:
        return await sender.resolve(sending.call, options)
    return await sender.send(sending.call, **options)


def _outcome(error: BaseException) -> Outcome:
    """Return what an error says of a purchase that was sent for the first time."""
    if isinstance(error, OutcomeUnknownError) or not isinstance(error, SpShippingError):
        return Outcome.UNKNOWN
    if isinstance(error, ThrottledError) or not isinstance(error, ApiError | RateExpiredError):
        return Outcome.NOT_SENT
    return Outcome.REFUSED if error.status in _REFUSED else Outcome.NOT_SENT


async def _settle(shop: Shop, owned: Owned, outcome: Outcome, bought: Bought | None = None) -> None:
    result = None if bought is None else bought.to_json()
    journal = shop.journal
    await quietly(lambda: shop.kept(journal.settle, owned, outcome, result), "the journal")
