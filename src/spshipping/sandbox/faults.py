"""What can go wrong on purpose: faults as data, and one small function for each kind."""

import dataclasses
import gzip
import threading
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple, Protocol

from spshipping.sandbox import fields
from spshipping.sandbox.answers import Answer, failure, page
from spshipping.sandbox.tokens import EXPIRED, oauth_error


@dataclasses.dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, *count* times."""

    operation: str
    """An operationId, a route where two operations share one, `*` for each of them, or `lwa`."""
    kind: str
    count: int = 1
    at: int | None = None
    """After how many bytes: of the whole answer for `cut_headers`, of the body for all others."""
    status: int | None = None
    seconds: float = 0.0
    reset: bool = False
    """Hang up with a reset (RST) in place of a plain end of stream."""
    path: str | None = None
    """Which field of the answer, as in `payload.rates.0.promise`; None for a random one."""
    share: float = 1.0
    """How likely it strikes each request that it is for."""
    seed: int = 0
    """Decides which requests, and which fields, are struck."""


class Sent(NamedTuple):
    """What goes over the connection."""

    answer: Answer | None
    """None where nothing was done."""
    cut: Callable[[int, int], int] | None = None
    """Tells from the length of headers and body how many bytes go out before the line is cut."""
    reset: bool = False
    pause: float = 0.0
    """Seconds of real time before the first byte."""


class Exchange(Protocol):
    """One request, which a fault may carry out, refuse, or both."""

    @property
    def returns(self) -> Any:
        """The model of the payload, where there is one."""
        ...

    def perform(self) -> Answer:
        """Carry it out."""
        ...

    def refuse(self, answer: Answer) -> Answer:
        """Dress an answer that stands in for the real one."""
        ...


Kind = Callable[[Fault, Exchange], Sent]


def _at_once(_head: int, _body: int) -> int:
    return 0


def _at_the_end(head: int, body: int) -> int:
    return head + body


def drop_before(fault: Fault, _exchange: Exchange) -> Sent:
    """Hang up before anything is done."""
    return Sent(None, _at_once, fault.reset)


def drop_after(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and hang up without a byte."""
    return Sent(exchange.perform(), _at_once, fault.reset)


