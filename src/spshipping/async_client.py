"""AsyncClient: for asyncio; the parts come from `assembly`. Needs the extra `spshipping[async]`."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import suppress
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Self, TypeVar, Unpack
from urllib.parse import urlsplit

from spshipping.assembly import (
    NETWORK,
    Assembled,
    assembled,
    clock_of,
    context_of,
    from_environment,
    from_file,
    identified,
    place_of,
    refuse_coroutine_functions,
    shared,
    without_place,
    without_vendor,
)
from spshipping.auth.credentials import Credentials
from spshipping.errors import ConfigurationError
from spshipping.facade import Context
from spshipping.operation import Call, CallOptions, Operation, Reply
from spshipping.option_checks import check_options
from spshipping.options import AsyncClientOptions as AsyncClientOptions
from spshipping.options import has_true_rates
from spshipping.regions import Marketplace, Region
from spshipping.secret import Secret, discreet
from spshipping.transport.bucket import QuotaState
from spshipping.transport.http import AsyncTransport
from spshipping.transport.io import DEFAULT_CONCURRENCY
from spshipping.transport.tasks import AsyncioIo, LoopLifetime
from spshipping.transport.unsettled import Unsettled

if TYPE_CHECKING:
    from spshipping.applications.api_async import AsyncApplicationsApi
    from spshipping.auth.tokens_async import AsyncTokensApi
    from spshipping.checking import Purpose, Report
    from spshipping.notifications.api_async import AsyncNotificationsApi
    from spshipping.orders.api_async import AsyncOrdersApi
    from spshipping.sellers.api_async import AsyncSellersApi
    from spshipping.shipping.api_async import AsyncShippingApi
    from spshipping.transport.bulk import Mapped, Progress
    from spshipping.vendor import AsyncVendorApi

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item

_REQUESTS_ONLY = {
    "session": "it is of requests: use Client, or proxies= and ca_bundle= here",
    "adapter": "it is of requests: use Client, or transport= here",
}


class AsyncClient:
    """A selling partner's way into SP-API, for asyncio. Close it, or use it in `async with`.

    Tasks share it, and event loops too: each has connections of its own. It has what `Client` has, and the
    same options but `session=` and `adapter=`, which are of requests.

    Example:
        ```python
        async with AsyncClient(Credentials(...), marketplace=Marketplace.UK) as client:
            quote = await client.shipping.get_rates(request)
        ```
    """

    @discreet
    def __init__(
        self,
        credentials: Credentials,
        marketplace: Marketplace | str | None = None,
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        """Make a client. Nothing is sent yet, and no event loop is needed yet.

        Args:
            credentials: who the client acts for.
            marketplace: where the seller or vendor sells: a `Marketplace`, a name such as `UK`, or an id.
            marketplace_id: an id that this version does not list; `region` is needed too.
            region: `NA`, `EU` or `FE`; follows from the marketplace.
            environment: `production` (the default) or `sandbox`, which is Amazon's own.
            endpoint: another host than the region's: the local sandbox, or a proxy.
            token_url: another host than Login with Amazon's.
            allow_http: take plain http for hosts other than this machine.
            shipping_business: the Amazon Shipping business, such as `UK`; follows from the marketplace.
            vendor_code: for vendors: the code whose purchase orders are meant where a method is given none.
            application: name and version of your program, for the user-agent: `MyShop/1.2`.
            timeout: seconds for each attempt, or a pair: to connect (10), and without a byte (60).
            deadline: seconds for a whole call, waits included: 600.
            max_wait: seconds that a call may wait for the quota; unlimited within the deadline.
            strict: raise `DecodeError` where an answer differs from Amazon's contract, not repair it.
            on_unsettled: is called with every interrupted call that may have been carried out.
            pii: the data elements of personal data that restricted calls request: `{"buyerInfo"}`.
            restricted_data_token: a token that another application delegated, for personal data.
            client_authentication: where the secret is sent to Login with Amazon: `body` or `basic`.
            token_parameters: further parameters for Login with Amazon.
            aws: AWS keys or a role, to sign every call with Signature Version 4 as well.
            proxies: proxies by scheme; read from the environment unless given. Empty means none.
            ca_bundle: a file of certificates to trust in place of the usual ones.
            retry: a `RetryPolicy`: how often attempts are repeated, and how soon.
            retry_budget: a `RetryBudget`: how many repeats this client and all made from it may send.
            quota: where the quota is kept: `MemoryQuota` unless given, `FileQuota` for several processes.
            token_cache: where tokens are kept; one for the process unless given.
            clock: the time, and sleeping, for tests.
            chance: gives random numbers in [0, 1), for the jitter of repeats, for tests.
            on_reply: is called with every attempt; a coroutine function is awaited.
            transport: what carries the requests, in place of aiohttp.

        Raises:
            ConfigurationError: something is missing, wrong, or contradicts itself, and what to set.
        """
        self._start(credentials, marketplace, options, None)

    def _start(
        self,
        credentials: Credentials,
        marketplace: Marketplace | str | None,
        options: AsyncClientOptions,
        parent: AsyncClient | None,
    ) -> None:
        for name, remedy in _REQUESTS_ONLY.items():
            if name in options:
                raise ConfigurationError(f"AsyncClient has no {name}=: {remedy}")
        marketplace = identified(credentials, marketplace)
        check_options(options, AsyncClientOptions, "AsyncClient")
        refuse_coroutine_functions(options, ("on_unsettled",), "AsyncClient")
        place = place_of(marketplace, options)
        self._credentials = credentials
        self._options = options
        self.marketplace: Marketplace | None = marketplace
        self.region: Region = place.region
        self._owns_io = parent is None
        clock = clock_of(options)
        self._io: AsyncioIo
        if parent is None or options.get("transport") is not parent._io.transport:
            self._io = AsyncioIo(_transport(options, place.origins), clock)
        else:
            self._io = parent._io
        self._lifetime: LoopLifetime = LoopLifetime(None if parent is None else parent._lifetime)
        self._parts: Assembled = assembled(
            credentials,
            marketplace,
            options,
            place,
            self._io,
            on_reply=options.get("on_reply"),
            parent=None if parent is None else parent._parts.sender,
            lifetime=self._lifetime,
        )
        self._context = context_of(self._parts, self._io, marketplace, options)
        self._shipping: AsyncShippingApi | None = None
        self._orders: AsyncOrdersApi | None = None
        self._vendor: AsyncVendorApi | None = None
        self._notifications: AsyncNotificationsApi | None = None
        self._sellers: AsyncSellersApi | None = None
        self._applications: AsyncApplicationsApi | None = None
        self._tokens: AsyncTokensApi | None = None

    @classmethod
    @discreet
    def from_env(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        marketplace: Marketplace | str | None = None,
        **options: Unpack[AsyncClientOptions],
    ) -> Self:
        """Make a client from `SPSHIPPING_*` variables: those of a connection in `spshipping.settings`.

        `CLIENT_ID`, `CLIENT_SECRET`, `REFRESH_TOKEN` and `MARKETPLACE` (`UK`, `GB` or an id) are needed. An
        option given here comes before its variable.

        Raises:
            ConfigurationError: all variables that are missing, wrong or unknown.
        """
        return cls._made(*from_environment(environ, marketplace, options))

    @classmethod
    @discreet
    def from_settings(
        cls, name: str, path: str | PathLike[str] | None = None, **options: Unpack[AsyncClientOptions]
    ) -> Self:
        """Make a client of a named connection in a settings file; an option given here comes first.

        Args:
            name: the connection.
            path: the file; None means `SPSHIPPING_SETTINGS`, or the usual place.
            options: what is different for this client.

        Raises:
            ConfigurationError: there is no such connection, or something about it is wrong, and all that is.
        """
        return cls._made(*from_file(name, path, options))

    @classmethod
    def _made(
        cls, credentials: Credentials, marketplace: Marketplace | str | None, options: AsyncClientOptions
    ) -> Self:
        return cls(credentials, marketplace, **options)

    @property
    def context(self) -> Context:
        """What facades and workflows need of this client; a facade of your own takes it."""
        return self._context

    @property
    def shipping(self) -> AsyncShippingApi:
        """Quote, buy, label and track parcels."""
        if self._shipping is None:
            from spshipping.shipping.api_async import AsyncShippingApi

            self._shipping = AsyncShippingApi(self._context)
        return self._shipping

    @property
    def orders(self) -> AsyncOrdersApi:
        """Retrieve orders, compare the two Orders APIs, confirm shipments."""
        if self._orders is None:
            from spshipping.orders.api_async import AsyncOrdersApi

            self._orders = AsyncOrdersApi(self._context)
        return self._orders

    @property
    def vendor(self) -> AsyncVendorApi:
        """Read and acknowledge purchase orders, announce shipments, ask what became of submissions."""
        if self._vendor is None:
            from spshipping.vendor import AsyncVendorApi

            self._vendor = AsyncVendorApi(self._context)
        return self._vendor

    @property
    def notifications(self) -> AsyncNotificationsApi:
        """Say where Amazon sends notifications, and which."""
        if self._notifications is None:
            from spshipping.notifications.api_async import AsyncNotificationsApi

            self._notifications = AsyncNotificationsApi(self._context)
        return self._notifications

    @property
    def sellers(self) -> AsyncSellersApi:
        """Read who the seller is, and where they sell."""
        if self._sellers is None:
            from spshipping.sellers.api_async import AsyncSellersApi

            self._sellers = AsyncSellersApi(self._context)
        return self._sellers

    @property
    def applications(self) -> AsyncApplicationsApi:
        """Rotate the client secret of the application."""
        if self._applications is None:
            from spshipping.applications.api_async import AsyncApplicationsApi

            self._applications = AsyncApplicationsApi(self._context)
        return self._applications

    @property
    def tokens(self) -> AsyncTokensApi:
        """Mint Restricted Data Tokens by hand."""
        if self._tokens is None:
            from spshipping.auth.tokens_async import AsyncTokensApi

            self._tokens = AsyncTokensApi(self._context)
        return self._tokens

    @discreet
    async def send(self, call: Call[T], **options: Unpack[CallOptions]) -> Reply[T]:
        """Send *call* and return the whole reply: value, request id, attempts, bytes.

        A call without an idempotency key gets one where its operation has keys; the reply, or the error,
        shows the call with it. Where the task is cancelled once a call with an effect may have left, the
        exchange goes on by itself, and `unsettled()` has the call.

        Raises:
            SpShippingError: see the errors of this package.
        """
        return await self._parts.sender.send(call, **options)

    def map(
        self,
        call_factory: Callable[[I], Call[T]],
        items: Iterable[I],
        *,
        concurrency: int = DEFAULT_CONCURRENCY,
        on_progress: Callable[[Progress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncMap[I, T]:
        """Send a call for each item, some at a time, and give the result of each as it ends.

        ```python
        async with client.map(make_call, items) as results:
            async for result in results: ...
        ```

        Nothing is sent before the first result is requested. A call that fails is given with its error, and
        stops no other. When the block is left, nothing more is sent: what waits for the quota gives up, and
        what is under way is awaited, or cancelled if the task was. Finished results that the loop no longer
        gets go to *on_progress*, or else, if they have an effect, to `unsettled()`.

        Args:
            call_factory: makes the call for an item, as in `lambda id: GET_ORDER(path={"orderId": id})`.
            items: drawn one by one, never more than *concurrency* ahead.
            concurrency: how many calls may be under way, or wait for the quota, at a time.
            on_progress: is called with every end, in the task that iterates.
            options: what is different for these calls.

        Raises:
            InvalidRequestError: *concurrency* is no whole number above 0.
        """
        sender = self._parts.sender
        return AsyncMap(
            sender.map(call_factory, items, concurrency=concurrency, on_progress=on_progress, **options)
        )

    @discreet
    async def resolve(
        self, unsettled: BaseException | Unsettled | Call[Any] | str, **options: Unpack[CallOptions]
    ) -> Reply[Any]:
        """Send a keyed call again with its key, to learn its outcome: later, or in another process.

        Args:
            unsettled: the error, or an exception that carries the call (a cause or a member of a group will
                do), an entry of `unsettled()`, the call itself, or what `call_to_json` made of it.
            options: what is different for this call.

        Raises:
            InvalidRequestError: there is no call with an idempotency key, so that sending it may do it again.
        """
        if isinstance(unsettled, str):
            # imported here: few programs store calls
            from spshipping.stored import call_from_json

            unsettled = call_from_json(unsettled)
        return await self._parts.sender.resolve(unsettled, options)

    def unsettled(self) -> tuple[Unsettled, ...]:
        """Return interrupted calls that may have been carried out and have no known outcome, oldest first.

        A call gets here when its task was cancelled: by a timeout, by another task of its group that failed,
        by a server whose client hung up. It stays until `resolve` has succeeded; the last thousand are kept.
        Clients made from this one share the list.
        """
        return self._parts.sender.parts.unsettled.all()

    async def quota(self, operation: Operation[Any]) -> QuotaState:
        """Return how the quota of *operation* stands here: what is left, when the next call may go.

        Sends nothing.
        """
        return await self._parts.sender.quota(operation)

    async def check(self, purpose: Purpose) -> Report:
        """Try what the connection is for: which step works, or what to do. Costs nothing, changes nothing.

        Raises:
            ConfigurationError: there is no such purpose in this version, or the client is closed.
        """
        from spshipping.checking import check

        self._lifetime.check()
        has_true_places = has_true_rates(self._options)
        return await check(self._context, self._parts.sign_in, purpose, has_true_places=has_true_places)

    @discreet
    def with_options(self, **options: Unpack[AsyncClientOptions]) -> Self:
        """Return a client that differs in some options, and shares connections, quota and tokens."""
        kept = shared(self._options, self._parts.sender, self._io.transport)
        merged: AsyncClientOptions = {**kept, **options}
        return self._derived(self._credentials, self.marketplace, merged)

    @discreet
    def for_seller(self, refresh_token: str | Secret, marketplace: Marketplace | str | None = None) -> Self:
        """Return a client for another seller of the same application; they share connections, not tokens."""
        credentials = self._credentials.for_seller(refresh_token)
        marketplace = identified(credentials, marketplace)
        options = without_vendor(shared(self._options, self._parts.sender, self._io.transport))
        if marketplace and marketplace is not self.marketplace:
            options = without_place(options)
        return self._derived(credentials, marketplace or self.marketplace, options)

    def _derived(
        self, credentials: Credentials, marketplace: Marketplace | None, options: AsyncClientOptions
    ) -> Self:
        self._lifetime.check()
        made = object.__new__(type(self))
        made._start(credentials, marketplace, options, self)
        return made

    async def close(self) -> None:
        """Wait for purchases whose callers were cancelled, and close the connections of the running loop.

        A client made from another one leaves both to that one. A call afterwards in this loop is refused with
        a ConfigurationError, also by clients that were made from this one.
        """
        self._lifetime.end()
        if self._owns_io:
            await self._io.close(is_own="transport" not in self._options)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        if not hasattr(self, "_parts"):
            return "<AsyncClient, not made>"  # a traceback calls it while it is being made
        place = self.marketplace.name if self.marketplace else self.region.name
        return f"<AsyncClient {place} at {urlsplit(self._parts.sender.rules.endpoint).netloc}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an AsyncClient is never pickled: make one in the other process")


class AsyncMap(Generic[I, T]):
    """The results of `AsyncClient.map`, for `async with`."""

    __slots__ = ("_results",)

    def __init__(self, results: AsyncGenerator[Mapped[I, T], None]) -> None:
        self._results = results

    async def __aenter__(self) -> AsyncGenerator[Mapped[I, T], None]:
        return self._results

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, asyncio.CancelledError):
            # what runs is cancelled too, and what has ended is handed over
            with suppress(asyncio.CancelledError):
                await self._results.athrow(error)
        await self._results.aclose()


def _transport(options: AsyncClientOptions, origins: tuple[str, ...]) -> AsyncTransport:
    given: dict[str, Any] = {name: options.get(name) for name in NETWORK if options.get(name) is not None}
    transport = options.get("transport")
    if transport is not None:
        if given:
            raise ConfigurationError(
                f"{next(iter(given))}= is for the usual transport; pass it or transport="
            )
        if not inspect.iscoroutinefunction(transport.exchange):
            raise ConfigurationError("transport= of AsyncClient has an `async def exchange`")
        return transport
    try:
        from spshipping.transport.aio import AiohttpTransport
    except ImportError:
        raise ConfigurationError("AsyncClient needs aiohttp: pip install 'spshipping[async]'") from None
    return AiohttpTransport(origins=origins, clock=clock_of(options), **given)
