"""The label by which a parcel comes back: the addresses of what was bought, swapped."""

from spshipping.errors import GatewayError, InvalidRequestError, ReferenceConflictError
from spshipping.journal.entry import Entry, Scope, State
from spshipping.shipping.models.parties import ChannelType, ShipmentType
from spshipping.shipping.models.rates import GetRatesRequest
from spshipping.shipping.ship.choice import Choice
from spshipping.shipping.ship.shipment import Shipment
from spshipping.shipping.ship.shop import Shop, call_options, required
from spshipping.shipping.ship.unquoted import Kind, kind_of
from spshipping.shipping.ship.wanted import SERVICES, ShipOptions, Wanted, differing, digests, wanted_of
from spshipping.shipping.ship.workflow import Shipping, check_generation, new_entry
from spshipping.wire.model import replace

_BOUGHT = (State.BOUGHT, State.TAKEN, State.PURGED)


async def ship_return(
    shop: Shop, reference: str, parcel: GetRatesRequest | None, choose: Choice, options: ShipOptions
) -> Shipment:
    """Buy the label for the way back once; see `Purchases.ship_return`."""
    calls = call_options(options)
    scope = shop.scope(reference, options.get("generation", 1), is_return=True)
    outward = await _newest(shop, reference)
    if outward.state not in _BOUGHT and await shop.kept(shop.journal.find, scope) is None:
        raise GatewayError(f"this reference is {outward.state.value}: there is nothing that could come back")
    request = returned(await _parcel(shop, outward, parcel))
    wanted = wanted_of(request, scope, choose, options)
    await check_generation(shop, scope, options.get("replaces"))
    return await Shipping(shop, calls).shipment(await new_entry(shop, scope, wanted), wanted)


async def _newest(shop: Shop, reference: str) -> Entry:
    """Return the newest generation of what was shipped.

    Raises:
        GatewayError: nothing was.
    """
    entry = await required(shop, shop.scope(reference))
    while following := await shop.kept(shop.journal.find, _following(entry.scope)):
        entry = following
    return entry


def _following(scope: Scope) -> Scope:
    return scope._replace(generation=scope.generation + 1)


async def _parcel(shop: Shop, outward: Entry, parcel: GetRatesRequest | None) -> GetRatesRequest:
    """Return the parcel as it was shipped.

    Raises:
        InvalidRequestError: the journal does not have it, and it is not given.
        ReferenceConflictError: another one is given.
    """
    if parcel is None:
        kept = Wanted.from_json(outward.wanted)
        if kept is None:
            raise InvalidRequestError(
                "is needed, as it was shipped: the journal keeps parcels only where it has a key, until they"
                " are purged",
                path="parcel",
            )
        return kept.request
    given = wanted_of(parcel, outward.scope, "cheapest", {})
    if outward.fields:
        secret = await shop.kept(shop.journal.secret)
        mine = digests(given, outward.scope, secret)
        paths = tuple(path for path in differing(mine, outward.fields) if path != SERVICES)
        if kind_of(outward.wanted) is not Kind.QUOTED:
            # a purchase without a quote has fields of its own, and may leave the package out
            paths = tuple(path for path in paths if path in mine and path in outward.fields)
        if paths:
            raise ReferenceConflictError(
                f"the parcel that was shipped differs in {', '.join(paths)}: give it as it was shipped",
                paths=paths,
            )
    return parcel


def returned(parcel: GetRatesRequest) -> GetRatesRequest:
    """Return the request for the way back of a parcel.

    What was said for the way there is left out: the date, the pickup point, what the driver must know, and
    what the driver collects.

    Raises:
        GatewayError: Amazon does not offer that.
    """
    if parcel.channel_details.channel_type == ChannelType.AMAZON:
        raise GatewayError(
            "for an order of Amazon's, Amazon takes the address from the order and ignores the one in the"
            " request: the label would lead to the buyer again. Let the buyer return it through Amazon"
        )
    if parcel.shipment_type == ShipmentType.RETURNS:
        raise GatewayError("what was shipped is a return itself: ship the parcel again with `ship`")
    if parcel.ship_to is None:
        raise InvalidRequestError("is needed: the parcel comes back from there", path="ship_to")
    return replace(
        parcel,
        ship_from=parcel.ship_to,
        ship_to=parcel.return_to or parcel.ship_from,
        return_to=None,
        ship_date=None,
        shipper_instruction=None,
        value_added_services=None,
        destination_access_point_details=None,
        shipment_type=ShipmentType.RETURNS,
    )
