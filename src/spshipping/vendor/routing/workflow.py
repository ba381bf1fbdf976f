"""Ask how far a routing request is, and save its labels."""

from contextlib import aclosing
from os import PathLike
from pathlib import Path

from spshipping.errors import NotFoundError
from spshipping.facade import Context, items
from spshipping.operation import CallOptions
from spshipping.secret import discreet
from spshipping.vendor.routing.labels import (
    CarrierWithoutLabel,
    LabelOutcome,
    LabelsPending,
    LabelsSaved,
    NoLabelsByTruck,
    UnknownPickup,
    expected,
    label_files,
    write,
)
from spshipping.vendor.routing.state import PickupState
from spshipping.vendor.shipments.api import GET_SHIPMENT_DETAILS, GET_SHIPMENT_LABELS
from spshipping.vendor.shipments.models.confirmations import ShipmentType
from spshipping.vendor.shipments.models.labels import TransportLabel


async def pickup_state(context: Context, identifier: str, options: CallOptions) -> PickupState | None:
    """Return how far a request is; see `VendorApi.pickup_state`."""
    call = GET_SHIPMENT_DETAILS(query={"vendorShipmentIdentifier": identifier})
    try:
        # all pages: a filter that Amazon ignores once must not show another request
        async with aclosing(items(context.sender, GET_SHIPMENT_DETAILS, call, **options)) as found:
            async for shipment in found:
                if getattr(shipment, "vendor_shipment_identifier", None) == identifier:
                    return PickupState.of(shipment)
    except NotFoundError:
        pass
    return None


@discreet
async def save_labels(
    context: Context, identifier: str, folder: str | PathLike[str], options: CallOptions
) -> LabelOutcome:
    """Save the labels of a request; see `VendorApi.save_labels`."""
    sets = await _label_sets(context, identifier, options)
    files = label_files(identifier, sets)
    saved = await context.io.plugin(write, Path(folder), files)
    if files:
        return LabelsSaved(saved, max(len(files), expected(sets)) - len(saved))
    state = await pickup_state(context, identifier, options)
    if state is None:
        return UnknownPickup()
    if state.ship_mode not in (None, ShipmentType.SMALL_PARCEL):
        return NoLabelsByTruck(state.ship_mode)
    return CarrierWithoutLabel(state.status) if state.has_carrier else LabelsPending(state.status)


async def _label_sets(context: Context, identifier: str, options: CallOptions) -> list[TransportLabel]:
    call = GET_SHIPMENT_LABELS(query={"vendorShipmentIdentifier": identifier})
    try:
        async with aclosing(items(context.sender, GET_SHIPMENT_LABELS, call, **options)) as found:
            return [labels async for labels in found if _is_of(labels, identifier)]
    except NotFoundError:
        return []


def _is_of(labels: TransportLabel, identifier: str) -> bool:
    """Say whether labels are of a request; also where they do not say of which."""
    information = labels.shipment_information
    details = information.vendor_details if information else None
    return details is None or details.vendor_shipment_identifier in (None, identifier)
