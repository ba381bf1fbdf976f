"""The health of `spshipping worker`: counts alone, and 503 where the worker cannot work."""

import http.client
import json
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest

from spshipping import ConfigurationError, SpShippingError
from spshipping.cli.health import Health, OneLook, counts_of
from spshipping.sync import MemoryLeases, NewChange, SellerState, Worker
from tests.kit import FakeClock


def test_health_counts_the_sellers_of_this_worker_alone() -> None:
    leases = MemoryLeases()
    leases.add(["a", "of another", "gone"])
    worker = Worker[Any](leases, lambda *_: None, print, sellers=["a"])  # type: ignore[arg-type]
    counts = counts_of(leases, worker)
    assert (counts["sellers"], counts["sellers_due"]) == (1, 1)


def test_a_worker_none_of_whose_sellers_has_a_row_is_failing() -> None:
    leases = MemoryLeases()
    leases.add(["a", "of another"])
    worker = Worker[Any](leases, lambda *_: None, print, sellers=["a"])  # type: ignore[arg-type]
    assert counts_of(leases, worker)["status"] == "ok"
    leases.remove("a")
    counts = counts_of(leases, worker)
    assert (counts["status"], counts["sellers"]) == ("failing", 0)


def test_a_client_of_health_that_goes_away_prints_nothing(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with Health("127.0.0.1", 0, dict) as health:
        server = health._server
        for error in (ConnectionResetError, BrokenPipeError):
            try:
                raise error
            except OSError:
                server.handle_error(None, ("127.0.0.1", 1))
        assert caplog.text == ""
        with pytest.raises(http.client.RemoteDisconnected):  # its counts lack the status
            urllib.request.urlopen(health.url)
    assert "/health was not answered: KeyError" in caplog.text
    assert capsys.readouterr() == ("", "")


def test_health_is_counts_alone_and_503_where_the_leases_are_out_of_reach() -> None:
    leases: Any = MemoryLeases()
    leases.add(["Ada Lovelace", "b"])
    leases.note(NewChange("n1", "b", "order-1"))
    leases.claim("one", 60)
    worker = Worker[Any](leases, lambda *_: None, print)  # type: ignore[arg-type]
    with Health("127.0.0.1", 0, lambda: counts_of(leases, worker)) as health:
        with urllib.request.urlopen(health.url) as answer:
            text = answer.read().decode()
        assert "Ada" not in text
        found = json.loads(text)
        assert (found["status"], found["sellers"], found["sellers_owned"], found["changes_waiting"]) == (
            "ok",
            2,
            1,
            1,
        )
        assert found["sellers_due"] == 1
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(health.url.replace("health", "sellers"))
        assert refused.value.code == 404
        refused.value.close()
        leases.sellers = None
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(health.url)
        assert refused.value.code == 503
        assert json.loads(refused.value.read())["status"] == "failing"
        refused.value.close()
    worker.status = worker.status._replace(out_of_reach=1)
    assert counts_of(MemoryLeases(), worker)["status"] == "failing"
    with pytest.raises(ConfigurationError, match="choose another --health"):
        Health("192.0.2.1", 80, dict)


def test_health_is_failing_while_every_thread_hangs_in_a_step() -> None:
    clock, seen = FakeClock(), list[dict[str, object]]()
    leases = MemoryLeases(clock)
    leases.add(["a"])

    def sync_of(*_: object) -> Any:
        for seconds in (60, 1):
            clock.elapsed += seconds
            seen.append(counts_of(leases, worker))
        raise ValueError

    worker = Worker[Any](leases, sync_of, print, lease=60, threads=1, clock=clock)
    worker.step()
    found = [(counts["longest_step_seconds"], counts["status"]) for counts in seen]
    assert found == [(60, "ok"), (61, "failing")]
    assert counts_of(leases, worker)["longest_step_seconds"] == 0


class Looked:
    """Leases that count who looks at them, and have a gate."""

    def __init__(self) -> None:
        self.looks = 0
        self.begun = threading.Event()
        self.gate = threading.Event()
        self.error: Exception | None = None

    def sellers(self) -> list[SellerState]:
        self.looks += 1
        self.begun.set()
        assert self.gate.wait(30)
        if self.error:
            raise self.error
        return [SellerState(f"look {self.looks}", None, 0.0, False, 0, 0)]


def test_a_look_at_the_leases_is_good_for_a_second() -> None:
    clock, leases = FakeClock(), Looked()
    look = OneLook(leases, clock)
    leases.gate.set()
    for at, name in ((0, "look 1"), (0.9, "look 1"), (1, "look 2"), (1.5, "look 2"), (2, "look 3")):
        clock.elapsed = at
        assert [row.name for row in look.sellers()] == [name]
    leases.error = OSError("Ada")
    for at, looks in ((2.9, 3), (3, 4), (3.9, 4), (4, 5)):
        clock.elapsed = at
        if at >= 3:
            with pytest.raises(SpShippingError, match=r"out of reach$"):
                look.sellers()
        assert leases.looks == looks


@pytest.mark.parametrize("error", [None, OSError()])
def test_those_who_ask_while_the_leases_are_looked_at_have_the_same_look(error: Exception | None) -> None:
    leases = Looked()
    leases.error = error
    look, found = OneLook(leases, FakeClock()), list[object]()
    worker = Worker[Any](MemoryLeases(), lambda *_: None, print)  # type: ignore[arg-type]

    def ask() -> None:
        found.append(counts_of(look, worker)["status"])

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert leases.begun.wait(30)
    leases.gate.set()
    for thread in threads:
        thread.join(30)
    assert found == ["failing" if error else "ok"] * 20
    assert leases.looks == 1
