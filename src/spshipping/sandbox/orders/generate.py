"""Generates orders from a seed; the same seed and start give the same orders."""

from datetime import datetime
from decimal import Decimal
from random import Random

from spshipping.regions import Marketplace
from spshipping.sandbox.clock import DAY
from spshipping.sandbox.orders.generate_items import generate_items
from spshipping.sandbox.orders.record import (
    SHOP,
    STATUSES,
    Address,
    Buyer,
    Order,
    Parcel,
    Review,
    TaxId,
    Town,
)
from spshipping.sandbox.orders.schedule import OrderPlan, Schedule

_M = Marketplace
_SPEEDS = (
    ("Standard", "Std {} D2D Dom", 2, 5),
    ("Expedited", "Exp {} Dom", 1, 2),
    ("SecondDay", "Second {} Dom", 1, 1),
    ("NextDay", "Next {} Dom", 0, 1),
    ("SameDay", "Same {} Dom", 0, 0),
    ("Scheduled", "Sched {} Dom", 3, 4),
    ("FreeEconomy", "Econ {} Dom", 3, 7),
    ("Priority", "Prio {} Dom", 1, 2),
)
_SPEED_WEIGHTS = (60, 12, 6, 6, 2, 4, 6, 4)
CANCEL_REASON = "I ordered by mistake"
_COMPANIES = ("Engines Ltd", "Analytical & Co", "Mühle GmbH", "Loja Central Ltda", "株式会社サンプル")
_CARRIERS = ("Royal Mail", "DHL", "UPS", "FedEx")
_WAREHOUSE = Town(
    "Unit 15, Riverside Business Park", "Birmingham", "England", "B12 0XY", county="West Midlands"
)
_DEPOT = Town(
    "Unit 15, Riverside Business Park, Gate 4",
    "Birmingham",
    "England",
    "B12 0XY",
    county="West Midlands",
    district="Bordesley",
    municipality="Birmingham",
)
"""The same with every field that an address can have."""
_REVIEW_FIELDS = (
    ("pom_pet_name", "Pet's name", "Biscuit"),
    ("pom_vet_name", "Veterinary surgeon", "Dr. Q. Example"),
)


def sample(count: int, *, seed: int = 0, at: datetime, days: float = 30.0) -> list[Order]:
    """Return *count* orders in the states that they have at the time *at*, oldest first.

    Args:
        count: how many.
        seed: determines everything but the times.
        at: the time.
        days: over how many days they were placed.
    """
    now = int(at.timestamp())
    schedule = Schedule(str(seed), now, count, days, 0)
    orders = []
    for number in range(count):
        plan = schedule.plan(number)
        orders.append(generate_order(plan, sum(step.seen <= now for step in plan.steps) - 1))
    return orders


def generate_order(plan: OrderPlan, index: int) -> Order:
    """Return the order as it is after the change of this *index* of its plan."""
    chance = Random(f"{plan.seed}/{plan.number}/goods")  # noqa: S311 - not for secrets
    place, step = plan.place, plan.steps[index]
    order = _frame(chance, plan)
    order.status, order.updated = step.status, step.time
    _mark(chance, order)
    _add_people(chance, order)
    is_split = any(one.status == "PartiallyShipped" for one in plan.steps)
    order.items = generate_items(chance, order, least=2 if is_split else 1)
    _add_payments(chance, order)
    _add_options(chance, order)
    if order.replaces or not order.is_amazon:
        order.payments = []
    if any(one.requests_cancellation for one in plan.steps[: index + 1]):
        order.items[0].cancel_reason = CANCEL_REASON
    _ship(order, plan, index)
    if place.marketplace is _M.IN and order.channel == "MFN":
        order.easy_ship = _EASY_SHIP.get(order.status)
    return order


def moved_on(plan: OrderPlan, step: int, order: Order, status: str) -> Order:
    """Return the order in another status: as its plan has it from *step* on, or else with its units moved."""
    for index in range(step + 1, len(plan.steps)):
        if plan.steps[index].status == status:
            return generate_order(plan, index)
    order.status = status
    for item in order.items:
        if status == "Canceled":
            item.cancelled_by = "AMAZON"
        elif STATUSES[status].is_ready:
            item.shipped = 0 if status == "Unshipped" else item.quantity
    return order


