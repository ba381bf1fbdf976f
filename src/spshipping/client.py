"""Client: puts the parts together, and is the only file that knows them all."""

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, Unpack, cast
from urllib.parse import urlsplit

from spshipping.auth.authorizer import SellerAuthorizer, Signer
from spshipping.auth.aws import AwsCredentials, AwsRole, AwsSource, GivenKeys, RoleKeys
from spshipping.auth.cache import TokenCache, process_tokens
from spshipping.auth.credentials import Credentials
from spshipping.auth.lwa import LWA_URL, LwaClient
from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError, InvalidRequestError, OutcomeUnknownError
from spshipping.operation import Call, CallOptions, Operation, Reply
from spshipping.options import ClientOptions as ClientOptions
from spshipping.options import (
    business_of,
    checked_url,
    endpoint_of,
    has_true_rates,
    rdt_endpoint_of,
    region_of,
)
from spshipping.regions import BUSINESS_HEADER, Marketplace, Region
from spshipping.secret import Secret, discreet
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.bucket import QuotaState
from spshipping.transport.build import user_agent
from spshipping.transport.bulk import DEFAULT_CONCURRENCY, Mapped, Progress, map_calls
from spshipping.transport.http import Transport
from spshipping.transport.pipeline import Pipeline, Settings
from spshipping.transport.quota import MemoryQuota
from spshipping.transport.retry import RetryBudget, RetryPolicy

if TYPE_CHECKING:
    from spshipping.auth.tokens import TokensApi
    from spshipping.checking import Purpose, Report
    from spshipping.notifications import NotificationsApi
    from spshipping.orders import OrdersApi
    from spshipping.sellers import SellersApi
    from spshipping.shipping import ShippingApi

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item
_NETWORK = ("proxies", "ca_bundle", "session", "adapter")


