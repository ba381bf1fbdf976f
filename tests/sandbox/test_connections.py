"""Connections that many threads share, that servers close, that Ctrl-C breaks, and that are let go."""

import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from spshipping import Client, ConfigurationError, Credentials, Effect, Marketplace, Operation, Quota
from spshipping.auth.cache import TokenCache
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import run
from tests.kit import FakeClock, bare
from tests.sandbox.echo import TOKEN_PATH, echoing, echoing_elsewhere
from tests.sandbox.test_adapter import Reader
from tests.sandbox.wire import Play, playing, reset, response

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
PATIENT = Limits(connect=10.0, read=10.0, ends_at=1e12)
ECHO = Operation("echo", "GET /echo/{word}", returns=bytes, quota=Quota(1e6, burst=10**6), effect=Effect.NONE)


def said(transport: RequestsTransport, url: str, limits: Limits = PATIENT) -> bytes:
    """Send something there and return the answer to it."""
    answer = transport.exchange(HttpRequest("POST", url, {"x-amz-access-token": "Atza|t"}, b"b"), limits)
    assert isinstance(answer, HttpResponse), answer
    return answer.body


def client_at(url: str, **options: Any) -> Client:
    credentials = Credentials("client", "secret", "refresh")
    return Client(
        credentials,
        Marketplace.UK,
        **{"endpoint": url, "token_url": url + TOKEN_PATH, "token_cache": TokenCache(), **options},
    )


# many threads


def test_sixty_four_threads_have_sixty_four_connections_and_use_them_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    threads, rounds = 64, 5
    together = threading.Barrier(threads, timeout=30)
    with echoing() as server, caplog.at_level(logging.WARNING):
        server.meanwhile = lambda target: together.wait()  # no answer before all have asked
        transport = RequestsTransport()

        def work(number: int) -> None:
            for turn in range(rounds):
                assert said(transport, f"{server.url}/{number}.{turn}") == b"/%d.%d|b" % (number, turn)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads)))
        assert server.number == threads
        assert set(server.served.values()) == {rounds}
        transport.close()
        server.await_end_of_all()
    assert caplog.records == []


def test_one_thread_has_one_connection_the_one_used_last() -> None:
    with echoing() as server:
        transport = RequestsTransport()
        gate = threading.Barrier(3, timeout=10)
        server.meanwhile = lambda target: gate.wait()
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda n: said(transport, f"{server.url}/{n}"), range(3)))
        server.meanwhile = lambda target: None
        before = Counter(server.served)
        for number in range(5):
            said(transport, f"{server.url}/{number}")
        assert server.number == 3
        assert sorted((server.served - before).values()) == [5]
        transport.close()


def test_a_connection_that_is_thrown_away_does_not_hide_the_others() -> None:
    with echoing() as server:
        transport = RequestsTransport()
        gate = threading.Barrier(2, timeout=10)
        server.meanwhile = lambda target: gate.wait()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda n: said(transport, f"{server.url}/{n}"), range(2)))

        def hang_up(target: str) -> None:
            if target == "/dead":
                raise ConnectionError

        server.meanwhile = hang_up
        dead = transport.exchange(HttpRequest("POST", f"{server.url}/dead", {}, b""), PATIENT)
        assert bare(dead) == HttpFailure("cut", was_sent=True)
        for number in range(3):
            said(transport, f"{server.url}/{number}")
        assert server.number == 2
        transport.close()


@pytest.mark.soak
def test_case_71_every_reply_belongs_to_its_request() -> None:
    threads, calls = 50, 200 if IS_FULL else 20
    with echoing() as server, client_at(server.url) as client:

        def work(number: int) -> int:
            return sum(
                client.send(ECHO(path={"word": f"{number}-{turn}"})).value == b"/echo/%d-%d|" % (number, turn)
                for turn in range(calls)
            )

        with ThreadPoolExecutor(threads) as pool:
            assert sum(pool.map(work, range(threads))) == threads * calls
        assert server.number <= threads


# servers that close


def test_an_idle_connection_that_was_closed_is_opened_anew_and_nobody_notices() -> None:
    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(response(b'{"access_token":"Atza|1","expires_in":3600}'))

        return [play] * 4

    with playing(make) as server, client_at(server.url) as client:
        run(client._parts.sign_in(10.0))
        for _ in range(3):
            assert server.ended.acquire(timeout=5)
            assert client.send(ECHO(path={"word": "x"})).meta.attempts == 1


@pytest.mark.parametrize("how", [reset, lambda connection: None])
def test_a_connection_that_is_closed_while_the_request_is_on_its_way_counts_as_sent(how: Play) -> None:
    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(response(b"{}"))
            connection.recv(1)  # of the next request
            how(connection)

        return [play]

    with playing(make) as server:
        transport = RequestsTransport()
        said(transport, f"{server.url}/1")
        second = transport.exchange(HttpRequest("POST", f"{server.url}/2", {}, b"b"), PATIENT)
        assert bare(second) == HttpFailure("cut", was_sent=True)
        transport.close()


