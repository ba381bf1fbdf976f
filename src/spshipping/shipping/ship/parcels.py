"""Ship the parcels of one order, each once under a number of its own: `reference/1`, `reference/2`, ..."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence

from spshipping.errors import InvalidRequestError, ReferenceConflictError, SpShippingError
from spshipping.journal.entry import UNSENT, Entry, NewEntry, Scope, State
from spshipping.named import NamedTuple
from spshipping.shipping.models.rates import GetRatesRequest
from spshipping.shipping.ship.choice import Choice
from spshipping.shipping.ship.quantities import check_quantities
from spshipping.shipping.ship.shipment import Shipment
from spshipping.shipping.ship.shop import Shop, call_options
from spshipping.shipping.ship.time_left import TimeLeft
from spshipping.shipping.ship.wanted import ShipOptions, Wanted, differing, wanted_of
from spshipping.shipping.ship.workflow import Shipping, new_entry

_OPEN_TO_CHANGE = (*UNSENT, State.REFUSED)
"""In these states nothing was bought, and a parcel may still be corrected."""
_GONE = (State.REFUSED, State.CANCELLED)
"""In these states there is no label, and there will be none."""
_NOTHING_BOUGHT = (*_OPEN_TO_CHANGE, State.CANCELLED, State.PURGED)
_NUMBER = re.compile(r"[1-9][0-9]*", re.ASCII)


class ParcelFailure(NamedTuple):
    """A parcel whose label the call does not return, and why."""

    number: int
    """Which of the parcels, from 1."""
    reference: str
    """Its own reference: `order-1001/2`."""
    state: State | None
    """How far it has come; None where it was not begun."""
    error: SpShippingError


class ShippedParcels(NamedTuple):
    """What became of the parcels of one order."""

    shipments: tuple[Shipment, ...]
    """Bought now or before, in the order of the parcels."""
    failures: tuple[ParcelFailure, ...]
    """Certainly not bought; the same call again ships these."""
    unsettled: tuple[ParcelFailure, ...]
    """May have been bought, or were bought and the label could not be had; the same call again finds out."""

    @property
    def is_complete(self) -> bool:
        """Whether every parcel has its shipment."""
        return not self.failures and not self.unsettled


async def ship_parcels(
    shop: Shop,
    parcels: Sequence[GetRatesRequest],
    reference: str,
    choose: Choice,
    items: Mapping[str, int] | None,
    options: ShipOptions,
) -> ShippedParcels:
    """Ship every parcel once; see `ShippingApi.ship_parcels`."""
    calls = call_options(options)
    for name in ("generation", "replaces"):
        if name in options:
            raise InvalidRequestError(
                "is for one parcel: ship that one by itself, under the reference that it has here",
                path=name,
            )
    shop.scope(reference)
    await _refuse_single(shop, reference)
    begun = await _begun(shop, reference)
    wanted = _all_wanted(shop, parcels, reference, begun, choose, options)
    check_quantities(parcels, items)
    plan = [(await new_entry(shop, scope, one), one) for scope, one in wanted]
    _refuse_others([new for new, _ in plan], begun)
    return await _shipped(shop, plan, TimeLeft(shop.context.clock, calls))


def _all_wanted(
    shop: Shop,
    parcels: Sequence[GetRatesRequest],
    reference: str,
    begun: Mapping[int, Entry],
    choose: Choice,
    options: ShipOptions,
) -> list[tuple[Scope, Wanted]]:
    """Return what is wanted, and under which scope.

    Raises:
        InvalidRequestError: there is no parcel, or one cannot be shipped; names which.
    """
    given: object = parcels
    if not isinstance(given, Sequence) or not given:
        raise InvalidRequestError("is a list with one parcel or more", path="parcels")
    found = []
    for number, parcel in enumerate(parcels, 1):
        scope = begun[number].scope if number in begun else shop.scope(f"{reference}/{number}")
        try:
            found.append((scope, wanted_of(parcel, scope, choose, options)))
        except InvalidRequestError as error:
            path = "" if error.path in (None, "parcel") else f".{error.path}"
            raise InvalidRequestError(error.message, path=f"parcels[{number - 1}]{path}") from None
    return found


async def _refuse_single(shop: Shop, reference: str) -> None:
    """Refuse a reference that was shipped by itself, without a number.

    Raises:
        ReferenceConflictError: it was: its parcel would be shipped once more.
    """
    newest: Entry | None = None
    async for entry in _entries(shop, reference, 0):
        if entry.scope.reference != reference:
            break
        newest = entry
    if newest is not None and newest.state not in _GONE:
        raise ReferenceConflictError(
            f"this reference belongs to one parcel, which is {newest.state.value}: give these another",
            paths=("parcels",),
        )


async def _begun(shop: Shop, reference: str) -> dict[int, Entry]:
    """Return the newest generation of every parcel that was begun, by its number."""
    found: dict[int, Entry] = {}
    start = f"{reference}/"
    async for entry in _entries(shop, start, 0):
        if not entry.scope.reference.startswith(start):
            break
        number = entry.scope.reference.removeprefix(start)
        if _NUMBER.fullmatch(number):
            found[int(number)] = entry
    return found


async def _entries(shop: Shop, reference: str, generation: int) -> AsyncIterator[Entry]:
    """Yield what the journal has for this business, in the order of references, from *reference* on."""
    after = Scope(*shop.account, shop.business, reference, generation)
    while page := await shop.kept(shop.journal.entries, shop.account, tuple(State), after):
        for entry in page:
            if entry.scope.business != shop.business:
                return
            yield entry
        after = page[-1].scope


def _refuse_others(plan: Sequence[NewEntry], begun: Mapping[int, Entry]) -> None:
    """Refuse parcels that are others, or fewer, than those of the reference.

    Raises:
        ReferenceConflictError: they are; names the fields that differ, and the parcels that are missing.
    """
    paths: list[str] = []
    for number, entry in sorted(begun.items()):
        index = number - 1
        if index >= len(plan):
            if entry.state not in _GONE:
                paths.append(f"parcels[{index}]")
        elif entry.fields and (entry.is_owned or entry.state not in _OPEN_TO_CHANGE):
            paths += [f"parcels[{index}].{path}" for path in differing(plan[index].fields, entry.fields)]
    if paths:
        raise ReferenceConflictError(
            f"this reference belongs to parcels that differ in {', '.join(paths)}: give the same ones in the"
            " same order, further ones at the end; other parcels need a reference of their own",
            paths=tuple(paths),
        )


async def _shipped(shop: Shop, plan: Sequence[tuple[NewEntry, Wanted]], time: TimeLeft) -> ShippedParcels:
    """Ship one parcel after the other; one that fails does not stop the others."""
    shipments: list[Shipment] = []
    failures: list[ParcelFailure] = []
    unsettled: list[ParcelFailure] = []
    conflict: ReferenceConflictError | None = None
    for number, (new, wanted) in enumerate(plan, 1):
        try:
            if conflict is not None:
                raise conflict  # nothing more is bought beside parcels that are not these
            shipments.append(await Shipping(shop, time.options()).shipment(new, wanted))
        except SpShippingError as error:
            conflict = error if isinstance(error, ReferenceConflictError) else None
            entry, is_known = await _found(shop, new.scope)
            failure = ParcelFailure(number, new.scope.reference, entry and entry.state, error)
            (failures if is_known and _is_certain(entry) else unsettled).append(failure)
        except Exception as error:
            if shipments:
                error.add_note(
                    f"{len(shipments)} of {len(plan)} parcels were shipped: the same call again returns their"
                    " labels"
                )
            raise
    return ShippedParcels(tuple(shipments), tuple(failures), tuple(unsettled))


async def _found(shop: Shop, scope: Scope) -> tuple[Entry | None, bool]:
    """Return an entry, and whether the journal could be read: if not, that must hide no label."""
    try:
        return await shop.kept(shop.journal.find, scope), True
    except SpShippingError:
        return None, False


def _is_certain(entry: Entry | None) -> bool:
    """Return whether a parcel was certainly not bought by a call that has failed."""
    return entry is None or (entry.state in _NOTHING_BOUGHT and not entry.is_owned)
