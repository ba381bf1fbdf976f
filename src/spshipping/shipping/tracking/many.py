"""Tracks many parcels side by side, written once for threads and asyncio."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

from spshipping.clock import Clock
from spshipping.errors import InvalidRequestError, SpShippingError
from spshipping.facade import Context
from spshipping.operation import Call, CallOptions, Operation
from spshipping.regions import ShippingBusiness
from spshipping.shipping.models.tracking import GetTrackingResult
from spshipping.shipping.parameters import BUSINESS
from spshipping.shipping.tracking.timeline import Timeline

if TYPE_CHECKING:
    from spshipping.transport.bulk import Mapped

Parcel = tuple[str, str]
"""The tracking id and the carrier id of a parcel."""

CONCURRENCY = 32
"""Calls side by side: they use the quota of 80 a second where an answer takes up to 0.4 seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """What came of tracking one parcel: its timeline, or why there is none."""

    tracking_id: str
    carrier_id: str
    timeline: Timeline | None = None
    """What the answer says; None where it failed, and for a parcel of another carrier."""
    error: SpShippingError | None = None
    """Why there is no timeline."""
    is_trackable: bool = True
    """Whether Amazon tracks the parcels of this carrier; if not, nothing was sent."""


def is_amazon_carrier(carrier_id: str) -> bool:
    """Say whether a carrier id, such as `AMZN_UK`, is one of Amazon's own.

    Source: https://developer-docs.amazon.com/amazon-shipping/docs/tutorial-track-a-shipment
    """
    return carrier_id.upper().startswith("AMZN")


def track_many(
    context: Context,
    operation: Operation[GetTrackingResult],
    parcels: Iterable[Parcel],
    *,
    concurrency: int = CONCURRENCY,
    business: ShippingBusiness | str | None = None,
    **options: Unpack[CallOptions],
) -> AsyncGenerator[Tracked, None]:
    """Track parcels by *operation*; see `ShippingApi.track_many`. The options are checked at once."""

    def call_of(parcel: Parcel) -> Call[GetTrackingResult]:
        tracking_id, carrier_id = parcel
        if not is_amazon_carrier(carrier_id):
            raise InvalidRequestError(
                "is another carrier's, whose parcels are not trackable here; ask that carrier",
                path="carrier_id",
            )
        return operation(
            query={"trackingId": tracking_id, "carrierId": carrier_id}, headers={BUSINESS.name: business}
        )

    results = context.sender.map(call_of, _checked(parcels), concurrency=concurrency, **options)
    return _tracked(context.clock, results)


def _checked(parcels: Iterable[object]) -> Iterator[Parcel]:
    for parcel in parcels:
        match parcel:
            case (str() as tracking_id, str() as carrier_id):
                yield tracking_id, carrier_id
            case _:
                raise InvalidRequestError(
                    "takes pairs of a tracking id and a carrier id, as two texts", path="parcels"
                )


async def _tracked(
    clock: Clock, results: "AsyncGenerator[Mapped[Parcel, GetTrackingResult], None]"
) -> AsyncGenerator[Tracked, None]:
    async with aclosing(results):
        async for result in results:
            tracking_id, carrier_id = result.item
            timeline = None
            if result.reply is not None:
                answer = result.reply.value
                timeline = Timeline.of(answer, received_at=clock.now(), tracking_id=tracking_id)
            yield Tracked(
                tracking_id=tracking_id,
                carrier_id=carrier_id,
                timeline=timeline,
                error=result.error,
                is_trackable=is_amazon_carrier(carrier_id),
            )
            del result, timeline
