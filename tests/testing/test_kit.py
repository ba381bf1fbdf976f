"""The kit without pytest: a sandbox in a block, the network that is kept out, and what is imported when."""

import asyncio
import io
import os
import socket
import subprocess
import sys
import unittest
from collections.abc import Callable

import pytest
import pytest_socket

import spshipping.testing as kit
from spshipping import Client
from spshipping.sandbox import example_order
from spshipping.shipping import GetRatesResult
from spshipping.testing import TIME, FrozenClock, NamedFaults, blocked_network, sandbox
from spshipping.testing.connections import ClosingTransport
from spshipping.testing.faults import NAMES
from spshipping.testing.kit import Servers
from spshipping.testing.network import Sockets


class Connector(unittest.IsolatedAsyncioTestCase):
    """What a tester writes with unittest."""

    def setUp(self) -> None:
        self.sp = self.enterContext(sandbox(seed=5))

    def test_a_label_is_bought(self) -> None:
        with self.sp.client() as client:
            quote = client.shipping.get_rates(example_order())
            client.shipping.purchase_shipment(quote.purchase_request(quote.cheapest(), format="PNG"))
        assert self.sp.bought.one().reference == "ORDER-1001-1"
        assert self.sp.clock.now() == TIME

    async def test_rates_are_quoted(self) -> None:
        async with self.sp.async_client() as client:
            await client.shipping.get_rates(example_order())
        assert self.sp.requests.count("getRates") == 1

    def test_nobody_else_can_be_reached(self) -> None:
        with pytest.raises((pytest_socket.SocketConnectBlockedError, UserWarning)):
            socket.create_connection(("192.0.2.1", 80), 1)


def test_the_kit_works_under_unittest() -> None:
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Connector)
    result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    assert (result.testsRun, result.errors, result.failures) == (3, [], [])


@pytest.mark.filterwarnings("ignore:A test tried to use")
def test_the_network_is_blocked_in_the_block_and_free_after_it() -> None:
    before = (socket.socket, socket.socket.connect, socket.getaddrinfo)
    with blocked_network():
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
            pass
        for host in ("sellingpartnerapi-eu.amazon.com", "192.0.2.1"):
            with pytest.raises(pytest_socket.SocketConnectBlockedError):
                socket.create_connection((host, 443), 1)
        with pytest.raises(pytest_socket.SocketConnectBlockedError):
            socket.getaddrinfo(b"api.amazon.com", 443)
        assert socket.getaddrinfo(None, 80)
    assert (socket.socket, socket.socket.connect, socket.getaddrinfo) == before


@pytest.mark.filterwarnings("ignore:A test tried to use")
def test_what_another_plugin_has_blocked_is_blocked_again_afterwards() -> None:
    pytest_socket.disable_socket()
    try:
        with sandbox() as sp, sp.client() as client:
            assert client.shipping.get_rates(example_order()).rates
        with pytest.raises(pytest_socket.SocketBlockedError):
            socket.socket()
    finally:
        pytest_socket.enable_socket()


def test_the_network_can_be_left_open() -> None:
    before = socket.socket.connect
    with sandbox(blocks_network=False, frozen_at=None) as sp:
        assert socket.socket.connect is before
        assert not sp.clock.is_frozen


