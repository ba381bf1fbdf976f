"""What every part that does I/O is written against: one small interface for threads and for asyncio.

Whatever does I/O is an `async def` that gets an `Io`. Under threads an `Io` blocks and returns, so that no
coroutine is ever suspended, and `run` drives it with a single step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, Protocol, TypeVar

from spshipping.secret import discreet
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits

if TYPE_CHECKING:
    from concurrent.futures import Future

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine whose `Io` blocks: the whole driver of the synchronous client.

    Raises:
        RuntimeError: it was suspended, which an `Io` for threads never does.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # it is what the coroutine returns
    coroutine.close()
    raise RuntimeError("a coroutine was suspended under threads: its Io must block")


@discreet
def iterate(values: AsyncGenerator[T, None]) -> Iterator[T]:
    """Iterate over an asynchronous generator whose `Io` blocks, and close it at the end.

    From the moment at which the generator yields a value until it is here, no signal handler can run.
    """
    try:
        while True:
            step = values.__anext__()
            try:
                step.send(None)
            except StopIteration as end:
                value = end.value
            except StopAsyncIteration:
                return
            else:
                with suppress(GeneratorExit):  # its `close` leaves the generator running before Python 3.13
                    step.throw(GeneratorExit())
                raise RuntimeError("a generator was suspended under threads: its Io must block")
            yield value
            del value  # a page is large, and the next one is as large
    finally:
        run(_closed(values))


async def _closed(values: AsyncGenerator[Any, None]) -> None:
    await values.aclose()


DEFAULT_CONCURRENCY = 8
"""Calls side by side, where a `map` is given no number."""

Late = Callable[[HttpResponse | HttpFailure], object]
"""Gets the answer to a request whose caller was cancelled while it was under way."""


class Group(Protocol[T]):
    """Runs jobs side by side, and collects what each returns. A job never raises."""

    ended: deque[T]
    """What has been returned and not been taken yet."""
    running: int
    """Jobs that were started, and whose result has not been taken yet."""

    def start(self, job: Callable[[], Coroutine[Any, Any, T]]) -> None:
        """Start a job.

        Raises:
            RuntimeError: no thread can be started for it, and none is running.
        """
        ...

    async def wait(self) -> None:
        """Wait until something has ended."""
        ...

    def is_stopped(self) -> bool:
        """Return whether `stop` was called: jobs that only wait give up then."""
        ...

    def is_cancellation(self, error: BaseException) -> bool:
        """Return whether *error* says that the caller itself was cancelled, and must end now."""
        ...

    def stop(self) -> None:
        """Let jobs that only wait give up; the others go on to their end."""
        ...

    def leave(self, end: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Run *end* elsewhere, where the caller is one of the jobs, which cannot wait for itself.

        Returns whether it did.
        """
        ...

    async def close(self, *, is_cancelled: bool = False) -> None:
        """Stop, and wait until what runs has ended.

        Args:
            is_cancelled: cancel what runs, where the `Io` can; a purchase under way still gets its answer.
        """
        ...


class Io(Protocol):
    """The effects that a call has on the world outside."""

    is_blocking: ClassVar[bool]
    """Whether waiting blocks the thread, and so whatever else runs in it."""

    async def exchange(
        self, request: HttpRequest, limits: Limits, on_late: Late | None = None
    ) -> HttpResponse | HttpFailure:
        """Send *request* once.

        Args:
            request: what to send; its `was_sent` says afterwards whether it may have left.
            limits: how long it may take.
            on_late: given for a request that changes something: if the caller is cancelled once it may have
                left, the exchange goes on by itself, within its limits, and this gets the answer.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait, by the client's clock."""
        ...

    async def plugin(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call something that is the user's and may block: a store, a keeper, a provider of secrets."""
        ...

    async def entire(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Do the same as `plugin`; a caller that is cancelled meanwhile leaves when it has ended."""
        ...

    async def hook(self, function: Callable[[T], object], value: T, /) -> None:
        """Call something of the user's that only listens; under asyncio it may be a coroutine function."""
        ...

    def holding(self, manager: AbstractContextManager[R_co]) -> AbstractAsyncContextManager[R_co]:
        """Hold something of the user's that may block, such as a lock between processes."""
        ...

    async def join(self, flight: Future[None], seconds: float) -> bool:
        """Wait for another's flight to end; return False where it takes longer than *seconds*."""
        ...

    def liveness(self) -> Callable[[bool], bool]:
        """Return a function that says, in any thread, whether the current caller can still go on.

        It is told whether its caller blocks this thread while it waits.
        """
        ...

    def group(self, concurrency: int) -> Group[Any]:
        """Return an empty group for at most *concurrency* jobs at a time."""
        ...
