"""A sync under asyncio: the same passes and the same loop, awaited."""

import asyncio
import threading
from contextlib import aclosing
from typing import Any, TypeVar

import pytest

from spshipping import ConfigurationError, ServerError
from spshipping.sync import (
    AsyncBatch,
    AsyncSync,
    Checkpoint,
    CheckpointStore,
    MemoryCheckpoint,
    Sync,
    SyncStatus,
)
from spshipping.sync.page import Page
from spshipping.transport.tasks import AsyncioIo
from spshipping.transport.threads import ThreadIo
from tests.kit import START, FakeClock, ScriptedTransport
from tests.unit.test_sync import DAY, LATEST, MINUTE, ScriptedFeed, change, last

T = TypeVar("T")


class NoNetwork:
    """No feed of these tests sends anything by the io."""

    async def exchange(self, *_: Any) -> Any:
        raise AssertionError

    async def close(self) -> None:
        raise AssertionError


class ThreadStore(MemoryCheckpoint):
    """Notes in which threads it is used."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def load(self) -> Checkpoint | None:
        self.threads.add(threading.get_ident())
        return super().load()

    def save(self, checkpoint: Checkpoint) -> None:
        self.threads.add(threading.get_ident())
        super().save(checkpoint)


def sync_of(feed: ScriptedFeed, store: CheckpointStore | None = None, **options: Any) -> AsyncSync[str]:
    io, clock = AsyncioIo(NoNetwork(), feed.clock), feed.clock
    defaults: dict[str, Any] = {"since": DAY, "overlap": 10 * MINUTE}
    return AsyncSync(feed, store or MemoryCheckpoint(), io=io, clock=clock, **{**defaults, **options})


def two_pages() -> ScriptedFeed:
    return ScriptedFeed(Page([change("a", LATEST - DAY)], "2"), last(change("b", LATEST - DAY)))


def test_batches_are_iterated_and_committed_and_the_store_may_block() -> None:
    store = ThreadStore()

    async def taken() -> list[list[str]]:
        found = []
        async for batch in sync_of(two_pages(), store).batches():
            assert repr(batch) == "<AsyncBatch of 1>"
            found.append(list(batch))
            await batch.commit()
            await batch.commit()
            assert batch.is_committed
        return found

    assert asyncio.run(taken()) == [["a at 11:57"], ["b at 11:57"]]
    assert store.checkpoint == Checkpoint(until=LATEST, filters={"places": "UK"})
    assert threading.get_ident() not in store.threads


def test_a_batch_that_is_not_committed_is_delivered_again() -> None:
    feed, store = ScriptedFeed(*[Page([change("a", LATEST - DAY)], "2")] * 2), MemoryCheckpoint()

    async def first() -> list[str]:
        async with aclosing(sync_of(feed, store).batches()) as batches:
            async for batch in batches:
                return list(batch)
        raise AssertionError

    assert asyncio.run(first()) == asyncio.run(first()) == ["a at 11:57"]


@pytest.mark.parametrize("kind", ["coroutine function", "function"])
def test_a_run_awaits_what_delivers_until_an_event_is_set(kind: str) -> None:
    feed, found, threads = two_pages(), list[str](), set[int]()
    told: list[SyncStatus] = []

    async def main() -> SyncStatus:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()

        def function(batch: AsyncBatch[str]) -> None:
            threads.add(threading.get_ident())
            found.extend(batch)

        async def coroutine(batch: AsyncBatch[str]) -> None:
            await asyncio.sleep(0)
            function(batch)

        async def on_status(status: SyncStatus) -> None:
            assert asyncio.get_running_loop() is loop
            told.append(status)
            if status.last_run:
                stop.set()

        sync = sync_of(feed)
        deliver = coroutine if kind == "coroutine function" else function
        await sync.run(deliver, every=300, stop=stop, on_status=on_status)
        return sync.status

    assert asyncio.run(main()) == SyncStatus(last_run=START, delivered=2) == told[-1]
    assert found == ["a at 11:57", "b at 11:57"]
    assert (threading.get_ident() in threads) is (kind == "coroutine function")


def test_a_run_that_fails_is_followed_by_another() -> None:
    feed = ScriptedFeed(ServerError("out of order"), last(change("a", LATEST)))

    async def main() -> AsyncSync[str]:
        stop, found = asyncio.Event(), list[str]()

        def deliver(batch: AsyncBatch[str]) -> None:
            found.extend(batch)
            stop.set()

        sync = sync_of(feed)
        await sync.run(deliver, every=300, stop=stop)
        assert found == ["a at 11:57"]
        return sync

    status = asyncio.run(main()).status
    assert isinstance(status.last_error, ServerError)
    assert (status.failures, status.delivered) == (0, 1)
    assert feed.clock.elapsed == 300.0


def test_a_cancelled_run_commits_nothing_that_was_not_delivered_and_runs_no_more() -> None:
    feed, store = two_pages(), MemoryCheckpoint()

    async def main() -> AsyncSync[str]:
        begun = asyncio.Event()

        async def deliver(_: AsyncBatch[str]) -> None:
            begun.set()
            await asyncio.Event().wait()

        sync = sync_of(feed, store)
        task = asyncio.create_task(sync.run(deliver, every=300))
        await begun.wait()
        assert sync.status.is_running
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return sync

    sync = asyncio.run(main())
    assert not sync.status.is_running
    assert store.checkpoint is not None
    assert store.checkpoint.window is None


def test_what_no_later_run_would_mend_ends_it() -> None:
    store = MemoryCheckpoint(Checkpoint(START))
    with pytest.raises(ConfigurationError):
        asyncio.run(sync_of(ScriptedFeed(), store).run(print, every=300))


def test_progress_may_be_a_coroutine_function() -> None:
    seen: list[int] = []

    async def on_progress(progress: Any) -> None:
        seen.append(progress.pages)

    async def main() -> None:
        async for batch in sync_of(two_pages(), on_progress=on_progress).batches():
            await batch.commit()

    asyncio.run(main())
    assert seen == [1, 2]


def test_under_threads_a_coroutine_function_is_refused_and_nothing_is_committed() -> None:
    feed, store = two_pages(), MemoryCheckpoint()
    io = ThreadIo(ScriptedTransport(), FakeClock())
    sync: Sync[str] = Sync(feed, store, io=io, clock=feed.clock, since=DAY, overlap=MINUTE)

    async def deliver(_: Any) -> None:
        raise AssertionError("it is never awaited")

    async def returning(batch: Any) -> None:
        raise AssertionError("it is never awaited")

    with pytest.raises(ConfigurationError, match="deliver is a coroutine function"):
        sync.run(deliver, every=300)
    with pytest.raises(ConfigurationError, match="deliver is a coroutine function"):
        sync.step(deliver, every=300)
    with pytest.raises(ConfigurationError, match="deliver is a coroutine function"):
        sync.step_changed(["a"], deliver)
    with pytest.raises(ConfigurationError, match="on_status is a coroutine function"):
        sync.run(print, every=300, on_status=deliver)
    with pytest.raises(ConfigurationError, match="on_progress is a coroutine function"):
        Sync(feed, store, io=io, clock=feed.clock, since=DAY, overlap=MINUTE, on_progress=deliver)
    with pytest.raises(ConfigurationError, match="only AsyncClient awaits"):
        sync.run(lambda batch: returning(batch), every=300)
    assert store.checkpoint is not None
    assert store.checkpoint.delivered == {}


def generator(batch: Any) -> Any:
    yield batch


@pytest.mark.parametrize("way", ["threads", "asyncio"])
def test_a_generator_delivers_nothing_and_is_refused_in_either_way(way: str) -> None:
    feed, store = two_pages(), MemoryCheckpoint()

    def stepped(deliver: Any) -> None:
        if way == "asyncio":
            asyncio.run(sync_of(feed, store).step(deliver, every=300))
            return
        io = ThreadIo(ScriptedTransport(), FakeClock())
        sync: Sync[str] = Sync(feed, store, io=io, clock=feed.clock, since=DAY, overlap=MINUTE)
        sync.step(deliver, every=300)

    with pytest.raises(ConfigurationError, match="deliver is a generator function"):
        stepped(generator)
    with pytest.raises(ConfigurationError, match="deliver returned a generator, which nothing runs"):
        stepped(lambda batch: generator(batch))
    assert store.checkpoint is not None
    assert (store.checkpoint.delivered, store.checkpoint.cursor) == ({}, None), "nothing is committed"
