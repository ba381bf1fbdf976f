"""What is sent for an order: the request, and how it is bought, by the settings of a shop's page."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from spshipping.errors import ConfigurationError
from spshipping.journal.entry import Charge, SpendingLimit
from spshipping.regions import ShippingBusiness
from spshipping.settings.shop import LabelSettings, ShipFrom, ShopSettings
from spshipping.shipping.gateway.order import OrderToShip
from spshipping.shipping.gateway.packages import PackageBuilder, Packing
from spshipping.shipping.models.documents import (
    DocumentFormat,
    DocumentSize,
    DocumentType,
    RequestedDocumentSpecification,
)
from spshipping.shipping.models.parcels import LengthUnit
from spshipping.shipping.models.parties import (
    Address,
    AmazonOrderDetails,
    ChannelDetails,
    ChannelType,
    GoodsOwner,
    ServiceSelection,
)
from spshipping.shipping.models.purchases import OneClickShipmentRequest
from spshipping.shipping.models.rates import GetRatesRequest
from spshipping.shipping.ship.policy import ServicePolicy
from spshipping.shipping.ship.unquoted import OneClickOptions
from spshipping.shipping.ship.wanted import ShipOptions

Products = Mapping[str, object] | Callable[[str], object]
"""Returns a product of yours by its id; None, or nothing, where there is none."""

CLAIMS_PROTECTED = "CLAIMS_PROTECTED"
"""The benefit by which Amazon answers claims of buyers of its own orders.

Source: the description of Benefits in
https://github.com/amzn/selling-partner-api-models/blob/main/models/shipping-api-model/shippingV2.json
"""
_LABEL_SIZE = DocumentSize(width=Decimal(4), length=Decimal(6), unit=LengthUnit.INCH)
_LABEL_DPI = 203
"""The size and the resolution that Amazon uses where the request names none.

Source: https://developer-docs.amazon.com/amazon-shipping/docs/tutorial-purchase-a-shipment-directly
"""


class Plan(NamedTuple):
    """What is sent for an order."""

    reference: str
    request: GetRatesRequest | OneClickShipmentRequest
    options: ShipOptions
    """For a request for rates; empty where it is bought in one step."""


class Planner:
    """Plans what is sent for an order; sends nothing itself."""

    def __init__(
        self, settings: ShopSettings, business: str, packing: Packing, seller_display_name: str | None
    ) -> None:
        """Check the settings.

        Raises:
            ConfigurationError: they cannot be used, and why.
        """
        currency = ShippingBusiness.named(business).currency
        if currency is None:
            raise ConfigurationError(f"the currency of {business} is not known: it is no listed business")
        if settings.ship_from is None:
            raise ConfigurationError("the settings have no address to ship from: give the ship_from_ fields")
        self._settings, self._currency = settings, currency
        self._sender = address_of(settings.ship_from)
        self._builder = PackageBuilder(settings.packages, currency, packing=packing)
        self._name = seller_display_name

    @property
    def limit(self) -> SpendingLimit | None:
        """The spending limit, in the currency of the business."""
        amount = self._settings.spending_limit
        return None if amount is None else SpendingLimit(amount, self._currency, self._settings.time_zone)

    @property
    def one_click_options(self) -> OneClickOptions:
        """How a parcel is bought in one step: what counts for the spending limit."""
        amount = self._settings.max_charge
        return {} if amount is None else {"max_charge": Charge(amount, self._currency)}

    def plan(self, order: OrderToShip) -> Plan:
        """Return what is sent for an order.

        Raises:
            InvalidRequestError: a product has no measure that makes sense, and which.
        """
        settings, is_amazons = self._settings, order.channel == "AMAZON"
        package = self._builder.package(order.items, seller_display_name=self._name)
        common: dict[str, Any] = {
            # Amazon knows where its own orders go: it ignores an address
            "ship_to": None if is_amazons else order.ship_to,
            "ship_from": self._sender,
            "packages": [package],
            "channel_details": _channel(order),
        }
        if settings.service_ids:
            owner = settings.goods_owner
            return Plan(
                order.parcel_reference,
                OneClickShipmentRequest(
                    **common,
                    goods_owner=GoodsOwner(merchant_id=owner) if owner else None,
                    label_specifications=_specification(settings.label),
                    service_selection=ServiceSelection(service_id=list(settings.service_ids)),
                ),
                {},
            )
        return Plan(order.parcel_reference, GetRatesRequest(**common), self._options(order))

    def _options(self, order: OrderToShip) -> ShipOptions:
        label, is_amazons = self._settings.label, order.channel == "AMAZON"
        options: ShipOptions = {
            "format": label.format,
            "policy": ServicePolicy(
                prefer=self._settings.preferred_services, otherwise=self._settings.service_policy
            ),
        }
        if label.dpi is not None:
            options["dpi"] = label.dpi
        if (size := _size(label)) is not None:
            options["size"] = size
        if order.deliver_by is not None:
            options["deliver_by"] = order.deliver_by
        if is_amazons:
            options["require_benefits"] = (CLAIMS_PROTECTED,)
        elif order.ship_by is not None:
            # the rates for Amazon's own orders promise no pickup: none would be left
            options["ship_by"] = order.ship_by
        return options


def address_of(sender: ShipFrom) -> Address:
    """Return the address to ship from as Amazon's model has it."""
    return Address(
        name=sender.name,
        company_name=sender.company,
        address_line1=sender.line1,
        address_line2=sender.line2,
        address_line3=sender.line3,
        city=sender.city,
        # the model requires it, and not every country has one
        state_or_region=sender.region or "",
        postal_code=sender.postal_code,
        country_code=sender.country,
        phone_number=sender.phone,
        email=sender.email,
    )


def _channel(order: OrderToShip) -> ChannelDetails:
    if order.channel == "AMAZON":
        return ChannelDetails(
            channel_type=ChannelType.AMAZON,
            amazon_order_details=AmazonOrderDetails(order_id=order.order_id),
        )
    return ChannelDetails(channel_type=ChannelType.EXTERNAL)


def _size(label: LabelSettings) -> DocumentSize | None:
    if label.length is None or label.width is None:
        return None
    return DocumentSize(width=label.width, length=label.length, unit=LengthUnit(label.unit))


def _specification(label: LabelSettings) -> RequestedDocumentSpecification:
    return RequestedDocumentSpecification(
        format=DocumentFormat(label.format),
        size=_size(label) or _LABEL_SIZE,
        dpi=label.dpi or _LABEL_DPI,
        need_file_joining=False,
        requested_document_types=[DocumentType.LABEL],
    )
