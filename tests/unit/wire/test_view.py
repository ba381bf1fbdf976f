"""Models as tables, in Jupyter and where rich prints them."""

import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from spshipping import Report, from_dict, reveal
from spshipping.checking import Outcome, Step
from spshipping.shipping import (
    AccessPoint,
    Address,
    Benefits,
    ChannelDetails,
    ChannelType,
    Currency,
    Dimensions,
    EventCode,
    GetRatesRequest,
    GetRatesResult,
    Item,
    LengthUnit,
    Package,
    Promise,
    Rate,
    ShipmentType,
    TimeWindow,
    Weight,
    WeightUnit,
)
from spshipping.shipping.tracking import Timeline, TrackedEvent, TrackedPlace
from spshipping.wire.shapes import fields_of
from spshipping.wire.view import Grid, as_html, grids_of
from tests.contract.drawn import drawn
from tests.contract.facts import models

LATE = datetime(2026, 3, 2, 17, 30, 5, 250_000, tzinfo=UTC)
BERLIN = Address(
    name="Jürgen Müller",
    address_line1="Unter den Linden 1",
    city="Berlin",
    state_or_region="BE",
    postal_code="10117",
    country_code="DE",
)


def rate(service: str, price: str) -> Rate:
    """Return a rate of a quote."""
    return Rate(
        rate_id=f"rate-{service}",
        carrier_id="AMZN_UK",
        carrier_name="Amazon <Shipping>",
        service_id=service,
        service_name=f"Service <{service}>",
        total_charge=Currency(value=Decimal(price), unit="GBP"),
        promise=Promise(delivery_window=TimeWindow(start=LATE, end=LATE)),
        supported_document_specifications=[],
        requires_additional_inputs=False,
    )


def printed(value: Any, width: int = 100) -> str:
    """Return what rich prints."""
    console = Console(file=io.StringIO(), width=width)
    console.print(value)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
    return text


def own(value: Any) -> dict[str, str]:
    """Return the table of a model's own values."""
    return {row[0]: row[1] for row in next(grids_of(value)).rows}


def test_a_quote_is_a_table_of_its_rates() -> None:
    quote = GetRatesResult(request_token="token-1", rates=[rate("STD", "3.75"), rate("PREM", "8")])

    own, rates = grids_of(quote)

    assert own == Grid("GetRatesResult", ("field", "value"), [("request_token", "token-1")])
    assert rates.title == "rates"
    assert rates.columns == (
        "service_id",
        "service_name",
        "total_charge",
        "promise.delivery_window.start",
        "promise.delivery_window.end",
    )
    when = "2026-03-02 17:30:05+00:00"
    assert list(rates.rows) == [
        ("STD", "Service <STD>", "3.75 GBP", when, when),
        ("PREM", "Service <PREM>", "8 GBP", when, when),
    ]
    assert "<td>Service &lt;STD&gt;</td>" in quote._repr_html_()
    assert "Service <STD>" in printed(quote, 160)


def test_on_a_narrow_screen_no_part_of_a_value_is_left_out() -> None:
    shown = printed(GetRatesResult(request_token="abcdefghij" * 6, rates=[]), 40)
    assert "…" not in shown
    assert sum(map(shown.count, "abcdefghij")) >= 60


def test_what_is_personal_is_hidden() -> None:
    assert "Müller" not in BERLIN._repr_html_() + printed(BERLIN)
    assert ("name", "…") in next(grids_of(BERLIN)).rows
    assert ("country_code", "DE") in next(grids_of(BERLIN)).rows


def test_entries_with_many_fields_are_shown_beside_each_other() -> None:
    parcels = [
        Package(
            dimensions=Dimensions(
                length=Decimal(30), width=Decimal(20), height=Decimal(number), unit=LengthUnit.CENTIMETER
            ),
            weight=Weight(unit=WeightUnit.KILOGRAM, value=Decimal("1.25")),
            insured_value=Currency(value=Decimal(48), unit="GBP"),
            package_client_reference_id=f"1001-{number}",
            items=[Item(quantity=1), Item(quantity=2)],
        )
        for number in range(6)
    ]

    (grid,) = [grid for grid in grids_of(_order(parcels)) if grid.title == "packages"]

    assert grid == Grid(
        "packages",
        ("field", "1", "2", "3", "4"),
        [
            ("dimensions.length", "30", "30", "30", "30"),
            ("dimensions.width", "20", "20", "20", "20"),
            ("dimensions.height", "0", "1", "2", "3"),
            ("dimensions.unit", *["CENTIMETER"] * 4),
            ("weight", *["1.25 KILOGRAM"] * 4),
            ("insured_value", *["48 GBP"] * 4),
            ("package_client_reference_id", "1001-0", "1001-1", "1001-2", "1001-3"),
            ("items", *["2 of Item"] * 4),
        ],
        2,
    )
    assert "and 2 more" in as_html([grid])
    assert "and 2 more" in printed(_order(parcels))


