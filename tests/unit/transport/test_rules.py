"""What a client decides for all its calls, and what one call may take."""

import math

import pytest

from spshipping import InvalidRequestError
from spshipping.operation import CallOptions, Effect, Operation, Quota
from spshipping.timeouts import Timeouts
from spshipping.transport.rules import CallLimits, Rules, limits_of
from tests.unit.samples import LOOK, Gift

RULES = Rules(
    endpoint="https://a.example",
    user_agent="x",
    application="app",
    owner="app seller",
    headers={},
    timeouts=Timeouts(1.0, 2.0),
    deadline=50.0,
    max_wait=40.0,
)


def test_a_quota_is_the_sellers_or_where_nobody_acts_for_one_the_applications() -> None:
    alone = Operation("all", "GET /all", returns=Gift, quota=Quota(1, 1), effect=Effect.NONE, scope="x::y")
    assert RULES.quota_key(LOOK) == ("app seller", LOOK.route)
    assert RULES.quota_key(alone) == ("app", "GET /all")


@pytest.mark.parametrize(
    ("options", "limits"),
    [
        ({}, CallLimits(1.0, 2.0, 100.0, 150.0, 40.0)),
        ({"timeout": 5}, CallLimits(5.0, 5.0, 100.0, 150.0, 40.0)),
        ({"timeout": (3, 4.0)}, CallLimits(3.0, 4.0, 100.0, 150.0, 40.0)),
        ({"deadline": 7}, CallLimits(1.0, 2.0, 100.0, 107.0, 40.0)),
        ({"deadline": math.inf}, CallLimits(1.0, 2.0, 100.0, math.inf, 40.0)),
        ({"max_wait": 0}, CallLimits(1.0, 2.0, 100.0, 150.0, 0.0)),
        ({"pii": ["buyerInfo"]}, CallLimits(1.0, 2.0, 100.0, 150.0, 40.0)),
    ],
)
def test_an_option_of_a_call_comes_before_the_clients(options: CallOptions, limits: CallLimits) -> None:
    assert limits_of(options, RULES, 100.0) == limits


def test_a9_a_misspelt_option_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InvalidRequestError, match=r"tiemout: no method has this option.*timeout") as caught:
        limits_of({"tiemout": 3}, RULES, 0.0)  # type: ignore[typeddict-unknown-key]  # misspelt
    assert caught.value.path == "tiemout"
