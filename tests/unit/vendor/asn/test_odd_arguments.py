"""What is no time, no rule and no list that can be read twice, where shipments are built."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from spshipping import InvalidRequestError
from spshipping.vendor.asn import AsnBuilder, Content, LineKey, Load
from spshipping.vendor.routing import RoutingBuilder
from tests.unit.vendor.asn.warehouse import SHIP_FROM, carton, context_of, dispatch, issuer, order
from tests.unit.vendor.rules.clean import NOW

LOAD = Load(cartons=(carton(),)).coded(issuer())
NAIVE = datetime(2026, 11, 30)  # noqa: DTZ001


@pytest.mark.parametrize("wrong", [date(2026, 11, 30), "2026-11-30", NAIVE, None])
def test_what_is_no_time_with_a_zone_is_refused_by_name(wrong: Any) -> None:
    builder = AsnBuilder(context_of(order()), SHIP_FROM)
    for name in ("shipped_at", "arrives_at"):
        with pytest.raises(InvalidRequestError, match=f"dispatch.{name}: must be a datetime with a"):
            builder.original(dispatch(**{name: wrong}), LOAD, at=NOW)
    with pytest.raises(InvalidRequestError, match="at: must be a datetime with a time zone"):
        builder.original(dispatch(), LOAD, at=wrong)


@pytest.mark.parametrize("make", [AsnBuilder, RoutingBuilder])
def test_a_rule_that_does_not_exist_is_not_overruled(make: Callable[..., Any]) -> None:
    for wrong, words in ((["L-999"], "names a rule that does not exist"), (7, "is a set of ids of rules")):
        with pytest.raises(InvalidRequestError, match=f"overrule: {words}"):
            make(context_of(order()), SHIP_FROM, overrule=wrong)


def test_one_rule_may_be_overruled_by_its_id_alone() -> None:
    builder = AsnBuilder(context_of(order()), SHIP_FROM, overrule="L-037")
    found = builder.original(dispatch(bill_of_lading=None), LOAD, at=NOW).warnings
    assert [(each.rule, each.is_overruled) for each in found] == [("L-037", True)]


def test_orders_that_can_be_read_once_are_kept() -> None:
    once: Any = (each for each in [order()])
    context = replace(context_of(), orders=once)
    assert AsnBuilder(context, SHIP_FROM).original(dispatch(), LOAD, at=NOW)


def test_a_line_may_be_named_by_its_number() -> None:
    number: Any = 1
    packed = Load(cartons=(carton(Content(line=LineKey("ORDER001", number), amount=1)),)).coded(issuer())
    assert AsnBuilder(context_of(order()), SHIP_FROM).original(dispatch(), packed, at=NOW)


@pytest.mark.parametrize("wrong", ["Balloon", None])
def test_a_type_of_shipment_that_amazon_does_not_have_is_refused(wrong: Any) -> None:
    builder = AsnBuilder(context_of(order()), SHIP_FROM)
    with pytest.raises(InvalidRequestError, match=r"dispatch.shipment_type: is one of TruckLoad"):
        builder.original(dispatch(shipment_type=wrong), LOAD, at=NOW)