class Client:
    """A selling partner's way into SP-API. Safe to share between threads; close it, or use it in `with`.

    Example:
        ```python
        with Client(Credentials(...), marketplace=Marketplace.UK) as client:
            quote = client.shipping.get_rates(request)
        ```
    """

    def __init__(
        self,
        credentials: Credentials,
        marketplace: Marketplace | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        """Make a client. Nothing is sent yet.

        Raises:
            ConfigurationError: something is missing or contradicts itself, and what to set.
        """
        unknown = set(options) - set(ClientOptions.__annotations__)
        if unknown:
            raise ConfigurationError(f"Client has no option {sorted(unknown)[0]!r}")
        self._credentials = credentials
        self._options = options
        self.marketplace = marketplace
        self.region: Region = region_of(marketplace, options)
        self._owns_transport = "transport" not in options
        self._pipeline, self._authorizer = _assembled(self.region, credentials, marketplace, options)
        self._shipping: ShippingApi | None = None
        self._orders: OrdersApi | None = None
        self._notifications: NotificationsApi | None = None
        self._sellers: SellersApi | None = None
        self._tokens: TokensApi | None = None

    @classmethod
    @discreet
    def from_env(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        marketplace: Marketplace | None = None,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Make a client from `SPSHIPPING_*` variables: those of a connection in `spshipping.settings`.

        `CLIENT_ID`, `CLIENT_SECRET`, `REFRESH_TOKEN` and `MARKETPLACE` (`UK`, `GB` or an id) are needed. An
        option given here comes before its variable.

        Raises:
            ConfigurationError: all variables that are missing, wrong or unknown.
        """
        # imported here: most programs keep their settings elsewhere
        from spshipping.settings import Settings

        settings = Settings.from_env(environ)
        credentials, place, found = settings.connection(settings.names[0]).client_options(
            given=[*options, *(["marketplace"] if marketplace else [])],
            allow_http=options.get("allow_http", False),
        )
        merged: dict[str, Any] = {**found, **options}
        return cls(credentials, marketplace or place, **merged)

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
        # imported here: most programs keep their settings elsewhere
        from spshipping.settings import Settings

        connection = Settings.load(path).connection(name)
        credentials, marketplace, found = connection.client_options(
            given=options, allow_http=options.get("allow_http", False)
        )
        merged: dict[str, Any] = {**found, **options}
        return cls(credentials, marketplace, **merged)

    @property
    def shipping(self) -> "ShippingApi":
        """Quote, buy, label and track parcels."""
        if self._shipping is None:
            from spshipping.shipping import ShippingApi

            self._shipping = ShippingApi(self)
        return self._shipping

    @property
    def orders(self) -> "OrdersApi":
        """Retrieve orders, compare the two Orders APIs, confirm shipments."""
        if self._orders is None:
            from spshipping.orders import OrdersApi

            place = self.marketplace
            self._orders = OrdersApi(
                self,
                marketplace_id=place.id if place else self._options["marketplace_id"],
                clock=self._pipeline.clock,
                pii=self._pipeline.settings.pii,
            )
        return self._orders

    @property
    def notifications(self) -> "NotificationsApi":
        """Say where Amazon sends notifications, and which."""
        if self._notifications is None:
            from spshipping.notifications import NotificationsApi

            self._notifications = NotificationsApi(self)
        return self._notifications

    @property
    def sellers(self) -> "SellersApi":
        """Ask who the seller is, and where they sell."""
        if self._sellers is None:
            from spshipping.sellers import SellersApi

            self._sellers = SellersApi(self)
        return self._sellers

    @property
    def tokens(self) -> "TokensApi":
        """Mint Restricted Data Tokens by hand."""
        if self._tokens is None:
            from spshipping.auth.tokens import TokensApi

            self._tokens = TokensApi(self)
        return self._tokens

    def send(self, call: Call[T], **options: Unpack[CallOptions]) -> Reply[T]:
        """Send *call* and return the whole reply: value, request id, attempts, bytes.

        A call without an idempotency key gets one where its operation has keys; the reply, or the error,
        shows the call with it.

        Raises:
            SpShippingError: see the errors of this package.
        """
        return self._pipeline.send(call, **options)

    def map(
        self,
        call_factory: Callable[[I], Call[T]],
        items: Iterable[I],
        *,
        concurrency: int = DEFAULT_CONCURRENCY,
        on_progress: Callable[[Progress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> Iterator[Mapped[I, T]]:
        """Send a call for each item over threads, and yield what came of each as it ends.

        Nothing is sent before the first result is asked for. A call that fails is yielded with its error,
        and stops no other. When the loop is left, by Ctrl-C too, nothing more is sent: what waits for its
        turn gives up, and what is on the line is awaited, since it may be a purchase; *on_progress* gets
        those as well.

        Args:
            call_factory: makes the call for an item, as in `lambda id: GET_ORDER(path={"orderId": id})`.
            items: drawn one by one, never more than *concurrency* ahead.
            concurrency: how many calls may be under way, or wait for the quota, at a time.
            on_progress: is called with every end, in the thread that iterates.
            options: what is different for these calls.

        Raises:
            ValueError: *concurrency* is less than one.
        """
        return map_calls(
            self._pipeline,
            call_factory,
            items,
            concurrency=concurrency,
            on_progress=on_progress,
            options=options,
        )

    def resolve(
        self, unsettled: OutcomeUnknownError | Call[Any], **options: Unpack[CallOptions]
    ) -> Reply[Any]:
        """Send a keyed call again with its key, to learn what became of it: later, or in another process.

        Raises:
            InvalidRequestError: the call has no idempotency key, so sending it again may do it again.
        """
        call = unsettled.call if isinstance(unsettled, OutcomeUnknownError) else unsettled
        if not isinstance(call, Call) or call.key is None:
            raise InvalidRequestError(
                "only a call with an idempotency key can be resolved; look the others up at Amazon",
                path="call",
            )
        return self._pipeline.send(call, is_repeat=True, **options)

    def quota(self, operation: Operation[Any]) -> QuotaState:
        """Tell how the quota of *operation* stands, as far as is known here: what is left, and when the next
        call may go. Sends nothing."""
        return self._pipeline.quota_state(operation)

    def check(self, purpose: "Purpose") -> "Report":
        """Try what the connection is for: which step works, or what to do. Costs nothing, changes nothing.

        Raises:
            ConfigurationError: there is no such purpose in this version.
        """
        from spshipping.checking import check

        return check(self, self._sign_in, purpose)

    def _sign_in(self, seconds: float) -> None:
        self._authorizer.sign_in(self._pipeline.clock.monotonic() + seconds)

    def with_options(self, **options: Unpack[ClientOptions]) -> "Client":
        """Return a client that differs in some options, and shares connections, quota and tokens."""
        merged: ClientOptions = {**self._shared(), **options}
        return Client(self._credentials, self.marketplace, **merged)

    def for_seller(self, refresh_token: str | Secret, marketplace: Marketplace | None = None) -> "Client":
        """Return a client for another seller of the same application; they share connections, not tokens."""
        refresh_token = Secret(refresh_token)  # not as text in this frame, should it be refused
        credentials = self._credentials.for_seller(refresh_token)
        options = self._shared()
        if marketplace and marketplace is not self.marketplace:
            # what was said of one place is not true of another
            options.pop("marketplace_id", None)
            options.pop("region", None)
            options.pop("shipping_business", None)
        return Client(credentials, marketplace or self.marketplace, **options)

    def _shared(self) -> ClientOptions:
        pipeline = self._pipeline
        kept: dict[str, Any] = {name: value for name, value in self._options.items() if name not in _NETWORK}
        parts: ClientOptions = {
            "transport": pipeline.transport,
            "quota": pipeline.quota,
            "retry_budget": pipeline.budget,
        }
        return cast(ClientOptions, {**kept, **parts})

    def close(self) -> None:
        """Let go of the connections, unless they belong to the client this one was made from."""
        if self._owns_transport:
            self._pipeline.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if not hasattr(self, "_pipeline"):
            return "<Client, not made>"  # a traceback with local variables asks while it fails to be
        place = self.marketplace.name if self.marketplace else self.region.name
        return f"<Client {place} at {urlsplit(self._pipeline.settings.endpoint).netloc}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Client is never pickled: make one in the other process")


def _assembled(
    region: Region, credentials: Credentials, marketplace: Marketplace | None, options: ClientOptions
) -> tuple[Pipeline, SellerAuthorizer]:
    """Put the parts together: what the options bring, and the usual ones."""
    clock = options.get("clock") or SystemClock()
    endpoint, rdt_endpoint = endpoint_of(region, options), rdt_endpoint_of(region, options)
    token_url = checked_url(options.get("token_url", LWA_URL), options)
    transport = _transport(options, (endpoint, token_url), clock)
    chance = options.get("chance") or random.random
    retry = options.get("retry") or RetryPolicy()
    budget = options.get("retry_budget") or RetryBudget()
    cache = options.get("token_cache") or process_tokens
    delegated = options.get("restricted_data_token")
    settings = _settings(credentials, marketplace, options, endpoint)
    lwa = LwaClient(
        credentials,
        url=token_url,
        user_agent=settings.user_agent,
        transport=transport,
        retry=retry,
        budget=budget,
        clock=clock,
        chance=chance,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        authentication=options.get("client_authentication", "body"),
        parameters=options.get("token_parameters"),
    )
    authorizer = SellerAuthorizer(
        lwa,
        cache,
        signer=_signer(region, options, transport, cache, clock, settings),
        delegated=Secret(delegated) if delegated else None,
        rdt_endpoint=rdt_endpoint,
    )
    quota = options.get("quota") or MemoryQuota(clock)
    pipeline = Pipeline(
        settings=settings,
        transport=transport,
        authorizer=authorizer,
        quota=quota,
        retry=retry,
        budget=budget,
        clock=clock,
        chance=chance,
    )
    minting = pipeline.at(rdt_endpoint)
    authorizer.use(lambda call, ends_at: minting.send(call, deadline=ends_at - clock.monotonic()))
    return pipeline, authorizer


def _transport(options: ClientOptions, origins: tuple[str, ...], clock: Clock) -> Transport:
    given: dict[str, Any] = {name: options.get(name) for name in _NETWORK if options.get(name) is not None}
    transport = options.get("transport")
    if transport is None:
        return RequestsTransport(origins=origins, clock=clock, **given)
    if given:
        raise ConfigurationError(f"{next(iter(given))}= is for the usual transport; pass it or transport=")
    return transport


def _settings(
    credentials: Credentials, marketplace: Marketplace | None, options: ClientOptions, endpoint: str
) -> Settings:
    timeout = options.get("timeout", (10.0, 60.0))
    connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    seller = credentials.refresh_token
    return Settings(
        endpoint=endpoint,
        user_agent=user_agent(options.get("application")),
        application=credentials.client_id,
        seller=seller.fingerprint() if seller else "",
        headers={BUSINESS_HEADER: business_of(marketplace, options)},
        connect_timeout=connect,
        read_timeout=read,
        deadline=options.get("deadline", 600.0),
        max_wait=options.get("max_wait", math.inf),
        is_strict=options.get("strict", False),
        pii=options.get("pii"),
        on_reply=options.get("on_reply"),
        has_true_rates=has_true_rates(options),
    )


def _signer(
    region: Region,
    options: ClientOptions,
    transport: Transport,
    cache: TokenCache,
    clock: Clock,
    settings: Settings,
) -> Signer | None:
    aws = options.get("aws")
    if aws is None:
        return None
    # imported here: hardly anybody signs any more
    from spshipping.auth.sigv4 import SigV4Signer

    timeouts = (settings.connect_timeout, settings.read_timeout)
    source: AwsSource
    if isinstance(aws, AwsRole):
        checked_url(aws.sts_url or "https://sts.amazonaws.com", options)
        source = RoleKeys(
            aws, region=region.aws_region, transport=transport, cache=cache, clock=clock, timeouts=timeouts
        )
    elif isinstance(aws, AwsCredentials):
        keys = aws
        source = GivenKeys(lambda: keys)
    else:
        source = GivenKeys(aws)
    return SigV4Signer(source, region.aws_region, clock)
