"""Purchase orders, and the pages that they come in."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, ClassVar

from spshipping.errors import InvalidRequestError
from spshipping.vendor.orders.deadlines import Deadlines, Zones, deadlines_of
from spshipping.vendor.orders.models.amounts import ItemQuantity, Money
from spshipping.vendor.orders.models.parties import PartyIdentification
from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Length
from spshipping.wire.model import Model, camel
from spshipping.wire.times import DateTimeInterval


class PurchaseOrderState(OpenEnum):
    """How far a purchase order is; `PurchaseOrderStatus` has other words for it."""

    NEW = "New"
    """The vendor has to acknowledge it."""
    ACKNOWLEDGED = "Acknowledged"
    CLOSED = "Closed"
    """Rejected by the vendor, cancelled by Amazon, or fully received."""


class PurchaseOrderItemState(OpenEnum):
    """What Amazon did to a line."""

    CANCELLED = "Cancelled"
    """The line is still there, and its ordered quantity is 0."""


class PurchaseOrderType(OpenEnum):
    """Why Amazon orders."""

    REGULAR_ORDER = "RegularOrder"
    CONSIGNED_ORDER = "ConsignedOrder"
    """The goods belong to the vendor until they are sold."""
    NEW_PRODUCT_INTRODUCTION = "NewProductIntroduction"
    RUSH_ORDER = "RushOrder"
    """Due much sooner than usual."""


class PaymentMethod(OpenEnum):
    """How Amazon pays."""

    INVOICE = "Invoice"
    CONSIGNMENT = "Consignment"
    CREDIT_CARD = "CreditCard"
    PREPAID = "Prepaid"


class MethodOfPayment(OpenEnum):
    """Who pays the freight of an import."""

    PAID_BY_BUYER = "PaidByBuyer"
    COLLECT_ON_DELIVERY = "CollectOnDelivery"
    DEFINED_BY_BUYER_AND_SELLER = "DefinedByBuyerAndSeller"
    FOB_PORT_OF_CALL = "FOBPortOfCall"
    PREPAID_BY_SELLER = "PrepaidBySeller"
    PAID_BY_SELLER = "PaidBySeller"


class InternationalCommercialTerms(OpenEnum):
    """Who bears costs and risk of an import, and how far: the Incoterms."""

    EX_WORKS = "ExWorks"
    FREE_CARRIER = "FreeCarrier"
    FREE_ON_BOARD = "FreeOnBoard"
    FREE_ALONG_SIDE_SHIP = "FreeAlongSideShip"
    CARRIAGE_PAID_TO = "CarriagePaidTo"
    COST_AND_FREIGHT = "CostAndFreight"
    CARRIAGE_AND_INSURANCE_PAID_TO = "CarriageAndInsurancePaidTo"
    COST_INSURANCE_AND_FREIGHT = "CostInsuranceAndFreight"
    DELIVERED_AT_TERMINAL = "DeliveredAtTerminal"
    DELIVERED_AT_PLACE = "DeliveredAtPlace"
    DELIVER_DUTY_PAID = "DeliverDutyPaid"


@camel
class Pagination(Model):
    """Which page follows."""

    next_token: str | None = None
    """None on the last page."""


@camel
class ImportDetails(Model):
    """What holds for an import; an order that has it is one."""

    method_of_payment: MethodOfPayment | None = None
    international_commercial_terms: InternationalCommercialTerms | None = None
    port_of_delivery: Annotated[str, Length(0, 64)] | None = None
    """With `FREE_ON_BOARD` only."""
    import_containers: Annotated[str, Length(0, 64)] | None = None
    """Numbers and types, such as `2-20'HC,1-45'`."""
    shipping_instructions: str | None = None


@camel
class OrderItem(Model):
    """A line of a purchase order."""

    __columns__: ClassVar[tuple[str, ...]] = (
        "item_sequence_number",
        "amazon_product_identifier",
        "vendor_product_identifier",
        "ordered_quantity.amount",
        "net_cost",
    )

    item_sequence_number: str
    """The number of the line, as text: `1` and `00001` are the same line."""
    amazon_product_identifier: str | None = None
    """The ASIN."""
    vendor_product_identifier: str | None = None
    """The vendor's own number: an answer repeats it as it is here."""
    ordered_quantity: ItemQuantity
    is_back_order_allowed: bool
    net_cost: Money | None = None
    list_price: Money | None = None
    """An order may have this alone, or the net cost alone."""


@camel
class OrderDetails(Model):
    """What a purchase order says; None where only numbers and states were requested."""

    purchase_order_date: datetime
    purchase_order_changed_date: datetime | None = None
    """When Amazon changed the order last; None where it never did."""
    purchase_order_state_changed_date: datetime | None = None
    """None in some of Amazon's own answers."""
    purchase_order_type: PurchaseOrderType | None = None
    import_details: ImportDetails | None = None
    deal_code: str | None = None
    payment_method: PaymentMethod | None = None
    buying_party: PartyIdentification | None = None
    selling_party: PartyIdentification | None = None
    ship_to_party: PartyIdentification | None = None
    bill_to_party: PartyIdentification | None = None
    ship_window: DateTimeInterval | None = None
    """When Amazon picks the goods up, where it pays the freight."""
    delivery_window: DateTimeInterval | None = None
    """When the goods must arrive, where the vendor pays the freight."""
    items: list[OrderItem]


@camel
class Order(Model):
    """A purchase order."""

    purchase_order_number: str
    """Eight letters and digits; some come with a blank before them."""
    purchase_order_state: PurchaseOrderState | None = None
    """None in some of Amazon's own answers."""
    order_details: OrderDetails | None = None

    def deadlines(
        self,
        *,
        zones: Zones | None = None,
        acknowledged_at: datetime | None = None,
        holidays: Collection[date] = (),
    ) -> Deadlines:
        """Return until when answers, changes, the ASN and the pickup request are due, as instants.

        Args:
            zones: the time zone of each fulfilment centre by its code: a mapping, or a function. Amazon
                publishes no list. None, or None for this centre, leaves the times as Amazon wrote them.
            acknowledged_at: when the order was acknowledged first: changes count from then.
            holidays: days that are no business days, beside Saturdays and Sundays.

        Raises:
            InvalidRequestError: the order was read without its details, or an argument cannot be used.
            ConfigurationError: there is no such time zone here.
        """
        details = self.order_details
        if details is None:
            raise InvalidRequestError(
                "was read without its details: read it with get_purchase_order()", path="purchase_order"
            )
        return deadlines_of(
            details.purchase_order_date,
            details.ship_window,
            details.delivery_window,
            details.ship_to_party.party_id if details.ship_to_party else None,
            zones=zones,
            acknowledged_at=acknowledged_at,
            holidays=holidays,
        )


@camel
class OrderList(Model):
    """A page of purchase orders."""

    pagination: Pagination | None = None
    orders: list[Order] | None = None
