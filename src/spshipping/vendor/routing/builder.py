"""Builds routing requests, which ask Amazon to pick goods up, change such a request, or cancel it."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn.measures import Mass, sum_of, volume_of
from spshipping.vendor.asn.open_lines import OpenLine, normal, open_lines
from spshipping.vendor.asn.packed import Load, PackedCarton, PackedPallet
from spshipping.vendor.asn.refusals import refuse_errors, refuse_excess_to_pick_up
from spshipping.vendor.asn.stops import LineName, Place, by_name, place_of
from spshipping.vendor.asn.structure import check_type
from spshipping.vendor.rules.context import RuleContext, check_aware
from spshipping.vendor.rules.lint import lint, rule_ids
from spshipping.vendor.rules.quantities import details
from spshipping.vendor.rules.rule import Finding
from spshipping.vendor.shipments.models.confirmations import ShipmentType
from spshipping.vendor.shipments.models.items import PurchaseOrderItems
from spshipping.vendor.shipments.models.measures import ItemQuantity, UnitOfMeasure, Volume
from spshipping.vendor.shipments.models.parties import PartyIdentification
from spshipping.vendor.shipments.models.shipments import (
    CollectFreightPickupDetails,
    PurchaseOrders,
    Shipment,
    ShipmentFreightTerm,
    SubmitShipments,
    TransactionType,
    TransportationDetails,
    TransportShipmentMeasurements,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """What Amazon is asked for."""

    identifier: str
    """Your own: not used within the last 365 days. A request with a known one changes that one."""
    pick_up_at: datetime
    """At least two business days after today."""
    ship_mode: ShipmentType
    is_stackable: bool = True
    """Whether something may be put on top of the pallets."""
    weight: Mass | None = None
    """None: the sum of the cartons or pallets."""
    volume: Volume | None = None
    """None: the sum of the cartons or pallets."""
    amazon_reference_number: str | None = None
    """The ARN: None for a new request, since Amazon makes it; repeated in a change."""


class RoutingRequest(NamedTuple):
    """A routing request that can be submitted."""

    request: SubmitShipments
    """One shipment: errors of Amazon's do not say to which of several they belong."""
    warnings: tuple[Finding, ...]
    """What rules say of it that did not prevent it."""

    @property
    def shipment(self) -> Shipment:
        """The request itself; `RoutingBuilder.cancel` takes it."""
        return (self.request.shipments or [])[0]


