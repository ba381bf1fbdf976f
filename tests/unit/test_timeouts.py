import math
from decimal import Decimal

import pytest

from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.timeouts import Refusal, Timeouts, checked_deadline, checked_max_wait

NO_NUMBERS = [math.nan, True, False, "5", b"5", None, Decimal(5), [1, 2], 10**400]
ERRORS: list[Refusal] = [ConfigurationError, InvalidRequestError]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, (5.0, 5.0)),
        (0.25, (0.25, 0.25)),
        ((3, 60.5), (3.0, 60.5)),
        (Timeouts(1, 2), (1.0, 2.0)),
        (1e6, (1e6, 1e6)),
    ],
)
def test_timeouts_are_one_number_or_a_pair(value: object, expected: tuple[float, float]) -> None:
    found = Timeouts.of(value)
    assert found == expected
    assert (found.connect, found.read) == expected
    assert all(type(part) is float for part in found)


def test_timeouts_have_the_defaults_that_the_docs_promise() -> None:
    assert Timeouts() == (10.0, 60.0)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(
    "value",
    [
        *NO_NUMBERS,
        0,
        -1,
        math.inf,
        1e7,
        (),
        (5,),
        (5, 0),
        (0, 5),
        (5, None),
        (None, 5),
        (1, 2, 3),
        (math.nan, 1),
        ("1", "2"),
        (True, True),
    ],
)
def test_a9_d3_timeouts_that_make_no_sense_are_refused(value: object, error: Refusal) -> None:
    with pytest.raises(
        error, match=r"^timeout(=|:) must be a number of seconds above 0 .* \(connect, read\)"
    ):
        Timeouts.of(value, error=error)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("value", [*NO_NUMBERS, 0, -0.0, -1, -math.inf, (1, 2)])
def test_a9_a_deadline_that_makes_no_sense_is_refused(value: object, error: Refusal) -> None:
    with pytest.raises(error, match=r"^deadline(=|:) must be a number of seconds above 0; math\.inf"):
        checked_deadline(value, error=error)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("value", [*NO_NUMBERS, -0.1, -math.inf, (1, 2)])
def test_a9_a_wait_that_makes_no_sense_is_refused(value: object, error: Refusal) -> None:
    with pytest.raises(error, match=r"^max_wait(=|:) must be a number of seconds, 0 or more; math\.inf"):
        checked_max_wait(value, error=error)


def test_infinity_means_no_limit() -> None:
    assert checked_deadline(math.inf) == checked_max_wait(math.inf) == math.inf
    assert checked_deadline(1) == 1.0
    assert checked_max_wait(0) == 0.0


def test_an_error_of_one_call_names_the_option_as_its_path() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Timeouts.of(0, "timeout", InvalidRequestError)
    assert caught.value.path == "timeout"
    with pytest.raises(ConfigurationError, match=r"^connect_timeout= must"):
        Timeouts.of(0, "connect_timeout")
