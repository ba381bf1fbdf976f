"""The defaults that users are promised: what each is, where the pages say so, and how it is observed."""

import inspect
import math
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from spshipping import Client, Credentials, Effect, Marketplace, Operation, Quota, RetryPolicy, Secret
from spshipping.auth import cache, consent, lwa, sts
from spshipping.auth.aws import AwsCredentials
from spshipping.auth.cache import TokenCache
from spshipping.auth.consent import ConsentFlow
from spshipping.auth.sigv4 import sign
from spshipping.checking import _DEADLINE as CHECK_DEADLINE
from spshipping.errors import AuthError, ConsentError
from spshipping.journal import MemoryJournal
from spshipping.notifications.forms import MOST_BYTES
from spshipping.operation.arguments import _YOUNGEST
from spshipping.orders import OrderSync
from spshipping.orders.bridge.source_v0 import MOST_IDS
from spshipping.orders.feed import MOST_PER_PAGE
from spshipping.sandbox import PurchaseOrderSupply
from spshipping.sandbox.keys import KeyRules
from spshipping.shipping import QUOTE_LIFETIME, PollingPlan, ShippingApi
from spshipping.shipping.paper import merge_labels, print_zpl
from spshipping.shipping.paper.merge import MOST_BYTES as MOST_BYTES_OF_A_FILE
from spshipping.shipping.paper.sheets import NARROWEST_MODULE_MM
from spshipping.shipping.webhooks import ApiKey, WebhookReceiver
from spshipping.shipping.webhooks.delivering import LEASE_SECONDS
from spshipping.sync import loop, passes
from spshipping.timeouts import Timeouts
from spshipping.transport import decode, log, quota, unsettled
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.aio import AiohttpTransport
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import run
from spshipping.transport.retry import RetryBudget
from spshipping.vendor.orders.api import LONGEST
from spshipping.vendor.sync import PurchaseOrderImport, feed
from spshipping.wire import text
from tests.kit import (
    START,
    FakeClock,
    ScriptedTransport,
    answer,
    client_of,
    repeats_of,
    token_of,
)

PERSONAL = Operation(
    "getShipment",
    "GET /shipping/v1/shipments/{shipmentId}",
    returns=dict[str, Any],
    quota=Quota(5, burst=15),
    effect=Effect.NONE,
    restricted=(),
)
SLOW = Operation(
    "getThing",
    "GET /things/v1/thing",
    returns=dict[str, Any],
    quota=Quota(0.5, burst=1),
    effect=Effect.NONE,
)
BACK = "https://shop.example/amazon/back"


class Default(NamedTuple):
    """One default."""

    what: str
    promised: Any
    found: Callable[[], Any]
    """Returns what it really is."""
    page: str = ""
    """Where users read it, if they do."""
    words: str = ""
    """What stands there."""


class Amazon(ScriptedTransport):
    """Answers everything, with tokens whose lifetimes are given."""

    def __init__(self, **minted: object) -> None:
        super().__init__()
        self.mints = 0
        self._minted = minted

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        if request.url.endswith("/restrictedDataToken"):
            self.mints += 1
            return answer(200, {"restrictedDataToken": f"Atz.sprdt|{self.mints}", **self._minted})
        self.steps.append(answer(200, {}))
        return super().exchange(request, limits)


def _sent(operation: Operation[Any] = SLOW, times: int = 1, **options: Any) -> tuple[HttpRequest, Limits]:
    """Return the last request of a client with no options but these, and its limits from the start."""
    network, clock = Amazon(), FakeClock()
    client = client_of(network, clock, **options)
    for _ in range(times):
        client.send(operation())
    limits = network.limits[-1]
    return network.requests[-1], limits._replace(ends_at=limits.ends_at - FakeClock().monotonic())


def _mints(*, after: float, **minted: object) -> int:
    """Return how many Restricted Data Tokens two calls take, so many seconds apart."""
    network, clock = Amazon(**minted), FakeClock()
    client = client_of(network, clock)
    client.send(PERSONAL(path={"shipmentId": "1"}))
    clock.elapsed = after
    client.send(PERSONAL(path={"shipmentId": "1"}))
    return network.mints


