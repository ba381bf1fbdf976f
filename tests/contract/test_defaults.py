"""Each default that users are promised is what it is said to be, and the pages say so."""

from pathlib import Path

import pytest

from tests.contract.defaults import DEFAULTS, Default

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("default", DEFAULTS, ids=lambda default: default.what)
def test_f_a_default_is_what_users_are_promised(default: Default) -> None:
    """F: a default that no test asserts can change without a word."""
    found = default.found()
    assert found == default.promised, f"{default.what}: {found!r}, promised {default.promised!r}"


@pytest.mark.parametrize(
    "default", [one for one in DEFAULTS if one.page], ids=lambda default: f"{default.what}, {default.page}"
)
def test_f_the_pages_promise_the_default(default: Default) -> None:
    """F: what the pages say of a default is compared with the same row."""
    page = " ".join((ROOT / default.page).read_text("utf-8").split())
    assert default.words in page
