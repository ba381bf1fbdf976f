"""The receiver of a webhook, for threads and for asyncio: write a push down, answer, hand it over."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError
from spshipping.journal.events import EventLog
from spshipping.secret import discreet
from spshipping.shipping.webhooks import asgi, wsgi
from spshipping.shipping.webhooks.checks import WebhookAuth
from spshipping.shipping.webhooks.delivering import MOST, Delivered, deliver_pending, run_deliveries
from spshipping.shipping.webhooks.exchange import (
    Headers,
    Query,
    Source,
    WebhookRequest,
    WebhookResponse,
    request_of,
)
from spshipping.shipping.webhooks.pushes import Push
from spshipping.shipping.webhooks.receiving import Door, received
from spshipping.sync.begin import check_function, check_stop, seconds_of
from spshipping.sync.passes import Stop
from spshipping.transport.io import Io, run
from spshipping.transport.threads import ThreadIo

if TYPE_CHECKING:
    from spshipping.transport.http import AsyncTransport, Transport

MOST_BYTES = 262_144
"""As large as a body may be: what EventBridge takes, and more than a push is likely to have."""


class ReceiverOptions(TypedDict, total=False):
    """The options of a receiver."""

    is_enabled: bool | Callable[[], bool]
    """Whether the webhook is switched on: if not, every request is answered with 404. A function is called
    for each request."""
    most_bytes: int
    """What is larger is answered with 413."""
    clock: Clock
    """Decides how long `run` waits."""


class WebhookReceiver:
    """Receives what Amazon Shipping pushes, under threads. It is an application of WSGI, too.

    Answers a push once it is in the log, and never with a traceback: 200 once it is written down, whether it
    can be read or not; 401 where it is not authentic, 404 where the webhook is switched off, 405 for another
    method than POST, 413 for what is too large, 400 for a body that is cut, and 503, so that Amazon sends it
    again, while the log fails. `run`, or `deliver_pending`, then hands it over.
    """

    def __init__(self, log: EventLog, auth: WebhookAuth, **options: Unpack[ReceiverOptions]) -> None:
        """Make a receiver.

        Args:
            log: where pushes are kept: `journal.events()`, of one name for each webhook.
            auth: how Amazon shows that it is Amazon: `ApiKey`, `QueryParameter`, `UserPassword`, `OAuth`, or
                what `webhook_auth` makes of settings.
            options: see `ReceiverOptions`.

        Raises:
            ConfigurationError: there is no check, or an option is unknown or cannot be used.
        """
        self._door = _door(log, auth, options)
        self._clock = options.get("clock") or SystemClock()
        # it sends nothing
        self._io: Io = ThreadIo(cast("Transport", None), self._clock)

    def handle(self, method: str, headers: Headers, query: Query, body: bytes | Source) -> WebhookResponse:
        """Return the answer to a request, for servers that are no WSGI.

        Args:
            method: such as `POST`.
            headers: in any casing.
            query: the query string, or its parameters.
            body: the whole of it, or what it is read from: then no more is read than is allowed.
        """
        return run(
            received(self._door, self._io, partial(request_of, method, headers, query), partial(_read, body))
        )

    def __call__(self, environ: wsgi.Environ, start_response: wsgi.StartResponse) -> Iterable[bytes]:
        """Answer a request of a WSGI server."""

        async def read(most: int) -> bytes | None:
            return wsgi.read_environ(environ, most)

        answered = received(self._door, self._io, partial(wsgi.request_of_environ, environ), read)
        return wsgi.responded(run(answered), start_response)

    @discreet
    def deliver_pending(self, deliver: Callable[[Push], object], *, most: int = MOST) -> Delivered:
        """Give pushes that wait to *deliver*, the oldest first.

        One is done once *deliver* returns. What it raises is logged, and the push waits: five seconds, then
        twice as long each time, up to an hour; the others are not held up. A push may be handed over twice,
        as after a crash, and then has the same `key`.

        Args:
            deliver: processes one push, within five minutes; after those, another process may have it too.
            most: how many at most.

        Raises:
            SpShippingError: the log fails.
        """
        check_function("deliver", deliver)
        return run(deliver_pending(self._door.log, self._io, deliver, most))

    @discreet
    def run(
        self,
        deliver: Callable[[Push], object],
        *,
        every: timedelta | float = 1.0,
        stop: Stop | None = None,
    ) -> None:
        """Give pushes to *deliver* as they come, until *stop*; see `deliver_pending`.

        A log that fails is logged, and asked again, a little later each time.

        Args:
            deliver: processes one push.
            every: how often the log is asked; seconds, if a number.
            stop: ends it, within a second, or when the current pushes are handed over; None means never.

        Raises:
            InvalidRequestError: an argument cannot be used.
        """
        interval = _checked(deliver, every, stop)
        run(run_deliveries(self._door.log, self._io, self._clock, deliver, interval, stop))


class AsyncWebhookReceiver:
    """Receives what Amazon Shipping pushes, under asyncio; see `WebhookReceiver`.

    It is an application of ASGI, too. The log, and whatever else may block, is called in threads.
    """

    def __init__(self, log: EventLog, auth: WebhookAuth, **options: Unpack[ReceiverOptions]) -> None:
        """Make a receiver; see `WebhookReceiver`."""
        # imported here: a receiver under threads does not load asyncio
        from spshipping.transport.tasks import AsyncioIo

        self._door = _door(log, auth, options)
        self._clock = options.get("clock") or SystemClock()
        # it sends nothing
        self._io: AsyncioIo = AsyncioIo(cast("AsyncTransport", None), self._clock)

    async def handle(self, method: str, headers: Headers, query: Query, body: bytes) -> WebhookResponse:
        """Return the answer to a request, for servers that are no ASGI; see `WebhookReceiver.handle`."""
        make = partial(request_of, method, headers, query)
        return await received(self._door, self._io, make, partial(_read, body))

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Answer a request of an ASGI server."""
        if scope["type"] == "lifespan":
            await asgi.live(receive, send, self.close)
        elif scope["type"] == "http":
            read = partial(asgi.read_receive, receive)
            make: Callable[[], WebhookRequest] = partial(asgi.request_of_scope, scope)
            await asgi.respond(await received(self._door, self._io, make, read), send)

    @discreet
    async def deliver_pending(
        self, deliver: Callable[[Push], Awaitable[object] | object], *, most: int = MOST
    ) -> Delivered:
        """Give pushes that wait to *deliver*, the oldest first; see `WebhookReceiver.deliver_pending`.

        Args:
            deliver: processes one push. A coroutine function is awaited; any other function may block, and is
                called in a thread.
            most: how many at most.
        """
        check_function("deliver", deliver, is_blocking=False)
        return await deliver_pending(self._door.log, self._io, deliver, most)

    @discreet
    async def run(
        self,
        deliver: Callable[[Push], Awaitable[object] | object],
        *,
        every: timedelta | float = 1.0,
        stop: Stop | None = None,
    ) -> None:
        """Give pushes to *deliver* as they come, until *stop* or cancelled; see `WebhookReceiver.run`."""
        interval = _checked(deliver, every, stop, is_blocking=False)
        await run_deliveries(self._door.log, self._io, self._clock, deliver, interval, stop)

    async def close(self) -> None:
        """End the threads. A receiver that is used again has new ones."""
        await self._io.close(is_own=False)


