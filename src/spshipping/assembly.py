"""Puts the parts of a client together, for threads and for asyncio alike."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar, cast

from spshipping.auth.authorizer import SellerAuthorizer, Signer
from spshipping.auth.cache import TokenCache, process_tokens
from spshipping.auth.credentials import Credentials
from spshipping.auth.lwa import LWA_URL, LwaClient
from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError
from spshipping.facade import Context, Origin
from spshipping.meta import Attempt
from spshipping.named import NamedTuple
from spshipping.operation import History
from spshipping.options import (
    CommonOptions,
    business_of,
    checked_url,
    deadline_of,
    endpoint_of,
    has_true_rates,
    max_wait_of,
    rdt_endpoint_of,
    region_of,
    timeouts_of,
)
from spshipping.regions import BUSINESS_HEADER, Marketplace, Region
from spshipping.secret import Secret
from spshipping.timeouts import Timeouts
from spshipping.transport.build import user_agent
from spshipping.transport.io import Io
from spshipping.transport.keeper import Reservations
from spshipping.transport.lifetime import Lifetime
from spshipping.transport.quota import MemoryQuota
from spshipping.transport.repeat import Repeats
from spshipping.transport.retry import RetryBudget, RetryPolicy
from spshipping.transport.rules import Parts, Rules
from spshipping.transport.sender import CallSender
from spshipping.transport.server_clock import ServerClock
from spshipping.transport.unsettled import UnsettledCalls

if TYPE_CHECKING:
    from spshipping.auth.aws import AwsSource

O = TypeVar("O", bound=CommonOptions)  # noqa: E741 - the options of one of the clients

NETWORK = ("proxies", "ca_bundle", "session", "adapter")
"""The options that say how the usual transport connects."""


class Place(NamedTuple):
    """Where a client sends."""

    region: Region
    endpoint: str
    rdt_endpoint: str
    token_url: str

    @property
    def origins(self) -> tuple[str, ...]:
        """The hosts that requests go to."""
        return self.endpoint, self.token_url


def identified(credentials: object, marketplace: Marketplace | str | None) -> Marketplace | None:
    """Return the marketplace of a client, which may be given as text.

    Raises:
        ConfigurationError: there is no such marketplace, or *credentials* are something else.
    """
    if not isinstance(credentials, Credentials):
        raise ConfigurationError(
            "the first argument is Credentials(client_id, client_secret, refresh_token), not a"
            f" {type(credentials).__name__}"
        )
    return None if marketplace is None else Marketplace.find(marketplace)


def place_of(marketplace: Marketplace | None, options: CommonOptions) -> Place:
    """Return where a client sends.

    Raises:
        ConfigurationError: something is missing or contradicts itself.
    """
    region = region_of(marketplace, options)
    token_url = checked_url(options.get("token_url", LWA_URL), options, "token_url")
    return Place(region, endpoint_of(region, options), rdt_endpoint_of(region, options), token_url)


def clock_of(options: CommonOptions) -> Clock:
    """Return the clock of a client."""
    return options.get("clock") or SystemClock()


def from_environment(
    environ: Mapping[str, str] | None, marketplace: Marketplace | str | None, options: O
) -> tuple[Credentials, Marketplace | str | None, O]:
    """Return what a client is made of, from `SPSHIPPING_*` variables; what is given comes first."""
    # imported here, and below: most programs keep their settings elsewhere
    from spshipping.settings import Settings

    settings = Settings.from_env(environ)
    credentials, place, found = settings.connection(settings.names[0]).client_options(
        given=[*options, *(["marketplace"] if marketplace else [])],
        allow_http=bool(options.get("allow_http")),
    )
    merged: dict[str, Any] = {**found, **options}
    return credentials, marketplace or place, cast(O, merged)


def from_file(
    name: str, path: str | PathLike[str] | None, options: O
) -> tuple[Credentials, Marketplace | None, O]:
    """Return what a client is made of, from a named connection in a settings file."""
    from spshipping.settings import Settings

    connection = Settings.load(path).connection(name)
    credentials, marketplace, found = connection.client_options(
        given=options, allow_http=bool(options.get("allow_http"))
    )
    merged: dict[str, Any] = {**found, **options}
    return credentials, marketplace, cast(O, merged)


def refuse_coroutine_functions(options: CommonOptions, names: tuple[str, ...], client: str) -> None:
    """Refuse coroutine functions for options that are called without `await`.

    Raises:
        ConfigurationError: there is one.
    """
    given = [name for name in names if options.get(name) is not None]
    if not given:
        return
    # imported here: the import is slow, and few programs need it
    from inspect import iscoroutinefunction

    for name in given:
        if iscoroutinefunction(options.get(name)):
            raise ConfigurationError(f"{name}= of {client} is a plain function, not a coroutine function")


class Assembled(NamedTuple):
    """A client's parts, put together."""

    sender: CallSender
    authorizer: SellerAuthorizer
    origin: Origin

    async def sign_in(self, seconds: float) -> None:
        """Get an access token within so many seconds, or raise."""
        await self.authorizer.sign_in(self.sender.parts.clock.monotonic() + seconds)


