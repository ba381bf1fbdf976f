"""Many calls side by side: the quota is filled and no more, and one failure stops nothing."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from spshipping.errors import OutcomeUnknownError, SpShippingError, TransportError
from spshipping.operation import Call, Effect, Reply
from spshipping.secret import conceal
from spshipping.transport.io import Group
from spshipping.transport.unsettled import UnsettledCalls

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item

_END = object()

Send = Callable[[Call[T], Callable[[], bool]], Coroutine[Any, Any, Reply[T]]]
"""Sends a call; once the function says so, a wait ends in a `TransportError`."""


class Mapped(Generic[I, T]):
    """The result of one item: its reply, or its error."""

    __slots__ = ("error", "item", "reply")

    def __init__(self, item: I, reply: Reply[T] | None, error: SpShippingError | None) -> None:
        self.item: I = item
        self.reply: Reply[T] | None = reply
        """None where the call failed."""
        self.error: SpShippingError | None = error
        """None where it did not."""

    @property
    def value(self) -> T:
        """The answer.

        Raises:
            SpShippingError: the call's own error, where it failed.
        """
        if self.reply is None:
            assert self.error is not None  # noqa: S101 - one of the two is always there
            raise self.error
        return self.reply.value

    def __repr__(self) -> str:
        # the item is the caller's, and may be personal
        return f"<Mapped {self.reply!r}>" if self.reply else f"<Mapped {type(self.error).__name__}>"


class Progress(NamedTuple):
    """How far a `client.map` has got."""

    last: Mapped[Any, Any]
    """What ended just now; after an interrupt, also what is not iterated over any more."""
    done: int
    """Items whose call has ended, well or not."""
    failed: int
    """Those of them that ended in an error."""
    running: int
    """Items whose call is under way, or waits for the quota."""


class _Failed(NamedTuple):
    """An exception that is no failure of a call: a mistake in the factory, or an interrupt."""

    error: BaseException


async def mapped(
    group: "Group[Mapped[I, T] | _Failed]",
    send: Send[T],
    call_factory: Callable[[I], Call[T]],
    items: Iterable[I],
    concurrency: int,
    on_progress: Callable[[Progress], object] | None,
    unsettled: UnsettledCalls,
) -> AsyncGenerator[Mapped[I, T], None]:
    """Send a call for each item, and yield the result of each as it ends; see `Client.map`.

    Whatever goes wrong outside (an item, the factory, `on_progress`, an interrupt), every result that has
    come back is handed over exactly once: to the loop, or after that has been left to *on_progress*, or else,
    if it has an effect, to *unsettled*. The first exception is raised at the end.
    """
    run = _Run(group, send, call_factory, iter(items), concurrency, on_progress, unsettled)
    del items  # a traceback shows local variables
    try:
        while await run.has_next():
            # no signal handler can run from here to the loop, so that each result is handed over exactly once
            run.handed_over = result = group.ended[0]
            yield result  # type: ignore[misc]  # `has_next` has removed everything else
            del result
    except BaseException as error:
        run.latest = error
        raise
    finally:
        # what is under way may be a purchase: an interrupt, perhaps the second, ends nothing of this
        while not run.is_over:
            try:
                await run.end()
            except BaseException as error:
                run.latest = error
                run.first = run.first or error
        run.raise_first()


class _Run(Generic[I, T]):
    """One `map`: items are drawn, and results handed over, by who iterates."""

    def __init__(
        self,
        group: "Group[Mapped[I, T] | _Failed]",
        send: Send[T],
        call_factory: Callable[[I], Call[T]],
        items: Iterator[I],
        concurrency: int,
        on_progress: Callable[[Progress], object] | None,
        unsettled: UnsettledCalls,
    ) -> None:
        self.handed_over: object = None
        """The result that the loop has been given, until the next one is due."""
        self.latest: BaseException | None = None
        """The exception that ended the loop, or interrupted the end."""
        self.first: BaseException | None = None
        """The first exception that is no failure of a call."""
        self.is_over: bool = False
        self._group = group
        self._send = send
        self._call_factory = call_factory
        self._items = items
        self._concurrency = concurrency
        self._on_progress = on_progress
        self._unsettled = unsettled
        self._reported: object = None
        self._done = self._failed = 0

    async def has_next(self) -> bool:
        """Wait for the next result, which is then the first of the group's; return False after the last."""
        while True:
            try:
                self._drop_handed_over()
                self._hand_out()
                while not self._group.ended:
                    if not self._group.running:
                        return False
                    await self._group.wait()
                result = self._group.ended[0]
                if not isinstance(result, _Failed):
                    self._report(result)
                    return True
                self._drop(result)
                self._fail(result.error)
            except BaseException as error:
                if self._group.is_cancellation(error):
                    raise
                self._fail(error)

    def _drop_handed_over(self) -> None:
        if self.handed_over is not None:
            self._drop(self.handed_over)
            self.handed_over = None

    def _drop(self, result: object) -> None:
        if self._group.ended and self._group.ended[0] is result:
            # in this order no signal handler can run in between
            self._group.running -= 1
            self._group.ended.popleft()

    def _hand_out(self) -> None:
        """Let as many items be under way as there may be."""
        while self.first is None and self._group.running < self._concurrency:
            item = next(self._items, _END)
            if item is _END:
                return
            self._group.start(self._job(item))  # type: ignore[arg-type]  # it is not the mark of the end

    def _job(self, item: I) -> Callable[[], Coroutine[Any, Any, Mapped[I, T] | _Failed]]:
        async def job() -> Mapped[I, T] | _Failed:
            try:
                if self._group.is_stopped():
                    return Mapped(
                        item, None, TransportError("cancelled before it was sent", failure="cancelled")
                    )
                reply = await self._send(self._call_factory(item), self._group.is_stopped)
            except SpShippingError as refused:
                return Mapped(item, None, refused)
            except BaseException as foreign:
                return _Failed(foreign)
            return Mapped(item, reply, None)

        return job

    def _fail(self, error: BaseException) -> None:
        """Remember the first exception that is no failure of a call, and send nothing more."""
        self.first = self.first or error
        self._group.stop()

    def _report(self, result: Mapped[I, T]) -> None:
        """Count a result, and pass it to `on_progress`, once."""
        if self._reported is result:
            return
        self._reported = result
        self._done += 1
        self._failed += result.error is not None
        if self._on_progress:
            running = self._group.running - 1
            self._on_progress(Progress(result, self._done, self._failed, running))

    async def end(self) -> None:
        """Wait for what is under way, and hand over what the loop no longer gets."""
        self._drop_handed_over()
        if not self._group.leave(self._wait_and_hand_over):
            await self._wait_and_hand_over()
        self.is_over = True

    async def _wait_and_hand_over(self) -> None:
        is_cancelled = self.latest is not None and self._group.is_cancellation(self.latest)
        await self._group.close(is_cancelled=is_cancelled)
        self._hand_over_rest()

    def _hand_over_rest(self) -> None:
        while self._group.ended:
            result = self._group.ended[0]
            if not isinstance(result, _Failed):
                try:
                    self._hand_over(result)
                except BaseException as error:
                    self._fail(error)
                    trace = error.__traceback__
                    if trace is not None and trace.tb_next is None:
                        continue  # it was interrupted before it began
            self._drop(result)

    def _hand_over(self, result: Mapped[I, T]) -> None:
        if self._on_progress:
            self._report(result)
        elif result.reply and result.reply.call.operation.effect is not Effect.NONE:
            self._unsettled.add(result.reply.call, "the end of map", result.reply)
        elif isinstance(result.error, OutcomeUnknownError):
            self._unsettled.add(result.error.call, "the end of map")

    def raise_first(self) -> None:
        """Raise the first exception that was no failure of a call, if there was one."""
        if self.first is not None:
            conceal(self.first)  # the frames of a job hold an item, which may be personal
            raise self.first
