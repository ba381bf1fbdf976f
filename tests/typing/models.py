"""What the checkers know about models and JSON. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_type

from spshipping import dumps, extra, from_dict, loads, replace, reveal, to_dict
from spshipping.shipping import (
    Address,
    Currency,
    Event,
    EventCode,
    GetRatesRequest,
    GetTrackingResult,
    Item,
    Package,
    Rate,
    Status,
    Weight,
    WeightUnit,
)


def constructors() -> None:
    weight = Weight(value=Decimal("1.25"), unit=WeightUnit.KILOGRAM)
    assert_type(weight, Weight)
    Weight(WeightUnit.KILOGRAM, Decimal(1))  # type: ignore[call-arg]
    Weight(value=1.25, unit=WeightUnit.KILOGRAM)  # type: ignore[arg-type]
    Weight(value=Decimal(1))  # type: ignore[call-arg]
    Weight(value=Decimal(1), unit=WeightUnit.KILOGRAM, colour="red")  # type: ignore[call-arg]
    Weight(value=Decimal(1), unit=Status.LOST)  # type: ignore[arg-type]
    Item(quantity="2")  # type: ignore[arg-type]
    Currency(value=Decimal(1), unit=None)  # type: ignore[arg-type]


def fields(order: GetRatesRequest, rate: Rate, tracking: GetTrackingResult) -> None:
    assert_type(order.ship_to, Address | None)
    assert_type(order.ship_from, Address)
    assert_type(order.packages, list[Package])
    assert_type(order.ship_date, datetime | None)
    assert_type(rate.total_charge.value, Decimal)
    assert_type(tracking.event_history, list[Event])
    assert_type(tracking.latest, Event | None)
    assert_type(tracking.is_delivered, bool)
    assert order.ship_to.name  # type: ignore[union-attr]
    assert order.shipTo  # type: ignore[attr-defined]


def enums(event: Event, tracking: GetTrackingResult) -> None:
    assert_type(event.event_code, EventCode)
    assert_type(event.event_code.is_known, bool)
    assert_type(tracking.summary.status, Status | None)
    assert_type(Status("HeldAtCustoms"), Status)
    text: str = event.event_code
    assert_type(text.lower(), str)
    event.event_code = "Delivered"  # type: ignore[assignment]


def json(order: GetRatesRequest, data: dict[str, Any]) -> None:
    assert_type(loads(b"", GetTrackingResult), GetTrackingResult)
    assert_type(loads("", GetRatesRequest), GetRatesRequest)
    assert_type(from_dict(data, Rate), Rate)
    assert_type(dumps(order), bytes)
    assert_type(to_dict(order), dict[str, Any])
    assert_type(extra(order), Mapping[str, Any])
    assert_type(reveal(order), str)
    dumps({"shipFrom": {}})  # type: ignore[arg-type]
    loads(order, GetRatesRequest)  # type: ignore[arg-type]


def replacing(order: GetRatesRequest, weight: Weight) -> None:
    assert_type(replace(order, ship_date=None), GetRatesRequest)
    assert_type(replace(weight, value=Decimal(2)), Weight)
    replace({"value": 1}, value=2)  # type: ignore[type-var]
