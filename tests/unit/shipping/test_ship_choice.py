"""Which rate is chosen, and what makes a parcel another one."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping import InvalidRequestError, from_dict, has, loads, replace, set_extra
from spshipping.journal import Charge, Scope
from spshipping.shipping import GetRatesRequest, GetRatesResult, InvoiceDetails, ServicePolicy
from spshipping.shipping.ship.choice import Candidate, candidates, charge_of, chosen
from spshipping.shipping.ship.conditions import Conditions
from spshipping.shipping.ship.wanted import Wanted, differing, digests, order_id_of, wanted_of
from tests.ship.conftest import ORDER

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCOPE = Scope("https://example.test", "A1SELLER", "AmazonShipping_UK", "1001")
SECRET = b"secret"


def rate(
    service: str, charge: str | None = "4", days: int | None = 2, *, extras: dict[str, str] | None = None
) -> dict[str, Any]:
    services = [
        {"id": name, "name": name, "cost": {"value": cost, "unit": "GBP"}}
        for name, cost in (extras or {}).items()
    ]
    made: dict[str, Any] = {
        "rateId": f"rate {service}",
        "carrierId": "AMZN_UK",
        "serviceId": service,
        "promise": {},
        "availableValueAddedServiceGroups": [{"groupId": "g", "valueAddedServices": services}],
    }
    if charge is not None:
        made["totalCharge"] = {"value": Decimal(charge), "unit": "GBP"}
    if days is not None:
        made["promise"] = {"deliveryWindow": {"end": (START + timedelta(days=days)).isoformat()}}
    return made


def quote(*rates: dict[str, Any]) -> GetRatesResult:
    return from_dict({"requestToken": "token", "rates": list(rates)}, GetRatesResult)


def best(
    offered: GetRatesResult,
    choose: Literal["cheapest", "fastest"] = "cheapest",
    services: tuple[str, ...] = (),
    conditions: Conditions = Conditions(),  # noqa: B008 - never changes
) -> Candidate:
    return chosen(candidates(offered, services, conditions), choose)


def name(offered: GetRatesResult, choose: Literal["cheapest", "fastest"], *services: str) -> str:
    return best(offered, choose, services).rate.service_id


def test_the_cheapest_counts_the_services_that_are_wanted() -> None:
    offered = quote(
        rate("a", "4.00", extras={"signature": "3.00"}),
        rate("b", "5.00", extras={"signature": "0.50"}),
        rate("c", "1.00"),
    )
    assert name(offered, "cheapest") == "c"
    found = best(offered, "cheapest", ("signature",))
    assert found == Candidate(offered.rates[1], ("signature",), Charge(Decimal("5.50"), "GBP"))
    assert found.rate is offered.rates[1]
    assert found.rate.total_charge.value == Decimal("5.00"), "the rate itself is not changed"


def test_a_charge_that_could_not_be_read_is_none_and_comes_last() -> None:
    odd = rate("a", None, extras={"signature": "1"})
    free = rate("b", "1", extras={"signature": "1"})
    del free["availableValueAddedServiceGroups"][0]["valueAddedServices"][0]["cost"]
    dollars = rate("c", "1", extras={"signature": "1"})
    dollars["availableValueAddedServiceGroups"][0]["valueAddedServices"][0]["cost"]["unit"] = "USD"
    unit = rate("d", "1", extras={"signature": "1"})
    del unit["totalCharge"]["unit"]
    for made in (odd, free, dollars, unit):
        (found,) = quote(made).rates
        assert charge_of(found, ("signature",)) is None
    assert charge_of(quote(odd).rates[0], ()) is None
    assert charge_of(quote(free).rates[0], ()) == Charge(Decimal(1), "GBP")
    dear = rate("e", "99", extras={"signature": "1"})
    assert name(quote(odd, free, dollars, unit, dear), "cheapest", "signature") == "e"


def test_the_fastest_prefers_any_promise_and_then_the_lower_charge() -> None:
    offered = quote(
        rate("none", "1", None),
        rate("slow", "2", 3),
        rate("dear", "7", 1, extras={"signature": "2"}),
        rate("fast", "8", 1, extras={"signature": "0"}),
        rate("lax", "0", None, extras={"signature": "0"}),
    )
    assert name(offered, "fastest") == "dear"
    assert name(offered, "fastest", "signature") == "fast"
    assert name(quote(rate("none", "1", None)), "fastest") == "none"


@given(st.permutations(["a", "b", "c", "d"]))
def test_among_equals_it_is_always_the_same_one(order: list[str]) -> None:
    offered = quote(*map(rate, order))
    assert name(offered, "cheapest") == name(offered, "fastest") == "a"
    assert list(candidates(offered, (), Conditions())) == ["rate a", "rate b", "rate c", "rate d"]


@given(st.permutations(["PAY_DIRECT_TO_CARRIER", "PAY_THROUGH_AMAZON"]))
def test_one_service_that_is_paid_in_two_ways_is_chosen_alike(order: list[str]) -> None:
    offered = quote(*({**rate("a"), "rateId": way, "paymentType": way} for way in order))
    assert best(offered).rate.rate_id == "PAY_DIRECT_TO_CARRIER"


def test_no_rate_says_why() -> None:
    with pytest.raises(InvalidRequestError, match="no service can carry"):
        best(quote())


def test_a_service_that_no_rate_offers_is_named() -> None:
    offered = quote(rate("a", extras={"x": "1"}), rate("b", "3"))
    with pytest.raises(InvalidRequestError, match=r"^value_added_services: .* this rate offers: x"):
        name(offered, "fastest", "signature")


def test_a_rate_that_has_no_id_is_left_out() -> None:
    odd = rate("a", "1")
    del odd["rateId"]
    assert name(quote(odd, rate("b")), "cheapest") == "b"
    with pytest.raises(InvalidRequestError, match=r"hold none of 1 that may be bought: has no id that can"):
        best(quote(odd))


@pytest.fixture
def parcel() -> GetRatesRequest:
    return loads(ORDER.read_bytes(), GetRatesRequest)


def digested(parcel: GetRatesRequest, scope: Scope = SCOPE, **options: Any) -> dict[str, str]:
    return digests(wanted_of(parcel, scope, "cheapest", options), scope, SECRET)  # type: ignore[arg-type]  # drawn


def test_digests_are_of_every_field_and_show_none(parcel: GetRatesRequest) -> None:
    found = digested(parcel)
    assert {"ship_to.name", "packages[0].weight.value", "packages[0].items[0].quantity"} <= set(found)
    assert not {"packages[0].package_client_reference_id", "ship_date"} & set(found)
    assert all(len(digest) == 16 for digest in found.values())


def test_digests_of_two_scopes_cannot_be_compared(parcel: GetRatesRequest) -> None:
    one, other = digested(parcel), digested(parcel, SCOPE._replace(reference="1002"))
    assert set(differing(one, other)) == set(one)


def test_the_same_number_and_time_in_another_form_is_the_same(parcel: GetRatesRequest) -> None:
    (package,) = parcel.packages
    same = replace(
        parcel, packages=[replace(package, weight=replace(package.weight, value=package.weight.value + 0))]
    )
    same.packages[0].weight.value = Decimal(f"{package.weight.value}000")
    assert digested(same) == digested(parcel)


def test_fields_that_are_not_known_count_too(parcel: GetRatesRequest) -> None:
    before = digested(parcel)
    set_extra(parcel, {"unheardOf": {"list": [True, None, 1]}})
    assert differing(before, digested(parcel)) == ("unheardOf.list[0]", "unheardOf.list[2]")


def test_times_are_compared_as_moments(parcel: GetRatesRequest) -> None:
    (package,) = parcel.packages
    (first, *_) = package.items
    item = replace(first, invoice_details=InvoiceDetails(invoice_date=START))
    dated = replace(parcel, packages=[replace(package, items=[item])])
    assert "packages[0].items[0].invoice_details.invoice_date" in digested(dated)


def test_services_in_another_order_are_the_same(parcel: GetRatesRequest) -> None:
    one = digested(parcel, value_added_services=("a", "b"))
    assert one == digested(parcel, value_added_services=("b", "a"))
    assert differing(one, digested(parcel)) == ("value_added_services",)


@pytest.mark.parametrize("keeps", [True, False])
def test_what_is_wanted_survives_as_json(parcel: GetRatesRequest, keeps: bool) -> None:
    options: Any = {
        "format": "ZPL",
        "dpi": 300,
        "value_added_services": ("a",),
        "ship_by": START,
        "deliver_by": START + timedelta(days=2, microseconds=1),
        "require_benefits": ("CLAIMS_PROTECTED",),
        "policy": ServicePolicy(("a",), "cheapest", {"g": ("b", "c")}, ("d",)),
    }
    wanted = wanted_of(parcel, SCOPE, "fastest", options)
    text = wanted.to_json(keeps_personal=keeps)
    assert has(parcel.ship_from, "name")
    assert (parcel.ship_from.name in text) is keeps
    assert Wanted.from_json(text) == (wanted if keeps else None)
    assert order_id_of(text) is None
    assert wanted.conditions.policy == options["policy"]
    assert digests(wanted, SCOPE, SECRET) == digested(parcel, value_added_services=("a",)), "not compared"
    assert repr(wanted) == "<Wanted>"


def test_what_version_1_wrote_is_read(parcel: GetRatesRequest) -> None:
    wanted = wanted_of(parcel, SCOPE, "fastest", {"dpi": 203})
    saved = json.loads(wanted.to_json(keeps_personal=True))
    assert saved.pop("conditions") == {"benefits": []}
    assert Wanted.from_json(json.dumps({**saved, "version": 1})) == wanted


def test_what_was_erased_or_is_of_another_version_is_nothing(parcel: GetRatesRequest) -> None:
    assert Wanted.from_json(None) is None
    assert Wanted.from_json('{"version":3,"request":"{}"}') is None
    assert order_id_of(None) is None
