"""The defaults that users are promised, and another value for each."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.mutants.source import Mutant

TESTS = ("tests/contract/test_defaults.py",)


class _Row(NamedTuple):
    """A default: where it stands, and as what. The text stands once in its file."""

    file: str
    old: str
    new: str
    what: str
    """As the test calls it."""


ROWS = (
    _Row("timeouts.py", "connect: float = 10.0", "connect: float = 100.0", "connect timeout"),
    _Row("timeouts.py", "read: float = 60.0", "read: float = 600.0", "read timeout"),
    _Row("options.py", '"deadline", 600.0', '"deadline", 6000.0', "deadline"),
    _Row("options.py", '"max_wait", math.inf', '"max_wait", 60.0', "max_wait"),
    _Row("options.py", '"environment", "production"', '"environment", "sandbox"', "environment"),
    _Row("checking.py", "_DEADLINE = 30.0", "_DEADLINE = 300.0", "deadline of a check"),
    _Row(
        "transport/build.py", '"Accept-Encoding": "gzip"', '"Accept-Encoding": "identity"', "Accept-Encoding"
    ),
    _Row("transport/build.py", '"accept": "application/json"', '"accept": "*/*"', "accept"),
    _Row("transport/network.py", "= 64 * 1024 * 1024", "= 640 * 1024 * 1024", "largest answer"),
    _Row("wire/text.py", "LEVELS = 200", "LEVELS = 100", "levels of nested JSON"),
    _Row("transport/decode.py", "_MOST_TEXT = 500", "_MOST_TEXT = 5000", "length of an error's text"),
    _Row("transport/decode.py", "_MOST_ENTRIES = 100", "_MOST_ENTRIES = 10_000", "entries of errors"),
    _Row("transport/retry.py", "    attempts: int = 4", "    attempts: int = 5", "attempts"),
    _Row(
        "transport/retry.py",
        "throttled_attempts: int = 10",
        "throttled_attempts: int = 4",
        "throttled_attempts",
    ),
    _Row("transport/retry.py", "    base: float = 0.5", "    base: float = 5.0", "base of a repeat"),
    _Row(
        "transport/retry.py", "throttled_base: float = 1.0", "throttled_base: float = 0.1", "throttled_base"
    ),
    _Row("transport/retry.py", "cap: float = 20.0", "cap: float = 200.0", "cap of a wait"),
    _Row("transport/retry.py", "capacity: float = 50.0", "capacity: float = 5.0", "capacity of the budget"),
    _Row("transport/retry.py", "SHARE = 0.1", "SHARE = 1.0", "share of the budget"),
    _Row("transport/io.py", "DEFAULT_CONCURRENCY = 8", "DEFAULT_CONCURRENCY = 80", "concurrency of map"),
    _Row("shipping/tracking/many.py", "CONCURRENCY = 32", "CONCURRENCY = 320", "concurrency of track_many"),
    _Row("transport/unsettled.py", "MOST = 1000", "MOST = 10", "unsettled calls"),
    _Row(
        "auth/lwa.py",
        '"https://api.amazon.com/auth/o2/token"',
        '"https://api.amazon.com/o2/token"',
        "address of Login",
    ),
    _Row(
        "auth/lwa.py",
        "_DEFAULT_LIFETIME = 60.0",
        "_DEFAULT_LIFETIME = 3600.0",
        "access token that names none",
    ),
    _Row(
        "auth/lwa.py",
        "_LONGEST_LIFETIME = 86_400.0",
        "_LONGEST_LIFETIME = 864_000.0",
        "longest lifetime of an access",
    ),
    _Row("auth/cache.py", "_AHEAD = 3.0", "_AHEAD = 1.0", "refresh ahead"),
    _Row("auth/cache.py", "_MARGIN_SECONDS = 60.0", "_MARGIN_SECONDS = 6.0", "token of one hour"),
    _Row("auth/cache.py", "_MARGIN_SHARE = 0.1", "_MARGIN_SHARE = 0.01", "token of one hour"),
    _Row(
        "auth/cache.py",
        "_REMEMBERED_SECONDS = 60.0",
        "_REMEMBERED_SECONDS = 6.0",
        "memory of a refused sign-in",
    ),
    _Row(
        "auth/authorizer.py",
        "expires_in or 60",
        "expires_in or 3600",
        "Restricted Data Token that names none",
    ),
    _Row("auth/authorizer.py", "86_400", "864_000", "longest lifetime of a Restricted Data Token"),
    _Row("auth/sigv4.py", '"user-agent", "connection"', '"user-agent"', "headers that a signature covers"),
    _Row(
        "auth/sigv4.py",
        '"accept-encoding", "content-length"',
        '"accept-encoding"',
        "headers that a signature covers",
    ),
    _Row(
        "auth/sigv4.py", '"connection", "accept-encoding"', '"connection"', "headers that a signature covers"
    ),
    _Row("auth/sigv4.py", '{"user-agent", ', "{", "headers that a signature covers"),
    _Row("transport/attempts.py", "_STALE_SECONDS = 1.0", "_STALE_SECONDS = 60.0", "signature after a wait"),
    _Row(
        "transport/log.py",
        "_SHORT_SECONDS = 5.0",
        "_SHORT_SECONDS = 500.0",
        "wait that is logged",
    ),
    _Row("auth/sts.py", '"Version": "2011-06-15"', '"Version": "2012-06-15"', "version of STS"),
    _Row("auth/sts.py", "doc/2011-06-15/", "doc/2012-06-15/", "version of STS"),
    _Row("auth/sts.py", 'session_name: str = "spshipping"', 'session_name: str = "session"', "session name"),
    _Row("auth/consent.py", "FLOW_LIFETIME = 600.0", "FLOW_LIFETIME = 6000.0", "lifetime of a consent"),
    _Row("auth/consent.py", '"deadline", 60.0', '"deadline", 600.0', "deadline of a consent's exchange"),
    _Row("auth/consent.py", "_CLOCK_SKEW = 60.0", "_CLOCK_SKEW = 600.0", "clock skew of a consent"),
    _Row(
        "shipping/models/purchases.py",
        "timedelta(minutes=10)",
        "timedelta(minutes=15)",
        "lifetime of a quote",
    ),
    _Row(
        "vendor/orders/api.py", "LONGEST = timedelta(days=7)", "LONGEST = timedelta(days=8)", "longest span"
    ),
    _Row(
        "sandbox/vendor/generate.py",
        "processing: float = 600.0",
        "processing: float = 60.0",
        "time of a submission",
    ),
    _Row("transport/quota.py", "IDLE_SECONDS = 3600.0", "IDLE_SECONDS = 60.0", "idle hour of a bucket"),
    _Row(
        "operation/arguments.py",
        "timedelta(minutes=2, seconds=5)",
        "timedelta(minutes=1)",
        "youngest end of a search",
    ),
    _Row(
        "sync/passes.py",
        "LAG = timedelta(minutes=2, seconds=5)",
        "LAG = timedelta(minutes=1)",
        "lag of a sync",
    ),
    _Row(
        "sync/loop.py", "_MOST_SECONDS = 3600.0", "_MOST_SECONDS = 60.0", "longest pause after failed syncs"
    ),
    _Row(
        "orders/sync.py",
        "OVERLAP = timedelta(minutes=10)",
        "OVERLAP = timedelta(minutes=1)",
        "overlap of a sync",
    ),
    _Row("orders/sync.py", "DAY = timedelta(days=1)", "DAY = timedelta(days=2)", "since of a sync"),
    _Row(
        "vendor/sync/imports.py",
        "OVERLAP = timedelta(hours=6)",
        "OVERLAP = timedelta(hours=5)",
        "overlap of an import",
    ),
    _Row(
        "vendor/sync/feed.py",
        "_CHANGE_OVERLAP = timedelta(hours=1)",
        "_CHANGE_OVERLAP = timedelta(hours=2)",
        "overlap of an import's changes",
    ),
    _Row(
        "vendor/sync/feed.py",
        "HORIZON = timedelta(days=180)",
        "HORIZON = timedelta(days=179)",
        "since of an import",
    ),
    _Row("vendor/sync/feed.py", "_LOOKUPS = 5", "_LOOKUPS = 4", "purchase orders read for a page"),
    _Row("orders/feed.py", "MOST_PER_PAGE = 100", "MOST_PER_PAGE = 50", "orders on a page"),
    _Row("orders/bridge/source_v0.py", "MOST_IDS = 50", "MOST_IDS = 51", "orders in one list"),
    _Row("notifications/forms.py", "MOST_BYTES = 1_048_576", "MOST_BYTES = 262_144", "largest notification"),
    _Row("shipping/paper/merge.py", "MOST_LABELS = 100", "MOST_LABELS = 99", "labels in one file"),
    _Row("shipping/paper/merge.py", "MOST_BYTES = 32 << 20", "MOST_BYTES = 64 << 20", "bytes in one file"),
    _Row(
        "shipping/paper/sheets.py", "NARROWEST_MODULE_MM = 0.25", "NARROWEST_MODULE_MM = 0.2", "narrowest bar"
    ),
    _Row("shipping/paper/printing.py", "RAW_PORT = 9100", "RAW_PORT = 9101", "port of a printer"),
    _Row("shipping/collection_day.py", "WAIT = 300.0", "WAIT = 30.0", "wait for a collection form"),
    _Row("shipping/collection.py", "number: int = 1", "number: int = 2", "number of a collection"),
    _Row(
        "shipping/webhooks/receiver.py",
        "MOST_BYTES = 262_144",
        "MOST_BYTES = 26_214",
        "largest body of a push",
    ),
    _Row("shipping/webhooks/checks.py", '_HEADER = "X-API-KEY"', '_HEADER = "X-KEY"', "header of an API key"),
    _Row(
        "shipping/webhooks/delivering.py", "LEASE_SECONDS = 300.0", "LEASE_SECONDS = 30.0", "lease of a push"
    ),
    _Row(
        "shipping/tracking/schedule.py", "timedelta(hours=18)", "timedelta(hours=1)", "silence before a poll"
    ),
    _Row("shipping/tracking/schedule.py", "timedelta(days=1)", "timedelta(days=2)", "days between polls"),
    _Row("sandbox/keys.py", "lifetime: float = 5 * MINUTE", "lifetime: float = MINUTE", "lifetime of a key"),
)


class GoneError(Exception):
    """A row no longer describes the source."""


def mutants(root: Path) -> Iterator[Mutant]:
    """Yield every change of a default.

    Raises:
        GoneError: the text of a row stands in its file no longer, or more than once.
    """
    for row in ROWS:
        path = f"src/spshipping/{row.file}"
        source = (root / path).read_text("utf-8")
        if source.count(row.old) != 1:
            raise GoneError(
                f"{path} has {row.old!r} {source.count(row.old)} times: mend tools/mutants/defaults.py"
            )
        start = len(source[: source.index(row.old)].encode())
        end = start + len(row.old.encode())
        what = f"{row.what}: {row.old} -> {row.new}"
        yield Mutant(path, start, end, row.new, what, (row.what,), (row.what,), TESTS)
