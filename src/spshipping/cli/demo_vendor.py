"""The demonstration's part about vendors: a purchase order is acknowledged, shipped and received."""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from rich.console import Console

from spshipping.cli.console import print_table
from spshipping.client import Client
from spshipping.vendor import Acknowledgement, MemoryLedger, Submission, asn
from spshipping.vendor import orders as po
from spshipping.vendor import shipments as api
from spshipping.vendor.acknowledge import Taken
from spshipping.vendor.rules import RuleContext, RuleRegion
from spshipping.vendor.sscc import MemorySerials, SsccIssuer

Check = Callable[[bool, str], None]
Advance = Callable[[float], object]
"""Lets so many seconds pass."""

_PREFIX = "9521234"  # of GS1, for demonstrations
_CASE = 6
_ON_PALLET = 40
_PATIENCE = 20  # half days until there is a purchase order
_HALF_A_DAY, _WORKED_ON, _TRAVEL = 12 * 3600.0, 960.0, timedelta(days=2)
_MILL = api.PartyIdentification(
    party_id="0-55767831",
    address=api.Address(
        name="The Old Mill",
        address_line1="1 Mill Lane",
        city="Reno",
        state_or_region="NV",
        postal_code="89501",
        country_code="US",
    ),
)


def show_vendor(client: Client, console: Console, check: Check, advance: Advance) -> None:
    """Acknowledge a purchase order, ship it, and see it received.

    Args:
        client: speaks for the vendor.
        console: shows what happens.
        check: is given what must hold, and what that is called.
        advance: lets time pass.
    """
    order = _find(client, check, advance)
    _print_order(console, order)
    # its time is Amazon's, as far as answers have stated it
    ledger = MemoryLedger(clock=client.context.clock)
    answers = Acknowledgement.of(order, accept_po_cost=True).accept_all()
    said = client.vendor.submit(answers, ledger=ledger)
    _follow(client, ledger, said, check, advance)
    _say(console, "accepted every line; a quarter of an hour later, Amazon shows each as confirmed")

    order = client.vendor.orders.get_purchase_order(order.purchase_order_number)
    context = RuleContext(
        region=RuleRegion.NA,
        orders=[order],
        freight=api.ShipmentFreightTerm.PREPAID,
        history=client.vendor.history(ledger=ledger),
        own_prefixes=(_PREFIX,),
    )
    builder = asn.AsnBuilder(context, _MILL)
    load = _pack(console, builder.lines)
    now = client.context.clock.now()
    notice = builder.original(_dispatch(now), load, at=now)
    _say(
        console,
        f"wrote the shipment notice: {notice.confirmation.shipment_structure}, and no rule of Amazon's"
        " forbids it",
    )
    sent = client.vendor.submit(notice, ledger=ledger)
    _follow(client, ledger, sent, check, advance)
    _say(console, "submitted it; a quarter of an hour later, Amazon has taken it")
    advance(3 * _TRAVEL.total_seconds())
    _print_receipt(client, console, check, order)


def _follow(
    client: Client, ledger: MemoryLedger, submission: Submission, check: Check, advance: Advance
) -> None:
    advance(_WORKED_ON)
    # any answer states Amazon's time
    client.vendor.orders.get_purchase_orders_status(limit=1, created_after=_last_week(client))
    found = client.vendor.check(submission, ledger=ledger)
    check(isinstance(found.outcome, Taken), f"Amazon has taken the {found.kind.value}")


def _last_week(client: Client) -> datetime:
    return client.context.clock.now() - timedelta(days=6)


def _say(console: Console, text: str) -> None:
    console.print(f"  {text}", soft_wrap=True)


