"""What a vendor answers to a purchase order, line by line."""

from datetime import datetime

from spshipping.vendor.orders.models.amounts import ItemQuantity, Money
from spshipping.vendor.orders.models.parties import PartyIdentification
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class AcknowledgementCode(OpenEnum):
    """What the vendor does with a quantity of a line."""

    ACCEPTED = "Accepted"
    BACKORDERED = "Backordered"
    """Delivered later; the line must allow it, and a new date is needed."""
    REJECTED = "Rejected"
    """For good: a rejected line is never accepted later."""


class RejectionReason(OpenEnum):
    """Why a quantity is rejected."""

    TEMPORARILY_UNAVAILABLE = "TemporarilyUnavailable"
    INVALID_PRODUCT_IDENTIFIER = "InvalidProductIdentifier"
    """The vendor has no product with this identifier."""
    OBSOLETE_PRODUCT = "ObsoleteProduct"
    """No longer sold; Amazon stops ordering what is rejected so twice."""


@camel
class OrderItemAcknowledgement(Model):
    """One answer to a line; a line has several where its quantity is split."""

    acknowledgement_code: AcknowledgementCode
    acknowledged_quantity: ItemQuantity
    """Of a rejection, the quantity that is rejected, and not 0."""
    scheduled_ship_date: datetime | None = None
    """A back order needs this, or a delivery date."""
    scheduled_delivery_date: datetime | None = None
    rejection_reason: RejectionReason | None = None
    """With a rejection only."""


@camel
class OrderAcknowledgementItem(Model):
    """The answers to one line."""

    item_sequence_number: str | None = None
    amazon_product_identifier: str | None = None
    vendor_product_identifier: str | None = None
    ordered_quantity: ItemQuantity
    """As in the order."""
    net_cost: Money | None = None
    """The price that will be invoiced: not zero, and not above that of the order. Amazon refuses a submission
    without it, although its model has it optional."""
    list_price: Money | None = None
    """Books with a list price only."""
    discount_multiplier: str | None = None
    """Books with a list price only: `.90` for a discount of 10 %."""
    item_acknowledgements: list[OrderItemAcknowledgement]
    """The quantities add up to what was ordered."""


@camel
class OrderAcknowledgement(Model):
    """The answers to one purchase order."""

    purchase_order_number: str
    selling_party: PartyIdentification
    """The vendor code that the order has."""
    acknowledgement_date: datetime
    items: list[OrderAcknowledgementItem]
    """A line that is left out of the first acknowledgement counts as rejected."""


@camel
class SubmitAcknowledgementRequest(Model):
    """The answers to one purchase order or several; errors do not say to which they belong."""

    acknowledgements: list[OrderAcknowledgement] | None = None


@camel
class TransactionId(Model):
    """What a submission is called."""

    transaction_id: str
    """`client.vendor.transactions.get_transaction` takes it."""
