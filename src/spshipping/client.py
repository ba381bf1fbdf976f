"""Client: puts the parts together, and is the only file that knows them all."""

import math
import os
import random
from collections.abc import Callable, Collection, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypedDict, TypeVar, Unpack
from urllib.parse import urlsplit

from spshipping.auth.authorizer import SellerAuthorizer, Signer
from spshipping.auth.aws import Aws, AwsCredentials, AwsRole, AwsSource, GivenKeys, RoleKeys
from spshipping.auth.cache import TokenCache, process_tokens
from spshipping.auth.credentials import Credentials
from spshipping.auth.lwa import LWA_URL, ClientAuthentication, LwaClient
from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError, InvalidRequestError, OutcomeUnknownError
from spshipping.meta import Attempt
from spshipping.operation import Call, CallOptions, Reply
from spshipping.regions import BUSINESS_HEADER, Marketplace, Region, ShippingBusiness
from spshipping.secret import Secret
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.build import user_agent
from spshipping.transport.http import Transport
from spshipping.transport.pipeline import Pipeline, Settings
from spshipping.transport.quota import MemoryQuota, QuotaKeeper
from spshipping.transport.retry import RetryPolicy

if TYPE_CHECKING:
    from spshipping.auth.tokens import TokensApi
    from spshipping.checking import Purpose, Report
    from spshipping.sellers import SellersApi
    from spshipping.shipping import ShippingApi

T = TypeVar("T")