def _find(client: Client, check: Check, advance: Advance) -> po.Order:
    """Return a new purchase order with a price for each line; wait where there is none."""
    found: list[po.Order] = []
    for _ in range(_PATIENCE):
        state = po.PurchaseOrderState.NEW
        found = [
            order
            for order in client.vendor.orders.iter_purchase_orders(
                created_after=_last_week(client), purchase_order_state=state
            )
            if _lines(order) and all(_is_wanted(line) for line in _lines(order))
        ]
        if found:
            break
        advance(_HALF_A_DAY)
    check(bool(found), "there are purchase orders")
    # what Amazon picks up needs a routing request first
    return max(found, key=lambda order: (_is_delivered(order), len(_lines(order))))


def _lines(order: po.Order) -> Sequence[po.OrderItem]:
    return order.order_details.items if order.order_details else ()


def _is_delivered(order: po.Order) -> bool:
    return bool(order.order_details and order.order_details.delivery_window)


def _is_wanted(line: po.OrderItem) -> bool:
    return bool(line.net_cost and line.ordered_quantity.amount)


def _print_order(console: Console, order: po.Order) -> None:
    details = order.order_details
    where = details.ship_to_party.party_id if details and details.ship_to_party else "Amazon"
    _say(console, f"purchase order {order.purchase_order_number}, for the fulfilment centre {where}:")
    rows = [
        (
            line.item_sequence_number,
            line.amazon_product_identifier or "",
            f"{line.ordered_quantity.amount} {line.ordered_quantity.unit_of_measure}",
            f"{line.net_cost.amount} {line.net_cost.currency_code}" if line.net_cost else "",
        )
        for line in _lines(order)
    ]
    print_table(console, ("line", "product", "ordered", "net cost"), rows, right=("net cost",), indent=2)


def _pack(console: Console, lines: Sequence[asn.OpenLine]) -> asn.Load:
    """Pack full cases, and what is left over into a carton of its own."""
    pieces = [line.vendor_product_identifier or "" for line in lines if not line.is_cases]
    filled = asn.fill_cartons(lines, dict.fromkeys(pieces, asn.Case(_CASE)))
    cartons = list(filled.cartons)
    if filled.loose:
        rest = tuple(asn.Content(line=each.line, amount=each.amount) for each in filled.loose)
        cartons.append(asn.PackedCarton(contents=rest))
    load = asn.stack(cartons, _ON_PALLET, size=asn.Size.of(120, 80, 150, "cm"))
    load = load.coded(SsccIssuer(MemorySerials(), _PREFIX))
    mixed = ", one of them with what fills no case" if filled.loose and filled.cartons else ""
    _say(console, f"packed {_count(cartons, 'carton')}{mixed}, on {_count(load.pallets, 'pallet')}")
    codes = ", ".join(code.printed for code in itertools.islice(load.sscc_codes(), 2))
    _say(console, f"each has a code of its own, for label and notice: {codes}, …")
    return load


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'s' if len(things) > 1 else ''}"


def _dispatch(now: datetime) -> asn.Dispatch:
    return asn.Dispatch(
        identifier="DEMO-1",
        shipment_type=api.ShipmentType.LESS_THAN_TRUCK_LOAD,
        shipped_at=now,
        arrives_at=now + _TRAVEL,
        bill_of_lading="SBX0100000017",
        pro_number="4711",
        carrier_scac="SBXF",
    )


def _print_receipt(client: Client, console: Console, check: Check, order: po.Order) -> None:
    number = order.purchase_order_number
    states = client.vendor.orders.get_purchase_orders_status(purchase_order_number=number).orders_status or []
    receipts = [
        line.receiving_status.receive_status
        for state in states
        for line in state.item_status
        if line.receiving_status
    ]
    check(
        len(receipts) == len(_lines(order)) and set(receipts) == {po.ReceiveStatus.RECEIVED},
        "all that was shipped has arrived",
    )
    _say(console, f"some days later, Amazon has received {_count(receipts, 'line')} of {len(_lines(order))}")
    console.print("\n[bold green]✓ Amazon received what the notice said.[/]", soft_wrap=True)
