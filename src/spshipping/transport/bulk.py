"""Many calls over threads: the quota is filled and no more, and one failure stops nothing."""

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, Unpack

from spshipping.errors import SpShippingError
from spshipping.operation import Call, CallOptions, Reply

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item

DEFAULT_CONCURRENCY = 8
_END = object()


class Mapped(Generic[I, T]):
    """What came of one item: its reply, or its error."""

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
    """How far a `client.map` has come."""

    last: Mapped[Any, Any]
    """What ended just now; after an interrupt, also what nobody iterates over any more."""
    done: int
    """Items whose call has ended, well or not."""
    failed: int
    """Those of them that came to an error."""
    running: int
    """Items whose call is under way, or waits for its turn."""


class CancellableSender(Protocol):
    """Sends calls whose waits can be cancelled."""

    def send(
        self, call: Call[T], *, is_cancelled: Callable[[], bool] | None, **options: Unpack[CallOptions]
    ) -> Reply[T]:
        """Send *call*; once *is_cancelled* says so, a wait ends in a TransportError."""
        ...


def map_calls(
    sender: CancellableSender,
    call_factory: Callable[[I], Call[T]],
    items: Iterable[I],
    *,
    concurrency: int = DEFAULT_CONCURRENCY,
    on_progress: Callable[[Progress], object] | None = None,
    options: CallOptions,
) -> Iterator[Mapped[I, T]]:
    """Send a call for each item, and yield what came of each as it ends; see `Client.map`.

    Raises:
        ValueError: *concurrency* is less than one.
    """
    if concurrency < 1:
        raise ValueError("concurrency is at least 1")
    return _Run(sender, call_factory, iter(items), concurrency, on_progress, options).results()


class _Run(Generic[I, T]):
    """One run: the items are drawn, and the results handed out, by the thread that iterates."""

    def __init__(
        self,
        sender: CancellableSender,
        call_factory: Callable[[I], Call[T]],
        items: Iterator[I],
        concurrency: int,
        on_progress: Callable[[Progress], object] | None,
        options: CallOptions,
    ) -> None:
        self._sender = sender
        self._call_factory = call_factory
        self._items = items
        self._concurrency = concurrency
        self._on_progress = on_progress
        self._options = options
        self._stop = threading.Event()
        self._asked: SimpleQueue[Any] = SimpleQueue()
        self._ended: SimpleQueue[Mapped[I, T] | BaseException] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._done = self._failed = self._running = 0

    def results(self) -> Iterator[Mapped[I, T]]:
        try:
            while True:
                self._hand_out()
                if not self._running:
                    return
                yield self._count(self._ended.get())
        finally:
            self._wind_up()

    def _count(self, ended: Mapped[I, T] | BaseException) -> Mapped[I, T]:
        self._running -= 1
        if isinstance(ended, BaseException):
            raise ended
        self._done += 1
        self._failed += ended.error is not None
        if self._on_progress:
            self._on_progress(Progress(ended, self._done, self._failed, self._running))
        return ended

    def _wind_up(self) -> None:
        """Let what waits give up its turn, and what is on the line end: it may be a purchase."""
        self._stop.set()
        for _ in self._threads:
            self._asked.put(None)
        for thread in self._threads:
            thread.join()
        while not self._ended.empty():
            self._count(self._ended.get())

    def _hand_out(self) -> None:
        """Let as many items be under way as there may be; a thread is started when one more is needed."""
        while self._running < self._concurrency:
            item = next(self._items, _END)
            if item is _END:
                return
            self._running += 1
            self._asked.put(item)
            if len(self._threads) < self._running:
                thread = threading.Thread(target=self._work, name="spshipping map", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _work(self) -> None:
        while not self._stop.is_set():
            item = self._asked.get()
            if self._stop.is_set():
                return
            self._ended.put(self._send(item))

    def _send(self, item: I) -> Mapped[I, T] | BaseException:
        try:
            call = self._call_factory(item)
            reply = self._sender.send(call, is_cancelled=self._stop.is_set, **self._options)
        except SpShippingError as error:
            return Mapped(item, None, error)
        except BaseException as error:
            # a mistake in the factory, not a failure of the call: raised where the results are read
            return error
        return Mapped(item, reply, None)
