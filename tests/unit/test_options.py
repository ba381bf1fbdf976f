"""What follows from the options of a client."""

import math
from typing import Any

import pytest

from spshipping import ConfigurationError
from spshipping.options import ClientOptions, checked_url, deadline_of, max_wait_of, timeouts_of


def test_times_have_the_defaults_that_the_docs_promise() -> None:
    assert timeouts_of({}) == (10.0, 60.0)
    assert deadline_of({}) == 600.0
    assert max_wait_of({}) == math.inf


def test_times_are_read_from_the_options() -> None:
    options: ClientOptions = {"timeout": (1, 2.5), "deadline": 30, "max_wait": 0}
    assert timeouts_of(options) == (1.0, 2.5)
    assert deadline_of(options) == 30.0
    assert max_wait_of(options) == 0.0


@pytest.mark.parametrize("value", [math.nan, -1, True, "5", None])
def test_d3_times_that_make_no_sense_are_refused_for_a_client(value: Any) -> None:
    for name, read in (("timeout", timeouts_of), ("deadline", deadline_of), ("max_wait", max_wait_of)):
        options: Any = {name: value}
        with pytest.raises(ConfigurationError, match=f"^{name}= must be a number of seconds"):
            read(options)


def test_d3_the_url_rule_is_the_same_for_a_client() -> None:
    assert checked_url("http://shop.lan", {"allow_http": True}) == "http://shop.lan"
    with pytest.raises(ConfigurationError, match=r"^token_url= is plain http, .*, unless allow_http=True$"):
        checked_url("http://shop.lan", {}, "token_url")
    with pytest.raises(ConfigurationError, match=r"^endpoint= is not https:// .* fragment$"):
        checked_url("https://:pa55@shop.lan", {}, "endpoint")
