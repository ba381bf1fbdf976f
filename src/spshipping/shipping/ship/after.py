"""What is done with purchases later: look them up, settle them by hand, note what became of them."""

from datetime import datetime

from spshipping.errors import GatewayError, InvalidRequestError
from spshipping.journal.entry import IN_DOUBT, Entry, Scope, State
from spshipping.shipping.ship.sent import cancelling, found_by_hand, is_repeatable
from spshipping.shipping.ship.shop import Purchase, Shop, checked_time, marked, purchase_of, required


async def find(shop: Shop, scope: Scope) -> Purchase | None:
    """Return what the journal has of a reference."""
    found = await shop.kept(shop.journal.find, scope)
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


async def settle(shop: Shop, scope: Scope, bought: str | None, *, not_bought: bool) -> Purchase:
    """Write down what a person found out; see `Purchases.settle`."""
    given: object = bought
    is_id = isinstance(given, str) and given.strip() != "" and given.isprintable()
    if (given is None) is not not_bought or not (given is None or is_id):
        raise InvalidRequestError("give either the shipment id in bought=, or not_bought=True", path="bought")
    entry = await required(shop, scope)
    result = None if bought is None else found_by_hand(entry, bought).to_json()
    settled = await shop.kept(shop.journal.settle_by_hand, entry.scope, result)
    if settled is None:
        raise GatewayError(
            f"this reference is {entry.state.value}, and not to be settled by hand, or a process works on it"
        )
    return purchase_of(settled)


async def take(shop: Shop, scope: Scope) -> Purchase:
    """Note that the labels of a reference were handed over; see `Purchases.taken`."""
    entry = await required(shop, scope)
    if entry.state is State.CANCELLING:
        raise cancelling()
    return await marked(shop, entry, State.TAKEN)


async def deliver(shop: Shop, scope: Scope, at: datetime | None) -> Purchase:
    """Note when the parcel of a reference was delivered; see `Purchases.delivered`."""
    entry = await required(shop, scope)
    time = checked_time(at, "at") or shop.context.clock.now()
    found = await shop.kept(shop.journal.delivered, scope, time)
    if found is None:
        raise GatewayError(
            f"this reference is {entry.state.value}: there is no parcel that could be delivered"
        )
    return purchase_of(found)
