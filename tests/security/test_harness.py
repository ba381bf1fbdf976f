"""The search finds canaries: on every surface, in every spelling, and in a client as usually written."""

import base64
import json
import logging
import pickle
import sys
import threading
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_plus

import pytest
import requests

from spshipping import Reply, dumps
from spshipping.meta import Attempt, ReplyMeta
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS, SearchOrdersResponse
from tests.security.canary import CANARIES, PERSONAL, SECRETS, Catch, surfaces
from tests.security.naive import NaiveClient, NaiveConfig
from tests.security.watching import watching
from tests.security.world import CLIENT_ID, attempt, order, world

NAME = "buyer's name"
TEXT = PERSONAL[NAME]
ATTEMPT = Attempt(
    operation="getOrders",
    route="GET /orders/v0/orders",
    endpoint="http://localhost:1",
    number=1,
    outcome="answered",
    status=200,
    failure=None,
    was_sent=True,
    request_id=None,
    waited=0.0,
    elapsed=0.0,
    wait=None,
    quota_left=1.0,
)


def _in_a_library() -> Callable[[str], None]:
    """Return a function whose frames are not the tests' own."""
    scope: dict[str, Callable[[str], None]] = {}
    exec(compile("def fail(name):\n    raise ValueError", "<library>", "exec"), scope)
    return scope["fail"]


def _raises(text: str) -> None:
    raise ValueError(text)


def _loses(text: str) -> None:
    thread = threading.Thread(target=_raises, args=(text,))
    thread.start()
    thread.join()


class Plain:
    def __init__(self, text: str) -> None:
        self.text = text


def _watched(catch: Catch, text: str) -> None:
    with watching(catch) as on_reply:
        on_reply(ATTEMPT._replace(route=f"GET /{text}"))


def _saved(catch: Catch, text: str) -> None:
    call = SEARCH_ORDERS(query={"marketplaceIds": [text]})
    meta = ReplyMeta(200, None, 1, 0.0, datetime.now(UTC), None)
    attempt(catch, lambda: Reply(SearchOrdersResponse(orders=[]), meta, b"{}", call))


LEAKS: dict[str, Callable[[Catch, str], object]] = {
    "log": lambda _, text: logging.getLogger("urllib3.deep").debug("%s", text),
    "stdout": lambda _, text: print(text),  # noqa: T201 - a leak
    "stderr": lambda _, text: print(text, file=sys.stderr),  # noqa: T201 - a leak
    "warnings": lambda _, text: warnings.warn(text, stacklevel=1),
    "exception": lambda _, text: _loses(text),
    "traceback": lambda catch, text: attempt(catch, lambda: _unexpected(text)),
    "repr": lambda catch, text: catch.show([text]),
    "vars": lambda catch, text: catch.show(Plain(text)),
    "pickle": lambda catch, text: catch.show(Plain(text)),
    "files": lambda _, text: Path("left").write_text(text, encoding="utf-8"),
    "spans": _watched,
    "measurements": _watched,
    "cursor": _saved,
}


def _unexpected(text: str) -> None:
    try:
        _in_a_library()(text)
    except ValueError as error:
        raise TypeError from error


@pytest.mark.parametrize("surface", LEAKS)
def test_a_leak_on_any_surface_is_found(tmp_path: Path, surface: str) -> None:
    with surfaces(tmp_path) as catch:
        LEAKS[surface](catch, TEXT)
    assert (surface, NAME) in catch.leaks()


@pytest.mark.parametrize(
    "spell",
    [
        str,
        quote_plus,
        lambda text: text[:12],
        lambda text: json.dumps({"x": text}),
        lambda text: repr(text.encode()),
        lambda text: text.encode().hex(),
        lambda text: text.encode().hex().upper(),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.b64encode(b"x" + text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(b"xy" + text.encode()).decode(),
        lambda text: pickle.dumps(text).decode("latin-1"),
    ],
)
def test_a_canary_is_found_in_any_spelling(spell: Callable[[str], str]) -> None:
    for name, canary in CANARIES.items():
        catch = Catch()
        catch.say("log", f"before {spell(canary)} after")
        found = {found for _, found in catch.leaks()}
        assert name in found
        assert len(found - {"label", "label's text"}) <= 1


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    with surfaces(tmp_path) as catch:
        logging.getLogger("any").debug("getRates: 200 after 1 attempt(s)")
        catch.show({"order": 1}, ValueError("no"))
    assert catch.leaks() == {}


def test_a_client_as_usually_written_leaks_at_least_ten_times(tmp_path: Path) -> None:
    with world() as here, surfaces(tmp_path) as catch:
        config = NaiveConfig(
            here.box.url, here.box.token_url, CLIENT_ID, SECRETS["client secret"], SECRETS["refresh token"]
        )
        client = NaiveClient(config)
        client.sign_in()
        here.box.add_fault("getRates", "drop_after")
        with pytest.raises(requests.ConnectionError) as caught:
            client.get_rates(json.loads(dumps(order())))
        catch.caught(caught.value)
        catch.show(client, config, client.session, caught.value)
        client.session.close()
    found = set(catch.leaks())
    assert len(found) >= 10
    assert {("repr", "client secret"), ("pickle", "access token"), ("traceback", NAME)} <= found
    assert {("log", "address line"), ("files", "postal code")} <= found


def test_a_client_that_reads_orders_as_usual_leaks_everybody(tmp_path: Path) -> None:
    with world() as here, surfaces(tmp_path) as catch:
        config = NaiveConfig(
            here.box.url, here.box.token_url, CLIENT_ID, SECRETS["client secret"], SECRETS["refresh token"]
        )
        client = NaiveClient(config)
        client.sign_in()
        assert client.find_orders(PERSONAL["e-mail"])
        here.box.add_fault("getOrders", "status", status=400)
        with pytest.raises(requests.HTTPError) as caught:
            client.find_orders(PERSONAL["e-mail"])
        catch.caught(caught.value)
        catch.show(client.search_orders(), client)
        client.session.close()
    found = set(catch.leaks())
    assert {("log", "e-mail"), ("exception", "e-mail"), ("traceback", "e-mail")} <= found
    # all that 2026-01-01 tells of a buyer, and of what they wish
    told = (
        PERSONAL.keys()
        - {"additional input", "prescription", "clinic", "directions for use"}
        - {"county", "buyer's county", "statement", "reviewer", "authorization code", "reason to cancel"}
    )
    for surface in ("files", "vars", "pickle", "repr", "stdout"):
        assert {name for where, name in found if where == surface} >= told