_EASY_SHIP = {
    "Unshipped": "PendingPickUp",
    "PartiallyShipped": "PendingPickUp",
    "Shipped": "OutForDelivery",
    "Canceled": "LabelCanceled",
}


def _frame(chance: Random, plan: OrderPlan) -> Order:
    """Return the order with its dates, without people and items."""
    place, created = plan.place, plan.created
    category, level, ship_days, way_days = chance.choices(_SPEEDS, _SPEED_WEIGHTS)[0]
    if plan.channel == "AFN":
        level = "Expedited"
    elif place.marketplace is _M.US and chance.random() < 0.1:
        level = "Intl {}"
    midnight = created - created % DAY
    ship_by = (midnight + DAY * min(1, ship_days), midnight + DAY * (ship_days + 1) - 1)
    deliver_by = (ship_by[0] + DAY * way_days, ship_by[1] + DAY * (way_days + 2))
    return Order(
        id=plan.id,
        number=plan.number,
        place=place,
        channel=plan.channel,
        created=created,
        updated=created,
        status="Pending",
        kind=plan.kind,
        category=category,
        service_level=level.format(place.marketplace.name),
        ship_by=ship_by,
        deliver_by=deliver_by,
        buyer=Buyer("", ""),
        address=Address("", (), place.towns[0], place.marketplace.country_code),
        items=[],
        payments=[],
        is_amazon=plan.is_amazon,
    )


def _mark(chance: Random, order: Order) -> None:
    """Select the programs and options of the order."""
    is_merchant, country = order.channel == "MFN", order.place.marketplace
    order.is_business = order.is_amazon and chance.random() < 0.15
    order.is_prime = is_merchant and chance.random() < 0.2
    order.is_premium = is_merchant and order.category in ("NextDay", "SameDay", "SecondDay")
    order.is_access_point = is_merchant and chance.random() < 0.07
    order.is_pickup = is_merchant and not order.is_access_point and chance.random() < 0.04
    order.is_global_express = is_merchant and country is _M.US and chance.random() < 0.05
    order.is_iba = order.is_business and country in (_M.DE, _M.FR, _M.IT, _M.ES) and chance.random() < 0.4
    order.is_sold_by_ab = order.is_iba
    if is_merchant and chance.random() < 0.05:
        order.replaces = (
            f"{chance.randint(100, 799)}-{chance.randrange(10**7):07d}-{order.number % 10**7:07d}"
        )
    if chance.random() < 0.6:
        order.seller_order_id = f"S-{order.number:06d}"
    if order.is_pickup:
        order.store = f"store-{chance.randint(1, 9)}"


def _add_people(chance: Random, order: Order) -> None:
    place, country = order.place, order.place.marketplace
    name = chance.choice(place.people)
    domain = place.market.site.lower()
    buyer = Buyer(name, f"{chance.getrandbits(52):013x}@marketplace.{domain}")
    town = chance.choice(place.towns)
    lines: tuple[str, ...] = (town.street,)
    number = None
    if country is _M.BR:
        number = str(chance.randint(1, 999))
        lines = (f"{town.street}, {number}", f"Apartamento {chance.randint(1, 99)}")
        buyer.county = town.district
        buyer.tax = TaxId("CPF", f"{chance.randrange(10**11):011d}", name)
    elif chance.random() < 0.3:
        lines = (town.street, f"{chance.choice('ABC')}/{chance.randint(1, 40)}")
    address = Address(name, lines, town, country.country_code, kind="Residential", number=number)
    if order.channel == "MFN":
        address.phone = f"{place.phone}{chance.randrange(10**4):04d}"
    if order.is_business:
        _make_business(chance, order, buyer, address)
    elif country is _M.TR:
        buyer.invoice_preference = "INDIVIDUAL"
    if order.is_access_point:
        address.kind, address.lines = "PickupPoint", (*address.lines, f"Locker {chance.randint(1, 60)}")
    order.buyer, order.address = buyer, address


