"""Ship a parcel once for its reference, however often it is called; and go on where a process died."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spshipping.errors import (
    GatewayError,
    LeaseLostError,
    RateExpiredError,
    ReferenceConflictError,
    SpShippingError,
)
from spshipping.journal.entry import IN_DOUBT, OPEN, UNSENT, Charge, Entry, NewEntry, Owned, Scope, State
from spshipping.named import NamedTuple
from spshipping.operation import CallOptions, Reply
from spshipping.shipping.models import buying
from spshipping.shipping.models.documents import PackageDocument, present
from spshipping.shipping.models.rates import GetRatesRequest, GetRatesResult
from spshipping.shipping.ship.choice import Candidate, Choice, candidates, checked, chosen
from spshipping.shipping.ship.money import check_countable, warn_of_more
from spshipping.shipping.ship.sent import (
    LEASE_SECONDS,
    Sending,
    cancelling,
    fingerprint_of,
    limited,
    send,
    send_again,
    unquoted_sending,
    unsettled,
)
from spshipping.shipping.ship.shipment import (
    Bought,
    Shipment,
    cannot_save,
    load,
    paths_of,
    rate_facts,
    readable,
    save,
    with_documents,
)
from spshipping.shipping.ship.shop import Purchase, Shop, call_options, purchase_of, quietly, required, shown
from spshipping.shipping.ship.time_left import TimeLeft
from spshipping.shipping.ship.unquoted import (
    DirectOptions,
    Kind,
    OneClickOptions,
    Request,
    Unquoted,
    digests_of,
    unquoted_of,
    wanted_from_json,
)
from spshipping.shipping.ship.wanted import ShipOptions, Wanted, differing, wanted_of
from spshipping.transport.log import log_wait
from spshipping.wire.model import replace

_logger = logging.getLogger("spshipping")
_REPLACEABLE = (State.BOUGHT, State.TAKEN, State.CANCELLING)
_QUOTES = 3
"""So many quotes may expire before they are bought."""
_PATIENCE_SECONDS = 2 * LEASE_SECONDS
"""So long a call waits for another process that works on the same reference."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_FOR_ANOTHER = "for another process that works on this reference, or has died"


async def ship(
    shop: Shop, parcel: GetRatesRequest, reference: str, choose: Choice, options: ShipOptions
) -> Shipment:
    """Ship a parcel once; see `ShippingApi.ship`."""
    calls = call_options(options)
    scope = shop.scope(reference, options.get("generation", 1))
    wanted = wanted_of(parcel, scope, choose, options)
    await check_generation(shop, scope, options.get("replaces"))
    return await Shipping(shop, calls).shipment(await new_entry(shop, scope, wanted), wanted)


async def ship_unquoted(
    shop: Shop, kind: Kind, request: Request, reference: str, options: Mapping[str, Any]
) -> Shipment:
    """Ship a parcel once without a quote; see `UnquotedApi`."""
    allowed = DirectOptions if kind is Kind.DIRECT else OneClickOptions
    calls = call_options(options, allowed)
    scope = shop.scope(reference, options.get("generation", 1))
    wanted = unquoted_of(kind, request, scope, options)
    check_countable(shop.limit, wanted.max_charge)
    await check_generation(shop, scope, options.get("replaces"))
    return await Shipping(shop, calls).shipment(await new_entry(shop, scope, wanted), wanted)


async def new_entry(shop: Shop, scope: Scope, wanted: Wanted | Unquoted) -> NewEntry:
    """Return what is wanted as the journal keeps it."""
    journal = shop.journal
    secret = await shop.kept(journal.secret)
    keeps_personal = await shop.kept(lambda: journal.keeps_personal)
    return NewEntry(scope, digests_of(wanted, scope, secret), wanted.to_json(keeps_personal=keeps_personal))


async def check_generation(shop: Shop, scope: Scope, replaces: str | None) -> None:
    """Allow a further label only where the one before is cancelled, or named as the one to replace.

    Raises:
        GatewayError: it is not.
    """
    if scope.generation == 1 or await shop.kept(shop.journal.find, scope) is not None:
        return
    before = await required(shop, scope._replace(generation=scope.generation - 1))
    is_named = before.state in _REPLACEABLE and Bought.of(before).shipment_id == replaces
    if before.state is not State.CANCELLED and not is_named:
        raise GatewayError(
            f"the generation before is {before.state.value}: cancel it first, or name with replaces= the"
            " shipment that the new label replaces"
        )


