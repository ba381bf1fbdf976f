"""What a client may be told, and what follows from it: region, hosts, business."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from os import PathLike
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

from spshipping.auth.aws import Aws
from spshipping.auth.cache import TokenCache
from spshipping.auth.lwa import ClientAuthentication
from spshipping.clock import Clock
from spshipping.errors import ConfigurationError
from spshipping.meta import Attempt
from spshipping.regions import Marketplace, Region, ShippingBusiness
from spshipping.secret import Secret
from spshipping.transport.http import AsyncTransport, Transport
from spshipping.transport.quota import QuotaKeeper
from spshipping.transport.retry import RetryBudget, RetryPolicy
from spshipping.transport.unsettled import Unsettled

if TYPE_CHECKING:
    from spshipping.transport.adapter import OwnAdapter, OwnSession

_ENVIRONMENTS = ("production", "sandbox")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class CommonOptions(TypedDict, total=False):
    """What either client takes beside its credentials and its marketplace."""

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
    on_unsettled: Callable[[Unsettled], object]
    """Is called with every call whose caller was interrupted once it may have been carried out; it must
    return quickly. See `client.unsettled()`."""
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
    proxies: Mapping[str, str]
    """Proxies by scheme, as requests takes them; read from the environment once unless given. An empty
    mapping means none."""
    ca_bundle: str | PathLike[str]
    """A file of certificates to trust in place of the usual ones."""
    retry: RetryPolicy
    retry_budget: RetryBudget
    """How many repeats this client and all made from it may send; see `RetryBudget`."""
    quota: QuotaKeeper
    """Where turns are kept: `MemoryQuota` unless given, `FileQuota` for several processes."""
    token_cache: TokenCache
    clock: Clock
    chance: Callable[[], float]
    """Gives random numbers in [0, 1), for the jitter."""


class ClientOptions(CommonOptions, total=False):
    """What `Client` takes beside its credentials and its marketplace."""

    on_reply: Callable[[Attempt], object]
    """Is called with every attempt."""
    session: "OwnSession"
    """A session of your own: its adapters, proxies and certificates are used, as they are now. Redirects,
    cookies and its authentication never are."""
    adapter: "OwnAdapter"
    """An adapter of requests to send with, one that repeats nothing by itself. Whether a request left is not
    known then, and counts as yes."""
    transport: Transport
    """What carries the requests, in place of requests."""


class AsyncClientOptions(CommonOptions, total=False):
    """What `AsyncClient` takes beside its credentials and its marketplace."""

    on_reply: Callable[[Attempt], object] | Callable[[Attempt], Awaitable[object]]
    """Is called with every attempt; a coroutine function is awaited."""
    transport: AsyncTransport
    """What carries the requests, in place of aiohttp."""


def rdt_endpoint_of(region: Region, options: CommonOptions) -> str:
    """Return where Restricted Data Tokens are minted: Amazon's sandbox takes those of production."""
    return endpoint_of(region, options) if has_true_rates(options) else f"https://{region.host}"


def has_true_rates(options: CommonOptions) -> bool:
    """Say whether the rate header tells the quota: in Amazon's own sandbox it says 5 for every operation."""
    return options.get("environment") != "sandbox" or bool(options.get("endpoint"))


def region_of(marketplace: Marketplace | None, options: CommonOptions) -> Region:
    """Return the region.

    Raises:
        ConfigurationError: none can be told, or it is not the marketplace's.
    """
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


def business_of(marketplace: Marketplace | None, options: CommonOptions) -> str | ConfigurationError:
    """Return the Amazon Shipping business, or why it is not known; only Shipping asks for it."""
    business = options.get("shipping_business") or (marketplace and marketplace.shipping_business)
    if business:
        return str(business)
    where = marketplace.name if marketplace else "this marketplace"
    return ConfigurationError(
        f"{where} has no Amazon Shipping of its own; say which one is meant: Client(shipping_business=...)"
        " or business=... (Amazon would take the UK)"
    )


def endpoint_of(region: Region, options: CommonOptions) -> str:
    """Return where calls go, without a slash at the end.

    Raises:
        ConfigurationError: there is no such environment, or the endpoint is not for us.
    """
    environment = options.get("environment", "production")
    if environment not in _ENVIRONMENTS:
        raise ConfigurationError(
            f"environment {environment!r}: use production or sandbox (SPSHIPPING_ENVIRONMENT)"
        )
    host = region.sandbox_host if environment == "sandbox" else region.host
    return checked_url(options.get("endpoint") or f"https://{host}", options).rstrip("/")


def checked_url(url: str, options: CommonOptions) -> str:
    """Return *url*.

    Raises:
        ConfigurationError: it is no https host.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigurationError("an endpoint is https:// and a host, and this is no URL at all") from None
    host = parts.hostname
    if (
        parts.scheme not in ("https", "http")
        or not host
        or not host.isprintable()
        or " " in host
        or port == 0
        or parts.username
        or parts.query
        or parts.fragment
    ):
        raise ConfigurationError(f"{parts.scheme}://{host}: an endpoint is https:// and a host")
    if parts.scheme == "http" and host not in _LOOPBACK and not options.get("allow_http"):
        raise ConfigurationError(f"http://{host}: plain http only to this machine, or with allow_http=True")
    return url
