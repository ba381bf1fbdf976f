"""Builds shipment confirmations (ASN) that pass the rule book, from what was packed."""

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn.dispatch import Dispatch
from spshipping.vendor.asn.document import Writer, measurements
from spshipping.vendor.asn.open_lines import OpenLine, open_lines
from spshipping.vendor.asn.packed import Load
from spshipping.vendor.asn.refusals import (
    place_in,
    refuse_errors,
    refuse_excess,
    refuse_missing_lots,
    refuse_raised,
    without_codes_of,
)
from spshipping.vendor.asn.stops import Place, by_name, place_of
from spshipping.vendor.asn.structure import check_type, structure_of
from spshipping.vendor.rules.context import RuleContext, check_aware
from spshipping.vendor.rules.lint import lint, rule_ids
from spshipping.vendor.rules.rule import Finding, RuleRegion
from spshipping.vendor.shipments.models.confirmations import (
    ShipmentConfirmation,
    ShipmentConfirmationType,
    SubmitShipmentConfirmationsRequest,
    TransportationDetailsForShipmentConfirmation,
)
from spshipping.vendor.shipments.models.parties import PartyIdentification

STRICT = ("L-049", "L-051", "L-060", "L-062", "L-064")
"""Rules that are errors here although the rule book has them as warnings: they compare the shipment with what
was accepted, or with itself, and the builder knows both."""


class Basis(NamedTuple):
    """What a confirmation was checked by."""

    context: RuleContext
    overrule: frozenset[str]


class Asn(NamedTuple):
    """A shipment confirmation that can be submitted."""

    request: SubmitShipmentConfirmationsRequest
    """One confirmation: errors of Amazon's do not say to which of several they belong."""
    warnings: tuple[Finding, ...]
    """What rules say of it that did not prevent it."""
    basis: Basis | None = None
    """What it was checked by: at submission, it is held against what the ledger has by then."""

    def __repr__(self) -> str:
        return f"Asn(request={self.request!r}, warnings={self.warnings!r})"

    @property
    def confirmation(self) -> ShipmentConfirmation:
        """The confirmation itself. Nothing at Amazon reads it back: keep it, as `SentConfirmation`."""
        return (self.request.shipment_confirmations or [])[0]


