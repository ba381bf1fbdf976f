"""Ten thousand exchanges with canaries in every place: none is in what the scrubber makes of them."""

import os
from itertools import islice

import pytest

from spshipping.testing.fixture import fixture_bytes
from spshipping.testing.record import origin_of
from spshipping.testing.scrub import scrub
from tests.security.canary import CANARIES, Catch
from tests.testing.poisoned import NUMBER, exchanges

EXCHANGES = 10_000 if os.environ.get("SPSHIPPING_SOAK") == "full" else 1_000
_TOGETHER = 50
_LOOKED_FOR = {**CANARIES, "a telephone number": str(NUMBER)}


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_no_canary_survives() -> None:
    made = 0
    found = exchanges(EXCHANGES)
    while together := list(islice(found, _TOGETHER)):
        scrubbed = scrub(together, origin=origin_of)
        catch = Catch()
        catch.say("fixtures", *(fixture_bytes(fixture).decode() for fixture in scrubbed.fixtures))
        assert catch.leaks(_LOOKED_FOR) == {}
        assert scrubbed.left_out == 0
        made += len(scrubbed.fixtures)
    assert made == EXCHANGES


@pytest.mark.long
def test_the_canaries_are_in_what_is_scrubbed() -> None:
    catch = Catch()
    for exchange in exchanges(200):
        catch.say("url", exchange.url)
        catch.say("headers", *exchange.request_headers.values(), *exchange.response_headers.values())
        catch.say("request", (exchange.request_body or b"").decode())
        catch.say("answer", (exchange.response_body or b"").decode("utf-8", "replace"))
    leaks = catch.leaks(_LOOKED_FOR)
    assert {surface for surface, _ in leaks} == {"url", "headers", "request", "answer"}
    assert {name for _, name in leaks} == set(_LOOKED_FOR)
