"""Opens Redis with short timeouts, and sends nothing for a second after a call that was not answered."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError
from spshipping.secret import Secret, discreet, is_encodable

_logger = logging.getLogger("spshipping")
QUICK_SECONDS = 0.25
LONGEST_SECONDS = 1.0
"""What a client of the user's may wait at most."""
_AWAY_SECONDS = 1.0
_MOST_CONNECTIONS = 10_000
"""One for each thread that is at it right now: to run out of them would be taken for an outage."""
_QUERY = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})
"""What the query of a URL may say: where the files of a certificate lie."""
_NO_DATABASE = ("DB index is out of range", "invalid DB index", "SELECT is not allowed in cluster mode")


class Engine:
    """One Redis, as several parts of this package use it: with whichever client, and a breaker.

    While it does not answer, one call a second finds out whether it is back, and no other waits.
    """

    def __init__(
        self, server: object, password: str | Secret | None, clock: Clock, seconds: float, what: str = ""
    ) -> None:
        """Open *server* when it is first used.

        Args:
            server: the URL, or a client of redis-py.
            password: for a URL.
            clock: says when to look whether it is back.
            seconds: how long it may take to answer, where a URL is given.
            what: how the log calls what is missing meanwhile; nothing, where the caller says so itself.

        Raises:
            ConfigurationError: redis-py is not installed, or *server* cannot be used.
        """
        redis = module()
        self.client: Any = _opened(server, password, seconds)
        self._is_single = isinstance(self.client, redis.Redis)
        """A cluster has a client for each of its servers."""
        self.errors: tuple[type[Exception], ...] = (
            redis.RedisError,
            redis.exceptions.RedisClusterException,
            OSError,
        )
        """What says that it is out of reach, cannot be written, or is not what it should be."""
        self._no_script: type[Exception] = redis.exceptions.NoScriptError
        self._not_let_in: type[Exception] = redis.exceptions.AuthenticationError
        self._not_allowed: type[Exception] = redis.exceptions.NoPermissionError
        self._clock = clock
        self._what = what
        self._look_at: float | None = None
        """Since when it is out of reach: when to look again."""
        self._has_worked = False
        """Whether it has answered before: then its address and password were right."""

    def is_worth_a_call(self) -> bool:
        """Say whether to call it now: it answers, or it is this caller's turn to find out."""
        look_at = self._look_at  # another thread may find out meanwhile that it is back
        if look_at is None:
            return True
        now = self._clock.monotonic()
        if now < look_at:
            return False
        self._look_at = now + _AWAY_SECONDS
        return True

    def run(self, script: "Script", keys: Sequence[str], *arguments: str | bytes) -> Any:
        """Run *script*. Its keys decide where a cluster runs it.

        Raises:
            Exception: one of `errors`.
            ConfigurationError: see `call`.
        """

        def work() -> Any:
            try:
                return self.client.evalsha(script.digest, len(keys), *keys, *arguments)
            except self._no_script:
                return self.client.eval(script.text, len(keys), *keys, *arguments)

        return self.call(work)

    def call(self, work: Callable[[], Any]) -> Any:
        """Return what *work* returns, which uses the client.

        Raises:
            Exception: one of `errors`.
            ConfigurationError: it has never answered, and refuses the password, the user or the database.
        """
        try:
            found = work()
        except self.errors as error:
            fault = None if self._has_worked else self._refusal(error)
            if fault is None:
                self._has_failed(error)
                raise
        except BaseException:
            # a signal handler raised within the client: a reply that was not read would be the next call's
            self._disconnect_idle()
            raise
        else:
            self._has_answered()
            return found
        raise ConfigurationError(f"Redis {fault}")

    def _refusal(self, error: Exception) -> str | None:
        """Return why it will not work as it is set up; None where it may be an outage."""
        if isinstance(error, self._not_let_in):
            return (
                "refuses the user or the password: correct password= (in settings, redis_password) and the"
                " user in the URL, or those of the client that was given"
            )
        if isinstance(error, self._not_allowed):
            return (
                "does not allow the user what is needed: ~spshipping:*, +eval, +evalsha, +get, +del and what"
                " the scripts call: +time, +set, +incr, +pexpire, +zadd, +zremrangebyscore, +zcard"
            )
        if any(text in str(error) for text in _NO_DATABASE):
            return "has no database of that number: correct the number at the end of the URL"
        return None

    def _has_failed(self, error: Exception) -> None:
        """Leave it alone for a second; the first time, say so."""
        is_news, self._look_at = self._look_at is None, self._clock.monotonic() + _AWAY_SECONDS
        if is_news and self._what:
            _logger.warning("%s is out of reach (%s): going on without it", self._what, type(error).__name__)
        # those that are idle lead to the same server, which may be none, or a replica, by now
        self._disconnect_idle()

    def _disconnect_idle(self) -> None:
        """Close the connections that no other thread uses; the next call opens a new one."""
        nodes = (
            [self.client] if self._is_single else [node.redis_connection for node in self.client.get_nodes()]
        )
        for node in nodes:
            if node is not None:  # a server of a cluster that was not called yet has no client
                node.connection_pool.disconnect(inuse_connections=False)

    def _has_answered(self) -> None:
        """Go on with it."""
        self._has_worked = True
        if self._look_at is not None:
            self._look_at = None
            if self._what:
                _logger.info("%s is back", self._what)


