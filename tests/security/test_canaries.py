"""No secret and nobody's address comes out anywhere but in the request that is meant to carry it."""

import itertools
import traceback
from pathlib import Path
from typing import Any

import pytest

from spshipping import AuthError, OutcomeUnknownError, SpShippingError
from spshipping.sandbox.faults import KINDS
from tests.kit import token_of
from tests.security.canary import CANARIES, surfaces
from tests.security.watching import watching
from tests.security.world import (
    INTERRUPTED,
    ON_FAILURE,
    BrokenError,
    World,
    attempt,
    calls,
    credentials,
    parts_of,
    prepared,
)

LENIENT, STRICT = ("threads", False, 1), ("tasks", True, 2)
_ALL = [(kind, *way) for kind, *way in itertools.product(KINDS, ("threads", "tasks"), (False, True), (1, 2))]
_ORDINARY = [(kind, *(STRICT if number % 2 else LENIENT)) for number, kind in enumerate(KINDS)]
"""Each kind in one way; the calls for orders meet it in another."""
COUNTS = pytest.mark.parametrize("count", [1, 2], ids=["once", "to the end"])


@pytest.mark.parametrize(
    ("kind", "here", "is_strict", "count"),
    [pytest.param(*one, marks=[] if one in _ORDINARY else pytest.mark.soak) for one in _ALL],
    indirect=["here"],
)
def test_nothing_shows_whatever_goes_wrong_with_a_call(
    here: World, tmp_path: Path, kind: str, is_strict: bool, count: int
) -> None:
    with (
        surfaces(tmp_path) as catch,
        watching(catch) as on_reply,
        here.client(on_reply=on_reply, strict=is_strict) as client,
    ):
        quote, bought = prepared(client, here.order)
        acts = calls(client, here.order, quote, bought)
        for act in acts.values():
            here.box.faults.clear()
            here.box.add_fault("*", kind, count=count, seconds=0.001)
            came_to = attempt(catch, act)
            if isinstance(came_to, OutcomeUnknownError) and came_to.call.key:
                attempt(catch, lambda error=came_to: client.resolve(error))  # type: ignore[misc]  # bound here
        catch.show(quote, bought, *parts_of(client))
    struck = {seen.operation for seen in here.box.ledger.requests() if seen.fault == kind}
    sent = {name for name in acts if not name.islower()}
    # a restricted call may fall at its mint already
    assert sent - {"getShipment"} <= struck <= sent
    contents = bought.labels[0].contents
    middle = len(contents) // 2
    assert catch.leaks({**CANARIES, "the bought label": contents[middle : middle + 60]}) == {}


@COUNTS
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_shows_whatever_goes_wrong_with_signing_in(
    here: World, tmp_path: Path, kind: str, count: int
) -> None:
    here.box.add_fault("lwa", kind, count=count, seconds=0.001)
    with (
        surfaces(tmp_path) as catch,
        watching(catch) as on_reply,
        here.client(on_reply=on_reply) as client,
    ):
        attempt(catch, lambda: client.shipping.get_rates(here.order))
        catch.show(*parts_of(client))
    assert here.box.ledger.token_requests()[0].fault == kind
    assert catch.leaks() == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"refresh_token": "Atzr|qZrevoked"}, "invalid_grant"), ({"client_secret": "qZold"}, "invalid_client")],
)
def test_nothing_shows_when_amazon_refuses_to_sign_in(
    here: World, tmp_path: Path, changes: dict[str, str], code: str
) -> None:
    with surfaces(tmp_path) as catch, here.client(credentials(**changes)) as client:
        for act in (
            lambda: client.shipping.get_rates(here.order),
            lambda: client.shipping.cancel_shipment("x"),
        ):
            error = attempt(catch, act)
            assert isinstance(error, AuthError)
            assert error.code == code
    assert catch.leaks({**CANARIES, **changes}) == {}


@pytest.mark.parametrize("status", [400, 401, 429, 503])
def test_nothing_shows_for_any_status_of_signing_in(here: World, tmp_path: Path, status: int) -> None:
    here.box.add_fault("lwa", "status", status=status, count=2)
    with surfaces(tmp_path) as catch, here.client() as client:
        error = attempt(catch, lambda: client.shipping.get_rates(here.order))
        assert isinstance(error, SpShippingError)
    assert catch.leaks() == {}


@pytest.mark.long
def test_nothing_shows_when_time_runs_out(here: World, tmp_path: Path) -> None:
    with surfaces(tmp_path) as catch, here.client(timeout=(1.0, 0.05)) as hasty, here.client() as client:
        quote, bought = prepared(client, here.order)
        for act in calls(hasty, here.order, quote, bought).values():
            here.box.faults.clear()
            here.box.add_fault("*", "delay", count=2, seconds=0.1)
            attempt(catch, act)
        closed = here.client(endpoint="http://127.0.0.1:1", token_url="http://127.0.0.1:1/token")
        attempt(catch, lambda: closed.shipping.get_rates(here.order))
        attempt(catch, lambda: client.shipping.get_rates(here.order, deadline=0.0))
        closed.close()
    assert catch.leaks() == {}


@pytest.mark.parametrize("kind", [KeyboardInterrupt, BrokenError])
@pytest.mark.parametrize("signs_in", [True, False], ids=["first", "later"])
@pytest.mark.parametrize(("here", "place"), INTERRUPTED, indirect=["here"])
def test_nothing_shows_when_a_call_is_interrupted(
    here: World, tmp_path: Path, place: str, signs_in: bool, kind: type[BaseException]
) -> None:
    def interrupt(*_: object, **__: object) -> Any:
        raise kind

    with surfaces(tmp_path) as catch, here.client() as client, pytest.MonkeyPatch.context() as patch:
        quote, bought = prepared(client, here.order)
        if signs_in or "lwa" in place:
            authorizer = client._parts.authorizer
            held = token_of(here.tokens, authorizer._seller_key, lambda: pytest.fail("signs in"), 1e12)
            here.tokens.reject(authorizer._seller_key, held)  # as a 403 does
        patch.setattr(place, interrupt)
        acts = calls(client, here.order, quote, bought)
        for name in ("getRates", "get_rates", "purchase_shipment", "one_click_shipment"):
            if any(word in place for word in ON_FAILURE):  # is asked only once something went wrong
                here.box.add_fault("lwa" if signs_in else "*", "drop_after")
            with pytest.raises((kind, OutcomeUnknownError)) as caught:
                acts[name]()
            catch.caught(caught.value)
    assert catch.said["traceback"]
    assert catch.leaks() == {}


@pytest.mark.parametrize("here", ["threads"], indirect=True)
def test_an_interrupted_call_still_says_where_it_was_and_what_the_caller_was_handling(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("urllib3.util.retry.Retry.increment", interrupt)
    handled = ValueError("the caller's own")
    here.box.add_fault("lwa", "drop_after")
    with here.client() as client:
        try:
            raise handled
        except ValueError:
            with pytest.raises(KeyboardInterrupt) as caught:
                client.shipping.get_rates(here.order)
    assert caught.value.__context__ is handled
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names.index("get_rates") < names.index("exchange") < names.index("urlopen")
