"""The engines that several machines share: where they are, and what a client takes from them."""

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from spshipping.environment import COUNT_RULE, count_of
from spshipping.errors import ConfigurationError
from spshipping.postgres_remedies import STRAY, has_stray_mark
from spshipping.redis import url_fault
from spshipping.secret import Secret, discreet
from spshipping.settings.field import Field, Keys, Problem, Value

if TYPE_CHECKING:
    from spshipping.auth.cache import TokenCache
    from spshipping.transport.redis import RedisQuota

TABLE = "engines"
TOO_OPEN = "holds a password"
"""What `postgres_fault` says of a URL that shows one."""
_LOGIN = re.compile(r"\w+://[^@/]*:[^@/]*@")
"""A user and a password, as PostgreSQL finds them."""


def postgres_fault(text: str) -> str | None:
    """Return why this is no URL of a PostgreSQL database, or one that shows a password; else None."""
    shape = "is not postgresql:// and a host, with a port and a database if need be"
    try:
        parts = urlsplit(text)
        hosts = parts.netloc.rpartition("@")[2].split(",")  # a server and its standby
        ports = [urlsplit(f"//{host}").port for host in hosts]
    except ValueError:
        return shape
    if parts.scheme not in ("postgresql", "postgres") or 0 in ports or parts.fragment:
        return shape
    if has_stray_mark(text):
        return STRAY
    if parts.password is not None or _LOGIN.match(text) or "password=" in unquote(parts.query):
        return TOO_OPEN
    return None


def _postgres_fault(text: str) -> str | None:
    fault = postgres_fault(text)
    remedy = ": give that as postgres_password, where it is kept as a secret"
    return f"{fault}{remedy}" if fault == TOO_OPEN else fault


def _count_fault(text: str) -> str | None:
    return None if count_of(text) else COUNT_RULE


ENGINE_FIELDS: tuple[Field, ...] = (
    Field(
        "machines",
        "Machines",
        "How many machines work with these settings. From two on, what only one can have is refused.",
        type="number",
        is_whole=True,
        default="1",
        fault=_count_fault,
        section="Engines",
    ),
    Field(
        "redis_url",
        "Redis URL",
        "rediss://host:6379/0: there all machines share quota and access tokens.",
        fault=url_fault,
        section="Engines",
    ),
    Field(
        "redis_password",
        "Redis password",
        "Of the user in the URL, or of the default one.",
        is_sensitive=True,
        section="Engines",
    ),
    Field(
        "postgres_url",
        "PostgreSQL URL",
        "postgresql://user@host:5432/database: there all machines share purchases, leases and ledgers.",
        fault=_postgres_fault,
        section="Engines",
    ),
    Field(
        "postgres_password",
        "PostgreSQL password",
        "Of the user in the URL.",
        is_sensitive=True,
        section="Engines",
    ),
)
ENGINE_KEYS = Keys(ENGINE_FIELDS)
"""What the table of the engines may hold."""

_quotas: dict[tuple[str, Secret | None, int], "RedisQuota"] = {}
_caches: dict[tuple[str, Secret | None], "TokenCache"] = {}
"""One of each for all clients of this process: two would count as two workers, and sign in twice."""


class Engines:
    """The engines as they stand in their settings. It shows no secret."""

    def __init__(
        self, values: dict[str, Value], faults: list[Problem], look_up: Callable[[str], Secret | None]
    ) -> None:
        self._values = values
        self._faults = faults
        self._look_up = look_up

    def __repr__(self) -> str:
        named = [name for name in ("redis", "postgres") if f"{name}_url" in self._values]
        return f"<Engines: {', '.join(named) or 'none'}>"

    @property
    def machines(self) -> int:
        """How many machines work with these settings."""
        return count_of(str(self._values.get("machines", "1"))) or 1

    @property
    def redis_url(self) -> str | None:
        """Where Redis is."""
        return self._text("redis_url")

    @property
    def redis_password(self) -> Secret | None:
        """Its password, from the settings or else from their store."""
        return self._secret("redis_password")

    @property
    def postgres_url(self) -> str | None:
        """Where PostgreSQL is."""
        return self._text("postgres_url")

    @property
    def postgres_password(self) -> Secret | None:
        """Its password, from the settings or else from their store."""
        return self._secret("postgres_password")

    def problems(self) -> list[Problem]:
        """List all that is wrong, at once; nothing is sent."""
        found = list(self._faults)
        for field in ENGINE_FIELDS:
            value = self._values.get(field.name)
            fault = None if value is None or field.is_sensitive else field.check(str(value))
            if fault:
                found.append(Problem(f"{TABLE}.{field.name}", "invalid", fault))
        for engine in ("redis", "postgres"):
            if f"{engine}_password" in self._values and f"{engine}_url" not in self._values:
                message = "is missing, and a password is given: they go together"
                found.append(Problem(f"{TABLE}.{engine}_url", "contradiction", message))
        if self.machines > 1 and self.redis_url is None:
            message = (
                f"is missing, and there are {self.machines} machines: each would use the whole quota, and"
                " Amazon would refuse what is too much"
            )
            found.append(Problem(f"{TABLE}.redis_url", "missing", message))
        return found

    @discreet
    def client_options(self, *, given: Collection[str] = ()) -> dict[str, Any]:
        """Return the options of a `Client` that follow: quota and token cache, where there is a Redis.

        All clients of the process share them.

        Args:
            given: options that are passed to the client otherwise, and are not returned.

        Raises:
            ConfigurationError: all that is wrong, or redis-py is not installed.
        """
        if {"quota", "token_cache"} <= {*given}:
            return {}
        has_quota = "quota" in given
        problems = [one for one in self.problems() if not (has_quota and one.kind == "missing")]
        if problems:
            raise ConfigurationError("the engines cannot be used:\n  " + "\n  ".join(map(str, problems)))
        url = self.redis_url
        if url is None:
            return {}
        # imported here: few programs have one
        from spshipping.auth.cache import TokenCache
        from spshipping.auth.redis import RedisStore
        from spshipping.transport.redis import RedisQuota

        password = self.redis_password
        place = (url, password)
        if (*place, self.machines) not in _quotas:
            _quotas[*place, self.machines] = RedisQuota(url, password=password, workers=self.machines)
        if place not in _caches:
            _caches[place] = TokenCache(store=RedisStore(url, password=password))
        found = {"quota": _quotas[*place, self.machines], "token_cache": _caches[place]}
        return {name: value for name, value in found.items() if name not in given}

    def _text(self, name: str) -> str | None:
        value = self._values.get(name)
        return None if value is None else str(value)

    def _secret(self, name: str) -> Secret | None:
        value = self._values.get(name)
        return Secret(value) if value is not None else self._look_up(f"{TABLE}.{name}")
