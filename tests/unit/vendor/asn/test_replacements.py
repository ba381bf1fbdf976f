"""What may take the place of a confirmation that was sent."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from spshipping.errors import InvalidRequestError
from spshipping.vendor import shipments as api
from spshipping.vendor.asn import AsnBuilder, Load
from spshipping.vendor.rules import History, SentConfirmation
from spshipping.vendor.sscc import Sscc
from tests.unit.vendor.asn.warehouse import (
    PREFIX,
    SHIP_FROM,
    builder_of,
    carton,
    content,
    context_of,
    dispatch,
    issuer,
    line,
    order,
    refused,
    sent,
    with_confirmations,
)
from tests.unit.vendor.rules.clean import NOW


def built(load: Load) -> api.ShipmentConfirmation:
    builder = builder_of(order(line(), line("2", size=1)))
    return builder.original(dispatch(), load, at=NOW).confirmation


def replaced(
    *before: SentConfirmation, load: Load, at: datetime = NOW, context: Any = None, **more: Any
) -> api.ShipmentConfirmation:
    context = with_confirmations(context or context_of(order(line(), line("2", size=1))), *before)
    return AsnBuilder(context, SHIP_FROM).replacement(dispatch(**more), load, at=at).confirmation


def test_a_replacement_repeats_identifier_and_codes_and_lowers() -> None:
    load = Load(cartons=(carton(content(amount=4)), carton(content("2")))).coded(issuer())
    first = built(load)
    shipped = {code.digits: NOW for code in load.sscc_codes()}
    context = context_of(order(line(), line("2", size=1)), history=History(sscc_shipped=shipped))
    less = replace(load, cartons=(replace(load.cartons[0], contents=(content(amount=3),)),))
    found = replaced(sent(first), load=less, context=context)
    assert found.shipment_confirmation_type is api.ShipmentConfirmationType.REPLACE
    assert found.shipment_identifier == first.shipment_identifier
    assert [each.shipped_quantity.amount for each in found.shipped_items] == [3]
    assert found.cartons is not None
    assert first.cartons is not None
    assert found.cartons[0].carton_identifiers == first.cartons[0].carton_identifiers


def test_codes_of_other_shipments_stay_used() -> None:
    load = Load(cartons=(carton(codes=(Sscc.of(PREFIX, 1),)),))
    context = context_of(order(), history=History(sscc_shipped={Sscc.of(PREFIX, 2).wire: NOW}))
    other = Load(cartons=(carton(codes=(Sscc.of(PREFIX, 2),)),))
    with pytest.raises(InvalidRequestError, match="L-057"):
        replaced(sent(built(load)), load=other, context=context)


@pytest.mark.parametrize(
    ("change", "at", "message"),
    [
        ({}, NOW + timedelta(days=7), "L-077.*more than 7 days"),
        ({"has_arrived": True}, NOW, "L-077.*has arrived"),
        ({"is_from_api": False}, NOW, "L-077.*Vendor Central"),
    ],
)
def test_a_replacement_comes_in_time_and_by_api(change: dict[str, Any], at: datetime, message: str) -> None:
    load = Load(cartons=(carton(),)).coded(issuer())
    with pytest.raises(InvalidRequestError, match=message):
        replaced(sent(built(load), **change), load=load, at=at, shipped_at=at, arrives_at=at)


def test_a_replacement_raises_nothing() -> None:
    load = Load(cartons=(carton(content(amount=4)),)).coded(issuer())
    first = sent(built(load))
    with pytest.raises(InvalidRequestError, match=r"L-077.*ship more of an item"):
        replaced(first, load=Load(cartons=(replace(load.cartons[0], contents=(content(amount=5),)),)))
    more_cartons = Load(cartons=(carton(), carton())).coded(issuer())
    with pytest.raises(InvalidRequestError, match="cartons: L-077"):
        replaced(first, load=more_cartons)


def test_a_replacement_raises_no_cases_of_an_unknown_size() -> None:
    context = context_of(order(line(size=None)))
    builder = AsnBuilder(context, SHIP_FROM)
    load = Load(cartons=(carton(content(amount=4)),)).coded(issuer())
    first = sent(builder.original(dispatch(), load, at=NOW).confirmation)
    more = Load(cartons=(replace(load.cartons[0], contents=(content(amount=5),)),))
    with pytest.raises(InvalidRequestError, match=r"load: L-077: ships more"):
        replaced(first, load=more, context=context)
    replaced(first, load=load, context=context)


def test_a_rule_of_replacements_can_be_overruled() -> None:
    load = Load(cartons=(carton(),)).coded(issuer())
    context = with_confirmations(context_of(order()), sent(built(load)))
    more = Load(cartons=(replace(load.cartons[0], contents=(content(amount=2),)),))
    asn = AsnBuilder(context, SHIP_FROM, overrule=["L-077"]).replacement(dispatch(), more, at=NOW)
    assert "L-077" in [finding.rule for finding in asn.warnings]


@pytest.mark.parametrize("history", [None, History()])
def test_what_was_never_sent_is_not_replaced(history: History | None) -> None:
    builder = AsnBuilder(context_of(order(), history=history), SHIP_FROM)
    with pytest.raises(InvalidRequestError, match=r"dispatch\.identifier: L-077"):
        builder.replacement(dispatch(), Load(cartons=(carton(),)), at=NOW)


def test_what_was_refused_is_not_replaced() -> None:
    load = Load(cartons=(carton(),)).coded(issuer())
    with pytest.raises(InvalidRequestError, match="L-077"):
        replaced(refused(built(load)), load=load)
