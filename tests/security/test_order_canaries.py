"""Nobody who ordered comes out anywhere but in the answer that tells of them, whatever goes wrong."""

import itertools
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest
from click.testing import CliRunner, Result

from spshipping import Client, OutcomeUnknownError, Reply, SpShippingError, operations, reveal
from spshipping.cli.app import app
from spshipping.orders import AmazonOrder, Comparison, v0
from spshipping.sandbox.faults import KINDS
from spshipping.sync import Batch, SyncStatus
from spshipping.transport.bulk import Mapped
from spshipping.transport.shared import FileQuota
from spshipping.wire.model import Model
from spshipping.wire.shapes import fields_of
from tests.security.canary import PERSONAL, SECRETS, Catch, surfaces
from tests.security.order_calls import (
    ELEMENTS,
    PLACES,
    Act,
    all_calls,
    facade_calls,
    got_to_know,
    operation_calls,
    sync_of,
    synced,
    workflow_calls,
)
from tests.security.people import BRAZIL
from tests.security.vendor_calls import got_goods, vendor_calls
from tests.security.watching import watching
from tests.security.world import (
    CLIENT_ID,
    INTERRUPTED,
    ON_FAILURE,
    BrokenError,
    Later,
    World,
    attempt,
    calls,
    parts_of,
    prepared,
)

ODD = ("null_field", "unknown_enum", "unknown_field", "number_as_text")
"""The faults after which an answer still reads, if not strictly."""
_ORDINARY = [
    ("threads", kind, False, 1) if number % 2 else ("tasks", kind, kind in ODD, 2)
    for number, kind in enumerate(KINDS)
]
_ALL = (
    *itertools.product(("threads", "tasks"), KINDS, (False,), (1, 2)),
    *itertools.product(("threads", "tasks"), ODD, (True,), (1, 2)),
)
WAYS = [pytest.param(*way, marks=[] if way in _ORDINARY else pytest.mark.soak) for way in _ALL]
"""The way, what goes wrong, whether the client is strict, and how often."""
EMAIL = PERSONAL["e-mail"]
NOT_WRITTEN = ("retrieve_all fullest", "compare", "sync", "map")
"""Calls of which nothing is written as JSON."""
NOT_READ = ("v0 update_verification_status",)
"""Calls of which nothing is read from JSON."""
SENT_ONLY = {"additional input", "prescription", "clinic", "directions for use"}
UNTOLD = {"v0": SENT_ONLY, "2026": SENT_ONLY | {"county", "buyer's county", "statement", "reviewer"}}
"""What the orders of each API do not tell."""


def test_every_operation_is_called(here: World) -> None:
    with here.client() as client:
        quote, bought = prepared(client, here.order)
        names = calls(client, here.order, quote, bought).keys()
        routes = {
            *operation_calls(client, got_to_know(client, here.orders)),
            *vendor_calls(client, got_goods(client, here.box)),
        }
    assert {one.name for one in operations() if one.route not in routes} == {
        name for name in names if not name.islower() and name != "getShipment"
    }


def test_every_method_of_the_facades_is_called(here: World) -> None:
    with here.client() as client:
        known = got_to_know(client, here.orders)
        named = {name.split(" ")[-1] for name in facade_calls(client, known)}
        worked = {name.split(" ")[0] for name in workflow_calls(client, known)}
        facades = (client.orders.v0, client.orders.v2026_01_01, client.notifications, client.applications)
        methods = {name for facade in facades for name in dir(facade) if not name.startswith("_")}
        workflows = {name for name in dir(client.orders) if not name.startswith("_")}
    # the sync of a second page resumes
    assert methods - {"resume_order_pages", "context"} == named
    assert workflows - {"v0", "v2026_01_01", "context"} <= worked