def _make_business(chance: Random, order: Order, buyer: Buyer, address: Address) -> None:
    country = order.place.marketplace
    company = chance.choice(_COMPANIES)
    buyer.company = address.company = company
    address.kind = "Commercial"
    if chance.random() < 0.7:
        buyer.purchase_order = f"PO-{chance.randrange(10**6):06d}"
    number = f"{chance.randrange(10**10):010d}"
    if country is _M.BR:
        buyer.tax = TaxId("CNPJ", f"{number}0001", company)
    elif country is _M.IN:
        buyer.tax = TaxId("VAT", f"27{number}1Z5", company)
    elif country is _M.TR:
        buyer.invoice_preference = "BUSINESS"
        buyer.tax = TaxId("BUSINESS", f"TR{number}", company, "Beyoğlu Vergi Dairesi")


def _add_payments(chance: Random, order: Order) -> None:
    country, total = order.place.marketplace, order.total
    if country in (_M.IN, _M.JP) and order.channel == "MFN" and chance.random() < 0.4:
        fee = order.place.market.smallest_coin * 300
        for item in order.items[:1]:
            item.cod_fee, item.cod_fee_discount = fee, fee if chance.random() < 0.3 else Decimal(0)
        total = order.total
        voucher = order.place.market.round(total / 4) if chance.random() < 0.4 else Decimal(0)
        order.payments = [("COD", total - voucher)] + ([("GC", voucher)] if voucher else [])
    elif country is _M.JP and chance.random() < 0.3:
        order.payments = [("CVS", total)]
    elif country is _M.BR:
        order.payments = [(chance.choice(("CreditCard", "Pix")), total)]
    else:
        order.payments = [("Invoice" if order.is_business and chance.random() < 0.5 else "CreditCard", total)]


def _add_options(chance: Random, order: Order) -> None:
    is_merchant, country = order.channel == "MFN", order.place.marketplace
    if is_merchant:
        order.ship_from = _ship_from(order.number)
        if chance.random() < 0.5:
            order.supply_source = f"{chance.getrandbits(32):08x}-7e14-4ab3-a81b-ec4fc7a460b3"
        if chance.random() < 0.1:
            order.automation = (chance.choice(_CARRIERS), "Ground")
        if chance.random() < 0.15:
            order.instructions, order.drop_off = "Ring twice", chance.choice(("Front Door", "Garage"))
    if country is _M.BR:
        order.invoice = chance.choice(("NotRequired", "NotFound", "Processing", "Errored", "Accepted"))
    if order.kind == "SourcingOnDemandOrder":
        order.response_due = order.created + 2 * DAY
    if is_merchant and country is _M.US and chance.random() < 0.12:
        order.review = Review(_REVIEW_FIELDS)


def _ship_from(number: int) -> Address:
    """Return where the seller ships an order from; every fourth address has every field."""
    country = Marketplace.UK.country_code
    if number % 4:
        return Address(SHOP, tuple(_WAREHOUSE.street.split(", ")), _WAREHOUSE, country)
    lines = tuple(_DEPOT.street.split(", "))
    return Address(
        SHOP, lines, _DEPOT, country, company=_COMPANIES[0], phone="+44 121 496 0000", kind="Commercial"
    )


def _ship(order: Order, plan: OrderPlan, index: int) -> None:
    """Set units and parcels as the status requires."""
    if order.status == "Canceled":
        by = "BUYER" if plan.steps[index - 1].requests_cancellation else "AMAZON"
        for item in order.items:
            item.cancelled_by = by
    elif order.status == "PartiallyShipped":
        order.items[0].shipped = 1
    elif order.status in ("Shipped", "InvoiceUnconfirmed"):
        for item in order.items:
            item.shipped = item.quantity
    if order.channel == "MFN" and order.is_ready:
        _add_parcels(order, {step.status: step.time for step in reversed(plan.steps[: index + 1])})


def _add_parcels(order: Order, times: dict[str, int]) -> None:
    """Put what was shipped into parcels; the first has one unit where the order was shipped in parts."""
    chance = Random(order.id)  # noqa: S311 - not for secrets
    carrier = chance.choice(_CARRIERS)
    rest = {item.id: item.shipped for item in order.items if item.shipped}
    loads = []
    if "PartiallyShipped" in times:
        first = order.items[0].id
        loads.append((times["PartiallyShipped"], {first: 1}))
        rest[first] -= 1
    if any(rest.values()):
        loads.append((times.get("InvoiceUnconfirmed", order.updated), rest))
    for number, (time, load) in enumerate(loads, 1):
        tracking = f"{chance.randrange(10**12):012d}"
        order.parcels.append(Parcel(str(number), carrier, tracking, time, load, "Tracked 48"))
