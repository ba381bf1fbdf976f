"""Which rates may be bought: by their times, their benefits, and the services that they require."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from spshipping import InvalidRequestError
from spshipping.shipping import (
    Benefits,
    Currency,
    ExcludedBenefit,
    Promise,
    Rate,
    ServicePolicy,
    TimeWindow,
)
from spshipping.shipping.ship.choice import candidates
from spshipping.shipping.ship.conditions import Conditions
from tests.unit.shipping.build import NOON, group, money, quote, rate, without

HOUR = timedelta(hours=1)


def bought(*rates: Rate, **options: Any) -> dict[str, tuple[str, ...]]:
    """Return the rates that may be bought, each with its services."""
    found = candidates(quote(*rates), options.pop("services", ()), Conditions.of(options))
    return {name: each.services for name, each in found.items()}


def promised(pickup: datetime | None, delivery: datetime | None) -> Promise:
    return Promise(pickup_window=TimeWindow(end=pickup), delivery_window=TimeWindow(end=delivery))


@pytest.mark.parametrize(("name", "event"), [("ship_by", "pickup"), ("deliver_by", "delivery")])
def test_a_rate_that_promises_later_or_nothing_is_not_bought(name: str, event: str) -> None:
    rates = [
        rate("soon", promise=promised(NOON, NOON)),
        rate("late", promise=promised(NOON + HOUR, NOON + HOUR)),
        rate("open", promise=promised(None, None)),
        rate("none", promise=Promise()),
        without(rate("missing"), "promise"),
    ]
    assert bought(*rates, **{name: NOON}) == {"soon": ()}
    assert list(bought(*rates, **{name: NOON + HOUR})) == ["soon", "late"]
    assert len(bought(*rates)) == len(rates)
    with pytest.raises(InvalidRequestError) as caught:
        bought(*rates[1:], **{name: NOON})
    assert str(caught.value) == (
        f"rates: hold none of 4 that may be bought: promises no {event}, and {name} is given (3);"
        f" promises the {event} after {name} (1)"
    )


def test_a_rate_that_lacks_a_benefit_is_not_bought() -> None:
    kept = Benefits(included_benefits=["CLAIMS_PROTECTED", "ELSE"], excluded_benefits=[])
    lost = Benefits(
        included_benefits=["ELSE"], excluded_benefits=[ExcludedBenefit(benefit="CLAIMS_PROTECTED")]
    )
    rates = [rate("kept", benefits=kept), rate("lost", benefits=lost), rate("none")]
    assert list(bought(*rates, require_benefits=("CLAIMS_PROTECTED",))) == ["kept"]
    with pytest.raises(InvalidRequestError, match=r"none of 3 .*: lacks the benefit .*; lacks the benefit A"):
        bought(*rates, require_benefits=["A", "ELSE"])


@pytest.mark.parametrize(
    ("conditions", "path"),
    [
        ({"ship_by": NOON.replace(tzinfo=None)}, "ship_by"),
        ({"deliver_by": "2026-03-02"}, "deliver_by"),
        ({"require_benefits": "CLAIMS_PROTECTED"}, "require_benefits"),
        ({"require_benefits": ("",)}, "require_benefits"),
        ({"policy": {"prefer": ["X"]}}, "policy"),
        ({"policy": ServicePolicy(prefer="X")}, "policy.prefer"),  # type: ignore[arg-type]  # refused
        ({"policy": ServicePolicy(always=(1,))}, "policy.always"),  # type: ignore[arg-type]  # refused
        ({"policy": ServicePolicy(otherwise="buy")}, "policy.otherwise"),  # type: ignore[arg-type]  # refused
        ({"policy": ServicePolicy(groups=("X",))}, "policy.groups"),  # type: ignore[arg-type]  # refused
        ({"policy": ServicePolicy(groups={"X": (2,)})}, "policy.groups"),  # type: ignore[dict-item]  # refused
        ({"policy": ServicePolicy(groups={3: "X"})}, "policy.groups"),  # type: ignore[dict-item]  # refused
    ],
)
def test_conditions_that_cannot_be_right_are_refused(conditions: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Conditions.of(conditions)
    assert caught.value.path == path


def required(*ids: str, name: str = "DUTIES") -> Any:
    return group(*ids, is_required=True, name=name)


TWO = rate("r", available_value_added_service_groups=[required("A", "B"), required("C", "D", name="CARE")])
OPTIONAL = rate("o", available_value_added_service_groups=[group("S")])


def test_without_a_policy_a_required_group_is_answered_by_what_is_wanted() -> None:
    assert bought(TWO, services=("B", "D")) == {"r": ("B", "D")}
    assert bought(TWO, OPTIONAL) == {"o": ()}
    with pytest.raises(
        InvalidRequestError, match=r"requires one of group CARE \(C, D\): give one in"
    ) as caught:
        bought(TWO, services=("B",))
    assert caught.value.path == "rates"


def test_a_policy_answers_by_group_and_then_by_preference() -> None:
    assert bought(TWO, policy=ServicePolicy(prefer=("X", "D", "B", "A"))) == {"r": ("B", "D")}
    by_group = ServicePolicy(prefer=("A", "C"), groups={"DUTIES": "B", "CARE": ("X", "D")})
    assert bought(TWO, policy=by_group) == {"r": ("B", "D")}
    unknown = ServicePolicy(prefer=("A", "C"), groups={"DUTIES": ("X",)})
    assert bought(TWO, policy=unknown) == {"r": ("A", "C")}
    assert bought(TWO, policy=ServicePolicy(prefer=("A", "C")), services=("B",)) == {"r": ("B", "C")}
    assert bought(OPTIONAL, policy=ServicePolicy(prefer=("S",))) == {"o": ()}, "it is not required"


def test_what_is_always_bought_answers_too_and_must_be_offered() -> None:
    policy = ServicePolicy(prefer=("C",), always=("A",))
    assert bought(TWO, OPTIONAL, policy=policy) == {"r": ("A", "C")}
    with pytest.raises(InvalidRequestError, match="does not offer A, which the policy always buys"):
        bought(OPTIONAL, policy=policy)


def test_a_policy_can_take_the_cheapest() -> None:
    groups = [required("A", "B", "C"), required("D", "E", name="CARE")]
    services = groups[0].value_added_services
    services[0].cost, services[1].cost, services[2].cost = money("3"), money("2"), money("2")
    made = rate("r", available_value_added_service_groups=groups)
    cheap = ServicePolicy(otherwise="cheapest")
    assert bought(made, policy=cheap) == {"r": ("B", "D")}
    assert bought(made, policy=cheap._replace(prefer=("C",))) == {"r": ("C", "D")}
    found = candidates(quote(made), (), Conditions(policy=cheap))["r"]
    assert found.charge == (made.total_charge.value + 3, "GBP")


@pytest.mark.parametrize("cost", [Currency(value=money("1").value, unit="USD"), None])
def test_the_cheapest_of_costs_that_cannot_be_compared_is_not_guessed(cost: Currency | None) -> None:
    odd = required("A", "B")
    services = odd.value_added_services
    if cost is None:
        odd.value_added_services = [without(service, "cost") for service in services]
    else:
        services[0].cost = cost
    made = rate("r", available_value_added_service_groups=[odd])
    with pytest.raises(InvalidRequestError, match=r"requires one of group DUTIES \(A, B\)"):
        bought(made, policy=ServicePolicy(otherwise="cheapest"))


def test_a_group_that_names_nothing_cannot_be_answered() -> None:
    made = rate("r", available_value_added_service_groups=[required()])
    with pytest.raises(InvalidRequestError, match=r"group DUTIES \(none is named\)"):
        bought(made, policy=ServicePolicy(otherwise="cheapest"))