class Shipping:
    """Brings one purchase after another to its end."""

    def __init__(self, shop: Shop, options: CallOptions) -> None:
        self._shop = shop
        self._time = TimeLeft(shop.context.clock, options)
        self.raised_by_choose: Exception | None = None
        self._ends_at = self._now() + options.get("deadline", _PATIENCE_SECONDS)

    def _now(self) -> float:
        return self._shop.context.clock.monotonic()

    async def resumed(self, new: NewEntry, wanted: Wanted | Unquoted | None, owned: Owned) -> Shipment | None:
        """Return the shipment of a purchase that is owned; None where another process has taken it over.

        *wanted* is None where the purchase was sent already, and its parcel is not kept.
        """
        try:
            return await self._advanced(new, wanted, owned)
        except RateExpiredError:
            return await self.shipment(new, wanted)

    async def shipment(self, new: NewEntry, wanted: Wanted | Unquoted | None) -> Shipment:
        """Return the shipment of a purchase, bought now or before."""
        io, journal = self._shop.context.io, self._shop.journal
        pause, quotes, is_told = _FIRST_PAUSE, _QUOTES, False
        while True:
            found = await self._shop.owned(journal.begin, new, LEASE_SECONDS)
            if not isinstance(found, Owned):
                _refuse_other(new, found)
                if not found.is_owned:
                    return await self._ended(found)
                if not is_told:
                    is_told = True
                    longest = min(found.lease_until - found.read_at, self._ends_at - self._now())
                    log_wait("the purchase", _FOR_ANOTHER, longest, self._shop.context.clock.now())
            else:
                try:
                    done = await self._advanced(new, wanted, found)
                except RateExpiredError:
                    quotes -= 1
                    if not quotes:
                        raise
                    continue
                if done is not None:
                    return done
            if self._now() >= self._ends_at:
                raise LeaseLostError(
                    "another process works on this reference and has not ended in time: ship it again later"
                )
            await io.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _advanced(
        self, new: NewEntry, wanted: Wanted | Unquoted | None, owned: Owned
    ) -> Shipment | None:
        """Buy what is owned; None where another process has taken it over."""
        if owned.entry.state in IN_DOUBT:
            async with self._shop.or_released([owned]):
                _refuse_other(new, owned.entry)
                options = self._time.options()
            answer = await send_again(self._shop, owned, options, wanted)
        else:
            assert wanted is not None  # noqa: S101 - what was not sent can only be quoted with its parcel
            quoted = await self._quoted(owned, wanted)
            if quoted is None:
                return None
            sending, options = quoted
            answer = await send(self._shop, owned, sending, options, is_repeat=False)
        if answer is None:
            return None
        entry = await _found(self._shop, owned)
        if isinstance(wanted, Unquoted):
            warn_of_more(entry.charge, wanted.max_charge, self._shop.operations.one_click.name)
        documents = readable(answer.result)
        return await self._delivered(entry, answer.bought, documents, is_repeat=False)

    async def _quoted(self, owned: Owned, wanted: Wanted | Unquoted) -> tuple[Sending, CallOptions] | None:
        """Quote, choose, and write down what is about to be sent; None where it is no longer owned."""
        journal = self._shop.journal
        async with self._shop.or_released([owned]):
            sending, text, charge = await self._ready(owned, wanted)
            limit, options = self._shop.limit, limited(self._time.options(), LEASE_SECONDS)
            is_own = await self._shop.kept(journal.quote, owned, text, charge, limit)
            is_own = is_own and await self._shop.kept(journal.sending, owned, LEASE_SECONDS)
        return (sending, options) if is_own else None

    async def _ready(self, owned: Owned, wanted: Wanted | Unquoted) -> tuple[Sending, str, Charge | None]:
        """Return the purchase as it is sent, as the journal keeps it, and what it is to cost."""
        if isinstance(wanted, Wanted):
            quote = await self._quote(wanted)
            best = await self._chosen(quote, wanted)
            quoted = self._sending(owned, quote, best, wanted)
            return quoted, quoted.to_json(), best.charge
        shop = self._shop
        check_countable(shop.limit, wanted.max_charge)
        sending = unquoted_sending(shop, owned, wanted)
        # with one click, the bytes are never sent again; of both, they hold the addresses
        keeps = wanted.kind is Kind.DIRECT and await shop.kept(lambda: shop.journal.keeps_personal)
        text = (
            sending.to_json() if keeps else sending.without_bytes(await fingerprint_of(shop, owned, sending))
        )
        return sending, text, wanted.max_charge

    async def _quote(self, wanted: Wanted) -> GetRatesResult:
        operations = self._shop.operations
        call = operations.get_rates(body=wanted.request, headers={operations.business: self._shop.business})
        reply: Reply[GetRatesResult] = await self._shop.context.sender.send(
            call, **limited(self._time.options(), LEASE_SECONDS)
        )
        return reply.value

    async def _chosen(self, quote: GetRatesResult, wanted: Wanted) -> Candidate:
        offered = candidates(quote, wanted.services, wanted.conditions)
        choose = wanted.choose
        if not callable(choose):
            assert choose is not None  # noqa: S101 - only a purchase whose choice is known is quoted
            return chosen(offered, choose)
        eligible = replace(quote, rates=[each.rate for each in offered.values()])
        try:
            rate = await self._shop.context.io.plugin(choose, eligible)
        except Exception as error:
            self.raised_by_choose = error
            raise
        return offered[buying.own_rate(rate, eligible.rates).rate_id]

    def _sending(self, owned: Owned, quote: GetRatesResult, best: Candidate, wanted: Wanted) -> Sending:
        operations = self._shop.operations
        body = quote.purchase_request(
            best.rate,
            format=wanted.format,
            dpi=wanted.dpi,
            size=wanted.size,
            value_added_services=best.services,
        )
        headers = {operations.key: owned.entry.key, operations.business: self._shop.business}
        return Sending(operations.purchase(body=body, headers=headers).freeze(), rate_facts(best.rate))

    async def _ended(self, entry: Entry) -> Shipment:
        """Return the shipment of a purchase that was bought before.

        Raises:
            GatewayError: there is none any more, or it is not known whether there is one.
        """
        if entry.state in (State.BOUGHT, State.TAKEN):
            return await self._delivered(entry, Bought.of(entry), (), is_repeat=True)
        if entry.state is State.UNSETTLED:
            raise unsettled()
        if entry.state is State.CANCELLING:
            raise cancelling()
        if entry.state is State.CANCELLED:
            following = entry.scope.generation + 1
            raise GatewayError(
                f"this reference was cancelled: for a new label, ship it with generation={following}"
            )
        raise GatewayError("this reference was shipped before, and what was kept of it has been purged")

    async def _delivered(
        self, entry: Entry, bought: Bought, documents: tuple[PackageDocument, ...], *, is_repeat: bool
    ) -> Shipment:
        """Return the shipment with its documents: those given, those on the disk, or those of Amazon."""
        folder, scope, io = self._shop.folder, entry.scope, self._shop.context.io
        paths: list[Path] = []
        if not documents and folder is not None and entry.state is not State.TAKEN:
            documents = await io.plugin(load, folder, scope, bought)
            paths = paths_of(folder, scope, bought) if documents else []
        if not documents:
            documents = await self._fetched(entry, bought)
        if folder is not None and not paths:
            try:
                paths = await io.plugin(save, folder, scope, with_documents(bought, documents), documents)
            except OSError as error:
                raise cannot_save(folder, error) from None
        reference, is_return = shown(scope)
        return Shipment(
            reference=reference,
            generation=scope.generation,
            shipment_id=bought.shipment_id,
            tracking_id=bought.tracking_id,
            package_client_reference_id=bought.package or scope.package,
            carrier_id=bought.rate.carrier_id,
            carrier_name=bought.rate.carrier_name,
            service_id=bought.rate.service_id,
            service_name=bought.rate.service_name,
            charge=entry.charge,
            documents=documents,
            files=tuple(paths),
            is_repeat=is_repeat,
            is_return=is_return,
        )

    async def _fetched(self, entry: Entry, bought: Bought) -> tuple[PackageDocument, ...]:
        """Have the documents printed again, in the format that was bought."""
        operations = self._shop.operations
        query = {
            "packageClientReferenceId": bought.package or entry.scope.package,
            "format": bought.format,
            "dpi": bought.dpi,
        }
        call = operations.get_documents(
            path={"shipmentId": bought.shipment_id},
            query=query,
            headers={operations.business: self._shop.business},
        )
        reply = await self._shop.context.sender.send(call, **self._time.options())
        return tuple(present(reply.value.documents))