def _models(value: Any) -> Iterator[Model]:
    """Yield every model that a caller is told, and those that are in it."""
    if isinstance(value, Reply | Mapped):
        yield from _models(value.value)
    elif isinstance(value, Comparison):
        yield from _models([value.v0, value.v2026])
    elif isinstance(value, list):
        for one in value:
            yield from _models(one)
    elif isinstance(value, Model):
        yield value
        for field in fields_of(type(value)):
            yield from _models(getattr(value, field.name))


@pytest.mark.long
@pytest.mark.parametrize("is_new", [False, True], ids=["v0", "2026-01-01"])
def test_everybody_is_told_to_the_caller_and_shown_nowhere_else(
    here: World, tmp_path: Path, is_new: bool
) -> None:
    with surfaces(tmp_path) as catch, watching(catch) as on_reply, here.client(on_reply=on_reply) as client:
        known = got_to_know(client, here.orders)
        results = {name: attempt(catch, act) for name, act in all_calls(client, known).items()}
        catch.show(*parts_of(client))
        catch.say("repr", *(repr(one) for one in _models(list(results.values()))))
    api = "2026" if is_new else "v0"
    told = [reveal(one) for name, result in results.items() if api in name for one in _models(result)]
    assert {name for name, text in PERSONAL.items() if text not in " ".join(told)} == UNTOLD[api]
    assert catch.leaks() == {}


@pytest.mark.long
@pytest.mark.parametrize(("here", "kind", "is_strict", "count"), WAYS, indirect=["here"])
def test_nothing_shows_whatever_goes_wrong_with_a_call(
    here: World, tmp_path: Path, kind: str, is_strict: bool, count: int
) -> None:
    with (
        surfaces(tmp_path) as catch,
        watching(catch) as on_reply,
        here.client(on_reply=on_reply, strict=is_strict) as client,
    ):
        acts = operation_calls(client, got_to_know(client, here.orders))
        for seed, (route, act) in enumerate(acts.items()):
            here.box.faults.clear()
            here.box.add_fault(route, kind, count=count, seconds=0.001, seed=seed)
            attempt(catch, act)
        catch.show(*parts_of(client))
    struck = {seen.route for seen in here.box.ledger.requests() if seen.fault == kind}
    # on a connection that the other side has just closed, one may have gone astray
    assert len(acts.keys() - struck) <= 2
    assert catch.leaks() == {}


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 4))])
def test_nothing_shows_whatever_goes_wrong_on_the_way(here: World, tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    with (
        surfaces(tmp_path) as catch,
        watching(catch) as on_reply,
        here.client(on_reply=on_reply, strict=bool(seed % 2)) as client,
    ):
        known = got_to_know(client, here.orders)
        acts = {**workflow_calls(client, known), **facade_calls(client, known)}
        for act in acts.values():
            here.box.faults.clear()
            for _ in range(3):  # some calls in between go well
                kind, count = chance.choice(list(KINDS)), chance.choice((1, 2))
                here.box.add_fault(
                    "*", kind, count=count, seconds=0.001, share=0.5, seed=chance.getrandbits(32)
                )
            attempt(catch, act)
        catch.show(*parts_of(client))
    assert len([seen for seen in here.box.ledger.requests() if seen.fault]) > len(acts)
    assert catch.leaks() == {}


@pytest.mark.long
def test_nothing_shows_when_time_runs_out(here: World, tmp_path: Path) -> None:
    with surfaces(tmp_path) as catch, here.client(timeout=(1.0, 0.05)) as hasty:
        known = got_to_know(hasty, here.orders)
        acts = workflow_calls(hasty, known)
        here.box.add_fault("*", "delay", count=100, seconds=0.1)
        for name in ("retrieve v0", "retrieve_all 2026-01-01", "compare", "confirm", "sync"):
            assert isinstance(attempt(catch, acts[name]), Exception)
        attempt(catch, lambda: hasty.orders.retrieve(known.brazil.id, deadline=0.0, pii=ELEMENTS))
    assert catch.leaks() == {}


@pytest.mark.parametrize("kind", [KeyboardInterrupt, BrokenError])
@pytest.mark.parametrize(
    ("here", "place"), [one for one in INTERRUPTED if "lwa" not in str(one.values[1])], indirect=["here"]
)
def test_nothing_shows_when_a_call_is_interrupted(
    here: World, tmp_path: Path, place: str, kind: type[BaseException]
) -> None:
    def interrupt(*_: object, **__: object) -> Any:
        raise kind

    with surfaces(tmp_path) as catch, here.client() as client, pytest.MonkeyPatch.context() as patch:
        known = got_to_know(client, here.orders)
        acts = all_calls(client, known)
        patch.setattr(place, interrupt)
        for name in NOT_WRITTEN * ("_written" not in place) + NOT_READ * (
            not place.endswith(("parse", "StreamReader.read"))
        ):
            if any(word in place for word in ON_FAILURE):  # is asked only once something went wrong
                here.box.add_fault("*", "drop_after")
            with pytest.raises((kind, OutcomeUnknownError)) as caught:
                acts[name]()
            catch.caught(caught.value)
    assert catch.said["traceback"]
    assert catch.leaks() == {}


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("orders", "compare", "--all", "--pii"),
    ("orders", "compare", "--json", "--pii"),
)
SYNC = ("sync", "--once", "--since", "60d", "--checkpoint")