def _renewed(lifetime: float, *, after: float, fails: bool = False) -> str:
    """Return whose token is used when another is asked for, so many seconds after the first."""
    clock = FakeClock()
    tokens = TokenCache(clock)

    def second() -> cache.Grant:
        if fails:
            raise AuthError("no")
        return cache.Grant(Secret("second"), lifetime)

    token_of(tokens, ("key",), lambda: cache.Grant(Secret("first"), lifetime), math.inf)
    clock.elapsed = after
    try:
        return token_of(tokens, ("key",), second, math.inf).reveal()
    except AuthError:
        return "none"


def _refusals(*, after: float) -> int:
    """Return how often a refused sign-in is sent, if it is tried again so many seconds later."""
    clock, count = FakeClock(), []
    tokens = TokenCache(clock)

    def refuse() -> cache.Grant:
        count.append(1)
        raise AuthError("revoked", code="invalid_grant")

    for elapsed in (0.0, after):
        clock.elapsed = elapsed
        try:
            token_of(tokens, ("key",), refuse, math.inf)
        except AuthError:
            continue
    return len(count)


def _signed_names() -> str:
    """Return which headers a signature covers, of all that a proxy or the HTTP library may touch."""
    names = ("User-Agent", "Connection", "Accept-Encoding", "Content-Length", "Accept")
    request = HttpRequest("GET", "https://example.com/", dict.fromkeys(names, "1"))
    keys = AwsCredentials("AKIA", Secret("s"))
    made = sign(request, keys, region="eu-west-1", service="execute-api", at=START)
    return made.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0]


def _signed_after_a_wait() -> str:
    """Return when a call was signed that waited two seconds for the quota."""
    aws = AwsCredentials("AKIA", Secret("s"))
    return _sent(times=2, aws=aws)[0].headers["x-amz-date"]


def _consent(*, after: float) -> ScriptedTransport | str:
    """Return what was sent for a person who comes back so many seconds later; or why nothing was."""
    clock = FakeClock()
    granted = {"access_token": "Atza|1", "refresh_token": "Atzr|1", "expires_in": 3600}
    network = ScriptedTransport([answer(200, granted)])
    flow = ConsentFlow(
        Credentials("amzn1.application-oa2-client.1", "secret"),
        BACK,
        application_id="amzn1.sellerapps.app.1",
        marketplace=Marketplace.UK,
        token_url="https://example.com/token",
        transport=network,
        clock=clock,
    )
    request = flow.start()
    clock.elapsed = after
    back = {"state": request.state, "selling_partner_id": "A1", "spapi_oauth_code": "code"}
    try:
        flow.finish(back, request)
    except ConsentError as error:
        return error.message
    return network


def _consent_deadline() -> float:
    network = _consent(after=0)
    assert isinstance(network, ScriptedTransport)
    return network.limits[0].ends_at - FakeClock().monotonic()