# Ctrl-C


def broken_at(moment: int | None, error: type[BaseException], work: Callable[[], object]) -> int:
    """Do *work*, raising an error at a certain one of its calls and returns; return how many there were."""
    seen = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            sys.setprofile(None)
            raise error

    try:
        sys.setprofile(note)
        work()
        sys.setprofile(None)
    except error:
        sys.setprofile(None)
    return seen


class HaltError(Exception):
    """Raised by somebody's signal handler."""


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.sample(every=2)
# a socket that was just made, and is not yet anybody's, is closed by Python itself, which then says so
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize(
    ("error", "breaks"),
    [
        (KeyboardInterrupt, 100),
        (GeneratorExit, 100),
        (SystemExit, 100),
        (HaltError, 100),
        pytest.param(KeyboardInterrupt, 1000, marks=pytest.mark.soak),
    ],
)
def test_case_72_an_interrupt_at_any_moment_poisons_nothing(
    error: type[BaseException], breaks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # an interrupt within a finalizer is told there; the usual hook would keep what it came through
    monkeypatch.setattr(sys, "unraisablehook", lambda told: None)
    with echoing_elsewhere() as url:
        transport = RequestsTransport()
        said(transport, f"{url}/warm")
        kept = broken_at(None, error, lambda: said(transport, f"{url}/kept"))
        transport.close()
        fresh = broken_at(None, error, lambda: said(transport, f"{url}/fresh"))
        assert fresh > kept > breaks // 2
        files = memory = 0.0
        for number in range(breaks):
            is_fresh = number % 2 == 1
            if is_fresh:
                transport.close()
            # spread over the whole exchange: connecting, sending, waiting, reading
            moment = 1 + number * (fresh if is_fresh else kept) // breaks
            broken_at(moment, error, lambda: said(transport, f"{url}/broken"))
            assert said(transport, f"{url}/{number}") == b"/%d|b" % number
            if number == breaks // 10:
                gc.collect()
                files, memory = open_files(), resident_mb()
        assert open_files() == files  # closed at once, not when garbage is collected
        assert resident_mb() - memory < 4.0
        transport.close()


def test_case_72_ctrl_c_while_waiting_for_an_answer_leaves_that_answer_to_nobody() -> None:
    go_on = threading.Event()
    with echoing() as server:
        transport = RequestsTransport()
        said(transport, f"{server.url}/warm")

        def interrupt(target: str) -> None:
            if target == "/1":
                os.kill(os.getpid(), signal.SIGINT)
                go_on.wait(10)

        server.meanwhile = interrupt
        with pytest.raises(KeyboardInterrupt) as caught:
            said(transport, f"{server.url}/1")
        assert caught.value.__cause__ is None
        go_on.set()  # now the answer comes
        assert said(transport, f"{server.url}/2") == b"/2|b"
        transport.close()
        server.await_end_of_all()


def test_case_72_so_does_ctrl_c_in_the_midst_of_an_answer() -> None:
    def make(read: Reader) -> list[Play]:
        def first(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(response(b"fir", length=5))
            os.kill(os.getpid(), signal.SIGINT)
            assert connection.recv(1) == b""  # it hangs up

        def second(connection: socket.socket) -> None:
            read(connection)
            connection.sendall(response(b"second"))

        return [first, second]

    with playing(make) as server:
        transport = RequestsTransport()
        with pytest.raises(KeyboardInterrupt) as caught:
            said(transport, f"{server.url}/1")
        assert said(transport, f"{server.url}/2") == b"second"
        assert caught.value.__context__ is None
        transport.close()


class BreakingClock(FakeClock):
    """Is interrupted at a certain look."""

    def __init__(self, look: int) -> None:
        super().__init__()
        self.left = look

    def monotonic(self) -> float:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return super().monotonic()


@pytest.mark.parametrize("look", [1, 2, 3, 4, 5])
def test_case_72_the_connection_is_closed_at_once_however_long_the_interrupt_is_kept(look: int) -> None:
    was_asked = []

    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            was_asked.append(bool(read(connection)))
            connection.sendall(response(b"fir", length=5))
            assert connection.recv(1) == b""  # it hangs up

        return [play]

    with playing(make) as server:
        transport = RequestsTransport(clock=BreakingClock(look))
        with pytest.raises(KeyboardInterrupt) as caught:
            said(transport, f"{server.url}/1", PATIENT._replace(read=0.2))
        if was_asked:
            assert server.ended.acquire(timeout=5)
        del caught
        transport.close()


def test_case_72_a_connection_that_an_interrupt_loses_is_closed_without_a_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(connection: object) -> bool:
        raise KeyboardInterrupt

    with echoing() as server:
        transport = RequestsTransport()
        said(transport, f"{server.url}/1")
        with monkeypatch.context() as patch:
            # the connection is out of the pool then, and not yet in use
            patch.setattr("urllib3.connectionpool.is_connection_dropped", interrupt)
            with pytest.raises(KeyboardInterrupt):
                said(transport, f"{server.url}/2")
        gc.collect()
        server.await_end_of_all()
        assert said(transport, f"{server.url}/3") == b"/3|b"
        transport.close()


def test_case_72_what_a_callback_raises_poisons_nothing() -> None:
    errors: list[BaseException] = [KeyboardInterrupt(), ValueError(), SystemExit()]

    def fail(attempt: object) -> None:
        if errors:
            raise errors.pop(0)

    with echoing() as server, client_at(server.url, on_reply=fail) as client:
        for number, error in enumerate((KeyboardInterrupt, None, SystemExit, None)):
            call = ECHO(path={"word": str(number)})
            if error:
                with pytest.raises(error):
                    client.send(call)
            else:
                assert client.send(call).value == b"/echo/%d|" % number
        assert server.number == 1  # it was never the connection's fault


# letting go


def test_case_73_closing_twice_is_harmless_and_what_is_used_again_is_refused() -> None:
    with echoing() as server:
        transport = RequestsTransport()
        transport.close()
        for number in range(2):
            assert said(transport, f"{server.url}/{number}") == b"/%d|b" % number
            transport.close()
            transport.close()
            server.await_end_of_all()
        assert server.number == 2
        client = client_at(server.url)
        with client, client:
            client.send(ECHO(path={"word": "x"}))
        with pytest.raises(ConfigurationError, match="this client is closed"):
            client.send(ECHO(path={"word": "y"}))
        client.close()
        server.await_end_of_all()


def test_case_73_closing_waits_for_nobody_and_whoever_was_under_way_still_gets_an_answer() -> None:
    threads = 8
    asked, closed = threading.Barrier(threads + 1, timeout=10), threading.Event()
    with echoing() as server:

        def meanwhile(target: str) -> None:
            asked.wait()
            closed.wait(10)

        server.meanwhile = meanwhile
        transport = RequestsTransport()
        with ThreadPoolExecutor(threads) as pool:
            answers = pool.map(lambda n: said(transport, f"{server.url}/{n}"), range(threads))
            asked.wait()
            held = list(transport._home.ours._pools.values())  # as the traceback of an error might
            transport.close()
            closed.set()
            assert list(answers) == [b"/%d|b" % number for number in range(threads)]
        # nobody closes again: each connection was, with its answer
        server.await_end_of_all()
        assert len(held) == 1


def test_case_73_threads_may_close_what_others_use() -> None:
    with echoing() as server:
        transport = RequestsTransport()

        def work(number: int) -> None:
            for turn in range(20):
                assert said(transport, f"{server.url}/{number}.{turn}") == b"/%d.%d|b" % (number, turn)
                if turn % 4 == number % 4:
                    transport.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        transport.close()
        server.await_end_of_all()


def test_case_73_a_client_that_nobody_closes_is_let_go_with_its_connections() -> None:
    with echoing() as server:
        client = client_at(server.url)
        client.send(ECHO(path={"word": "x"}))
        gone = weakref.ref(client)
        del client
        gc.collect()
        assert gone() is None
        server.await_end_of_all()


EXIT = """
import sys, threading
from tests.sandbox.test_connections import ECHO, client_at

client = client_at(sys.argv[1])
client.send(ECHO(path={"word": "x"}))
if sys.argv[2] == "under way":
    threading.Thread(target=lambda: client.send(ECHO(path={"word": "slow"})), daemon=True).start()
    sys.stdin.readline()
"""


@pytest.mark.parametrize("how", ["idle", "under way"])
def test_case_73_a_program_ends_quietly_with_its_client_open(how: str) -> None:
    with echoing() as server:
        ended = threading.Event()
        command = [sys.executable, "-X", "dev", "-W", "error", "-c", EXIT, server.url, how]
        pipes: dict[str, Any] = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
        }
        with subprocess.Popen(command, cwd=Path(__file__).parents[2], **pipes) as program:

            def meanwhile(target: str) -> None:
                if target == "/echo/slow":
                    assert program.stdin
                    program.stdin.write(b"\n")
                    program.stdin.flush()
                    ended.wait(30)

            server.meanwhile = meanwhile
            assert program.stdout
            printed = program.stdout.read()
            ended.set()
            assert (program.wait(), printed) == (0, b"")
        server.await_end_of_all()