async def _found(shop: Shop, owned: Owned) -> Entry:
    """Return what the journal has of a purchase that has just been made; its failure must hide no label."""
    found: list[Entry | None] = []

    async def find() -> None:
        found.append(await shop.kept(shop.journal.find, owned.scope))

    await quietly(find, "the journal")
    return next((entry for entry in found if entry is not None), owned.entry)


async def bought_before(shop: Shop, entry: Entry, options: CallOptions) -> Shipment:
    """Return the shipment of a purchase that the journal has as bought, with its labels."""
    return await Shipping(shop, options)._ended(entry)


def _refuse_other(new: NewEntry, found: Entry) -> None:
    """Refuse another parcel under the same reference.

    Raises:
        ReferenceConflictError: it is another one; names the fields that differ.
    """
    # what was purged has no fields to compare
    paths = differing(new.fields, found.fields) if found.fields else ()
    if paths:
        raise ReferenceConflictError(
            f"this reference belongs to a parcel that differs in {', '.join(paths)}: give the other parcel a"
            " reference of its own",
            paths=paths,
        )


class Resumed(NamedTuple):
    """What became of the purchases that were not ended."""

    shipments: list[Shipment]
    """Bought now, or found to be bought."""
    unsettled: list[Purchase]
    """A person must look these up: `settle`."""
    waiting: list[Purchase]
    """Still open: the outcome is unknown for now, or the parcel is not kept, or Amazon refused it. Ship those
    again, or resume later."""


