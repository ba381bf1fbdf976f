"""The clients of a worker: one whose secrets do not come keeps no other seller waiting."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from spshipping import ConfigurationError
from spshipping.cli.fleet import Clients


class HangingFleet:
    """Makes clients; that of `slow` when it may."""

    def __init__(self) -> None:
        self.begun, self.gate = threading.Event(), threading.Event()
        self.made: list[str] = []

    def make(self, name: str) -> Any:
        if name == "slow":
            self.begun.set()
            assert self.gate.wait(30)
        self.made.append(name)
        if name == "odd":
            raise ConfigurationError("no secret")
        return f"{name} {len(self.made)}"


@pytest.fixture
def fleet() -> Iterator[HangingFleet]:
    made = HangingFleet()
    yield made
    made.gate.set()


def test_a_client_is_made_once_and_again_after_a_failure(fleet: HangingFleet) -> None:
    clients: Any = Clients(fleet)  # type: ignore[arg-type]
    assert [clients.of("a", is_anew=is_anew) for is_anew in (False, False, True, False)] == [
        "a 1",
        "a 1",
        "a 2",
        "a 2",
    ]
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="no secret"):
            clients.of("odd", is_anew=False)


def test_a_store_of_secrets_that_hangs_for_one_seller_holds_up_no_other(fleet: HangingFleet) -> None:
    clients: Any = Clients(fleet)  # type: ignore[arg-type]
    found = list[str]()
    thread = threading.Thread(target=lambda: found.append(clients.of("slow", is_anew=False)))
    thread.start()
    assert fleet.begun.wait(30)
    others = list[str]()
    other = threading.Thread(target=lambda: others.append(clients.of("a", is_anew=False)), daemon=True)
    other.start()
    other.join(30)
    assert others == ["a 1"]
    with pytest.raises(ConfigurationError, match="the secrets of slow have been waited for"):
        clients.of("slow", is_anew=True)
    fleet.gate.set()
    thread.join(30)
    assert found == ["slow 2"]
    assert clients.of("slow", is_anew=False) == "slow 2"