@pytest.fixture
def run(here: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command as a person who has set the variables."""
    for name in [name for name in os.environ if name.startswith("SPSHIPPING_")]:
        monkeypatch.delenv(name)
    connection = {
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": SECRETS["client secret"],
        "REFRESH_TOKEN": SECRETS["refresh token"],
        "MARKETPLACE": BRAZIL.marketplace.name,
        "ENDPOINT": here.box.url,
        "TOKEN_URL": here.box.token_url,
    }
    for name, value in connection.items():
        monkeypatch.setenv(f"SPSHIPPING_{name}", value)
    monkeypatch.setattr("spshipping.assembly.SystemClock", Later)
    return lambda *arguments: CliRunner(env={"COLUMNS": "200"}).invoke(app, arguments)


def _say(catch: Catch, result: Result) -> str:
    catch.say("stdout", result.stdout)
    catch.say("stderr", result.stderr)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stdout


@pytest.mark.parametrize("here", ["threads"], indirect=True)
def test_commands_print_nobody(here: World, tmp_path: Path, run: Callable[..., Result]) -> None:
    ids = [order.id for order in here.orders]
    with surfaces(tmp_path) as catch:
        for command in COMMANDS:
            assert all(id_ in _say(catch, run(*command, *ids)) for id_ in ids)
        assert ids[0] in _say(catch, run(*SYNC, "good.json"))
        for command in ((*COMMANDS[0], *ids), (*COMMANDS[1], *ids), (*SYNC, "bad.json")):
            here.box.faults.clear()
            here.box.add_fault("*", "status", status=400, count=9)
            result = run(*command)
            _say(catch, result)
            assert "BadRequestError" in result.output
    assert catch.leaks() == {}


@pytest.mark.parametrize("here", ["threads"], indirect=True)
@pytest.mark.parametrize("command", COMMANDS, ids=["for a person", "JSON"])
def test_a_command_that_is_told_to_reveal_does(
    here: World, run: Callable[..., Result], command: tuple[str, ...]
) -> None:
    catch = Catch()
    _say(catch, run(*command, "--reveal", here.orders[0].id))
    assert {("stdout", "county"), ("stdout", "district")} <= set(catch.leaks())


def test_a_quota_that_processes_share_holds_nobody(here: World, tmp_path: Path) -> None:
    with surfaces(tmp_path) as catch, here.client(quota=FileQuota("quota")) as client:
        assert synced(client)
    assert list((tmp_path / "quota").iterdir())
    assert catch.leaks() == {}


def test_whoever_takes_orders_and_fails_is_not_quoted(here: World, tmp_path: Path) -> None:
    stop = Event()

    def deliver(batch: Batch[AmazonOrder]) -> None:
        stop.set()
        raise ValueError(PERSONAL["buyer's name"])

    with surfaces(tmp_path) as catch, here.client() as client:
        sync_of(client).run(deliver, every=60.0, stop=stop)
    assert any("the sync failed, 1 in a row: ValueError" in line for line in catch.said["log"])
    assert catch.leaks() == {}


def test_what_a_sync_says_of_itself_shows_nobody(here: World, tmp_path: Path) -> None:
    stop, seen = Event(), list[Any]()
    with surfaces(tmp_path) as catch, here.client() as client:
        sync = sync_of(client, on_progress=seen.append)

        def fail_next(status: SyncStatus) -> None:
            seen.append(status)
            if status.delivered:
                here.box.add_fault("searchOrders", "status", status=400, count=9)
            if status.last_error:
                stop.set()

        sync.run(lambda batch: seen.append(batch), every=60.0, stop=stop, on_status=fail_next)
        assert isinstance(sync.status.last_error, SpShippingError)
        catch.show(sync, *seen)
        catch.caught(sync.status.last_error)
    assert sync.status.delivered
    assert catch.leaks() == {}


def _looking(client: Client) -> dict[str, Act]:
    """Return the calls that name a buyer."""
    since = datetime.now(UTC) - timedelta(days=60)
    query = {"MarketplaceIds": PLACES, "CreatedAfter": since, "BuyerEmail": EMAIL, "MaxResultsPerPage": 1}
    call = v0.GET_ORDERS(query=query)
    api = client.orders.v0
    filters: dict[str, Any] = {
        "marketplace_ids": PLACES,
        "created_after": since,
        "buyer_email": EMAIL,
        "max_results_per_page": 1,
    }
    return {
        "getOrders": lambda: client.send(call, pii=ELEMENTS),
        "get_orders": lambda: api.get_orders(**filters),
        "iter_orders": lambda: list(api.iter_orders(**filters, pii=ELEMENTS)),
        "order_pages": lambda: list(api.order_pages(**filters)),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_search_for_a_buyer_shows_nobody(here: World, tmp_path: Path, kind: str) -> None:
    with surfaces(tmp_path) as catch, watching(catch) as on_reply, here.client(on_reply=on_reply) as client:
        for count in range(3):
            for name, act in _looking(client).items():
                here.box.faults.clear()
                if count:
                    here.box.add_fault("getOrders", kind, count=count, seconds=0.001)
                result = attempt(catch, act)
                assert count or not isinstance(result, Exception), name
    asked = [seen.query for seen in here.box.ledger.requests() if seen.operation == "getOrders"]
    assert all("BuyerEmail=qz.buyer%2Bships%40canary.example" in query for query in asked)
    assert len([query for query in asked if "NextToken=" in query]) >= 4
    assert catch.leaks() == {}


@pytest.mark.parametrize(
    ("here", "place"),
    [
        ("threads", "urllib3.response.HTTPResponse.read1"),
        ("tasks", "aiohttp.streams.StreamReader.read"),
        ("threads", "spshipping.wire.text.parse"),
        ("tasks", "spshipping.wire.text.parse"),
    ],
    indirect=["here"],
)
def test_a_search_for_a_buyer_that_is_interrupted_shows_nobody(
    here: World, tmp_path: Path, place: str
) -> None:
    def interrupt(*_: object, **__: object) -> Any:
        raise KeyboardInterrupt

    with surfaces(tmp_path) as catch, here.client() as client, pytest.MonkeyPatch.context() as patch:
        got_to_know(client, here.orders)
        patch.setattr(place, interrupt)
        for act in _looking(client).values():
            with pytest.raises(KeyboardInterrupt) as caught:
                act()
            catch.caught(caught.value)
    assert catch.leaks() == {}
