"""An asynchronous client with the face of a synchronous one, so that tests serve both."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, TypeVar

from spshipping.async_client import AsyncClient, AsyncMap
from spshipping.facade import AsyncApi
from spshipping.sync import AsyncBatch, AsyncSync

T = TypeVar("T")
_FACED = (AsyncClient, AsyncApi, AsyncSync, AsyncBatch)


class Loop:
    """An event loop that runs while something is waited for."""

    def __init__(self, *, debug: bool = False) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_debug(debug)
        if debug:
            self._loop.slow_callback_duration = 0.0  # every callback is logged, with its task

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in a task, to its end."""
        return self._loop.run_until_complete(coroutine)

    def iterate(self, values: AsyncIterator[T], face: Callable[[T], T]) -> Iterator[T]:
        """Iterate over what is asynchronous, and close it."""
        try:
            while True:
                try:
                    value = self.run(_next(values))
                except StopAsyncIteration:
                    return
                yield face(value)
                del value
        finally:
            self.run(_closed(values))

    def end_all(self) -> None:
        """Cancel all tasks, and let them end."""
        while pending := asyncio.all_tasks(self._loop):
            for task in pending:
                task.cancel()
            with suppress(KeyboardInterrupt):  # it left a task of an exchange, and now leaves who waited
                self.run(asyncio.sleep(0))

    def close(self) -> None:
        """End what is pending, and close the loop."""
        self.end_all()
        self.run(self._loop.shutdown_asyncgens())
        self._loop.close()


async def _next(values: AsyncIterator[T]) -> T:
    return await anext(values)


async def _closed(values: Any) -> None:
    await values.aclose()


class OnLoop:
    """Something asynchronous whose methods return and whose pages can be iterated, as under threads."""

    def __init__(self, target: Any, loop: Loop, *, owns_loop: bool = False) -> None:
        self._target = target
        self._loop = loop
        self._owns_loop = owns_loop
        self._faces: dict[int, OnLoop] = {}

    def __getattr__(self, name: str) -> Any:
        return self._faced(getattr(self._target, name))

    def __dir__(self) -> list[str]:
        return dir(self._target)

    def _faced(self, value: Any) -> Any:
        if isinstance(value, _FACED):
            return self._faces.setdefault(id(value), OnLoop(value, self._loop))
        if inspect.ismethod(value) and isinstance(value.__self__, _FACED):
            return self._method(value)
        return value

    def _method(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            result = method(*args, **options)
            del args, options
            if inspect.iscoroutine(result):
                return self._loop.run(result)
            if isinstance(result, AsyncMap):
                return self._loop.iterate(result._results, self._faced)
            if isinstance(result, AsyncIterator):
                return self._loop.iterate(result, self._faced)
            return self._faced(result)

        return call

    def __iter__(self) -> Iterator[Any]:
        return iter(self._target)

    def close(self) -> None:
        """Close the client, and the loop if nobody else uses it."""
        self._loop.end_all()
        self._loop.run(self._target.close())
        if self._owns_loop:
            self._loop.close()

    def __enter__(self) -> "OnLoop":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
