"""What the tests of leases share: theirs are those of a process, whose time a test lets pass."""

from collections.abc import Callable

import pytest

from spshipping.sync import MemoryLeases, SyncLeases
from tests.kit import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def leases(clock: FakeClock) -> SyncLeases:
    """The leases to be tested, without a row; another implementation has a fixture of its own."""
    return MemoryLeases(clock)


@pytest.fixture
def wait(clock: FakeClock) -> Callable[[float], None]:
    """Lets the time of the store pass."""

    def passed(seconds: float) -> None:
        clock.elapsed += seconds

    return passed
