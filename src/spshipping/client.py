"""Client: for threads; the parts come from `assembly`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, Unpack
from urllib.parse import urlsplit

from spshipping.assembly import (
    NETWORK,
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
from spshipping.options import ClientOptions as ClientOptions
from spshipping.options import has_true_rates
from spshipping.regions import Marketplace, Region
from spshipping.secret import Secret, discreet
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.bucket import QuotaState
from spshipping.transport.http import Transport
from spshipping.transport.io import DEFAULT_CONCURRENCY, iterate, run
from spshipping.transport.lifetime import Lifetime
from spshipping.transport.sender import CallSender
from spshipping.transport.threads import ThreadIo
from spshipping.transport.unsettled import Unsettled

if TYPE_CHECKING:
    from spshipping.applications import ApplicationsApi
    from spshipping.auth.tokens import TokensApi
    from spshipping.checking import Purpose, Report
    from spshipping.notifications import NotificationsApi
    from spshipping.orders import OrdersApi
    from spshipping.sellers import SellersApi
    from spshipping.shipping import ShippingApi
    from spshipping.transport.bulk import Mapped, Progress
    from spshipping.vendor import VendorApi

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item


class Client:
    """A selling partner's way into SP-API. Safe to share between threads; close it, or use it in `with`.

    Example:
        ```python
        with Client(Credentials(...), marketplace=Marketplace.UK) as client:
            quote = client.shipping.get_rates(request)
        ```
    """

    @discreet
    def __init__(
        self,
        credentials: Credentials,
        marketplace: Marketplace | str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        """Make a client. Nothing is sent yet.

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
            on_reply: is called with every attempt.
            session: a `requests.Session` of your own, whose adapters, proxies and certificates are used.
            adapter: an adapter of requests to send with, one that repeats nothing by itself.
            transport: what carries the requests, in place of requests.

        Raises:
            ConfigurationError: something is missing, wrong, or contradicts itself, and what to set.
        """
        self._start(credentials, marketplace, options, None)

    def _start(
        self,
        credentials: Credentials,
        marketplace: Marketplace | str | None,
        options: ClientOptions,
        parent: CallSender | None,
    ) -> None:
        marketplace = identified(credentials, marketplace)
        if options:
            from spshipping.option_checks import check_options

            check_options(options, ClientOptions, "Client")
        refuse_coroutine_functions(options, ("on_reply", "on_unsettled", "aws"), "Client")
        place = place_of(marketplace, options)
        self._credentials = credentials
        self._options = options
        self.marketplace: Marketplace | None = marketplace
        self.region: Region = place.region
        self._owns_transport = "transport" not in options
        self._transport = _transport(options, place.origins)
        clock = clock_of(options)
        io = ThreadIo(self._transport, clock)
        self._lifetime: Lifetime = Lifetime(None if parent is None else parent.parts.lifetime)
        self._parts = assembled(
            credentials,
            marketplace,
            options,
            place,
            io,
            on_reply=options.get("on_reply"),
            parent=parent,
            lifetime=self._lifetime,
        )
        self._context = context_of(self._parts, io, marketplace, options)
        self._shipping: ShippingApi | None = None
        self._orders: OrdersApi | None = None
        self._vendor: VendorApi | None = None
        self._notifications: NotificationsApi | None = None
        self._sellers: SellersApi | None = None
        self._applications: ApplicationsApi | None = None
        self._tokens: TokensApi | None = None

    @classmethod
    @discreet
    def from_env(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        marketplace: Marketplace | str | None = None,
        **options: Unpack[ClientOptions],
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
        cls, name: str, path: str | PathLike[str] | None = None, **options: Unpack[ClientOptions]
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
        cls, credentials: Credentials, marketplace: Marketplace | str | None, options: ClientOptions
    ) -> Self:
        return cls(credentials, marketplace, **options)

    @property
    def context(self) -> Context:
        """What facades and workflows need of this client; a facade of your own takes it."""
        return self._context

    @property
    def shipping(self) -> ShippingApi:
        """Quote, buy, label and track parcels."""
        if self._shipping is None:
            from spshipping.shipping import ShippingApi

            self._shipping = ShippingApi(self._context)
        return self._shipping

    @property
    def orders(self) -> OrdersApi:
        """Retrieve orders, compare the two Orders APIs, confirm shipments."""
        if self._orders is None:
            from spshipping.orders import OrdersApi

            self._orders = OrdersApi(self._context)
        return self._orders

    @property
    def vendor(self) -> VendorApi:
        """Read and acknowledge purchase orders, announce shipments, ask what became of submissions."""
        if self._vendor is None:
            from spshipping.vendor import VendorApi

            self._vendor = VendorApi(self._context)
        return self._vendor

    @property
    def notifications(self) -> NotificationsApi:
        """Say where Amazon sends notifications, and which."""
        if self._notifications is None:
            from spshipping.notifications import NotificationsApi

            self._notifications = NotificationsApi(self._context)
        return self._notifications

    @property
    def sellers(self) -> SellersApi:
        """Read who the seller is, and where they sell."""
        if self._sellers is None:
            from spshipping.sellers import SellersApi

            self._sellers = SellersApi(self._context)
        return self._sellers

    @property
    def applications(self) -> ApplicationsApi:
        """Rotate the client secret of the application."""
        if self._applications is None:
            from spshipping.applications import ApplicationsApi

            self._applications = ApplicationsApi(self._context)
        return self._applications

    @property
    def tokens(self) -> TokensApi:
        """Mint Restricted Data Tokens by hand."""
        if self._tokens is None:
            from spshipping.auth.tokens import TokensApi

            self._tokens = TokensApi(self._context)
        return self._tokens

    @discreet
    def send(self, call: Call[T], **options: Unpack[CallOptions]) -> Reply[T]:
        """Send *call* and return the whole reply: value, request id, attempts, bytes.

        A call without an idempotency key gets one where its operation has keys; the reply, or the error,
        shows the call with it.

        Raises:
            SpShippingError: see the errors of this package.
        """
        return run(self._parts.sender.send(call, **options))

    def map(
        self,
        call_factory: Callable[[I], Call[T]],
        items: Iterable[I],
        *,
        concurrency: int = DEFAULT_CONCURRENCY,
        on_progress: Callable[[Progress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> Iterator[Mapped[I, T]]:
        """Send a call for each item over threads, and yield the result of each as it ends.

        Nothing is sent before the first result is requested. A call that fails is yielded with its error,
        and stops no other. After an interrupt, or a mistake in *items* or *call_factory*, nothing more is
        sent: what waits for the quota gives up, and what is under way is awaited, since it may be a purchase;
        the results that there are still come, and the exception is raised at the end. Where the loop itself
        is left, *on_progress* gets them, or else, if they have an effect, `unsettled()`.

        Args:
            call_factory: makes the call for an item, as in `lambda id: GET_ORDER(path={"orderId": id})`.
            items: drawn one by one, never more than *concurrency* ahead.
            concurrency: how many calls may be under way, or wait for the quota, at a time.
            on_progress: is called with every end, in the thread that iterates.
            options: what is different for these calls.

        Raises:
            InvalidRequestError: *concurrency* is no whole number above 0.
        """
        sender = self._parts.sender
        return iterate(
            sender.map(call_factory, items, concurrency=concurrency, on_progress=on_progress, **options)
        )

    @discreet
    def resolve(
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
        return run(self._parts.sender.resolve(unsettled, options))

    def unsettled(self) -> tuple[Unsettled, ...]:
        """Return interrupted calls that may have been carried out and have no known outcome, oldest first.

        A call gets here when its caller was interrupted: by Ctrl-C, a job's time limit, a cancelled task. It
        stays until `resolve` has succeeded; the last thousand are kept. Clients made from this one share the
        list.
        """
        return self._parts.sender.parts.unsettled.all()

    def quota(self, operation: Operation[Any]) -> QuotaState:
        """Return how the quota of *operation* stands here: what is left, when the next call may go.

        Sends nothing.
        """
        return run(self._parts.sender.quota(operation))

    def check(self, purpose: Purpose) -> Report:
        """Try what the connection is for: which step works, or what to do. Costs nothing, changes nothing.

        Raises:
            ConfigurationError: there is no such purpose in this version, or the client is closed.
        """
        from spshipping.checking import check

        self._lifetime.check()
        has_true_places = has_true_rates(self._options)
        return run(check(self._context, self._parts.sign_in, purpose, has_true_places=has_true_places))

    @discreet
    def with_options(self, **options: Unpack[ClientOptions]) -> Self:
        """Return a client that differs in some options, and shares connections, quota and tokens."""
        merged: ClientOptions = {**shared(self._options, self._parts.sender, self._transport), **options}
        return self._derived(self._credentials, self.marketplace, merged)

    @discreet
    def for_seller(self, refresh_token: str | Secret, marketplace: Marketplace | str | None = None) -> Self:
        """Return a client for another seller of the same application; they share connections, not tokens."""
        credentials = self._credentials.for_seller(refresh_token)
        marketplace = identified(credentials, marketplace)
        options = without_vendor(shared(self._options, self._parts.sender, self._transport))
        if marketplace and marketplace is not self.marketplace:
            options = without_place(options)
        return self._derived(credentials, marketplace or self.marketplace, options)

    def _derived(
        self, credentials: Credentials, marketplace: Marketplace | None, options: ClientOptions
    ) -> Self:
        self._lifetime.check()
        made = object.__new__(type(self))
        made._start(credentials, marketplace, options, self._parts.sender)
        return made

    def close(self) -> None:
        """Close the connections, unless they belong to the client this one was made from.

        A call afterwards is refused with a ConfigurationError, also by clients that were made from this one.
        """
        self._lifetime.end()
        if self._owns_transport:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if not hasattr(self, "_parts"):
            return "<Client, not made>"  # a traceback calls it while it is being made
        place = self.marketplace.name if self.marketplace else self.region.name
        return f"<Client {place} at {urlsplit(self._parts.sender.rules.endpoint).netloc}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Client is never pickled: make one in the other process")


def _transport(options: ClientOptions, origins: tuple[str, ...]) -> Transport:
    given: dict[str, Any] = {name: options.get(name) for name in NETWORK if options.get(name) is not None}
    transport = options.get("transport")
    if transport is None:
        return RequestsTransport(origins=origins, clock=clock_of(options), **given)
    if given:
        raise ConfigurationError(f"{next(iter(given))}= is for the usual transport; pass it or transport=")
    return transport
