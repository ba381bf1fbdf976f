"""Leases of a process over checkpoints in files: no other sync uses a file between a load and a save."""

from pathlib import Path

import pytest

from spshipping import LeaseLostError
from spshipping.sync import Batch, Checkpoint, FileCheckpoint, MemoryLeases, SellerLease, Sync, Worker
from spshipping.sync.leases_memory import MemoryLease
from tests.kit import START, FakeClock
from tests.unit import test_sync
from tests.unit.test_sync import LATEST, ScriptedFeed, change, last

POINT = Checkpoint(START)


@pytest.fixture
def leases(clock: FakeClock, tmp_path: Path) -> MemoryLeases:
    made = MemoryLeases(clock, checkpoints=lambda name: FileCheckpoint(tmp_path / name))
    made.add(["a"])
    return made


def claimed(leases: MemoryLeases) -> MemoryLease:
    found = leases.claim("one", 60.0)
    assert found is not None
    return found


def test_a_file_is_locked_while_a_step_of_its_seller_is_under_way(
    leases: MemoryLeases, clock: FakeClock, tmp_path: Path
) -> None:
    other, delivered = FileCheckpoint(tmp_path / "a"), list[str]()

    def deliver(_: str, batch: Batch[str]) -> None:
        with pytest.raises(LeaseLostError, match="in use by another sync"):
            other.lock()
        delivered.extend(batch)

    def sync_of(_: str, store: SellerLease) -> Sync[str]:
        return test_sync.sync_of(feed, store)  # type: ignore[arg-type]

    feed = ScriptedFeed(last(change("b", LATEST)), last(change("c", LATEST)))
    worker = Worker[str](leases, sync_of, deliver, clock=clock)
    other.lock()
    worker.step()
    assert (worker.status.failures, feed.asked) == (1, []), "nothing is fetched that could not be committed"
    other.unlock()
    clock.elapsed += 60
    worker.step()
    assert len(delivered) == 1
    other.lock()
    other.unlock()


def test_who_takes_a_seller_over_uses_the_file_beside_the_one_that_is_late(
    leases: MemoryLeases, clock: FakeClock, tmp_path: Path
) -> None:
    other, late = FileCheckpoint(tmp_path / "a"), claimed(leases)
    late.lock()
    clock.elapsed += 61
    second = claimed(leases)
    second.lock()
    second.save(POINT)
    second.unlock()
    second.unlock()
    with pytest.raises(LeaseLostError):
        other.lock()
    with pytest.raises(LeaseLostError):
        late.save(POINT)
    late.unlock()
    other.lock()
    other.unlock()
    with pytest.raises(LeaseLostError, match="another worker's"):
        late.lock()


def test_a_seller_that_is_removed_lets_its_file_go_when_the_step_has_ended(
    leases: MemoryLeases, tmp_path: Path
) -> None:
    other, lease = FileCheckpoint(tmp_path / "a"), claimed(leases)
    lease.lock()
    leases.remove("a")
    with pytest.raises(LeaseLostError, match="in use by another sync"):
        other.lock()
    lease.unlock()
    other.lock()
    with pytest.raises(LeaseLostError, match="in use by another sync"):
        FileCheckpoint(tmp_path / "a").lock()


def test_a_checkpoint_in_memory_needs_no_lock(clock: FakeClock) -> None:
    leases = MemoryLeases(clock)
    leases.add(["a"])
    lease = claimed(leases)
    lease.lock()
    lease.save(POINT)
    lease.unlock()
    assert lease.load() == POINT