class Script:
    """A script that Redis runs as a whole."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest: str = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def module() -> Any:
    """Return redis-py.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        import redis
    except ImportError:
        raise ConfigurationError("Redis needs redis-py: pip install 'spshipping[redis]'") from None
    return redis


def quick_options(seconds: float = QUICK_SECONDS) -> dict[str, Any]:
    """Return the options of a client of redis-py with short timeouts that repeats nothing."""
    module()
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "retry": Retry(NoBackoff(), 0),
    }


def url_fault(url: object) -> str | None:
    """Return what is wrong with the URL of a Redis, in words that do not repeat it; None if nothing is."""
    shape = "is not rediss:// or redis://, a host, and perhaps a port and /number"
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or set(url) & set(" \\#"):
        return shape
    try:
        parts = urlsplit(url)
        is_plain = bool(parts.hostname) and parts.port != 0 and (parts.path[1:] or "0").isdecimal()
    except ValueError:
        return shape
    if parts.scheme not in ("redis", "rediss") or not is_plain:
        return shape
    if parts.netloc.count("@") > 1:
        return "has an @ within the user or the password: write %40 for it, and give the password separately"
    if parts.password is not None:
        return "holds a password: give that as the password, where it is kept as a secret"
    unknown = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} - _QUERY
    return f"may have a query with {', '.join(sorted(_QUERY))} only" if unknown else None


@discreet
def _opened(server: object, password: str | Secret | None, seconds: float) -> Any:
    if password is not None and not isinstance(password, str | Secret):
        raise ConfigurationError(f"password= is a text or a Secret, not a {type(password).__name__}")
    if not isinstance(server, str):
        return _checked(server, password)
    fault = url_fault(server)
    if fault:
        raise ConfigurationError(f"the URL of Redis {fault}")
    options = quick_options(seconds) | {"max_connections": _MOST_CONNECTIONS}
    secret = Secret(password or "")
    if not is_encodable(secret):
        raise ConfigurationError(
            "password= is not UTF-8, as a variable of the environment may be: correct it"
        )
    user = unquote(urlsplit(server).username or "")
    if password or user:
        options["credential_provider"] = _Password(user, secret)
    return module().Redis.from_url(_without_user(server), **options)


def _without_user(url: str) -> str:
    """Return *url* without the user, whom redis-py accepts in one place only."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


class _Password:
    """Gives a password at the moment when a connection is made, so that no options hold it in clear."""

    def __init__(self, user: str, password: Secret) -> None:
        self._user = user
        self._password = password

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """Return what AUTH takes."""
        password = self._password.reveal()
        return (self._user, password) if self._user else (password,)


def _checked(client: Any, password: str | Secret | None) -> Any:
    """Return a client of the user's, unless it would hold callers up."""
    redis = module()
    if not isinstance(client, (redis.Redis, redis.RedisCluster)):
        kind = type(client).__name__
        raise ConfigurationError(f"a URL, or a client of redis-py for threads, is needed, not a {kind}")
    if password:
        raise ConfigurationError("a client of redis-py has its own password: give it none here")
    is_single = isinstance(client, redis.Redis)
    known = client.get_connection_kwargs()
    # a cluster keeps its own, and hands its servers none
    slow = _slowness(known, known.get("retry") if is_single else client.retry)
    if slow:
        raise ConfigurationError(
            f"this client of redis-py {slow}, and would hold up each call while Redis is away: make it with"
            " **RedisQuota.client_options()"
        )
    manager = getattr(client.connection_pool, "sentinel_manager", None) if is_single else None
    for sentinel in manager.sentinels if manager else ():
        known_of_it = sentinel.get_connection_kwargs()
        slow = _slowness(known_of_it, known_of_it.get("retry"))
        if slow:
            raise ConfigurationError(
                f"the client that asks a Sentinel {slow}, and would hold up each call while that is away:"
                " make it with Sentinel(..., sentinel_kwargs=RedisQuota.client_options())"
            )
    if known.get("decode_responses"):
        raise ConfigurationError(
            "this client of redis-py has decode_responses=, and what is kept here is no text"
        )
    return client


def _slowness(known: dict[str, Any], retry: Any) -> str | None:
    """Return how a client with these options holds callers up; None if it does not."""
    timeout = known.get("socket_timeout")
    if any(
        one is None or one > LONGEST_SECONDS
        for one in (timeout, known.get("socket_connect_timeout", timeout))
    ):
        return "waits for more than a second"
    if (retry is not None and retry.get_retries() != 0) or known.get("retry_on_error"):
        return "repeats by itself"
    return None
