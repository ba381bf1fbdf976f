"""The pytest plugin, as a project of its own has it."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tools import check_testing
from tools.check_package import PackageError

PLUGIN = ("-p", "no:spshipping", "-p", "spshipping.testing.plugin", "-p", "no:cacheprovider", "-rA", "-q")


def run(folder: Path, tests: str, *arguments: str, ini: str = "") -> str:
    """Run tests in a folder, and return what pytest prints."""
    (folder / "test_it.py").write_text(textwrap.dedent(tests), encoding="utf-8")
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *PLUGIN, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environment,
        timeout=110,
    )
    return done.stdout + done.stderr


EVERY_FIXTURE = """
import asyncio
from datetime import timedelta

import pytest
from spshipping.sandbox import example_order
from spshipping.testing import TIME

kept = {}

@pytest.mark.parametrize("number", [1, 2])
def test_ids_and_dates_repeat(sp_sandbox, sp_client, sp_clock, number):
    quote = sp_client.shipping.get_rates(example_order())
    wanted = quote.purchase_request(quote.cheapest(), format="PDF")
    label = sp_client.shipping.purchase_shipment(wanted)
    assert sp_sandbox.requests.one("purchaseShipment").body["rateId"] == quote.cheapest().rate_id
    assert sp_sandbox.bought.one().cost == sp_sandbox.spent["GBP"]
    assert sp_clock.now() == TIME
    assert kept.setdefault("label", label) == label
    sp_clock.advance(3600)
    sp_sandbox.rotate_secret(sp_sandbox.credentials["client_id"])

@pytest.mark.sp_sandbox(seed=7, orders=3, frozen_at=TIME + timedelta(days=1))
def test_the_marker_gives_options(sp_sandbox, sp_clock, sp_faults, sp_client):
    assert sp_clock.now() == TIME + timedelta(days=1)
    sp_faults("status", "getRates", status=503)
    assert sp_sandbox.faults.waiting()[0].seed == 7
    assert len(sp_sandbox.orders()) == 3
    sp_client.shipping.get_rates(example_order())
    assert sp_faults.struck == {"status": 1}
    assert sp_clock.now() > TIME + timedelta(days=1)

@pytest.mark.asyncio
async def test_asyncio(sp_async_client):
    assert (await sp_async_client.shipping.get_rates(example_order())).rates

@pytest.mark.asyncio(loop_scope="session")
async def test_another_loop(sp_async_client):
    assert (await sp_async_client.shipping.get_rates(example_order())).rates

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_anyio(sp_async_client, anyio_backend):
    assert (await sp_async_client.shipping.get_rates(example_order())).rates

def test_own_loop(sp_async_client):
    assert asyncio.run(sp_async_client.shipping.get_rates(example_order())).rates
"""


def test_every_fixture_does_what_it_says(tmp_path: Path) -> None:
    shown = run(
        tmp_path,
        EVERY_FIXTURE,
        "-W",
        "error",
        ini="asyncio_default_fixture_loop_scope = function",
    )
    assert "7 passed" in shown, shown


@pytest.mark.long
def test_under_xdist_each_worker_has_its_own_and_each_test_begins_anew(tmp_path: Path) -> None:
    shown = run(
        tmp_path,
        """
        import os

        import pytest
        from spshipping.sandbox import example_order

        @pytest.mark.parametrize("number", range(12))
        def test_alone(sp_sandbox, sp_client, number):
            assert len(sp_sandbox.requests) == len(sp_sandbox.bought) == 0
            quote = sp_client.shipping.get_rates(example_order())
            for rate in quote.rates[:2]:
                sp_client.shipping.purchase_shipment(quote.purchase_request(rate, format="ZPL"))
            assert len(sp_sandbox.bought) == 2
            first = sp_sandbox.bought.all()[0]
            print("SEEN", os.environ["PYTEST_XDIST_WORKER"], first.shipment_id, sp_sandbox.url)
        """,
        "-n",
        "2",
    )
    assert "12 passed" in shown, shown
    seen = [line.split()[1:] for line in shown.splitlines() if line.startswith("SEEN")]
    assert len({worker for worker, _, _ in seen}) == len({url for _, _, url in seen}) == 2
    assert len({label for _, label, _ in seen}) == 1


BLOCKED = """
import socket