def _role_keys() -> tuple[list[str], str]:
    """Return the version that is requested of STS, and the key that is read of the answer AWS documents."""
    version = "2011-06-15"
    body = (
        f'<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/{version}/"><AssumeRoleResult><Credentials>'
        "<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        "<Expiration>2026-03-01T13:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
    network = ScriptedTransport([HttpResponse(200, {}, body.encode())])
    keys = run(
        sts.assume_role(
            "arn:aws:iam::123456789012:role/spapi",
            AwsCredentials("AKIA", Secret("s")),
            region="eu-west-1",
            repeats=repeats_of(network),
            limits=Limits(5.0, 5.0, 1e12),
        )
    )
    return parse_qs((network.requests[0].body or b"").decode())["Version"], keys.access_key_id


def _of(function: Callable[..., Any], name: str) -> Any:
    return inspect.signature(function).parameters[name].default


DEFAULTS = (
    # of an attempt and of a call
    Default(
        "connect timeout", 10.0, lambda: _sent()[1].connect, "src/spshipping/options.py", "to connect (10)"
    ),
    Default("read timeout", 60.0, lambda: _sent()[1].read, "src/spshipping/options.py", "while reading (60)"),
    Default("Timeouts", (10.0, 60.0), lambda: tuple(Timeouts())),
    Default("deadline", 600.0, lambda: _sent()[1].ends_at, "docs/errors.md", "which is 600 seconds"),
    Default("max_wait", math.inf, lambda: client_of(Amazon())._parts.sender.rules.max_wait),
    Default("deadline of a check", 30.0, lambda: CHECK_DEADLINE),
    Default("Accept-Encoding", "gzip", lambda: _sent()[0].headers["Accept-Encoding"]),
    Default("accept", "application/json", lambda: _sent()[0].headers["accept"]),
    Default(
        "environment",
        "https://sellingpartnerapi-eu.amazon.com",
        lambda: _sent()[0].url.rpartition("/things")[0],
    ),
    *(
        Default(
            f"largest answer of {transport.__name__}",
            64 * 1024 * 1024,
            partial(_of, transport, "max_bytes"),
            "docs/traffic.md",
            "An answer may have 64 MiB",
        )
        for transport in (RequestsTransport, AiohttpTransport)
    ),
    Default("levels of nested JSON", 200, lambda: text.LEVELS, "docs/traffic.md", "nested 200 deep"),
    Default("length of an error's text", 500, lambda: decode._MOST_TEXT),
    Default("entries of errors that are kept", 100, lambda: decode._MOST_ENTRIES),
    # of repeats
    Default("attempts", 4, lambda: RetryPolicy().attempts, "docs/errors.md", "Four attempts in all"),
    Default(
        "throttled_attempts", 10, lambda: RetryPolicy().throttled_attempts, "docs/errors.md", "up to ten"
    ),
    Default(
        "base of a repeat", 0.5, lambda: RetryPolicy().base, "docs/errors.md", "part of 0.5, 1 and 2 seconds"
    ),
    Default("throttled_base", 1.0, lambda: RetryPolicy().throttled_base),
    Default("cap of a wait", 20.0, lambda: RetryPolicy().cap),
    Default("capacity of the budget", 50.0, lambda: RetryBudget().capacity),
    Default("share of the budget", 0.1, lambda: RetryBudget.SHARE),
    Default("concurrency of map", 8, lambda: _of(Client.map, "concurrency")),
    Default(
        "concurrency of track_many",
        32,
        lambda: _of(ShippingApi.track_many, "concurrency"),
        "docs/tracking.md",
        "32 use the whole quota",
    ),
    Default(
        "unsettled calls that are kept", 1000, lambda: unsettled.MOST, "docs/errors.md", "The last thousand"
    ),
    # of tokens and signatures
    Default("address of Login with Amazon", "https://api.amazon.com/auth/o2/token", lambda: lwa.LWA_URL),
    Default(
        "refresh ahead of a token of one hour",
        ("first", "second"),
        lambda: (_renewed(3600, after=3359), _renewed(3600, after=3360)),
        "docs/auth.md",
        "four minutes before a token of one hour expires",
    ),
    Default(
        "last minute of a token",
        ("first", "none"),
        lambda: (_renewed(3600, after=3539, fails=True), _renewed(3600, after=3540, fails=True)),
        "docs/auth.md",
        "the last minute is not used",
    ),
    Default("memory of a refused sign-in", (1, 2), lambda: (_refusals(after=59.9), _refusals(after=60.0))),
    Default("lifetime of an access token that names none", 60.0, lambda: lwa._lifetime(None)),
    Default("longest lifetime of an access token", 86_400.0, lambda: lwa._lifetime(10**6)),
    Default(
        "lifetime of a Restricted Data Token that names none",
        (1, 2),
        lambda: (_mints(after=35), _mints(after=54)),
    ),
    Default(
        "longest lifetime of a Restricted Data Token",
        2,
        lambda: _mints(after=86_400 - 240, expiresIn=10**6),
    ),
    Default("headers that a signature covers", "accept;host;x-amz-date", _signed_names),
    Default("signature after a wait for the quota", "20260301T120002Z", _signed_after_a_wait),
    Default("version of STS", (["2011-06-15"], "ASIA1"), _role_keys),
    Default("session name of a role", "spshipping", lambda: _of(sts.assume_role, "session_name")),
    # of a consent
    Default(
        "deadline of a consent's exchange",
        60.0,
        _consent_deadline,
        "src/spshipping/auth/consent.py",
        "60. A user",
    ),
    Default(
        "lifetime of a consent",
        (True, "the consent took longer than ten minutes"),
        lambda: (isinstance(_consent(after=600), ScriptedTransport), _consent(after=600.1)),
        "docs/auth.md",
        "more than ten minutes",
    ),
    Default("clock skew of a consent", 60.0, lambda: consent._CLOCK_SKEW),
    # of quotes, quotas, orders and syncs
    Default(
        "lifetime of a quote", timedelta(minutes=10), lambda: QUOTE_LIFETIME, "docs/money.md", "ten minutes"
    ),
    Default(
        "idle hour of a bucket", 3600.0, lambda: quota.IDLE_SECONDS, "docs/traffic.md", "not used for an hour"
    ),
    Default("wait that is logged", 5.0, lambda: log._SHORT_SECONDS),
    Default("youngest end of a search", timedelta(minutes=2, seconds=5), lambda: _YOUNGEST),
    Default(
        "lag of a sync",
        timedelta(minutes=2, seconds=5),
        lambda: passes.LAG,
        "docs/sync.md",
        "two minutes back",
    ),
    Default(
        "overlap of a sync",
        timedelta(minutes=10),
        lambda: _of(OrderSync, "overlap"),
        "docs/sync.md",
        "ten minutes by default",
    ),
    Default("since of a sync", timedelta(days=1), lambda: _of(OrderSync, "since")),
    Default("orders on a page of a sync", 100, lambda: _of(OrderSync, "page_size")),
    Default("orders on a page", 100, lambda: MOST_PER_PAGE),
    Default("orders in one list of Orders v0", 50, lambda: MOST_IDS),
    Default(
        "overlap of an import",
        timedelta(hours=6),
        lambda: _of(PurchaseOrderImport, "overlap"),
        "docs/vendor.md",
        "the last six hours (`overlap`)",
    ),
    Default(
        "overlap of an import's changes",
        timedelta(hours=1),
        lambda: feed._CHANGE_OVERLAP,
        "docs/vendor.md",
        "the last hour for changes",
    ),
    Default("since of an import", timedelta(days=180), lambda: _of(PurchaseOrderImport, "since")),
    Default("purchase orders read for a page", 5, lambda: feed._LOOKUPS, "docs/vendor.md", "five at a time"),
    Default("longest pause after failed syncs", 3600.0, lambda: loop._MOST_SECONDS),
    Default("largest notification", 1_048_576, lambda: MOST_BYTES),
    Default(
        "longest span of purchase orders",
        timedelta(days=7),
        lambda: LONGEST,
        "docs/vendor.md",
        "Seven days at most in one call",
    ),
    # of labels and forms
    Default(
        "labels in one file", 100, lambda: _of(merge_labels, "most"), "docs/labels.md", "`most` labels, 100"
    ),
    Default("bytes in one file of labels", 32 << 20, lambda: MOST_BYTES_OF_A_FILE),
    Default(
        "narrowest bar of a label",
        0.25,
        lambda: NARROWEST_MODULE_MM,
        "docs/labels.md",
        "narrower than 0.25 mm",
    ),
    Default("port of a printer", 9100, lambda: _of(print_zpl, "port"), "docs/labels.md", "port 9100"),
    Default("wait for a collection form", 300.0, lambda: _of(ShippingApi.collect, "wait")),
    Default("number of a collection", 1, lambda: _of(ShippingApi.collect, "number")),
    # of webhooks, and of polls beside them
    Default(
        "largest body of a push",
        262_144,
        lambda: WebhookReceiver(MemoryJournal().events(), ApiKey("key"))._door.most_bytes,
        "docs/webhooks.md",
        "by default 256 KiB",
    ),
    Default(
        "header of an API key", "X-API-KEY", lambda: _of(ApiKey, "header"), "docs/webhooks.md", "`X-API-KEY`"
    ),
    Default("lease of a push", 300.0, lambda: LEASE_SECONDS, "docs/webhooks.md", "for five minutes"),
    Default(
        "silence before a poll",
        timedelta(hours=18),
        lambda: PollingPlan().silent_for,
        "docs/tracking.md",
        "| `silent_for` | 18 hours |",
    ),
    Default(
        "days between polls", timedelta(days=1), lambda: PollingPlan().every, "docs/tracking.md", "| 1 day |"
    ),
    # of the sandbox
    Default(
        "time of a submission in the sandbox",
        600.0,
        lambda: PurchaseOrderSupply().processing,
        "docs/sandbox.md",
        "worked on after ten minutes",
    ),
    Default(
        "lifetime of a key in the sandbox",
        300,
        lambda: KeyRules().lifetime,
        "docs/sandbox.md",
        "for five minutes of sandbox time",
    ),
)
