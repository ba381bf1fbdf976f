"""Makes small shipping models, valid by default."""

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import settings

from spshipping.shipping import (
    Address,
    AvailableValueAddedServiceGroup,
    ChannelDetails,
    ChannelType,
    Currency,
    Dimensions,
    DocumentFormat,
    DocumentSize,
    DocumentType,
    Event,
    EventCode,
    GetRatesRequest,
    GetRatesResult,
    GetTrackingResult,
    Item,
    LengthUnit,
    Package,
    PackageDocument,
    PackageDocumentDetail,
    PrintOption,
    Promise,
    Rate,
    RequestedDocumentSpecification,
    ShipmentType,
    Status,
    SupportedDocumentDetail,
    SupportedDocumentSpecification,
    TimeWindow,
    TrackingSummary,
    ValueAddedService,
    Weight,
    WeightUnit,
)
from spshipping.wire.model import MISSING, Model, make

M = TypeVar("M", bound=Model)

law = settings(deadline=None, derandomize=True)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PDF = b"%PDF-1.4\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n and pixels"
ZPL = b"^XA^FS^XZ"


def without(model: M, *names: str) -> M:
    """Return *model* as if these fields had not come."""
    return make(
        type(model), {**{n: getattr(model, n) for n in model.__wire_names__}, **dict.fromkeys(names, MISSING)}
    )


def money(value: str, unit: str = "GBP") -> Currency:
    return Currency(value=Decimal(value), unit=unit)


def address(**changes: Any) -> Address:
    fields: dict[str, Any] = {
        "name": "Jane Roe",
        "address_line1": "1 High Street",
        "state_or_region": "London",
        "city": "Sutton",
        "country_code": "GB",
        "postal_code": "SM1 1AA",
    }
    return Address(**{**fields, **changes})


def package(**changes: Any) -> Package:
    fields: dict[str, Any] = {
        "dimensions": Dimensions(
            length=Decimal(3), width=Decimal(2), height=Decimal("1.5"), unit=LengthUnit.CENTIMETER
        ),
        "weight": Weight(unit=WeightUnit.GRAM, value=Decimal(250)),
        "insured_value": money("10.00"),
        "package_client_reference_id": "box-1",
        "items": [Item(quantity=1)],
    }
    return Package(**{**fields, **changes})


def external() -> ChannelDetails:
    return ChannelDetails(channel_type=ChannelType.EXTERNAL)


def rates_request(**changes: Any) -> GetRatesRequest:
    fields: dict[str, Any] = {
        "ship_to": address(),
        "ship_from": address(name="Shop"),
        "packages": [package()],
        "channel_details": external(),
    }
    return GetRatesRequest(**{**fields, **changes})


def inches(width: int = 4, length: int = 6) -> DocumentSize:
    return DocumentSize(width=Decimal(width), length=Decimal(length), unit=LengthUnit.INCH)


def option(**changes: Any) -> PrintOption:
    fields: dict[str, Any] = {
        "supported_dpis": [300, 203],
        "supported_page_layouts": ["DEFAULT", "LEFT"],
        "supported_file_joining_options": [False],
        "supported_document_details": [detail(DocumentType.LABEL, is_mandatory=True)],
    }
    return PrintOption(**{**fields, **changes})


def detail(name: DocumentType, *, is_mandatory: bool = False) -> SupportedDocumentDetail:
    return SupportedDocumentDetail(name=name, is_mandatory=is_mandatory)


def offered(
    format: DocumentFormat, *options: PrintOption, size: DocumentSize | None = None
) -> SupportedDocumentSpecification:
    return SupportedDocumentSpecification(
        format=format, size=size or inches(), print_options=list(options) or [option()]
    )


def specification() -> RequestedDocumentSpecification:
    return RequestedDocumentSpecification(
        format=DocumentFormat.PNG,
        size=inches(),
        need_file_joining=False,
        requested_document_types=[DocumentType.LABEL],
    )


def rate(rate_id: str = "rate-1", **changes: Any) -> Rate:
    fields: dict[str, Any] = {
        "rate_id": rate_id,
        "carrier_id": "AMZN_UK",
        "carrier_name": "Amazon Shipping",
        "service_id": "SWA-UK-PREM",
        "service_name": "Premium",
        "total_charge": money("5.00"),
        "promise": arrival(48),
        "supported_document_specifications": [offered(DocumentFormat.PDF)],
        "requires_additional_inputs": False,
    }
    return Rate(**{**fields, **changes})


def arrival(hours: int) -> Promise:
    return Promise(delivery_window=TimeWindow(start=NOON, end=NOON + timedelta(hours=hours)))


def group(*ids: str, is_required: bool = False, name: str = "SIGN") -> AvailableValueAddedServiceGroup:
    return AvailableValueAddedServiceGroup(
        group_id=name,
        group_description=name.lower(),
        is_required=is_required,
        value_added_services=[ValueAddedService(id=id_, name=id_, cost=money("1")) for id_ in ids],
    )


def quote(*rates: Rate, **changes: Any) -> GetRatesResult:
    fields: dict[str, Any] = {"request_token": "token", "rates": list(rates), "received_at": NOON}
    return GetRatesResult(**{**fields, **changes})


def document(
    data: bytes = PDF,
    type: DocumentType = DocumentType.LABEL,
    format: DocumentFormat = DocumentFormat.PDF,
) -> PackageDocument:
    return PackageDocument(type=type, format=format, contents=base64.b64encode(data).decode())


def bought(*documents: PackageDocument, tracking_id: str | None = "T1") -> PackageDocumentDetail:
    return PackageDocumentDetail(
        package_client_reference_id="box-1", package_documents=list(documents), tracking_id=tracking_id
    )


def event(hours: int | None, leg: ShipmentType | None = None, code: EventCode = EventCode.DELIVERED) -> Event:
    made = Event(event_code=code, event_time=NOON + timedelta(hours=hours or 0), shipment_type=leg)
    return without(made, "event_time") if hours is None else made


def tracked(*events: Event, status: Status | None = Status.DELIVERED) -> GetTrackingResult:
    return GetTrackingResult(
        tracking_id="T1",
        alternate_leg_tracking_id="",
        event_history=list(events),
        promised_delivery_date=NOON,
        summary=TrackingSummary(status=status),
    )