async def resume(shop: Shop, choose: Choice | None, options: CallOptions) -> Resumed:
    """Bring every purchase to its end that no process works on; see `Purchases.resume`."""
    if choose is not None:
        checked(choose)
    resumed, after = Resumed([], [], []), None
    while found := await shop.owned(shop.journal.claim, shop.account, OPEN, LEASE_SECONDS, after):
        after = found.scope
        shipment = None
        shipping = Shipping(shop._replace(business=found.scope.business), options)
        try:
            shipment = await _resumed(shop, shipping, found, choose)
        except SpShippingError:
            await _listed(shop, found.scope, resumed)
        except Exception as error:
            # the function that chooses must not stop the others; a time limit of the job's must
            if error is not shipping.raised_by_choose:
                raise
            _logger.warning("a purchase is not resumed: %s was raised", type(error).__name__)
            await _listed(shop, found.scope, resumed)
        if shipment is not None:
            resumed.shipments.append(shipment)
    return resumed


async def _resumed(shop: Shop, shipping: Shipping, owned: Owned, choose: Choice | None) -> Shipment | None:
    """Bring one purchase to its end; None where another process has taken it over.

    Raises:
        GatewayError: it was not sent, and its parcel or its choice is not kept.
    """
    wanted = wanted_from_json(owned.entry.wanted)
    if isinstance(wanted, Wanted) and wanted.choose is None:
        wanted = wanted._replace(choose=choose) if choose is not None else None
    if owned.entry.state in UNSENT and wanted is None:
        await shop.release(owned)
        raise GatewayError("the journal does not keep what was to be bought: ship it again")
    new = NewEntry(owned.scope, owned.entry.fields, owned.entry.wanted or "{}")
    return await shipping.resumed(new, wanted, owned)


async def _listed(shop: Shop, scope: Scope, resumed: Resumed) -> None:
    purchase = purchase_of(await required(shop, scope))
    (resumed.unsettled if purchase.state is State.UNSETTLED else resumed.waiting).append(purchase)