def test_a_program_that_makes_its_own_client_is_pointed_at_the_sandbox(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with sandbox(frozen_at=None) as sp:
        for name, value in sp.environment.items():
            monkeypatch.setenv(name, value)
        with Client.from_env() as client:
            client.shipping.get_rates(example_order())
        assert sp.requests.one("getRates").status == 200


def test_a_clock_that_stands_still_goes_forward_only() -> None:
    clock = FrozenClock(TIME)
    clock.advance(60)
    clock.sleep(-5)
    assert (clock.now() - TIME).total_seconds() == 60
    for seconds in (-1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="time can only move forward"):
            clock.advance(seconds)


def test_sandboxes_of_equal_options_are_one_and_begin_anew() -> None:
    servers = Servers()
    first = servers.fresh({"seed": 1})
    first.rotate_secret(first.credentials["client_id"])
    with first.client(client_authentication="basic"):
        first.add_seller("Atzr|new")
    first.clock.advance(5)
    url = first.url
    assert servers.fresh({"seed": 2}) is not first
    again = servers.fresh({"seed": 1})
    assert again is first
    assert (again.url, again.clock.now(), len(again.requests)) == (url, TIME, 0)
    with again.client() as client:
        client.sellers.get_marketplace_participations()  # the first secret is accepted
    servers.close()


def rates_of(client: Client) -> GetRatesResult:
    return client.shipping.get_rates(example_order())


def test_faults_are_added_by_name_with_a_seed() -> None:
    assert NAMES["drop_after"]
    with sandbox() as sp, sp.client() as client:
        faults = NamedFaults(sp, seed=3)
        faults("status", "getRates", status=503)
        faults("drop_after", count=5, share=0.0)
        assert [fault.seed for fault in sp.faults.waiting()] == [3, 3]
        rates_of(client)
        assert faults.struck == {"status": 1}
        faults.clear()
        assert sp.faults.waiting() == []
        with pytest.raises(ValueError, match="'lost' is not a kind of fault; the kinds are drop_before"):
            faults("lost")


def test_a_client_for_asyncio_may_outlive_its_loop() -> None:
    with sandbox() as sp:
        client = sp.async_client(transport=ClosingTransport(sp.clock))

        async def quote() -> GetRatesResult:
            return await client.shipping.get_rates(example_order())

        tokens = {asyncio.run(quote()).request_token for _ in range(2)}
        assert len(tokens) == 2
        asyncio.run(client.close())
        connections = {record.connection for record in sp.ledger.requests("getRates")}
        assert len(connections) == 2


def loaded(statement: str) -> set[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    code = f"import pytest, sys; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return set(done.stdout.split())


def test_the_plugin_imports_nothing_until_a_fixture_is_used() -> None:
    found = loaded("import spshipping.testing.plugin")
    assert {name for name in found if name.startswith("spshipping")} == {
        "spshipping",
        "spshipping._version",
        "spshipping.testing",
        "spshipping.testing.plugin",
    }
    assert len(found) <= 8, found


def test_everything_public_is_there_and_nothing_else() -> None:
    assert {name for name in kit.__all__ if getattr(kit, name) is None} == set()
    assert set(kit.__all__) <= set(dir(kit))
    with pytest.raises(AttributeError, match="has no attribute 'sandboxes'"):
        _ = kit.sandboxes  # type: ignore[attr-defined]  # the point of the test
    assert isinstance(kit.factories.TIME, type(TIME))


FAR = ("192.0.2.1", 9)


@pytest.mark.filterwarnings("ignore:A test tried to use")
@pytest.mark.parametrize(
    "reach",
    [
        lambda udp: udp.connect_ex(FAR),
        lambda udp: udp.connect_ex((b"192.0.2.1", 9)),
        lambda udp: udp.sendto(b"x", FAR),
        lambda udp: udp.sendto(b"x", 0, FAR),
        lambda udp: udp.sendmsg([b"x"], [], 0, FAR),
        lambda _: socket.gethostbyname("api.amazon.com"),
        lambda _: socket.gethostbyname_ex("api.amazon.com"),
        lambda _: socket.gethostbyaddr("192.0.2.1"),
    ],
)
def test_no_other_way_leads_to_another_machine(reach: Callable[[socket.socket], object]) -> None:
    before = (socket.socket.sendto, socket.socket.connect_ex, socket.gethostbyname)
    with (
        blocked_network(),
        socket.socket(type=socket.SOCK_DGRAM) as udp,
        pytest.raises(pytest_socket.SocketConnectBlockedError),
    ):
        reach(udp)
    assert (socket.socket.sendto, socket.socket.connect_ex, socket.gethostbyname) == before


def test_datagrams_and_names_of_this_machine_pass() -> None:
    with blocked_network(), socket.socket(type=socket.SOCK_DGRAM) as here:
        here.bind(("127.0.0.1", 0))
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.sendto(b"one", here.getsockname())
            udp.sendmsg([b"two"], [], 0, here.getsockname())
            assert udp.connect_ex(here.getsockname()) == 0
            udp.sendmsg([b"three"])
        assert [here.recv(10) for _ in range(3)] == [b"one", b"two", b"three"]
        assert socket.gethostbyname("localhost") == "127.0.0.1"
        assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"


def test_what_is_put_back_in_the_middle_of_a_test_is_not_what_lets_nothing_be_opened() -> None:
    before = Sockets.now()
    pytest_socket.disable_socket()
    try:
        found = Sockets.unguarded()
    finally:
        pytest_socket.enable_socket()
    assert found == before