def _order(parcels: list[Package]) -> GetRatesRequest:
    return GetRatesRequest(
        ship_from=BERLIN, packages=parcels, channel_details=ChannelDetails(channel_type=ChannelType.EXTERNAL)
    )


def test_long_lists_are_cut() -> None:
    quote = GetRatesResult(request_token="token-1", rates=[rate(f"S{number}", "1") for number in range(25)])
    (_, rates) = grids_of(quote)
    assert (len(rates.rows), rates.more) == (20, 5)


def test_a_repr_shows_the_first_of_a_list_and_how_many_follow() -> None:
    quote = GetRatesResult(request_token="token-1", rates=[rate(f"S{number}", "1") for number in range(25)])

    assert repr(quote).endswith(", … and 22 more])")
    assert "S2" in repr(quote)
    assert "'S3'" not in repr(quote)
    assert "'S24'" in reveal(quote)


def test_what_is_missing_or_long_or_a_list_of_text() -> None:
    address: Address = from_dict({"name": "Ada", "countryCode": "GB", "companyName": "C" * 80}, Address)
    rows = own(address)
    assert rows["city"] == "…"  # personal, whether it is there or not
    assert rows["state_or_region"] == "(missing)"

    benefits = Benefits(included_benefits=["CLAIMS_PROTECTED", "OTHER"], excluded_benefits=[])
    assert list(next(grids_of(benefits)).rows) == [("included_benefits", "CLAIMS_PROTECTED, OTHER")]
    assert own(Weight(unit=WeightUnit.GRAM, value=Decimal(7)))["value"] == "7"
    point: AccessPoint = from_dict({"standardOperatingHours": {"MONDAY": {}, "TUESDAY": {}}}, AccessPoint)
    assert own(point)["standard_operating_hours"] == "2 entries"


@pytest.mark.long
def test_every_model_can_be_shown() -> None:
    for cls in models():
        for model in drawn(cls, 2):
            assert "<table>" in model._repr_html_()
            for path in cls.__columns__:
                assert path in _paths(cls), f"{cls.__name__} has no {path}"


def _paths(cls: Any) -> set[str]:
    """Return the paths of all values of a model, through the models that it holds, not through lists."""
    found = set()
    for field in fields_of(cls):
        found.add(field.name)
        if field.shape.kind == "model":
            found |= {f"{field.name}.{path}" for path in _paths(field.shape.cls)}
    return found


def test_a_timeline_is_a_table_without_places() -> None:
    timeline = Timeline(
        tracking_id="TBA1",
        events=(
            TrackedEvent(code=EventCode.PICKUP_DONE, time=LATE, place=TrackedPlace(city="Berlin")),
            TrackedEvent(code=EventCode("HeldAtCustoms"), time=LATE, leg=ShipmentType.FORWARD),
        ),
    )

    assert "TBA1" in printed(timeline)
    assert "2026-03-02 17:30:05+00:00" in printed(timeline)
    assert "Berlin" not in printed(timeline) + timeline._repr_html_()
    assert "<td>HeldAtCustoms</td><td>FORWARD</td>" in timeline._repr_html_()
    assert "<td></td><td>HeldAtCustoms</td>" in timeline._repr_html_()


def test_the_report_of_a_check_is_a_table() -> None:
    report = Report("orders", (Step("getOrders", Outcome.FAILED, "denied", "add the role"),))

    assert "orders: does not work" in printed(report)
    assert "<td>getOrders</td><td>failed</td><td>denied</td><td>add the role</td>" in report._repr_html_()
    assert "shipping: works" in printed(Report("shipping", (Step("sign in", Outcome.WORKS),)))