def cut_headers(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and hang up after *at* bytes; half of the headers unless told."""
    return Sent(
        exchange.perform(), lambda head, _body: head // 2 if fault.at is None else fault.at, fault.reset
    )


def cut_body(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and hang up after *at* bytes of the body; half of it unless told."""
    return Sent(
        exchange.perform(),
        lambda head, body: head + (body // 2 if fault.at is None else fault.at),
        fault.reset,
    )


def status(fault: Fault, exchange: Exchange) -> Sent:
    """Refuse with *status*, 500 unless told, without carrying it out."""
    return Sent(exchange.refuse(_failure(fault)))


def status_after(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and refuse with *status* all the same."""
    exchange.perform()
    return status(fault, exchange)


def html(fault: Fault, _exchange: Exchange) -> Sent:
    """Answer with an HTML page, as a proxy does, without carrying it out."""
    return Sent(page(fault.status or 503, "Service Temporarily Unavailable"))


def delay(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and wait before the first byte of the answer."""
    return Sent(exchange.perform(), pause=fault.seconds)


def expire_token(_fault: Fault, _exchange: Exchange) -> Sent:
    """Say that the access token has expired, without carrying it out."""
    return Sent(EXPIRED)


def wrong_length(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and announce a body of *at* bytes; of more than there are unless told."""
    answer = exchange.perform()
    length = len(answer.body) + 16 if fault.at is None else fault.at
    # the line ends with it: a client that takes the answer for whole must not use it again
    headers = {"Content-Length": str(length), "Connection": "close"}
    return Sent(answer.with_headers(headers), _at_the_end, fault.reset)


def bad_chunk(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and answer in chunks; after *at* bytes, half unless told, comes a size that is none."""
    answer = exchange.perform()
    good = answer.body[: _middle(fault, answer.body)]
    chunk = b"%x\r\n%b\r\n" % (len(good), good) if good else b""
    broken = answer._replace(body=chunk + b"-size-\r\n" + answer.body[len(good) :])
    return Sent(broken.with_headers({"Transfer-Encoding": "chunked"}), _at_the_end, fault.reset)


def bad_gzip(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and compress the answer; the byte at *at*, the middle one unless told, is wrong."""
    answer = exchange.perform()
    packed = bytearray(gzip.compress(answer.body, mtime=0))
    packed[min(_middle(fault, packed), len(packed) - 1)] ^= 0xFF
    return Sent(answer._replace(body=bytes(packed)).with_headers({"Content-Encoding": "gzip"}))


def null_field(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and answer with null in one field."""
    return _odd(fault, exchange, fields.NULL)


def unknown_enum(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and answer with a value that an enum does not have."""
    return _odd(fault, exchange, fields.ENUM)


def unknown_field(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and answer with a field more, beside the one at *path*."""
    return _odd(fault, exchange, fields.EXTRA)


def number_as_text(fault: Fault, exchange: Exchange) -> Sent:
    """Carry it out, and answer with text where a number belongs."""
    return _odd(fault, exchange, fields.TEXT)


def _middle(fault: Fault, body: bytes | bytearray) -> int:
    return len(body) // 2 if fault.at is None else fault.at


def _odd(fault: Fault, exchange: Exchange, oddity: fields.Oddity) -> Sent:
    """Carry it out, and make one field of a success odd; where none fits, the answer goes out as it is."""
    answer = exchange.perform()
    if answer.status == 200:
        chance = Random(f"{fault.seed} {fault.count}")  # noqa: S311 - not for secrets
        body = fields.spoil(answer.body, exchange.returns, oddity, fault.path, chance)
        answer = answer._replace(body=body)
    return Sent(answer)


_LWA_ERRORS: Mapping[int, str] = {
    400: "invalid_grant",
    401: "invalid_client",
    503: "temporarily_unavailable",
}


def _failure(fault: Fault) -> Answer:
    number = fault.status or 500
    if fault.operation == "lwa":
        return oauth_error(number, _LWA_ERRORS.get(number, "server_error"), "Refused on purpose")
    return failure(number)


KINDS: Mapping[str, Kind] = {
    kind.__name__: kind
    for kind in (
        drop_before,
        drop_after,
        cut_headers,
        cut_body,
        status,
        status_after,
        html,
        delay,
        expire_token,
        wrong_length,
        bad_chunk,
        bad_gzip,
        null_field,
        unknown_enum,
        unknown_field,
        number_as_text,
    )
}

_TYPES: Mapping[str, tuple[type, ...]] = {
    "operation": (str,),
    "kind": (str,),
    "count": (int,),
    "at": (int, type(None)),
    "status": (int, type(None)),
    "seconds": (int, float),
    "reset": (bool,),
    "path": (str, type(None)),
    "share": (int, float),
    "seed": (int,),
}


_LEAST: Mapping[str, int] = {"count": 1, "at": 0, "status": 200, "seconds": 0, "share": 0}


def read_fault(data: Any) -> Fault:
    """Make a fault of *data*.

    Raises:
        ValueError: it is none, and why.
    """
    if not isinstance(data, dict) or not {"operation", "kind"} <= data.keys():
        raise ValueError("a fault is an object with an operation and a kind")
    for name, value in data.items():
        if type(value) not in _TYPES.get(name, ()):
            raise ValueError(f"a fault has no {name} that is {value!r}; it has {', '.join(_TYPES)}")
    for name, least in _LEAST.items():
        if (data.get(name) or least) < least:
            raise ValueError(f"the {name} of a fault is at least {least}")
    if data["kind"] not in KINDS:
        raise ValueError(f"{data['kind']!r} is no kind of fault; there are {', '.join(KINDS)}")
    return Fault(**data)


class Faults:
    """The faults that wait for their request, first come, first struck."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, Random]] = []

    def add(self, fault: Fault) -> None:
        """Let *fault* strike the next requests that it is for."""
        with self._lock:
            self._waiting.append((fault, Random(fault.seed)))  # noqa: S311 - not for secrets

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """Return what has not struck yet, with the counts that are left."""
        with self._lock:
            return [fault for fault, _ in self._waiting]

    def take(self, names: tuple[str, ...]) -> Fault | None:
        """Return the fault that strikes a request that goes by *names*, if any."""
        with self._lock:
            for index, (fault, dice) in enumerate(self._waiting):
                if fault.operation in names and dice.random() < fault.share:
                    left = dataclasses.replace(fault, count=fault.count - 1)
                    self._waiting[index : index + 1] = [(left, dice)] if left.count > 0 else []
                    return fault
        return None
