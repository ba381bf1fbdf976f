"""Access tokens that all processes of all machines share, sealed, in one Redis."""

import contextlib
import logging
import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from spshipping.auth import vault
from spshipping.auth.stores import StoredToken, token_from_text, token_to_text
from spshipping.auth.vault import KeySource, Vault
from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError
from spshipping.redis import LONGEST_SECONDS, Engine, Script
from spshipping.secret import Secret, discreet

if TYPE_CHECKING:
    from redis import Redis, RedisCluster

R = TypeVar("R")

TOKEN_PREFIX = "spshipping:token:"  # noqa: S105 - a name, and no token
_LEAST_LEASE_SECONDS, _MOST_LEASE_SECONDS = 0.1, 30.0
_POLL_SECONDS = 0.02
_FENCE_LIFE = 7 * 86400 * 1000
"""Milliseconds; longer than any token is good, so that what is saved after that has ended."""

_logger = logging.getLogger("spshipping")

_BEGIN = Script("""\
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  local fence = redis.call('INCR', KEYS[2])
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
  return fence
end
return 0
""")
_END = Script("""\
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
""")
_SAVE = Script("""\
local fence = tonumber(ARGV[1])
if fence == 0 then -- without a flight: it is later than all that are under way
  redis.call('INCR', KEYS[2])
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
elseif fence < tonumber(redis.call('GET', KEYS[2]) or 0) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
""")


class RedisStore:
    """Keeps access tokens in Redis, each sealed, for all processes of all machines that have its key.

    Nothing is ever written in clear, and names are digests that differ from key to key: processes with an old
    and with a new key do not meet. Without a key, tokens stay in each process's memory. One process fetches a
    token while the others wait; where that one dies, or hangs, another goes on when its lease has ended, and
    what the first one saves after that is refused. A token expires when it has ended.

    What lasts, such as refresh tokens, does not belong here: see `SecretStore`.

    Needs the extra `spshipping[redis]`, and Redis 7 or newer.
    """

    def __init__(
        self,
        server: "str | Redis | RedisCluster",
        *,
        password: str | Secret | None = None,
        key: KeySource | None = None,
        lease: float = 10.0,
        clock: Clock | None = None,
    ) -> None:
        """Use *server*, which is called when a token is first needed.

        Args:
            server: `redis://host:6379/0`, `rediss://` for TLS; or a client of redis-py, such as the master's
                of a Sentinel, made with `**RedisQuota.client_options()`.
            password: for a URL; its user may stand in the URL.
            key: a callable that returns the key, called once, when it is first needed; None for the variable
                `SPSHIPPING_STORE_KEY`. `FileStore.new_key()` makes one.
            lease: seconds after which a process that still fetches is taken to be stuck; 0.1 to 30.
            clock: decides what has ended.

        Raises:
            ConfigurationError: the extra is not installed, or *server* or *lease* cannot be used.
        """
        # a bool is an int, too, and no number of seconds
        if type(lease) not in (int, float) or not _LEAST_LEASE_SECONDS <= lease <= _MOST_LEASE_SECONDS:
            raise ConfigurationError(
                f"lease= is a number of seconds, {_LEAST_LEASE_SECONDS} to {_MOST_LEASE_SECONDS:.0f}"
            )
        self._clock = clock or SystemClock()
        # a token is worth more waiting than a place in a queue: to sign in takes as long
        self._engine = Engine(server, password, self._clock, LONGEST_SECONDS)
        self._vault = Vault(key or vault.key_from_environment)
        self._lease = str(int(lease * 1000))
        self._fences: dict[str, int] = {}
        """Of the flights that this process is leading. One may begin and end in different threads."""
        self._has_warned = False

    @discreet
    def load(self, key: str) -> StoredToken | None:
        """Return the token of *key*, or None: also where it is damaged, for it can be fetched again.

        Raises:
            OSError: Redis is out of reach.
        """
        if not self._vault.has_key():
            return None
        place = self._place(key)
        data: bytes | None = self._reach(lambda: self._engine.call(lambda: self._engine.client.get(place)))
        if data is None:
            return None
        found = self._vault.open(data, f"token {key}", place) if vault.is_sealed(data) else None
        token = None if found is None else token_from_text(found)
        if token is None:
            _logger.warning("a token in Redis is damaged: it is fetched again")
        return token

    @discreet
    def save(self, key: str, token: StoredToken) -> None:
        """Keep *token* until it ends, if there is a key, and no later flight than ours has begun.

        Raises:
            OSError: Redis is out of reach.
        """
        if not self._vault.has_key():
            if not self._has_warned:
                self._has_warned = True
                _logger.warning(
                    "access tokens stay in memory, for the store has no key: %s", vault.THREE_WAYS
                )
            return
        left = int((token.ends_on - self._clock.now()).total_seconds() * 1000)
        if left <= 0:
            return
        place = self._place(key)
        sealed = self._vault.seal(token_to_text(token), f"token {key}")
        fence = str(self._fences.get(key, 0))
        keys = (place, _fence_of(place))
        if not self._reach(lambda: self._engine.run(_SAVE, keys, fence, sealed, str(left), str(_FENCE_LIFE))):
            _logger.info("a token came too late to be shared: another process has fetched one since")

    def delete(self, key: str) -> None:
        """Forget the token of *key*.

        Raises:
            OSError: Redis is out of reach.
        """
        if self._vault.has_key():
            place = self._place(key)
            self._reach(lambda: self._engine.call(lambda: self._engine.client.delete(place)))

    @contextlib.contextmanager
    def flight(self, key: str, timeout: float) -> Iterator[bool]:
        """Hold the right to fetch the token of *key*, among all processes, until the lease ends.

        Without a key nothing would be shared, so no process waits.

        Raises:
            OSError: Redis is out of reach.
        """
        if not self._vault.has_key():
            yield True
            return
        place, owner = self._place(key), secrets.token_hex(16)
        fence = self._begin(place, owner, timeout)
        if fence:
            self._fences[key] = fence
        try:
            yield fence > 0
        finally:
            if fence and self._fences.get(key) == fence:
                del self._fences[key]
            if fence:
                with contextlib.suppress(OSError):  # it ends with its lease in any case
                    self._reach(lambda: self._engine.run(_END, (_flight_of(place),), owner))

    def _begin(self, place: str, owner: str, timeout: float) -> int:
        """Return the fence of a new flight; 0 where another one did not end within *timeout* seconds."""
        keys = (_flight_of(place), _fence_of(place))
        ends_at = self._clock.monotonic() + timeout
        while True:
            fence = self._reach(lambda: self._engine.run(_BEGIN, keys, owner, self._lease, str(_FENCE_LIFE)))
            left = ends_at - self._clock.monotonic()
            if fence or left <= 0:
                return int(fence)
            self._clock.sleep(min(_POLL_SECONDS, left))

    def _place(self, key: str) -> str:
        # in braces, so that a cluster keeps all that belongs to a token on one server
        return f"{TOKEN_PREFIX}{{{self._vault.place(f'token {key}')}}}"

    def _reach(self, work: Callable[[], R]) -> R:
        if self._engine.is_worth_a_call():
            try:
                return work()
            except self._engine.errors as error:
                reason = type(error).__name__
        else:
            reason = "it was so a moment ago"
        raise ConnectionError(f"Redis is out of reach: {reason}")


def _flight_of(place: str) -> str:
    return f"{place}:flight"


def _fence_of(place: str) -> str:
    return f"{place}:fence"
