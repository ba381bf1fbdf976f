"""Purchases without a quote, made from a parcel."""

from decimal import Decimal
from typing import Any

from spshipping.shipping import (
    DirectPurchaseRequest,
    DocumentFormat,
    DocumentSize,
    DocumentType,
    GetRatesRequest,
    LengthUnit,
    OneClickShipmentRequest,
    RequestedDocumentSpecification,
    ServiceSelection,
)

DIRECT, ONE_CLICK = "ship_direct", "ship_one_click"
OPERATIONS = {DIRECT: "directPurchaseShipment", ONE_CLICK: "oneClickShipment"}


def label(format: str = "PDF", **changes: Any) -> RequestedDocumentSpecification:
    """Return what is to be printed."""
    fields: dict[str, Any] = {
        "format": DocumentFormat(format),
        "size": DocumentSize(width=Decimal(4), length=Decimal(6), unit=LengthUnit.INCH),
        "dpi": 203,
        "need_file_joining": False,
        "requested_document_types": [DocumentType.LABEL],
    }
    return RequestedDocumentSpecification(**{**fields, **changes})


def direct_of(parcel: GetRatesRequest, **changes: Any) -> DirectPurchaseRequest:
    """Return the direct purchase of a parcel."""
    fields: dict[str, Any] = {
        "ship_to": parcel.ship_to,
        "ship_from": parcel.ship_from,
        "packages": parcel.packages,
        "channel_details": parcel.channel_details,
        "label_specifications": label(),
    }
    return DirectPurchaseRequest(**{**fields, **changes})


def one_click_of(parcel: GetRatesRequest, *services: str, **changes: Any) -> OneClickShipmentRequest:
    """Return the one-click purchase of a parcel."""
    fields: dict[str, Any] = {
        "ship_to": parcel.ship_to,
        "ship_from": parcel.ship_from,
        "packages": parcel.packages,
        "channel_details": parcel.channel_details,
        "label_specifications": label(),
        "service_selection": ServiceSelection(service_id=list(services or ("SWA-UK-STD",))),
    }
    return OneClickShipmentRequest(**{**fields, **changes})


def request_of(way: str, parcel: GetRatesRequest, **changes: Any) -> Any:
    """Return the purchase of a parcel in one of the two ways."""
    return direct_of(parcel, **changes) if way == DIRECT else one_click_of(parcel, **changes)