class RoutingBuilder:
    """Builds routing requests for acknowledged purchase orders whose freight Amazon pays (Collect).

    Nothing is sent or kept.
    """

    def __init__(
        self, context: RuleContext, ship_from: PartyIdentification, *, overrule: Iterable[str] = ()
    ) -> None:
        """Make a builder.

        Args:
            context: the purchase orders as they were read, what was acknowledged, requested and shipped
                before, the region, and days that are no business days.
            ship_from: the warehouse by its id in Vendor Central, with its address.
            overrule: the ids of rules whose errors are warnings for you.

        Raises:
            InvalidRequestError: an order was read without its details, or there is no such rule.
        """
        self._context = dataclasses.replace(context, freight=ShipmentFreightTerm.COLLECT)
        self._ship_from = ship_from
        self._overrule = rule_ids("overrule", overrule)
        self.lines: tuple[OpenLine, ...] = open_lines(context)

    def request(self, pickup: Pickup, load: Load, *, at: datetime) -> RoutingRequest:
        """Build a request, or the change of one whose identifier is known.

        Until a carrier is assigned all but identifier, ARN and vendor code can be changed, from then on the
        time of the pickup alone.

        Args:
            pickup: what is asked for.
            load: what is to be picked up, for one vendor code and fulfilment centre; codes are not needed.
            at: the time of submission.

        Raises:
            InvalidRequestError: a rule forbids it, with the rule; or weight or volume is not known.
        """
        check_aware(pickup.pick_up_at, "pickup.pick_up_at")
        check_aware(at, "at")
        if not load.pallets and not load.cartons:
            raise InvalidRequestError("is empty: pack cartons or pallets first", path="load")
        check_type(pickup.ship_mode, "pickup.ship_mode")
        identifier: object = pickup.identifier
        if not isinstance(identifier, str) or not identifier.strip():
            raise InvalidRequestError("is missing: give each request its own", path="pickup.identifier")
        place = place_of(load, self.lines)
        if "L-049" not in self._overrule:
            refuse_excess_to_pick_up(load, self.lines)
        shipment = self._shipment(pickup, load, place, at)
        context = dataclasses.replace(self._context, now=at)
        findings = lint(shipment, context, overrule=self._overrule)
        refuse_errors(findings, load)
        return RoutingRequest(SubmitShipments(shipments=[shipment]), tuple(findings))

    def cancel(self, shipment: Shipment, *, at: datetime) -> RoutingRequest:
        """Build the cancellation of a request; it is possible before and after a carrier is assigned.

        Args:
            shipment: the request as it was built, or as `get_shipment_details` returned it.
            at: the time of submission.
        """
        cancelled = Shipment(
            vendor_shipment_identifier=shipment.vendor_shipment_identifier,
            transaction_type=TransactionType.CANCEL,
            transaction_date=at,
            buyer_reference_number=shipment.buyer_reference_number,
            shipment_freight_term=shipment.shipment_freight_term,
            selling_party=shipment.selling_party,
            ship_from_party=shipment.ship_from_party,
            ship_to_party=shipment.ship_to_party,
        )
        context = dataclasses.replace(self._context, now=at)
        findings = lint(cancelled, context, overrule=self._overrule)
        refuse_errors(findings, Load())
        return RoutingRequest(SubmitShipments(shipments=[cancelled]), tuple(findings))

    def _shipment(self, pickup: Pickup, load: Load, place: Place, at: datetime) -> Shipment:
        return Shipment(
            vendor_shipment_identifier=pickup.identifier,
            transaction_type=TransactionType.NEW,
            transaction_date=at,
            buyer_reference_number=pickup.amazon_reference_number,
            shipment_freight_term=ShipmentFreightTerm.COLLECT,
            selling_party=PartyIdentification(party_id=place.vendor_code),
            ship_from_party=self._ship_from,
            ship_to_party=PartyIdentification(party_id=place.centre),
            shipment_measurements=_measurements(pickup, load),
            collect_freight_pickup_details=CollectFreightPickupDetails(requested_pick_up=pickup.pick_up_at),
            purchase_orders=self._orders(load),
            transportation_details=TransportationDetails(ship_mode=pickup.ship_mode),
        )

    def _orders(self, load: Load) -> list[PurchaseOrders]:
        known = by_name(self.lines)
        amounts: dict[LineName, int] = {}
        for content in load.contents():
            name = normal(content.line)
            amounts[name] = amounts.get(name, 0) + content.amount
        found: dict[str, list[PurchaseOrderItems]] = {}
        for name, amount in amounts.items():
            line = known[name]
            found.setdefault(line.key.purchase_order_number, []).append(_item(line, amount))
        return [
            PurchaseOrders(
                purchase_order_number=number,
                purchase_order_date=getattr(self._details(number), "purchase_order_date", None),
                items=items,
            )
            for number, items in found.items()
        ]

    def _details(self, number: str) -> object:
        order = self._context.order(number)
        return None if order is None else details(order)


def _item(line: OpenLine, amount: int) -> PurchaseOrderItems:
    return PurchaseOrderItems(
        item_sequence_number=line.key.item_sequence_number,
        buyer_product_identifier=line.amazon_product_identifier,
        vendor_product_identifier=line.vendor_product_identifier,
        shipped_quantity=ItemQuantity(
            amount=amount,
            unit_of_measure=UnitOfMeasure(line.unit.value),
            unit_size=line.case_size if line.is_cases else 1,
        ),
    )


def _measurements(pickup: Pickup, load: Load) -> TransportShipmentMeasurements:
    """Return all measures: requests without them were reported to harm the page of Vendor Central."""
    outer: tuple[PackedCarton | PackedPallet, ...] = (*load.pallets, *load.cartons)
    weights = [each.weight for each in outer if each.weight is not None]
    sizes = [each.size for each in outer if each.size is not None]
    weight = pickup.weight or (sum_of(weights) if len(weights) == len(outer) else None)
    volume = pickup.volume or (volume_of(sizes) if len(sizes) == len(outer) else None)
    for name, value in (("weight", weight), ("volume", volume)):
        if value is None:
            raise InvalidRequestError(
                "is not known: state it, or that of each carton or pallet, in one unit", path=f"pickup.{name}"
            )
    assert weight is not None  # noqa: S101 - it was checked
    pallets = len(load.pallets)
    return TransportShipmentMeasurements(
        total_carton_count=sum(1 for _ in load.all_cartons()),
        total_pallet_stackable=pallets if pickup.is_stackable else 0,
        total_pallet_non_stackable=0 if pickup.is_stackable else pallets,
        shipment_weight=weight.to_model(),
        shipment_volume=volume,
    )
