"""Makes the request of a purchase without a quote from the parcel that `ship` and `get_rates` take."""

from collections.abc import Sequence
from typing import Any

from spshipping.errors import InvalidRequestError
from spshipping.secret import discreet
from spshipping.shipping.models.documents import RequestedDocumentSpecification
from spshipping.shipping.models.parties import GoodsOwner, ServiceSelection, ShipmentType
from spshipping.shipping.models.purchases import (
    DirectPurchaseRequest,
    OneClickShipmentRequest,
    OneClickShipmentValueAddedService,
)
from spshipping.shipping.models.rates import GetRatesRequest
from spshipping.shipping.ship.policy import names
from spshipping.wire.model import extra, set_extra


@discreet
def direct_request(
    parcel: GetRatesRequest, *, labels: RequestedDocumentSpecification | None = None
) -> DirectPurchaseRequest:
    """Make what `ship_direct` takes from a parcel.

    Args:
        parcel: the parcel.
        labels: what to print; None means a PNG of 4 by 6 inches at 203 dpi.

    Raises:
        InvalidRequestError: the parcel has a field that a direct purchase does not take.
    """
    made = DirectPurchaseRequest(**_shared(parcel, DirectPurchaseRequest), label_specifications=labels)
    set_extra(made, dict(extra(parcel)))
    return made


@discreet
def one_click_request(
    parcel: GetRatesRequest,
    *,
    services: Sequence[str],
    labels: RequestedDocumentSpecification,
    goods_owner: str | None = None,
    value_added_services: Sequence[str] = (),
) -> OneClickShipmentRequest:
    """Make what `ship_one_click` takes from a parcel.

    Args:
        parcel: the parcel.
        services: the ids of the services that may be bought, the best first.
        labels: what to print.
        goods_owner: the merchant id of the seller, for an account of a third-party logistics provider.
        value_added_services: the ids of the extras to buy.

    Raises:
        InvalidRequestError: the parcel has a field that one click does not take; or there is no service.
    """
    ids = names(services, "services")
    if not ids:
        raise InvalidRequestError("names the services that may be bought, the best first", path="services")
    wanted = names(value_added_services, "value_added_services")
    made = OneClickShipmentRequest(
        **_shared(parcel, OneClickShipmentRequest),
        label_specifications=labels,
        service_selection=ServiceSelection(service_id=list(ids)),
        goods_owner=None if goods_owner is None else GoodsOwner(merchant_id=goods_owner),
        value_added_services_details=[OneClickShipmentValueAddedService(id=name) for name in wanted] or None,
    )
    set_extra(made, dict(extra(parcel)))
    return made


def _shared(
    parcel: GetRatesRequest, target: type[DirectPurchaseRequest | OneClickShipmentRequest]
) -> dict[str, Any]:
    """Return the fields of a parcel.

    Raises:
        InvalidRequestError: one of them would be lost.
    """
    fields = {name: getattr(parcel, name, None) for name in parcel.__wire_names__}
    given = {name: value for name, value in fields.items() if value is not None}
    if given.get("shipment_type") == ShipmentType.FORWARD:
        del given["shipment_type"]  # as it is without
    for name in given:
        if name not in target.__wire_names__:
            raise InvalidRequestError(f"is not taken by {target.__name__}: leave it out", path=name)
    return given