def assembled(
    credentials: Credentials,
    marketplace: Marketplace | None,
    options: CommonOptions,
    place: Place,
    io: Io,
    *,
    on_reply: Callable[[Attempt], object] | None,
    parent: CallSender | None,
    lifetime: Lifetime,
) -> Assembled:
    """Put the parts together: what the options bring, and the usual ones.

    Args:
        credentials: who the client acts for.
        marketplace: its marketplace, if it is one of the list.
        options: what it was given.
        place: where it sends.
        io: threads or asyncio.
        on_reply: is called with every attempt.
        parent: the client that it is made from, with which it shares what is known of purchases.
        lifetime: says whether the client is closed.
    """
    clock = clock_of(options)
    repeats = _repeats(options, io, clock)
    rules = _rules(credentials, marketplace, options, place, on_reply)
    authorizer = _authorizer(credentials, options, place, rules, repeats)
    parts = Parts(
        repeats=repeats,
        io=io,
        clock=clock,
        server_clock=_server_clock(parent, clock),
        authorizer=authorizer,
        quota=Reservations(options.get("quota") or MemoryQuota(clock), io),
        unsettled=_unsettled(options, parent, rules.owner),
        logged=set(),
        stated_rates={},
        history=(parent.parts.history if parent else History()).of(rules.owner),
        lifetime=lifetime,
    )
    sender = CallSender(rules, parts)
    minting = sender.at(place.rdt_endpoint)
    authorizer.use(lambda call, ends_at: minting.send(call, deadline=ends_at - clock.monotonic()))
    origin = Origin(rules.endpoint, credentials.selling_partner_id, rules.headers[BUSINESS_HEADER])
    return Assembled(sender, authorizer, origin)


def context_of(parts: Assembled, io: Io, marketplace: Marketplace | None, options: CommonOptions) -> Context:
    """Return what facades and workflows need of a client."""
    return Context(
        parts.sender,
        io,
        parts.sender.parts.server_clock,
        marketplace.id if marketplace else options["marketplace_id"],
        options.get("pii"),
        parts.origin,
        options.get("vendor_code"),
    )


def shared(options: O, sender: CallSender, transport: object) -> O:
    """Return the options of a client made from another: they share connections, quota and tokens."""
    kept: dict[str, Any] = {name: value for name, value in options.items() if name not in NETWORK}
    parts = sender.parts
    return cast(
        O,
        {**kept, "transport": transport, "quota": parts.quota.keeper, "retry_budget": parts.repeats.budget},
    )


def without_place(options: O) -> O:
    """Return *options* without what was said of one marketplace, and is not true of another."""
    return _without(options, "marketplace_id", "region", "shipping_business")


def without_vendor(options: O) -> O:
    """Return *options* without what was said of one vendor, and is not true of another."""
    return _without(options, "vendor_code")


def _without(options: O, *names: str) -> O:
    kept = {name: value for name, value in options.items() if name not in names}
    return cast(O, kept)


def _rules(
    credentials: Credentials,
    marketplace: Marketplace | None,
    options: CommonOptions,
    place: Place,
    on_reply: Callable[[Attempt], object] | None,
) -> Rules:
    seller = credentials.refresh_token
    return Rules(
        endpoint=place.endpoint,
        user_agent=user_agent(options.get("application")),
        application=credentials.client_id,
        owner=f"{credentials.client_id} {seller.fingerprint() if seller else ''}",
        headers={BUSINESS_HEADER: business_of(marketplace, options)},
        timeouts=timeouts_of(options),
        deadline=deadline_of(options),
        max_wait=max_wait_of(options),
        is_strict=options.get("strict", False),
        pii=options.get("pii"),
        on_reply=on_reply,
        has_true_rates=has_true_rates(options),
    )


def _repeats(options: CommonOptions, io: Io, clock: Clock) -> Repeats:
    return Repeats(
        io,
        options.get("retry") or RetryPolicy(),
        options.get("retry_budget") or RetryBudget(),
        clock,
        options.get("chance") or random.random,
    )


def _authorizer(
    credentials: Credentials, options: CommonOptions, place: Place, rules: Rules, repeats: Repeats
) -> SellerAuthorizer:
    cache = options.get("token_cache") or process_tokens
    lwa = LwaClient(
        credentials,
        url=place.token_url,
        user_agent=rules.user_agent,
        repeats=repeats,
        timeouts=rules.timeouts,
        authentication=options.get("client_authentication", "body"),
        parameters=options.get("token_parameters"),
    )
    delegated = options.get("restricted_data_token")
    return SellerAuthorizer(
        lwa,
        cache,
        repeats.io,
        signer=_signer(options, place, cache, repeats, rules.timeouts),
        delegated=Secret(delegated) if delegated else None,
        rdt_endpoint=place.rdt_endpoint,
    )


def _server_clock(parent: CallSender | None, clock: Clock) -> ServerClock:
    if parent is not None:
        given = parent.parts.clock
        if given is clock or type(given) is type(clock) is SystemClock:
            return parent.parts.server_clock
    return ServerClock(clock)


def _unsettled(options: CommonOptions, parent: CallSender | None, owner: str) -> UnsettledCalls:
    kept = parent.parts.unsettled if parent else UnsettledCalls()
    return kept.of(owner, options.get("on_unsettled"))


def _signer(
    options: CommonOptions, place: Place, cache: TokenCache, repeats: Repeats, timeouts: Timeouts
) -> Signer | None:
    aws = options.get("aws")
    if aws is None:
        return None
    # imported here: few programs sign requests
    from spshipping.auth.aws import AwsCredentials, AwsRole, GivenKeys
    from spshipping.auth.sigv4 import SigV4Signer

    region = place.region.aws_region
    source: AwsSource
    if isinstance(aws, AwsRole):
        from spshipping.auth.role import RoleKeys

        checked_url(aws.sts_url or "https://sts.amazonaws.com", options)
        source = RoleKeys(aws, region=region, repeats=repeats, cache=cache, timeouts=timeouts)
    elif isinstance(aws, AwsCredentials):
        keys = aws
        source = GivenKeys(lambda: keys, repeats.io)
    else:
        source = GivenKeys(aws, repeats.io)
    return SigV4Signer(source, region, repeats.clock)
