"""Cancels what was bought for a reference; what may have been bought is settled first."""

from contextlib import suppress

from spshipping.errors import (
    ApiError,
    DecodeError,
    GatewayError,
    OutcomeUnknownError,
    SpShippingError,
    UnsettledPurchaseError,
)
from spshipping.journal.entry import IN_DOUBT, Entry, Scope, State
from spshipping.operation import CallOptions
from spshipping.shipping.quotes import is_cancelled_before
from spshipping.shipping.ship.sent import LEASE_SECONDS, is_repeatable, send_again
from spshipping.shipping.ship.shipment import Bought
from spshipping.shipping.ship.shop import Purchase, Shop, marked, purchase_of, required
from spshipping.shipping.ship.time_left import TimeLeft

_CANCELLABLE = (State.BOUGHT, State.TAKEN, State.CANCELLING)


async def cancel(shop: Shop, scope: Scope, options: CallOptions) -> Purchase:
    """Cancel the shipment of a reference; see `Purchases.cancel`."""
    time = TimeLeft(shop.context.clock, options)
    entry = await required(shop, scope)
    if entry.state in IN_DOUBT and not entry.is_owned and is_repeatable(entry):
        entry = await _settled(shop, scope, time.options())
    if entry.state is State.CANCELLED:
        return purchase_of(entry)
    if entry.state in IN_DOUBT or entry.state is State.UNSETTLED:
        raise UnsettledPurchaseError(
            "it is not known whether this was bought: resume() or settle() it first, and then cancel it"
        )
    if entry.state not in _CANCELLABLE:
        raise GatewayError(f"this reference is {entry.state.value}: there is nothing to cancel")
    return await _cancelled(shop, entry, time.options())


async def _settled(shop: Shop, scope: Scope, options: CallOptions) -> Entry:
    """Return an entry whose purchase was sent again, with the same key, to learn whether it was bought.

    Raises:
        OutcomeUnknownError: that is still unknown.
    """
    just_before = scope._replace(generation=scope.generation - 1)
    owned = await shop.owned(shop.journal.claim, shop.account, IN_DOUBT, LEASE_SECONDS, just_before)
    if owned is not None and owned.scope != scope:
        # another process has settled it meanwhile, and this is the next one: it is left alone
        await shop.kept(shop.journal.renew, owned, 0.0)
    elif owned is not None:
        with suppress(DecodeError):  # what could be read of the answer is in the journal
            await send_again(shop, owned, options)
    return await required(shop, scope)


async def _cancelled(shop: Shop, entry: Entry, options: CallOptions) -> Purchase:
    operations = shop.operations
    call = operations.cancel(
        path={"shipmentId": Bought.of(entry).shipment_id}, headers={operations.business: shop.business}
    )
    # first written down: a label that may be cancelled must not be handed out again
    await marked(shop, entry, State.CANCELLING)
    try:
        await shop.context.sender.send(call, **options)
    except SpShippingError as error:
        if not (isinstance(error, ApiError) and is_cancelled_before(error)):
            if not isinstance(error, OutcomeUnknownError):
                await marked(shop, entry, entry.state)
            raise
    return await marked(shop, entry, State.CANCELLED)
