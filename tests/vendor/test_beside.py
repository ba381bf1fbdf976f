"""What was submitted for other orders and shipments counts, also where the document was built before it."""

from collections.abc import Iterator
from typing import Any

import pytest

from spshipping import InvalidRequestError
from spshipping.vendor.acknowledge import Acknowledgement, Taken
from spshipping.vendor.asn import Asn, AsnBuilder
from spshipping.vendor.orders import Order, RejectionReason
from spshipping.vendor.sscc import MemorySerials, SsccIssuer
from tests.vendor.conftest import DAY, Office, has_costs, lines
from tests.vendor.test_shipping import SHIP_FROM, accepted_order, context_of, dispatch, load_of, submitted

pytestmark = pytest.mark.dates


def two_of(office: Office, **options: Any) -> tuple[Asn, Asn]:
    """Return two shipments of the same goods, both built before one is submitted."""
    builder = AsnBuilder(context_of(office, accepted_order(office)), SHIP_FROM, **options)
    issuer, now = SsccIssuer(MemorySerials(), "9521234"), office.clock.now()
    first, second = (
        builder.original(dispatch(office, name), load_of(builder).coded(issuer), at=now)
        for name in ("S-1", "S-2")
    )
    return first, second


def test_goods_are_not_shipped_twice_by_two_notices_that_were_built_at_once(office: Office) -> None:
    first, second = two_of(office)
    submitted(office, first)
    with pytest.raises(InvalidRequestError, match="L-049: more than the"):
        submitted(office, second)
    assert submitted(office, second, overrule=["L-049"]).reference == "S-2"


def test_what_the_builder_overruled_stays_overruled(office: Office) -> None:
    first, second = two_of(office, overrule=["L-049"])
    submitted(office, first)
    assert submitted(office, second).reference == "S-2"


def test_what_was_refused_counts_no_more(office: Office) -> None:
    first, second = two_of(office)
    first.confirmation.ship_to_party.party_id = "NONE9"
    assert not isinstance(office.after(submitted(office, first), 15).outcome, Taken)
    assert submitted(office, second).reference == "S-2"


def test_a_code_is_on_no_second_shipment_whoever_made_the_notice(office: Office) -> None:
    first, second = two_of(office)
    submitted(office, first)
    again = Asn(first.request, ())
    again.confirmation.shipment_identifier = "S-3"
    with pytest.raises(InvalidRequestError, match=r"L-057: was used within 365 days"):
        submitted(office, again)
    # without orders nothing says how much was accepted
    assert submitted(office, Asn(second.request, ())).reference == "S-2"


def test_orders_and_history_are_not_shown_with_a_notice(office: Office) -> None:
    shown = repr(two_of(office)[0])
    assert shown.startswith("Asn(request=SubmitShipmentConfirmationsRequest(")
    assert "RuleContext" not in shown


def obsolete(orders: list[Order]) -> Iterator[tuple[Order, Acknowledgement]]:
    """Yield the answers to orders that have a product in common, which is called obsolete."""
    found: dict[str, list[Order]] = {}
    for order in orders:
        for line in lines(order):
            found.setdefault(line.amazon_product_identifier or "", []).append(order)
    product, of_product = next((name, each) for name, each in found.items() if len(each) > 1)
    for order in of_product:
        answers = Acknowledgement.of(order, accept_po_cost=True)
        for line in lines(order):
            if line.amazon_product_identifier == product:
                answers.reject(line.item_sequence_number, RejectionReason.OBSOLETE_PRODUCT)
        yield order, answers.accept_all()


def test_what_is_called_obsolete_in_a_second_order_is_noticed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spshipping.vendor.acknowledge.beside._PAGE", 1)
    orders = [order for order in office.orders() if has_costs(order)]
    (first, said), (_, again), *_ = obsolete(orders)
    other = next(order for order in orders if order is not first and order.order_details)
    for answers in (said, Acknowledgement.of(other, accept_po_cost=True).accept_all()):
        if answers.purchase_order_number != again.purchase_order_number:
            found = office.submit(answers)
            assert not [each for each in found.warnings if each.startswith("L-017")]
    office.pass_time(3 * DAY)
    warned = office.submit(again).warnings
    assert [each[:5] for each in warned if each.startswith("L-017")] == ["L-017"]
