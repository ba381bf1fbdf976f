"""The options of a client, and what follows from them: region, hosts, business, times."""

import math
from collections.abc import Awaitable, Callable, Collection, Mapping
from os import PathLike
from typing import TYPE_CHECKING, TypedDict

from spshipping.auth.cache import TokenCache
from spshipping.auth.lwa import ClientAuthentication
from spshipping.clock import Clock
from spshipping.errors import ConfigurationError
from spshipping.meta import Attempt
from spshipping.regions import Marketplace, Region, ShippingBusiness
from spshipping.secret import Secret
from spshipping.timeouts import Timeouts, checked_deadline, checked_max_wait
from spshipping.transport.http import AsyncTransport, Transport
from spshipping.transport.quota import QuotaKeeper
from spshipping.transport.retry import RetryBudget, RetryPolicy
from spshipping.transport.unsettled import Unsettled
from spshipping.urls import url_fault

if TYPE_CHECKING:
    from spshipping.auth.aws import Aws
    from spshipping.transport.adapter import OwnAdapter, OwnSession

_ENVIRONMENTS = ("production", "sandbox")


class CommonOptions(TypedDict, total=False):
    """The options of either client, beside its credentials and its marketplace."""

    marketplace_id: str
    """The id of a marketplace that this version does not list; `region` must be given too."""
    region: Region | str
    """`NA`, `EU` or `FE`; follows from the marketplace."""
    environment: str
    """`production` (the default) or `sandbox`, which is Amazon's own."""
    endpoint: str
    """Another host than the region's: the local sandbox, or a proxy."""
    token_url: str
    """Another host than Login with Amazon's."""
    allow_http: bool
    """Take plain http for hosts other than this machine."""
    shipping_business: ShippingBusiness | str
    """The Amazon Shipping business, such as `UK`; follows from the marketplace unless given."""
    vendor_code: str
    """For vendors: the code whose purchase orders are meant where a method is given none; without it, those
    of every vendor of the group."""
    application: str
    """Name and version of your program, for the user-agent: `MyShop/1.2`."""
    timeout: float | tuple[float, float]
    """Seconds for each attempt, or a pair: seconds to connect (10), and seconds without a byte while reading
    (60)."""
    deadline: float
    """Seconds for a whole call, waits included: 600."""
    max_wait: float
    """Seconds that a call may wait for the quota; unlimited within the deadline."""
    strict: bool
    """Raise `DecodeError` where an answer differs from Amazon's contract, instead of repairing it."""
    on_unsettled: Callable[[Unsettled], object]
    """Is called with every call whose caller was interrupted once it may have been carried out; it must
    return quickly. See `client.unsettled()`."""
    pii: Collection[str]
    """The data elements of personal data that restricted calls request, as far as they have them; `pii` of a
    call comes first."""
    restricted_data_token: str | Secret
    """A Restricted Data Token that another application delegated, for calls that request personal data."""
    client_authentication: ClientAuthentication
    """Where the client's secret is sent to Login with Amazon: `body` (the default) or `basic`."""
    token_parameters: Mapping[str, str]
    """Further parameters for Login with Amazon."""
    aws: "Aws"
    """AWS keys or a role: then every call is signed with Signature Version 4 as well."""
    proxies: Mapping[str, str]
    """Proxies by scheme, as requests accepts them; read from the environment once unless given. An empty
    mapping means none."""
    ca_bundle: str | PathLike[str]
    """A file of certificates to trust in place of the usual ones."""
    retry: RetryPolicy
    retry_budget: RetryBudget
    """How many repeats this client and all made from it may send; see `RetryBudget`."""
    quota: QuotaKeeper
    """Where the quota is kept: `MemoryQuota` unless given, `FileQuota` for several processes."""
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
    """Return where Restricted Data Tokens are minted: Amazon's sandbox accepts those of production."""
    return endpoint_of(region, options) if has_true_rates(options) else f"https://{region.host}"


def has_true_rates(options: CommonOptions) -> bool:
    """Say whether the rate header is the quota's: in Amazon's own sandbox it is 5 for every operation."""
    return options.get("environment") != "sandbox" or bool(options.get("endpoint"))


def region_of(marketplace: Marketplace | None, options: CommonOptions) -> Region:
    """Return the region.

    Raises:
        ConfigurationError: it is not known, or is not the marketplace's.
    """
    given = options.get("region")
    region = None if given is None else Region.find(given)
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
    """Return the Amazon Shipping business, or why it is not known; only Shipping needs it."""
    given = options.get("shipping_business")
    business = ShippingBusiness.named(given) if given else marketplace and marketplace.shipping_business
    if business:
        return str(business)
    where = marketplace.name if marketplace else "this marketplace"
    return ConfigurationError(
        f"{where} has no Amazon Shipping of its own; choose one: Client(shipping_business=...)"
        " or business=... (Amazon would take the UK)"
    )


def endpoint_of(region: Region, options: CommonOptions) -> str:
    """Return where calls go, without a slash at the end.

    Raises:
        ConfigurationError: there is no such environment, or the endpoint is no URL that can be used.
    """
    environment = options.get("environment", "production")
    if environment not in _ENVIRONMENTS:
        raise ConfigurationError(
            f"environment {environment!r}: use production or sandbox (SPSHIPPING_ENVIRONMENT)"
        )
    host = region.sandbox_host if environment == "sandbox" else region.host
    return checked_url(options.get("endpoint") or f"https://{host}", options, "endpoint").rstrip("/")


def checked_url(url: str, options: CommonOptions, where: str = "url") -> str:
    """Return *url*; plain http to other hosts than this machine is accepted with `allow_http=True`.

    Raises:
        ConfigurationError: it is no URL that can be used; *where* names the option.
    """
    fault = url_fault(url, allow_http=bool(options.get("allow_http")))
    if fault:
        hint = ", unless allow_http=True" if url_fault(url, allow_http=True) is None else ""
        raise ConfigurationError(f"{where}= {fault}{hint}")
    return url


def timeouts_of(options: CommonOptions) -> Timeouts:
    """Return the timeouts of an attempt.

    Raises:
        ConfigurationError: they make no sense.
    """
    return Timeouts.of(options.get("timeout", Timeouts()))


def deadline_of(options: CommonOptions) -> float:
    """Return the seconds that a whole call may take.

    Raises:
        ConfigurationError: it makes no sense.
    """
    return checked_deadline(options.get("deadline", 600.0))


def max_wait_of(options: CommonOptions) -> float:
    """Return the seconds that a call may wait for the quota.

    Raises:
        ConfigurationError: it makes no sense.
    """
    return checked_max_wait(options.get("max_wait", math.inf))
