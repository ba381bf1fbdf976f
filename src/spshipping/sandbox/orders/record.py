"""An order as the sandbox knows it, from which both Orders APIs tell their part."""

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from spshipping.regions import Marketplace

PENDING = ("Pending", "PendingAvailability")
READY = ("Unshipped", "PartiallyShipped", "Shipped", "InvoiceUnconfirmed")
"""The statuses in which a seller is told address and prices."""

Span = tuple[int, int]
"""The first and the last second of a time, since 1970."""


def text(seconds: int) -> str:
    """Write a time as Amazon does."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Place(NamedTuple):
    """A marketplace, and what orders look like there."""

    marketplace: Marketplace
    name: str
    """Such as `Amazon.co.uk`."""
    currency: str
    cents: Decimal
    """The smallest coin."""
    level: Decimal
    """What a pound costs there, roughly."""
    tax: Decimal
    people: tuple[str, ...]
    towns: tuple["Town", ...]
    phone: str
    collector: str | None = None
    """Who withholds the tax in the seller's place."""


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
    """Where an order goes, or comes from."""

    name: str
    lines: tuple[str, ...]
    town: Town
    country: str
    company: str | None = None
    phone: str | None = None
    kind: str | None = None
    """`Residential`, `Commercial` or `PickupPoint`."""
    number: str | None = None
    """Of the house; only Brazil tells it apart from the street."""


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
    """Why the buyer wants it cancelled, if so."""
    cancelled_by: str | None = None
    """`BUYER`, `MERCHANT` or `AMAZON`, once it is cancelled."""
    points: tuple[int, Decimal] | None = None
    """Amazon Points granted: how many, and their worth."""
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
    """The kind of substitution that the buyer would take."""
    measurement: tuple[str, Decimal] | None = None
    constraints: tuple[str, ...] = ()
    """What must be done on delivery: `PalletDelivery`, `SignatureConfirmation` and so on."""
    service: tuple[str, str] | None = None
    """The order and the item of a service that was bought with it."""
    shipped: int = 0

    @property
    def price(self) -> Decimal:
        """The price of the whole line."""
        return self.unit_price * self.quantity

    @property
    def taxes(self) -> Decimal:
        """All taxes of the line, less those on what is taken off."""
        wrapping = self.gift.tax if self.gift else 0
        return self.tax + self.shipping_tax + wrapping - self.shipping_discount_tax - self.discount_tax

    @property
    def discounts(self) -> Decimal:
        """What is taken off the line."""
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
    """One parcel that left the seller."""

    reference: str
    carrier: str
    tracking: str
    shipped: int
    quantities: dict[str, int]
    """Units by item."""
    method: str | None = None
    codes: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """Transparency codes by item."""


@dataclasses.dataclass
class Review:
    """What an order of regulated goods was asked, and how it was judged."""

    fields: tuple[tuple[str, str, str], ...]
    """Id, label and value of each field."""
    status: str = "Pending"
    reviewer: str | None = None
    reviewed: int | None = None
    reason: str | None = None


@dataclasses.dataclass
class Order:
    """An order, whole, in one of its states."""

    id: str
    number: int
    place: Place
    channel: str
    """`MFN` or `AFN`."""
    created: int
    updated: int
    status: str
    """In the words of Orders v0."""
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
    """How it was paid, in the words of Orders v0, and how much of it."""
    ship_from: Address | None = None
    seller_order_id: str | None = None
    is_business: bool = False
    is_prime: bool = False
    is_premium: bool = False
    is_pickup: bool = False
    """It is fetched from a store."""
    is_access_point: bool = False
    is_global_express: bool = False
    is_sold_by_ab: bool = False
    is_iba: bool = False
    is_amazon: bool = True
    """It was placed on Amazon, and not elsewhere for Amazon to fulfil."""
    replaces: str | None = None
    store: str | None = None
    """The store of a chain where it is fetched."""
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
    """What the seller said of an order that is fetched: `ReadyForPickup` and so on."""

    @property
    def is_ready(self) -> bool:
        """Whether the seller is told address, buyer and prices."""
        return self.status in READY

    @property
    def units_shipped(self) -> int:
        """How many units have left."""
        return sum(item.shipped for item in self.items)

    @property
    def units_unshipped(self) -> int:
        """How many units are still to go; of a cancelled order, none."""
        return sum(self.unshipped(item) for item in self.items)

    def unshipped(self, item: Item) -> int:
        """Return how many units of *item* are still to go."""
        return 0 if self.status == "Canceled" else item.quantity - item.shipped

    @property
    def total(self) -> Decimal:
        """What the buyer pays."""
        return sum((item.total for item in self.items), Decimal(0))

    @property
    def is_tax_withheld(self) -> bool:
        """Whether somebody else pays the tax in the seller's place."""
        return self.place.collector is not None
