"""A purchase as it is sent: kept as JSON, sent once, and settled in the journal."""

from typing import Any

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
from spshipping.journal.entry import Charge, Entry, Outcome, Owned
from spshipping.named import NamedTuple
from spshipping.operation import Call, CallOptions, Effect, Reply
from spshipping.shipping.models.documents import Documented
from spshipping.shipping.models.purchases import QUOTE_LIFETIME
from spshipping.shipping.ship.shipment import Bought, RateFacts, bought_of, total_of
from spshipping.shipping.ship.shop import Shop, quietly
from spshipping.shipping.ship.unquoted import Kind, Unquoted, fingerprint, kind_of
from spshipping.shipping.ship.wanted import Wanted
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
_VERSION = 2
"""Of what is kept without the bytes; with them, it is as in version 1."""
_ADVICE = "look it up at Amazon, and settle it: see the page on shipping"


class Sending(NamedTuple):
    """A purchase as it is sent, and what is known of its rate."""

    call: Call[Any]
    rate: RateFacts = RateFacts()

    def to_json(self) -> str:
        """Return it as JSON: the bytes that are sent are in it."""
        return write({"call": call_to_json(self.call), "rate": self.rate._asdict()})

    def without_bytes(self, fingerprint: str) -> str:
        """Return it as JSON without the bytes: they are never sent again, or must not be kept."""
        printed = {name: getattr(self.specification, name, None) for name in ("format", "dpi")}
        return write({"version": _VERSION, "fingerprint": fingerprint, **printed})

    @classmethod
    def of(cls, entry: Entry) -> "Sending | None":
        """Read what the journal has of a purchase that may have been sent; None where it has no bytes."""
        saved = parse((entry.call or "{}").encode())
        return cls(call_from_json(saved["call"]), RateFacts(**saved["rate"])) if "call" in saved else None

    @property
    def specification(self) -> Any:
        """The documents that were requested; None where that is not known."""
        names = ("requested_document_specification", "label_specifications")
        found = (getattr(self.call.body, name, None) for name in names)
        return next((each for each in found if each is not None), None)


def found_by_hand(entry: Entry, shipment_id: str) -> Bought:
    """Return what is known of a shipment that a person found."""
    sending = Sending.of(entry)
    if sending is None:
        saved = parse((entry.call or "{}").encode())
        return Bought(shipment_id, format=saved.get("format"), dpi=saved.get("dpi"))
    wanted = sending.specification
    return Bought(
        shipment_id,
        format=getattr(wanted, "format", None),
        dpi=getattr(wanted, "dpi", None),
        rate=sending.rate,
    )


class Answer(NamedTuple):
    """What a purchase has brought."""

    bought: Bought
    result: Documented


def is_repeatable(entry: Entry) -> bool:
    """Return whether the same purchase can still be sent again; with one click, it never can."""
    is_recent = entry.sent_age <= _REPEATABLE_SECONDS - _LEAST_SECONDS
    return is_recent and kind_of(entry.wanted) is not Kind.ONE_CLICK


async def send_again(
    shop: Shop, owned: Owned, options: CallOptions, wanted: Wanted | Unquoted | None = None
) -> Answer | None:
    """Send the same bytes with the same key; None where another process has taken the purchase over.

    *wanted* is used where the journal does not keep the bytes.

    Raises:
        UnsettledPurchaseError: it is too late for that, or it has no key.
        OutcomeUnknownError: the outcome is still unknown.
    """
    if not is_repeatable(owned.entry):
        await shop.kept(shop.journal.settle, owned, Outcome.UNSETTLED)
        raise unsettled()
    async with shop.or_released([owned]):
        sending = Sending.of(owned.entry) or await made_again(shop, owned, wanted)
        is_own = sending is not None and await shop.kept(shop.journal.sending, owned, LEASE_SECONDS)
    if sending is None:
        await shop.release(owned)
        raise OutcomeUnknownError(
            "it may have been bought, and the journal does not keep the bytes that were sent: ship it again"
            " with the same request, within ten minutes",
            operation=shop.operations.direct.name,
        )
    if not is_own:
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
    is_once = sending.call.operation.effect is Effect.ONCE
    unknown = Outcome.UNSETTLED if is_once else Outcome.UNKNOWN
    try:
        reply = await _sent(shop, sending, options, is_repeat=is_repeat)
    except GeneratorExit:
        raise  # a coroutine that is being closed cannot wait for the journal
    except DecodeError as error:
        await _settle_by(shop, owned, sending, error.value, unknown)
        raise
    except BaseException as error:
        outcome = Outcome.UNKNOWN if is_repeat else _outcome(error)
        await _settle(shop, owned, unknown if outcome is Outcome.UNKNOWN else outcome)
        raise
    bought = await _settle_by(shop, owned, sending, reply.value, unknown)
    if bought is None:
        advice = _ADVICE if is_once else "ship it again"
        raise OutcomeUnknownError(
            f"it was bought, and the answer does not say which shipment it is: {advice}",
            operation=sending.call.operation.name,
            status=reply.meta.status,
            request_id=reply.meta.request_id,
            call=sending.call,
        )
    return Answer(bought, reply.value)


async def made_again(shop: Shop, owned: Owned, wanted: Wanted | Unquoted | None) -> Sending | None:
    """Return a purchase that the journal has no bytes of; None unless what is wanted gives the same ones."""
    if not isinstance(wanted, Unquoted) or wanted.kind is not Kind.DIRECT:
        return None
    sending = unquoted_sending(shop, owned, wanted)
    digest = await fingerprint_of(shop, owned, sending)
    return sending if parse((owned.entry.call or "{}").encode()).get("fingerprint") == digest else None


def unquoted_sending(shop: Shop, owned: Owned, wanted: Unquoted) -> Sending:
    """Return a purchase without a quote as it is sent."""
    operations = shop.operations
    headers: dict[str, Any] = {operations.business: shop.business}
    if wanted.kind is Kind.ONE_CLICK:
        return Sending(operations.one_click(body=wanted.request, headers=headers).freeze())
    headers |= {operations.key: owned.entry.key, "locale": wanted.locale}
    return Sending(operations.direct(body=wanted.request, headers=headers).freeze())


async def fingerprint_of(shop: Shop, owned: Owned, sending: Sending) -> str:
    """Return a keyed digest of the bytes that are sent."""
    return fingerprint(sending.call, owned.scope, await shop.kept(shop.journal.secret))


async def _sent(shop: Shop, sending: Sending, options: CallOptions, *, is_repeat: bool) -> Reply[Any]:
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


async def _settle_by(
    shop: Shop, owned: Owned, sending: Sending, result: Documented | None, unknown: Outcome
) -> Bought | None:
    """Settle a purchase by its answer; return what was bought, where the answer says it."""
    if result is None:
        await _settle(shop, owned, unknown)
        return None
    bought = bought_of(result, sending.rate, sending.specification, owned.scope.package)
    outcome, charge = (unknown, None) if bought is None else (Outcome.BOUGHT, total_of(result))
    await _settle(shop, owned, outcome, bought, charge)
    return bought


async def _settle(
    shop: Shop, owned: Owned, outcome: Outcome, bought: Bought | None = None, charge: Charge | None = None
) -> None:
    result = None if bought is None else bought.to_json()
    journal = shop.journal
    await quietly(lambda: shop.kept(journal.settle, owned, outcome, result, charge), "the journal")