def _door(log: EventLog, auth: WebhookAuth, options: ReceiverOptions) -> Door:
    given: Any = auth
    for name in options:
        if name not in ReceiverOptions.__annotations__:
            known = ", ".join(ReceiverOptions.__annotations__)
            raise ConfigurationError(f"a receiver has no option {name}; its options are {known}")
    is_enabled: Any = options.get("is_enabled", True)
    if not (isinstance(is_enabled, bool) or callable(is_enabled)):
        raise ConfigurationError("whether a webhook is on is True, False or a function: is_enabled")
    most_bytes: Any = options.get("most_bytes", MOST_BYTES)
    if not callable(getattr(given, "is_authentic", None)):
        raise ConfigurationError(
            "a webhook needs a check, such as ApiKey(...): without one, anybody could push"
        )
    if not callable(getattr(log, "append", None)):
        raise ConfigurationError("a webhook needs a log, such as SqliteJournal(...).events()")
    if type(most_bytes) is not int or most_bytes < 1:
        raise ConfigurationError("a webhook must accept at least one byte: most_bytes")
    return Door(log, auth, is_enabled, most_bytes)


def _checked(
    deliver: object, every: timedelta | float, stop: Stop | None, *, is_blocking: bool = True
) -> float:
    check_function("deliver", deliver, is_blocking=is_blocking)
    check_stop(stop)
    return seconds_of(every)


async def _read(body: bytes | Source, most: int) -> bytes | None:
    return body[:most] if isinstance(body, bytes) else wsgi.read_source(body, most)