import pytest

def reach():
    # an address for documentation, which nobody has
    socket.create_connection(("192.0.2.1", 9), 0.01)

def why():
    with pytest.raises(Exception) as caught:
        reach()
    return type(caught.value).__name__

@pytest.fixture
def connector():
    return why()

def test_with_a_fixture_of_the_kit(connector, sp_sandbox):
    assert (connector, why()) == ("SocketConnectBlockedError", "SocketConnectBlockedError")

def test_that_finds_it_on_the_way(request):
    assert why() != "SocketConnectBlockedError"
    request.getfixturevalue("sp_client")
    assert why() == "SocketConnectBlockedError"

def test_of_strangers(connector):
    print("SEEN", why(), connector)
"""


@pytest.mark.long
@pytest.mark.parametrize(("ini", "is_blocked"), [("", False), ("sp_block_network = true", True)])
def test_the_network_is_blocked_where_the_kit_is_used_or_everywhere(
    tmp_path: Path, ini: str, is_blocked: bool
) -> None:
    tests = BLOCKED
    if is_blocked:
        tests = tests.replace('assert why() != "SocketConnectBlockedError"', "")
    shown = run(tmp_path, tests, ini=ini)
    assert "3 passed" in shown, shown
    (seen,) = (line.split()[1:] for line in shown.splitlines() if line.startswith("SEEN"))
    assert all((name == "SocketConnectBlockedError") is is_blocked for name in seen), seen


@pytest.mark.long
def test_other_peoples_rules_for_sockets_hold_in_their_tests(tmp_path: Path) -> None:
    shown = run(
        tmp_path,
        """
        import socket

        import pytest
        import pytest_socket

        def test_of_the_kit(sp_client):
            sp_client.sellers.get_marketplace_participations()

        def test_in_the_middle(request):
            request.getfixturevalue("sp_client").sellers.get_marketplace_participations()

        def test_of_strangers():
            with pytest.raises(pytest_socket.SocketBlockedError):
                socket.socket()
            with pytest.raises(pytest_socket.SocketBlockedError):
                socket.gethostbyname("localhost")
        """,
        "--disable-socket",
    )
    assert "3 passed" in shown, shown


@pytest.mark.long
@pytest.mark.dates
def test_the_example_passes(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "test_my_connector.py"
    text = example.read_text("utf-8")
    assert len(text.splitlines()) <= 50
    # `make dates` has loaded what sets the clock before pytest could
    strict = ("-W", "error", "-W", "ignore::pytest.PytestAssertRewriteWarning")
    shown = run(tmp_path, text, *strict, ini="asyncio_default_fixture_loop_scope = function")
    assert "3 passed" in shown, shown
    broken = text.replace("quote.cheapest()", "quote.rates[-1]")
    assert broken != text
    shown = run(tmp_path, broken)
    assert "FAILED test_it.py::test_the_cheapest_label_is_bought" in shown, shown


@pytest.mark.long
def test_the_page_for_testers_ends_in_a_failing_contract_test_and_then_in_a_passing_one(
    tmp_path: Path,
) -> None:
    lines = check_testing.write_project(tmp_path, check_testing.PAGE.read_text("utf-8"))
    tests = (tmp_path / "test_shop.py").read_text("utf-8")
    (tmp_path / "test_shop.py").unlink()
    check_testing.check_shown(run(tmp_path, tests), lines)
    check_testing.correct(tmp_path)
    assert "3 passed" in run(tmp_path, (tmp_path / "test_it.py").read_text("utf-8"))
    with pytest.raises(PackageError, match="pytest does not print '3 passed'"):
        check_testing.check_shown("2 passed", ["3 passed"])
    with pytest.raises(PackageError, match="has other files than this check expects"):
        check_testing.write_project(tmp_path, "# Nothing")


FIXTURE = """{
  "operation": "getTracking",
  "why": "a parcel is on its way",
  "request": {
    "method": "GET",
    "path": "/shipping/v2/tracking",
    "query": {"trackingId": "T1", "carrierId": "AMZN_UK"}
  },
  "response": {"status": 200, "body": {"payload": {"trackingId": "T1", "eventHistory": []}}}
}
"""


def test_replay_fails_a_test_that_sends_something_else_or_less(tmp_path: Path) -> None:
    for folder in ("tests/fixtures/all", "beside"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "tracking.json").write_text(FIXTURE, encoding="utf-8")
    shown = run(
        tmp_path,
        """
        import contextlib

        def ask(client, tracking_id="T1"):
            return client.shipping.get_tracking(tracking_id=tracking_id, carrier_id="AMZN_UK").tracking_id

        def test_plays_what_is_beside(sp_replay):
            with sp_replay("beside").client() as client:
                assert ask(client) == "T1"

        def test_plays_the_folder_of_the_configuration(sp_replay):
            with sp_replay().client() as client:
                assert ask(client) == "T1"
            with sp_replay("all", repeats=True).client() as client:
                assert ask(client) == ask(client) == "T1"

        def test_sends_something_else(sp_replay):
            with sp_replay("all").client() as client:
                ask(client, "T2")

        def test_hides_it(sp_replay):
            with sp_replay("all").client() as client, contextlib.suppress(AssertionError):
                ask(client)
                ask(client, "T2")

        def test_sends_nothing(sp_replay):
            sp_replay("all")
        """,
    )
    assert "1 failed, 4 passed, 3 errors" in shown, shown
    assert "FAILED test_it.py::test_sends_something_else" in shown
    for name in ("sends_something_else", "hides_it", "sends_nothing"):
        assert f"ERROR test_it.py::test_{name}" in shown
    assert "tracking.json: differs in query.trackingId" in shown
    assert "tracking.json was not used: getTracking, a parcel is on its way" in shown


@pytest.mark.long
def test_strangers_notice_nothing(tmp_path: Path) -> None:
    shown = run(
        tmp_path,
        """
        import sys

        def test_of_strangers():
            assert {name for name in sys.modules if name.startswith("spshipping.")} == {
                "spshipping._version", "spshipping.testing", "spshipping.testing.plugin"
            }
        """,
        "-W",
        "error",
        "-p",
        "no:xdist",
        "-p",
        "no:recording",
        ini="asyncio_default_fixture_loop_scope = function",
    )
    assert "1 passed" in shown, shown


@pytest.mark.long
def test_what_others_have_set_for_the_whole_run_outlives_a_test_of_the_kit(tmp_path: Path) -> None:
    shown = run(
        tmp_path,
        """
        import socket

        import pytest

        @pytest.fixture(scope="session")
        def names():
            look_up = socket.getaddrinfo
            socket.getaddrinfo = lambda host, *more: look_up("127.0.0.1", *more)
            yield socket.getaddrinfo
            socket.getaddrinfo = look_up

        def test_first(names):
            assert socket.getaddrinfo("shop.test", 80)

        def test_of_the_kit(sp_sandbox):
            pass

        def test_last(names):
            assert socket.getaddrinfo is names
            assert socket.getaddrinfo("shop.test", 80)
        """,
    )
    assert "3 passed" in shown, shown


def test_an_operation_of_one_test_is_not_there_in_the_next_and_options_have_names(tmp_path: Path) -> None:
    shown = run(
        tmp_path,
        """
        from typing import Any

        import pytest
        from spshipping import Effect, Operation, Quota, SpShippingError

        QUOTA = Quota(1, burst=1)
        OWN = Operation(
            name="own", route="GET /own/v1", returns=dict[str, Any], quota=QUOTA, effect=Effect.NONE
        )

        def test_it_is_there(sp_sandbox, sp_client):
            sp_sandbox.add_operation(OWN, {"a": 1})
            assert sp_client.send(OWN()).value == {"a": 1}

        def test_it_is_gone(sp_client):
            with pytest.raises(SpShippingError):
                sp_client.send(OWN())

        @pytest.mark.sp_sandbox(3)
        def test_no_name(sp_sandbox):
            pass
        """,
    )
    assert "2 passed, 1 error" in shown, shown
    assert "the options of sp_sandbox are given by name" in shown
