"""Tracks what was bought for references, by what the journal has of them."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice

from spshipping.errors import GatewayError, InvalidRequestError, SpShippingError
from spshipping.journal.entry import Scope
from spshipping.named import NamedTuple
from spshipping.operation import CallOptions
from spshipping.shipping.ship.shipment import Bought
from spshipping.shipping.ship.shop import Shop
from spshipping.shipping.tracking.many import Parcel, Tracked, track_many
from spshipping.shipping.tracking.timeline import Timeline

_CHUNK = 1_000
"""So many references are looked up before the first of them is tracked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedShipment:
    """What came of tracking the shipment of one reference: its timeline, or why there is none."""

    reference: str
    generation: int = 1
    tracking_id: str | None = None
    """None where nothing was bought, or its tracking id is not known."""
    carrier_id: str | None = None
    timeline: Timeline | None = None
    error: SpShippingError | None = None
    """Why there is no timeline."""
    is_trackable: bool = True
    """Whether Amazon tracks the parcels of this carrier; if not, nothing was sent."""


class _Found(NamedTuple):
    scope: Scope
    parcel: Parcel | None
    error: GatewayError | None


async def track(
    shop: Shop,
    references: Iterable[str | tuple[str, int]],
    concurrency: int,
    options: CallOptions,
) -> AsyncGenerator[TrackedShipment, None]:
    """Track the shipments of references; see `Purchases.track`."""
    left = _scopes(shop, references)
    while chunk := list(islice(left, _CHUNK)):
        found = await shop.kept(_looked_up, shop, chunk)
        waiting: dict[Parcel, list[Scope]] = {}
        for one in found:
            if one.parcel is None:
                yield TrackedShipment(
                    reference=one.scope.reference, generation=one.scope.generation, error=one.error
                )
            else:
                waiting.setdefault(one.parcel, []).append(one.scope)
        results = track_many(
            shop.context,
            shop.operations.get_tracking,
            list(waiting),
            concurrency=concurrency,
            business=shop.business,
            **options,
        )
        async with aclosing(results):
            async for result in results:
                for scope in waiting[result.tracking_id, result.carrier_id]:
                    yield _tracked(scope, result)


def _scopes(shop: Shop, references: Iterable[object]) -> Iterator[Scope]:
    if isinstance(references, str):
        raise InvalidRequestError("takes a list of references", path="references")
    for one in references:
        match one:
            case str() as reference:
                yield shop.scope(reference)
            case (str() as reference, int() as generation):
                yield shop.scope(reference, generation)
            case _:
                raise InvalidRequestError(
                    "takes references, or pairs of a reference and a generation", path="references"
                )


def _looked_up(shop: Shop, scopes: list[Scope]) -> list[_Found]:
    return [_look_up(shop, scope) for scope in scopes]


def _look_up(shop: Shop, scope: Scope) -> _Found:
    entry = shop.journal.find(scope)
    if entry is None or not entry.result:
        # what is kept of it may have been purged
        return _Found(scope, None, GatewayError("nothing is known to be bought for this reference"))
    bought = Bought.of(entry)
    if bought.tracking_id is None or bought.rate.carrier_id is None:
        return _Found(scope, None, GatewayError("the journal has no tracking id or no carrier of it"))
    return _Found(scope, (bought.tracking_id, bought.rate.carrier_id), None)


def _tracked(scope: Scope, result: Tracked) -> TrackedShipment:
    return TrackedShipment(
        reference=scope.reference,
        generation=scope.generation,
        tracking_id=result.tracking_id,
        carrier_id=result.carrier_id,
        timeline=result.timeline,
        error=result.error,
        is_trackable=result.is_trackable,
    )
