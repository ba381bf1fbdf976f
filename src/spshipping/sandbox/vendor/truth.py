"""What Amazon knows about a shipment confirmation, in the form that the rule book takes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from spshipping.sandbox.vendor import response
from spshipping.sandbox.vendor.record import PurchaseOrder
from spshipping.vendor.orders.models.acknowledgements import (
    AcknowledgementCode,
    OrderAcknowledgement,
    OrderAcknowledgementItem,
    OrderItemAcknowledgement,
)
from spshipping.vendor.orders.models.amounts import ItemQuantity, UnitOfMeasure
from spshipping.vendor.orders.models.parties import PartyIdentification
from spshipping.vendor.orders.models.purchase_orders import Order
from spshipping.vendor.rules import History, RuleContext, RuleRegion, SentAcknowledgement, SentConfirmation
from spshipping.vendor.shipments.models.shipments import ShipmentFreightTerm
from spshipping.wire.convert import from_dict


def moment(time: int) -> datetime:
    """Return a time of the sandbox as an instant."""
    return datetime.fromtimestamp(time, UTC)


def context_of(
    orders: Iterable[PurchaseOrder],
    earlier: Sequence[SentConfirmation],
    sent: int,
    *,
    region: RuleRegion,
    perishable: Collection[str],
    codes: Mapping[str, datetime],
) -> RuleContext:
    """Return everything that rules can know of a confirmation.

    Args:
        orders: the purchase orders that it ships.
        earlier: the confirmations that were taken before it.
        sent: when it was submitted.
        region: where the vendor sells.
        perishable: identifiers of the items that are set up as expiration dated.
        codes: when each SSCC was announced, for any vendor code.
    """
    known = list(orders)
    acknowledgements = [
        _acknowledgement(order) for order in known if any(line.answers for line in order.lines)
    ]
    return RuleContext(
        now=moment(sent),
        region=region,
        orders=[from_dict(response.order(order), Order) for order in known],
        freight=_freight(known),
        history=History(acknowledgements=acknowledgements, confirmations=earlier, sscc_shipped=codes),
        perishable=frozenset(perishable),
        own_prefixes=("",),  # every SSCC is checked strictly
    )


def _freight(orders: Sequence[PurchaseOrder]) -> ShipmentFreightTerm | None:
    """Return who pays; None where the orders differ."""
    found = {order.is_collect for order in orders}
    if len(found) != 1:
        return None
    return ShipmentFreightTerm.COLLECT if found.pop() else ShipmentFreightTerm.PREPAID


def _acknowledgement(order: PurchaseOrder) -> SentAcknowledgement:
    """Return what was accepted last, as one acknowledgement."""
    at = moment(max(answer.time for line in order.lines for answer in line.answers))
    items = [
        OrderAcknowledgementItem(
            item_sequence_number=line.number,
            amazon_product_identifier=line.asin,
            vendor_product_identifier=line.vendor_id,
            ordered_quantity=_quantity(line.unit, line.unit_size, line.ordered),
            item_acknowledgements=[
                OrderItemAcknowledgement(
                    acknowledgement_code=AcknowledgementCode.ACCEPTED,
                    acknowledged_quantity=_quantity(line.unit, line.unit_size, line.accepted),
                )
            ],
        )
        for line in order.lines
        if line.answers
    ]
    document = OrderAcknowledgement(
        purchase_order_number=order.number,
        selling_party=PartyIdentification(party_id=order.vendor_code),
        acknowledgement_date=at,
        items=items,
    )
    return SentAcknowledgement(document, at)


def _quantity(unit: str, size: int, amount: int) -> ItemQuantity:
    return ItemQuantity(amount=amount, unit_of_measure=UnitOfMeasure(unit), unit_size=size)
