"""Orders that are full of canaries, for the sandbox to tell of."""

from decimal import Decimal

from spshipping.regions import Marketplace
from spshipping.sandbox import Sandbox
from spshipping.sandbox.orders.places import PLACES
from spshipping.sandbox.orders.record import (
    Address,
    Buyer,
    Gift,
    Item,
    Order,
    Parcel,
    Place,
    Review,
    TaxId,
    Town,
)
from tests.security.canary import PERSONAL

PIECES = 90
"""How many of each line are ordered: so many that there is always something left to ship."""
PAYMENT = int(PERSONAL["authorization code"].removeprefix("AUTH"))
"""The number of an order from which the sandbox makes the code of its payment."""


def place_of(marketplace: Marketplace) -> Place:
    """Return what the sandbox knows of a marketplace."""
    return next(place for place in PLACES if place.marketplace is marketplace)


# where most is told of people: tax numbers, districts, the parts of an address, payments; and the tax office
BRAZIL, TURKEY = place_of(Marketplace.BR), place_of(Marketplace.TR)


def fill(sandbox: Sandbox, seller: str) -> list[Order]:
    """Put canaries into every order of a seller: one in Brazil, one in Turkey, one that was called off."""
    orders = sandbox._orders.by_seller.of(seller)
    for order, placed in zip(orders.orders(), (_in_brazil, _in_turkey, _called_off), strict=True):
        _add_people(order)
        placed(order)
        stored = orders.find(order.id)
        assert stored
        orders.replace(stored, order)
    return orders.orders()


def _add_people(order: Order) -> None:
    order.channel, order.status, order.is_amazon, order.replaces = "MFN", "Unshipped", True, None
    order.buyer, order.address = _buyer(), _address(order.place)
    order.ship_from = _address(order.place)
    order.instructions, order.drop_off = PERSONAL["instructions"], PERSONAL["place to drop off"]
    for item in order.items:
        _add_wishes(item)
    order.payments, order.number = [("CreditCard", order.total)], PAYMENT
    order.parcels = [Parcel("1", "DHL", "0042", order.created, {order.items[0].id: 1})]
    order.items[0].shipped = 1


def _buyer() -> Buyer:
    return Buyer(
        PERSONAL["buyer's name"],
        PERSONAL["e-mail"],
        company=PERSONAL["company"],
        purchase_order=PERSONAL["purchase order"],
        county=PERSONAL["buyer's county"],
    )


def _address(place: Place) -> Address:
    town = Town(
        PERSONAL["address line"],
        PERSONAL["city"],
        "ZZ",
        PERSONAL["postal code"],
        county=PERSONAL["county"],
        district=PERSONAL["district"],
        municipality=PERSONAL["municipality"],
    )
    lines = (PERSONAL["address line"], PERSONAL["second address line"], PERSONAL["third address line"])
    return Address(
        PERSONAL["buyer's name"],
        lines,
        town,
        place.marketplace.country_code,
        company=PERSONAL["company"],
        phone=PERSONAL["phone"],
        kind="Residential",
        number="9",
    )


def _add_wishes(item: Item) -> None:
    item.quantity = PIECES
    item.gift = Gift(PERSONAL["gift message"], "Classic", Decimal(2), Decimal(0))
    item.custom_url = PERSONAL["customized URL"]
    item.cancel_reason = PERSONAL["reason to cancel"]
    item.ioss = PERSONAL["IOSS number"]


def _in_brazil(order: Order) -> None:
    order.place = BRAZIL
    order.buyer.tax = TaxId("CPF", PERSONAL["tax number"], PERSONAL["company"])
    order.review = Review((("pet", "Pet's name", PERSONAL["statement"]),))


def _in_turkey(order: Order) -> None:
    order.place = TURKEY
    office = PERSONAL["tax office"]
    order.buyer.tax = TaxId("BUSINESS", PERSONAL["tax number"], PERSONAL["company"], office)
    order.is_pickup = True
    order.review = Review((), status="Approved", reviewer=PERSONAL["reviewer"], reviewed=order.created)


def _called_off(order: Order) -> None:
    order.status, order.parcels, order.review = "Canceled", [], Review(())
    for item in order.items:
        item.cancelled_by, item.shipped = "BUYER", 0
