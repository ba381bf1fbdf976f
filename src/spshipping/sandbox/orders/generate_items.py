"""Generates the items of an order: prices, taxes, gifts and options."""

from decimal import Decimal
from random import Random

from spshipping.regions import Marketplace
from spshipping.sandbox.orders.record import Gift, Item, Order

_M = Marketplace
_GOODS = (
    ("Blue mug, 350 ml", "4.99"),
    ("Notebook A5, dotted | 3 pack", "11.50"),
    ("Garden hose – 25 m", "24.90"),
    ("Espresso-Maschine „Piccolo“", "89.00"),
    ("Desk lamp, brass", "37.25"),
    ("Wool socks (2 pairs)", "9.99"),
    ("Toy train <wood> & tracks", "19.95"),
    ("Ceiling fan 132cm", "129.90"),
)
_CONDITIONS = (
    ("New", "New", None),
    ("Used", "Very Good", "A scratch on the lid"),
    ("Refurbished", "Refurbished", None),
    ("Collectible", "Mint", "First edition, boxed"),
)
_CONSTRAINTS = (
    "PalletDelivery",
    "SignatureConfirmation",
    "RecipientIdentityVerification",
    "RecipientAgeVerification",
)
_SUBSTITUTIONS = ("CUSTOMER_PREFERENCE", "AMAZON_RECOMMENDED", "DO_NOT_SUBSTITUTE")
_SEASON = "SEASON-10-OFF"
_FREE_SHIPPING = "Core Free Shipping 2026"


def generate_items(chance: Random, order: Order, *, least: int) -> list[Item]:
    """Return one to four items of *order*; the first has at least *least* units."""
    count = chance.choices((1, 2, 3, 4), (65, 22, 9, 4))[0]
    goods = chance.sample(range(len(_GOODS)), count)
    return [_item(chance, order, line, number, 1 if line else least) for line, number in enumerate(goods)]


def _item(chance: Random, order: Order, line: int, number: int, least: int) -> Item:
    market = order.place.market
    title, pounds = _GOODS[number]
    price = market.price(Decimal(pounds))
    item = Item(
        id=f"{order.number % 10**9:09d}{chance.randrange(10**4):04d}{line}",
        asin=f"B0{number:02d}{chance.choice('ABCDEF')}{number * 7919 % 10**5:05d}",
        sku=f"SKU-{number:02d}-{market.marketplace.name}",
        title=title,
        quantity=max(least, chance.choices((1, 2, 3, 12), (75, 15, 7, 3))[0]),
        unit_price=Decimal(0) if order.replaces else price,
        condition=_CONDITIONS[0] if chance.random() < 0.9 else chance.choice(_CONDITIONS[1:]),
    )
    if not order.replaces:
        _add_money(chance, order, item)
    _add_requirements(chance, order, item)
    _add_options(chance, order, item)
    return item


def _add_money(chance: Random, order: Order, item: Item) -> None:
    rate, market = order.place.tax, order.place.market
    if order.channel == "MFN" and not order.is_prime and chance.random() < 0.5:
        item.shipping = market.price(Decimal("3.95"))
    if item.shipping and chance.random() < 0.3:
        item.shipping_discount = item.shipping
        item.promotions += (_FREE_SHIPPING,)
    if chance.random() < 0.15:
        item.discount = market.round(item.price / 10)
        item.promotions += (_SEASON,)
    item.tax = market.round(item.price * rate)
    item.shipping_tax = market.round(item.shipping * rate)
    item.shipping_discount_tax = market.round(item.shipping_discount * rate)
    item.discount_tax = market.round(item.discount * rate)
    if chance.random() < 0.1:
        is_merchant = order.channel == "MFN"
        price = market.price(Decimal("2.50"))
        message = chance.choice(("For you! \N{PARTY POPPER}", "Alles Gute,\nOma")) if is_merchant else None
        item.gift = Gift(message, "Classic", price, market.round(price * rate))
    if order.place.marketplace is _M.JP:
        points = int(item.price / 100)
        item.points = (points, Decimal(points)) if points else None
    item.is_business_price = order.is_business and chance.random() < 0.6


def _add_requirements(chance: Random, order: Order, item: Item) -> None:
    """Add what the seller must do."""
    is_merchant, country = order.channel == "MFN", order.place.marketplace
    if is_merchant and chance.random() < 0.04:
        item.custom_url = f"https://zme-caps.amazon.com/t/{chance.getrandbits(48):012x}/1"
    if is_merchant and chance.random() < 0.06:
        item.constraints = tuple(sorted(chance.sample(_CONSTRAINTS, 2)))
    if is_merchant and order.category == "Scheduled":
        begin = order.deliver_by[0] + 9 * 3600
        item.delivery = (begin, begin + 4 * 3600)
    item.needs_serial_number = is_merchant and country is _M.IN and chance.random() < 0.3
    item.is_transparency = chance.random() < 0.05
    if not is_merchant and chance.random() < 0.1:
        item.serial_numbers = tuple(f"SN{chance.randrange(10**8):08d}" for _ in range(item.quantity))


def _add_options(chance: Random, order: Order, item: Item) -> None:
    """Add what only some items have."""
    country = order.place.marketplace
    item.is_subscribed = chance.random() < 0.05
    if country in (_M.DE, _M.FR, _M.IT, _M.ES) and order.channel == "MFN" and chance.random() < 0.1:
        item.ioss, item.reseller = "IM1234567890", "IOSS"
    elif country in (_M.FR, _M.IT) and chance.random() < 0.1:
        item.reseller = "UOSS"
    if country is _M.US and order.channel == "MFN" and chance.random() < 0.08:
        item.substitute = chance.choice(_SUBSTITUTIONS)
        item.measurement = ("POUNDS", Decimal("1.25"))
    if chance.random() < 0.03:
        item.service = (f"333-{chance.randrange(10**7):07d}-7654321", f"{chance.randrange(10**14):014d}")
