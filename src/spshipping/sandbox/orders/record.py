"""An order as the sandbox stores it; the responses of both Orders APIs are built from it."""

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from spshipping.regions import Marketplace
from spshipping.sandbox.markets import Market

SHOP = "Shop of the Sandbox"
"""The display name of every seller."""
_ACQUIRER = "12.345.678/0001-90"
_CARDS = {"CreditCard": "Visa"}


class StatusFacts(NamedTuple):
    """What follows from a status."""

    v2026: str
    """What Orders 2026-01-01 calls it."""
    is_ready: bool = False
    """The seller receives address, buyer and prices."""


STATUSES: Mapping[str, StatusFacts] = {
    "PendingAvailability": StatusFacts("PENDING_AVAILABILITY"),
    "Pending": StatusFacts("PENDING"),
    "Unshipped": StatusFacts("UNSHIPPED", is_ready=True),
    "PartiallyShipped": StatusFacts("PARTIALLY_SHIPPED", is_ready=True),
    "Shipped": StatusFacts("SHIPPED", is_ready=True),
    # an order whose invoice is not confirmed has been shipped
    "InvoiceUnconfirmed": StatusFacts("SHIPPED", is_ready=True),
    "Canceled": StatusFacts("CANCELLED"),
    "Unfulfillable": StatusFacts("UNFULFILLABLE"),
}
"""The statuses, by their name in Orders v0."""
CHANNELS: Mapping[str, str] = {"MFN": "MERCHANT", "AFN": "AMAZON"}
"""Who ships an order: in Orders v0, and in Orders 2026-01-01."""
SPECIAL_METHODS = ("COD", "CVS")
OTHER_METHOD = "Other"
"""The payment methods of Orders v0: each of these by its name, and one name for all others."""

Span = tuple[int, int]
"""The first and the last second of a period, since 1970."""


class Place(NamedTuple):
    """A marketplace, and what its orders look like."""

    market: Market
    tax: Decimal
    people: tuple[str, ...]
    towns: tuple["Town", ...]
    phone: str
    collector: str | None = None
    """Who withholds the tax in the seller's place."""

    @property
    def marketplace(self) -> Marketplace:
        """The marketplace."""
        return self.market.marketplace

    @property
    def currency(self) -> str:
        """The currency of its prices."""
        return self.market.currency


class Town(NamedTuple):
    """A town with a street in it."""

    street: str
    city: str
    region: str
    postal_code: str
    county: str | None = None
    district: str | None = None
    municipality: str | None = None


@dataclasses.dataclass
class Address:
    """Where an order is shipped to, or from."""

    name: str
    lines: tuple[str, ...]
    town: Town
    country: str
    company: str | None = None
    phone: str | None = None
    kind: str | None = None
    """`Residential`, `Commercial` or `PickupPoint`."""
    number: str | None = None
    """The number of the house; a field of its own in Brazil only."""


@dataclasses.dataclass
class TaxId:
    """A number in a tax register."""

    kind: str
    number: str
    name: str | None = None
    office: str | None = None


@dataclasses.dataclass
class Buyer:
    """Who ordered."""

    name: str
    email: str
    company: str | None = None
    purchase_order: str | None = None
    county: str | None = None
    tax: TaxId | None = None
    invoice_preference: str | None = None
    """`INDIVIDUAL` or `BUSINESS`, in Turkey."""


@dataclasses.dataclass
class Gift:
    """How an item is wrapped."""

    message: str | None
    level: str
    price: Decimal
    tax: Decimal


@dataclasses.dataclass
class Item:
    """One line of an order."""

    id: str
    asin: str
    sku: str
    title: str
    quantity: int
    unit_price: Decimal
    tax: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    shipping_tax: Decimal = Decimal(0)
    shipping_discount: Decimal = Decimal(0)
    shipping_discount_tax: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    discount_tax: Decimal = Decimal(0)
    cod_fee: Decimal = Decimal(0)
    cod_fee_discount: Decimal = Decimal(0)
    promotions: tuple[str, ...] = ()
    condition: tuple[str, str, str | None] = ("New", "New", None)
    """Condition, subtype and the seller's note."""
    gift: Gift | None = None
    custom_url: str | None = None
    cancel_reason: str | None = None
    """Why the buyer requests to cancel it, if so."""
    cancelled_by: str | None = None
    """`BUYER`, `MERCHANT` or `AMAZON`, once it is cancelled."""
    points: tuple[int, Decimal] | None = None
    """Amazon Points granted: how many, and their value."""
    delivery: Span | None = None
    """The scheduled delivery."""
    is_business_price: bool = False
    needs_serial_number: bool = False
    serial_numbers: tuple[str, ...] = ()
    is_transparency: bool = False
    is_subscribed: bool = False
    ioss: str | None = None
    reseller: str | None = None
    """`IOSS` or `UOSS`."""
    substitute: str | None = None
    """The kind of substitution that the buyer accepts."""
    measurement: tuple[str, Decimal] | None = None
    constraints: tuple[str, ...] = ()
    """The requirements of the delivery: `PalletDelivery`, `SignatureConfirmation` and so on."""
    service: tuple[str, str] | None = None
    """The order and the item of a service that was bought with it."""
    shipped: int = 0

    @property
    def alternative(self) -> tuple[str, str]:
        """The ASIN and the SKU of the substitute that the buyer would accept."""
        return self.asin[::-1], f"{self.sku}-B"

    @property
    def price(self) -> Decimal:
        """The price of the whole line."""
        return self.unit_price * self.quantity

    @property
    def taxes(self) -> Decimal:
        """All taxes of the line, less those on discounts."""
        wrapping = self.gift.tax if self.gift else 0
        return self.tax + self.shipping_tax + wrapping - self.shipping_discount_tax - self.discount_tax

    @property
    def discounts(self) -> Decimal:
        """All discounts of the line."""
        return self.discount + self.shipping_discount + self.cod_fee_discount

    @property
    def net(self) -> Decimal:
        """What the buyer pays for the line before tax."""
        wrapping = self.gift.price if self.gift else 0
        return self.price + self.shipping + wrapping + self.cod_fee - self.discounts

    @property
    def total(self) -> Decimal:
        """What the buyer pays for the line."""
        return self.net + self.taxes


