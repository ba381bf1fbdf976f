"""What is done with purchases later: look them up, settle them by hand, cancel, take, purge."""

from datetime import datetime

from spshipping.errors import (
    ApiError,
    GatewayError,
    InvalidRequestError,
    OutcomeUnknownError,
    SpShippingError,
    UnsettledPurchaseError,
)
from spshipping.journal.entry import IN_DOUBT, Entry, Scope, State
from spshipping.operation import CallOptions
from spshipping.shipping.quotes import is_cancelled_before
from spshipping.shipping.ship.sent import cancelling, found_by_hand, is_repeatable
from spshipping.shipping.ship.shipment import Bought
from spshipping.shipping.ship.shop import Purchase, Shop, purchase_of, required

_CANCELLABLE = (State.BOUGHT, State.TAKEN, State.CANCELLING)


async def find(shop: Shop, reference: str, generation: int) -> Purchase | None:
    """Return what the journal has of a reference."""
    found = await shop.kept(shop.journal.find, shop.scope(reference, generation))
    return None if found is None else purchase_of(found)


async def unsettled(shop: Shop) -> list[Purchase]:
    """Return the purchases that a person must look up, of all businesses."""
    found: list[Purchase] = []
    after: Scope | None = None
    while page := await shop.kept(shop.journal.entries, shop.account, (*IN_DOUBT, State.UNSETTLED), after):
        after = page[-1].scope
        found += [purchase_of(entry) for entry in page if _is_for_a_person(entry)]
    return found


def _is_for_a_person(entry: Entry) -> bool:
    return entry.state is State.UNSETTLED or not (entry.is_owned or is_repeatable(entry))


async def settle(
    shop: Shop, reference: str, generation: int, bought: str | None, *, not_bought: bool
) -> Purchase:
    """Write down what a person found out; see `Purchases.settle`."""
    if (bought is None) is not not_bought or bought == "":
        raise InvalidRequestError("give either the shipment id in bought=, or not_bought=True", path="bought")
    entry = await required(shop, shop.scope(reference, generation))
    result = None if bought is None else found_by_hand(entry, bought).to_json()
    settled = await shop.kept(shop.journal.settle_by_hand, entry.scope, result)
    if settled is None:
        raise GatewayError(
            f"this reference is {entry.state.value}, and not to be settled by hand, or a process works on it"
        )
    return purchase_of(settled)


async def cancel(shop: Shop, reference: str, generation: int, options: CallOptions) -> Purchase:
    """Cancel the shipment of a reference; see `Purchases.cancel`."""
    entry = await required(shop, shop.scope(reference, generation))
    if entry.state is State.CANCELLED:
        return purchase_of(entry)
    if entry.state in IN_DOUBT or entry.state is State.UNSETTLED:
        raise UnsettledPurchaseError(
            "it is not known whether this was bought: resume() or settle() it first, and then cancel it"
        )
    if entry.state not in _CANCELLABLE:
        raise GatewayError(f"this reference is {entry.state.value}: there is nothing to cancel")
    operations = shop.operations
    call = operations.cancel(
        path={"shipmentId": Bought.of(entry).shipment_id}, headers={operations.business: shop.business}
    )
    # first written down: a label that may be cancelled must not be handed out again
    await _marked(shop, entry, State.CANCELLING)
    try:
        await shop.context.sender.send(call, **options)
    except SpShippingError as error:
        if not (isinstance(error, ApiError) and is_cancelled_before(error)):
            if not isinstance(error, OutcomeUnknownError):
                await _marked(shop, entry, entry.state)
            raise
    return await _marked(shop, entry, State.CANCELLED)


async def take(shop: Shop, reference: str, generation: int) -> Purchase:
    """Note that the labels of a reference were handed over; see `Purchases.taken`."""
    entry = await required(shop, shop.scope(reference, generation))
    if entry.state is State.CANCELLING:
        raise cancelling()
    return await _marked(shop, entry, State.TAKEN)


async def _marked(shop: Shop, entry: Entry, state: State) -> Purchase:
    marked = await shop.kept(shop.journal.mark, entry.scope, state)
    if marked is None:
        raise GatewayError(f"this reference is {entry.state.value}, and cannot become {state.value}")
    return purchase_of(marked)


async def purge(shop: Shop, before: datetime) -> int:
    """Erase what is kept of old purchases; see `Purchases.purge`."""
    if before.utcoffset() is None:
        raise InvalidRequestError("must be a datetime with a time zone", path="bought_before")
    return await shop.kept(shop.journal.purge, shop.account, before)