_ENVIRONMENTS = ("production", "sandbox")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ClientOptions(TypedDict, total=False):
    """What a client may be told beside its credentials and its marketplace."""

    marketplace_id: str
    """An id that this version does not list; `region` must be given beside it."""
    region: Region
    environment: str
    """`production` (the default) or `sandbox`, which is Amazon's own."""
    endpoint: str
    """Another host than the region's: the local sandbox, or a proxy."""
    token_url: str
    """Another host than Login with Amazon's."""
    allow_http: bool
    """Take plain http for hosts other than this machine."""
    shipping_business: ShippingBusiness
    """The Amazon Shipping business; follows from the marketplace unless given."""
    application: str
    """Name and version of your program, for the user-agent: `MyShop/1.2`."""
    timeout: float | tuple[float, float]
    """Seconds for each try, or seconds to connect (10) and seconds without a byte while reading (60)."""
    deadline: float
    """Seconds for a whole call, waits included: 600."""
    max_wait: float
    """Seconds a call may wait for its turn in the quota; unlimited within the deadline."""
    strict: bool
    """Raise `DecodeError` where an answer differs from Amazon's contract, instead of repairing it."""
    on_reply: Callable[[Attempt], object]
    """Is called with every attempt."""
    pii: Collection[str]
    """The data elements of personal data that restricted calls ask for, as far as they have them, unless they
    say themselves."""
    restricted_data_token: str | Secret
    """A Restricted Data Token that another application delegated, for calls that ask for personal data."""
    client_authentication: ClientAuthentication
    """Where Login with Amazon is shown the client's secret: `body` (the default) or `basic`."""
    token_parameters: Mapping[str, str]
    """Further parameters for Login with Amazon."""
    aws: Aws
    """AWS keys or a role: then every call is signed with Signature Version 4 as well."""
    retry: RetryPolicy
    quota: QuotaKeeper
    token_cache: TokenCache
    transport: Transport
    clock: Clock
    chance: Callable[[], float]
    """Gives random numbers in [0, 1), for the jitter."""


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
        self.region: Region = _region(marketplace, options)
        self._owns_transport = "transport" not in options
        self._pipeline, self._authorizer = _assembled(self.region, credentials, marketplace, options)
        self._shipping: ShippingApi | None = None
        self._sellers: SellersApi | None = None
        self._tokens: TokensApi | None = None

    @classmethod
    def from_env(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        marketplace: Marketplace | None = None,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Make a client from `SPSHIPPING_*` variables.

        `CLIENT_ID`, `CLIENT_SECRET`, `REFRESH_TOKEN` and `MARKETPLACE` (`UK`, `GB` or an id) are needed;
        `ENVIRONMENT`, `ENDPOINT` and `TOKEN_URL` may be set. An option given here comes before its variable.

        Raises:
            ConfigurationError: a variable is missing or wrong, and which.
        """
        found = _Variables(os.environ if environ is None else environ)
        del environ  # a traceback shows local variables
        credentials = Credentials(
            found.needed("CLIENT_ID"),
            Secret(found.needed("CLIENT_SECRET")),
            Secret(found.needed("REFRESH_TOKEN")),
        )
        if marketplace is None and "marketplace_id" not in options:
            marketplace = Marketplace.find(found.needed("MARKETPLACE"))
        merged: dict[str, Any] = {
            name: found.get(name.upper())
            for name in ("environment", "endpoint", "token_url")
            if found.get(name.upper())
        }
        return cls(credentials, marketplace, **{**merged, **options})

    @classmethod
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

        credentials, marketplace, found = Settings.load(path).connection(name).client_options()
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
        parts: ClientOptions = {"transport": self._pipeline.transport, "quota": self._pipeline.quota}
        return {**self._options, **parts}

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


class _Variables:
    """The environment, without a repr that shows it."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def get(self, name: str) -> str:
        return self._environ.get(f"SPSHIPPING_{name}", "")

    def needed(self, name: str) -> str:
        if not self.get(name).strip():
            raise ConfigurationError(f"set SPSHIPPING_{name}")
        return self.get(name)


def _assembled(
    region: Region, credentials: Credentials, marketplace: Marketplace | None, options: ClientOptions
) -> tuple[Pipeline, SellerAuthorizer]:
    """Put the parts together: what the options bring, and the usual ones."""
    clock = options.get("clock") or SystemClock()
    endpoint, rdt_endpoint = _endpoint(region, options), _rdt_endpoint(region, options)
    token_url = _checked_url(options.get("token_url", LWA_URL), options)
    transport = options.get("transport") or RequestsTransport(origins=(endpoint, token_url), clock=clock)
    chance = options.get("chance") or random.random
    retry = options.get("retry") or RetryPolicy()
    cache = options.get("token_cache") or process_tokens
    delegated = options.get("restricted_data_token")
    settings = _settings(credentials, marketplace, options, endpoint)
    lwa = LwaClient(
        credentials,
        url=token_url,
        user_agent=settings.user_agent,
        transport=transport,
        retry=retry,
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
        clock=clock,
        chance=chance,
    )
    minting = pipeline.at(rdt_endpoint)
    authorizer.use(lambda call, ends_at: minting.send(call, deadline=ends_at - clock.monotonic()))
    return pipeline, authorizer


def _settings(
    credentials: Credentials, marketplace: Marketplace | None, options: ClientOptions, endpoint: str
) -> Settings:
    timeout = options.get("timeout", (10.0, 60.0))
    connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    seller = credentials.refresh_token
    return Settings(
        endpoint=endpoint,
        user_agent=user_agent(options.get("application")),
        scope=f"{credentials.client_id} {seller.fingerprint() if seller else ''}",
        headers={BUSINESS_HEADER: _business(marketplace, options)},
        connect_timeout=connect,
        read_timeout=read,
        deadline=options.get("deadline", 600.0),
        max_wait=options.get("max_wait", math.inf),
        is_strict=options.get("strict", False),
        pii=options.get("pii"),
        on_reply=options.get("on_reply"),
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
        _checked_url(aws.sts_url or "https://sts.amazonaws.com", options)
        source = RoleKeys(
            aws, region=region.aws_region, transport=transport, cache=cache, clock=clock, timeouts=timeouts
        )
    elif isinstance(aws, AwsCredentials):
        keys = aws
        source = GivenKeys(lambda: keys)
    else:
        source = GivenKeys(aws)
    return SigV4Signer(source, region.aws_region, clock)


def _rdt_endpoint(region: Region, options: ClientOptions) -> str:
    """Return where Restricted Data Tokens are minted: Amazon's sandbox takes those of production."""
    is_amazons_sandbox = options.get("environment") == "sandbox" and not options.get("endpoint")
    return f"https://{region.host}" if is_amazons_sandbox else _endpoint(region, options)


def _region(marketplace: Marketplace | None, options: ClientOptions) -> Region:
    region = options.get("region")
    if marketplace is None:
        if region is None or not options.get("marketplace_id"):
            raise ConfigurationError(
                "pass marketplace=, or set SPSHIPPING_MARKETPLACE; for an id that is not listed, pass"
                " marketplace_id= and region= together"
            )
        return region
    if region not in (None, marketplace.region):
        raise ConfigurationError(f"marketplace {marketplace.name} is in region {marketplace.region.name}")
    return marketplace.region


def _business(marketplace: Marketplace | None, options: ClientOptions) -> str | ConfigurationError:
    business = options.get("shipping_business") or (marketplace and marketplace.shipping_business)
    if business:
        return str(business)
    where = marketplace.name if marketplace else "this marketplace"
    return ConfigurationError(
        f"{where} has no Amazon Shipping of its own; say which one is meant: Client(shipping_business=...)"
        " or business=... (Amazon would take the UK)"
    )


def _endpoint(region: Region, options: ClientOptions) -> str:
    environment = options.get("environment", "production")
    if environment not in _ENVIRONMENTS:
        raise ConfigurationError(
            f"environment {environment!r}: use production or sandbox (SPSHIPPING_ENVIRONMENT)"
        )
    host = region.sandbox_host if environment == "sandbox" else region.host
    return _checked_url(options.get("endpoint") or f"https://{host}", options).rstrip("/")


def _checked_url(url: str, options: ClientOptions) -> str:
    parts = urlsplit(url)
    if (
        parts.scheme not in ("https", "http")
        or not parts.hostname
        or parts.username
        or parts.query
        or parts.fragment
    ):
        raise ConfigurationError(f"{parts.scheme}://{parts.hostname}: an endpoint is https:// and a host")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not options.get("allow_http"):
        raise ConfigurationError(
            f"http://{parts.hostname}: plain http only to this machine, or with allow_http=True"
        )
    return url
