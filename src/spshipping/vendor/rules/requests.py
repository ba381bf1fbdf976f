"""Routing requests, label sets and queries as rules look at them."""

from collections.abc import Mapping
from dataclasses import dataclass

from spshipping.vendor.rules.context import Outcome, RuleContext, SentRequest
from spshipping.vendor.rules.quantities import party
from spshipping.vendor.rules.rule import ShipmentKind
from spshipping.vendor.shipments.models.labels import LabelShipMode, TransportLabel
from spshipping.vendor.shipments.models.shipments import Shipment


@dataclass(frozen=True, slots=True)
class RoutingView:
    """One routing request, and what belongs to it."""

    document: Shipment
    context: RuleContext
    prefix: str = ""

    @property
    def kinds(self) -> frozenset[ShipmentKind]:
        """What kinds of shipment this is."""
        has_import = self.document.import_details is not None
        return frozenset({ShipmentKind.IMPORT} if has_import else ())

    @property
    def vendor_code(self) -> str | None:
        """The vendor code."""
        return party(self.document, "selling_party")

    def earlier(self) -> list[SentRequest]:
        """Return what was sent before and not refused, the oldest first."""
        history = self.context.history
        sent = history.requests if history else ()
        return sorted(
            (each for each in sent if each.outcome is not Outcome.REFUSED), key=lambda each: each.at
        )


@dataclass(frozen=True, slots=True)
class LabelsView:
    """The labels of one shipment, as they were received."""

    document: TransportLabel
    context: RuleContext
    prefix: str = ""

    @property
    def kinds(self) -> frozenset[ShipmentKind]:
        """What kinds of shipment is labelled."""
        found = self.document.shipment_information
        is_truck = found is not None and found.ship_mode == LabelShipMode.LTL
        return frozenset({ShipmentKind.LESS_THAN_TRUCK_LOAD if is_truck else ShipmentKind.SMALL_PARCEL})


@dataclass(frozen=True, slots=True)
class QueryView:
    """The filters of a search, by their Python names."""

    document: Mapping[str, object]
    context: RuleContext
    prefix: str = ""

    @property
    def kinds(self) -> frozenset[ShipmentKind]:
        """What kinds of shipment labels are asked for."""
        return frozenset({ShipmentKind.SMALL_PARCEL})