@dataclasses.dataclass
class Parcel:
    """One parcel that the seller has shipped."""

    reference: str
    carrier: str
    tracking: str
    shipped: int
    quantities: dict[str, int]
    """Units by item."""
    method: str | None = None
    codes: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """Transparency codes by item."""


class Payment(NamedTuple):
    """One payment for an order, as the payment provider executed it."""

    method: str
    amount: Decimal
    acquirer: str | None = None
    authorization: str | None = None
    card: str | None = None


@dataclasses.dataclass
class Review:
    """The verification of an order of regulated goods."""

    fields: tuple[tuple[str, str, str], ...]
    """Id, label and value of each field."""
    status: str = "Pending"
    reviewer: str | None = None
    reviewed: int | None = None
    reason: str | None = None


@dataclasses.dataclass
class Order:
    """A whole order in one of its states."""

    id: str
    number: int
    place: Place
    channel: str
    """A key of `CHANNELS`."""
    created: int
    updated: int
    status: str
    """A key of `STATUSES`."""
    kind: str
    """`StandardOrder`, `Preorder` and so on."""
    category: str
    """The speed: `Standard`, `Expedited` and so on."""
    service_level: str
    ship_by: Span
    deliver_by: Span
    buyer: Buyer
    address: Address
    items: list[Item]
    payments: list[tuple[str, Decimal]]
    """The payment methods, as Orders v0 names them, and their amounts."""
    ship_from: Address | None = None
    seller_order_id: str | None = None
    is_business: bool = False
    is_prime: bool = False
    is_premium: bool = False
    is_pickup: bool = False
    """The buyer picks it up in a store."""
    is_access_point: bool = False
    is_global_express: bool = False
    is_sold_by_ab: bool = False
    is_iba: bool = False
    is_amazon: bool = True
    """It was placed on Amazon; otherwise elsewhere, for Amazon to fulfil."""
    replaces: str | None = None
    store: str | None = None
    """The store of a chain where the buyer picks it up."""
    supply_source: str | None = None
    automation: tuple[str, str] | None = None
    """Carrier and method that Amazon chose for the seller."""
    instructions: str | None = None
    drop_off: str | None = None
    easy_ship: str | None = None
    invoice: str | None = None
    """The status of the electronic invoice."""
    response_due: int | None = None
    review: Review | None = None
    parcels: list[Parcel] = dataclasses.field(default_factory=list)
    pickup: str | None = None
    """What the seller reported of the pickup: `ReadyForPickup` and so on."""

    @property
    def is_ready(self) -> bool:
        """Whether the seller receives address, buyer and prices."""
        return STATUSES[self.status].is_ready

    @property
    def is_brazilian(self) -> bool:
        """Whether it was placed in Brazil, where more is known of payments and taxes."""
        return self.place.marketplace is Marketplace.BR

    @property
    def units_shipped(self) -> int:
        """How many units have been shipped."""
        return sum(item.shipped for item in self.items)

    @property
    def units_unshipped(self) -> int:
        """How many units are not shipped yet; none of a cancelled order."""
        return sum(self.unshipped(item) for item in self.items)

    def unshipped(self, item: Item) -> int:
        """Return how many units of *item* are not shipped yet."""
        return 0 if self.status == "Canceled" else item.quantity - item.shipped

    @property
    def total(self) -> Decimal:
        """What the buyer pays."""
        return sum((item.total for item in self.items), Decimal(0))

    @property
    def is_tax_withheld(self) -> bool:
        """Whether Amazon pays the tax in the seller's place."""
        return self.place.collector is not None

    @property
    def payment_method(self) -> str:
        """The method of the payments: one of `SPECIAL_METHODS`, or `OTHER_METHOD`."""
        used = [method for method, _ in self.payments if method in SPECIAL_METHODS]
        return used[0] if used else OTHER_METHOD

    def executed_payments(self) -> list[Payment]:
        """Return the payments with what is known of their execution."""
        if not self.is_brazilian:
            return [Payment(*payment) for payment in self.payments]
        return [
            Payment(method, amount, _ACQUIRER, f"AUTH{self.number:06d}", _CARDS.get(method))
            for method, amount in self.payments
        ]

    def amount_text(self, amount: Decimal) -> str:
        """Write *amount* in the coins of the order."""
        return str(self.place.market.round(amount))


MARKETPLACE_TAX_NUMBER = ("CNPJ", "15.436.940/0001-03")
"""The tax number of the Brazilian marketplace, and its kind."""