class AsnBuilder:
    """Builds confirmations for purchase orders that were acknowledged. Nothing is sent or kept."""

    def __init__(
        self,
        context: RuleContext,
        ship_from: PartyIdentification,
        *,
        overrule: Iterable[str] = (),
        sscc_digits: int = 20,
        counts_both: bool = True,
    ) -> None:
        """Make a builder.

        Args:
            context: the purchase orders as they were read, what was acknowledged and shipped before (also by
                other ways), the region, who pays the freight, and which items are perishable.
            ship_from: where the goods leave from, with postal code and country.
            overrule: the ids of rules whose errors are warnings for you.
            sscc_digits: 20, with 00 first, as all of Amazon's examples have it; or 18.
            counts_both: also count the cartons that are on pallets. Amazon's guide does; its model wants the
                pallets alone.

        Raises:
            InvalidRequestError: an order was read without its details, *sscc_digits* is another number, or
                there is no such rule.
        """
        if sscc_digits not in (18, 20):
            raise InvalidRequestError("is 18 or 20", path="sscc_digits")
        self._context = context
        self._ship_from = ship_from
        self._overrule = rule_ids("overrule", overrule)
        self._digits = sscc_digits
        self._counts_both = counts_both
        self.lines: tuple[OpenLine, ...] = open_lines(context)

    def original(self, dispatch: Dispatch, load: Load, *, at: datetime) -> Asn:
        """Build the first confirmation of a shipment.

        Amazon has no draft and no cancellation: check what is returned before you submit it.

        Args:
            dispatch: how the load travels.
            load: what is packed, all for one vendor code and fulfilment centre; `split` divides others.
            at: the time of submission.

        Raises:
            InvalidRequestError: a rule forbids it; the message names the rule, and the carton or pallet.
        """
        return self._build(ShipmentConfirmationType.ORIGINAL, dispatch, load, self._context, self.lines, at)

    def replacement(self, dispatch: Dispatch, load: Load, *, at: datetime) -> Asn:
        """Build a confirmation that takes the place of all that was said of a shipment before.

        It may only lower pallets, cartons and amounts, within seven days of the first one and before the
        goods arrive. What is more is a shipment of its own, with another identifier.

        Args:
            dispatch: as before, with the same identifier. `context.history` has the first confirmation.
            load: all that is shipped, not the difference.
            at: the time of submission.

        Raises:
            InvalidRequestError: a rule forbids it; the message names the rule, and the carton or pallet.
        """
        context = without_codes_of(self._context, dispatch.identifier)
        lines = open_lines(context, without=dispatch.identifier)
        asn = self._build(ShipmentConfirmationType.REPLACE, dispatch, load, context, lines, at)
        if "L-077" not in self._overrule:
            refuse_raised(asn.confirmation, context)
        return asn

    def _build(
        self,
        kind: ShipmentConfirmationType,
        dispatch: Dispatch,
        load: Load,
        context: RuleContext,
        lines: tuple[OpenLine, ...],
        at: datetime,
    ) -> Asn:
        for name in ("shipped_at", "arrives_at"):
            check_aware(getattr(dispatch, name), f"dispatch.{name}")
        check_aware(at, "at")
        check_type(dispatch.shipment_type, "dispatch.shipment_type")
        found = structure_of(load, dispatch.shipment_type)
        place = place_of(load, lines)
        # before the rule book, which names the items that are shipped, and no cartons
        if "L-049" not in self._overrule:
            refuse_excess(load, lines)
        if "L-067" not in self._overrule:
            refuse_missing_lots(load, lines, context)
        document = self._document(kind, dispatch, load, lines, place, at)
        document.shipment_structure = dispatch.structure or found
        context = dataclasses.replace(context, now=at, shipment_type=dispatch.shipment_type)
        findings = lint(document, context, raise_to_error=STRICT, overrule=self._overrule)
        refuse_errors(findings, load)
        return Asn(
            SubmitShipmentConfirmationsRequest(shipment_confirmations=[document]),
            tuple(finding._replace(path=place_in(load, finding.path)) for finding in findings),
            Basis(context, self._overrule),
        )

    def _document(
        self,
        kind: ShipmentConfirmationType,
        dispatch: Dispatch,
        load: Load,
        lines: tuple[OpenLine, ...],
        place: Place,
        at: datetime,
    ) -> ShipmentConfirmation:
        goods = Writer(by_name(lines), sscc_digits=self._digits).goods(load)
        return ShipmentConfirmation(
            shipment_identifier=dispatch.identifier,
            shipment_confirmation_type=kind,
            shipment_type=dispatch.shipment_type,
            transportation_details=TransportationDetailsForShipmentConfirmation(
                carrier_scac=dispatch.carrier_scac,
                carrier_shipment_reference_number=dispatch.pro_number,
                transportation_mode=dispatch.mode,
                bill_of_lading_number=dispatch.bill_of_lading,
            ),
            amazon_reference_number=dispatch.amazon_reference_number,
            shipment_confirmation_date=at,
            shipped_date=dispatch.shipped_at,
            estimated_delivery_date=dispatch.arrives_at,
            selling_party=PartyIdentification(party_id=place.vendor_code),
            ship_from_party=self._ship_from,
            ship_to_party=PartyIdentification(party_id=place.centre),
            shipment_measurements=measurements(
                load,
                counts_both=self._counts_both,
                states_none=self._context.region is not RuleRegion.NA,
            ),
            import_details=dispatch.import_details,
            shipped_items=goods.items,
            cartons=goods.cartons or None,
            pallets=goods.pallets or None,
        )
