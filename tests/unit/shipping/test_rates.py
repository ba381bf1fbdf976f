"""Choosing among rates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.errors import InvalidRequestError
from spshipping.shipping import (
    GetRatesResult,
    IneligibilityReason,
    IneligibilityReasonCode,
    IneligibleRate,
    Promise,
    Rate,
    TimeWindow,
)
from spshipping.wire.convert import encode_request, loads
from tests.unit.shipping.build import arrival, law, money, quote, rate, rates_request, without

prices = st.integers(0, 5)
hours = st.integers(0, 5)


@law
@given(st.lists(st.tuples(prices, hours), min_size=1))
def test_cheapest_is_by_charge_then_by_delivery(offers: list[tuple[int, int]]) -> None:
    rates = [rate(str(n), total_charge=money(str(p)), promise=arrival(h)) for n, (p, h) in enumerate(offers)]
    assert offers[int(quote(*rates).cheapest().rate_id)] == min(offers)


@law
@given(st.lists(st.tuples(hours, prices), min_size=1))
def test_fastest_is_by_delivery_then_by_charge(offers: list[tuple[int, int]]) -> None:
    rates = [rate(str(n), total_charge=money(str(p)), promise=arrival(h)) for n, (h, p) in enumerate(offers)]
    assert offers[int(quote(*rates).fastest().rate_id)] == min(offers)


def _priceless() -> list[Rate]:
    return [
        without(rate("none"), "total_charge"),
        rate("no value", total_charge=without(money("0"), "value")),
        rate("no unit", total_charge=without(money("0"), "unit")),
    ]


def test_a_rate_whose_charge_is_unreadable_is_never_the_cheapest_of_several() -> None:
    dear = rate("dear", total_charge=money("99"))
    assert quote(*_priceless(), dear).cheapest() is dear
    assert quote(*_priceless()).cheapest().rate_id == "none"


@pytest.mark.parametrize(
    "promise",
    [None, Promise(), Promise(delivery_window=TimeWindow())],
    ids=["none", "no window", "no end"],
)
def test_a_rate_that_promises_nothing_is_never_the_fastest_of_several(promise: Promise | None) -> None:
    vague = rate("vague", promise=promise) if promise else without(rate("vague"), "promise")
    slow = rate("slow", promise=arrival(900))
    assert quote(vague, slow).fastest() is slow
    assert quote(vague).fastest() is vague


def test_charges_in_several_currencies_are_not_compared() -> None:
    pounds, euros = rate("gb"), rate("fr", total_charge=money("1", "EUR"), promise=arrival(1))
    with pytest.raises(InvalidRequestError, match=r"rates: .*several currencies \(EUR, GBP\)"):
        quote(pounds, euros).cheapest()
    assert quote(pounds, euros).fastest() is euros


def test_without_rates_the_error_counts_the_reasons() -> None:
    def against(*codes: IneligibilityReasonCode) -> IneligibleRate:
        reasons = [IneligibilityReason(code=code, message="at 1 High Street") for code in codes]
        return IneligibleRate(
            service_id="S", service_name="S", carrier_name="C", carrier_id="C", ineligibility_reasons=reasons
        )

    unknown, coverage = IneligibilityReasonCode.UNKNOWN, IneligibilityReasonCode.NO_COVERAGE
    odd = against(unknown, coverage)
    odd.ineligibility_reasons[1] = without(odd.ineligibility_reasons[1], "code")
    result = quote(ineligible_rates=[against(coverage, unknown), against(), odd])
    for choose in (result.cheapest, result.fastest):
        with pytest.raises(InvalidRequestError) as caught:
            choose()
        assert "UNKNOWN (2), NO_COVERAGE (1), unreadable (1)" in str(caught.value)
        assert "High Street" not in str(caught.value)


@pytest.mark.parametrize(
    "data", ['{"requestToken": "t"}', '{"rates": [null]}', '{"requestToken": "t", "ineligibleRates": [{}]}']
)
def test_without_rates_and_reasons_the_error_says_so(data: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"rates: is empty.*no reason was given"):
        loads(data, GetRatesResult).cheapest()


def test_a_request_without_packages_is_refused_before_it_is_sent() -> None:
    with pytest.raises(InvalidRequestError, match=r"packages: has 0 entries"):
        encode_request(rates_request(packages=[]))


def test_when_an_answer_came_is_not_part_of_what_amazon_said() -> None:
    result = quote(rate())
    assert "received_at" in repr(result)
    assert result == quote(rate(), received_at=None)
