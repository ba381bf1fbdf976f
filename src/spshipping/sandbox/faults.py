"""The faults that the sandbox can play: faults as data, and one function for each kind."""

import dataclasses
import gzip
import threading
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple, Protocol, get_args, get_type_hints

from spshipping.sandbox import fields
from spshipping.sandbox.ledger import SIGN_IN
from spshipping.sandbox.refusals import refused_with, sign_in_refused_with
from spshipping.sandbox.responses import Response, html_response
from spshipping.sandbox.tokens import expired


@dataclasses.dataclass(frozen=True)
class Fault:
    """One fault, which strikes *count* requests."""

    operation: str
    """An operationId, a route where two operations share an operationId, `*` for all, or `lwa`."""
    kind: str
    count: int = 1
    at: int | None = None
    """After how many bytes: of the whole response for `cut_headers`, of the body for all others."""
    status: int | None = None
    seconds: float = 0.0
    reset: bool = False
    """Close the connection with a reset (RST) in place of a plain end of stream (FIN)."""
    path: str | None = None
    """Which field of the response, as in `payload.rates.0.promise`; None for a random one."""
    share: float = 1.0
    """The probability that it strikes a request for its operation."""
    seed: int = 0
    """Determines which requests, and which fields, are struck."""


class Sent(NamedTuple):
    """What is written to the connection."""

    response: Response | None
    """None where nothing was done."""
    cut: Callable[[int, int], int] | None = None
    """How many bytes are sent before the connection is closed, given the lengths of headers and body."""
    reset: bool = False
    pause: float = 0.0
    """Seconds of real time before the first byte."""


class Exchange(Protocol):
    """One request, which a fault may carry out, refuse, or both."""

    @property
    def returns(self) -> Any:
        """The model of the payload, where there is one."""
        ...

    def perform(self) -> Response:
        """Carry the request out."""
        ...

    def complete(self, response: Response) -> Response:
        """Add the headers that the real response would have."""
        ...


Kind = Callable[[Fault, Exchange], Sent]


def _before_first_byte(_head: int, _body: int) -> int:
    return 0


def _after_last_byte(head: int, body: int) -> int:
    return head + body


def drop_before(fault: Fault, _exchange: Exchange) -> Sent:
    """Close the connection before anything is done."""
    return Sent(None, _before_first_byte, fault.reset)


def drop_after(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and close the connection without a byte."""
    return Sent(exchange.perform(), _before_first_byte, fault.reset)


def cut_headers(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and close the connection after *at* bytes; default: half of the headers."""
    return Sent(
        exchange.perform(), lambda head, _body: head // 2 if fault.at is None else fault.at, fault.reset
    )


def cut_body(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and close the connection after *at* bytes of the body; default: half of it."""
    return Sent(
        exchange.perform(),
        lambda head, body: head + (body // 2 if fault.at is None else fault.at),
        fault.reset,
    )


def status(fault: Fault, exchange: Exchange) -> Sent:
    """Refuse the request with *status*, by default 500; it is not carried out."""
    return Sent(exchange.complete(_error(fault)))


def status_after(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and respond with *status* nevertheless."""
    exchange.perform()
    return status(fault, exchange)


def html(fault: Fault, _exchange: Exchange) -> Sent:
    """Respond with an HTML page, as a proxy does; the request is not carried out."""
    return Sent(html_response(fault.status or 503, "Service Temporarily Unavailable"))


def delay(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and wait before the first byte of the response."""
    return Sent(exchange.perform(), pause=fault.seconds)


def expire_token(_fault: Fault, _exchange: Exchange) -> Sent:
    """Respond that the access token has expired; the request is not carried out."""
    return Sent(expired().response)


def wrong_length(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and announce a body of *at* bytes; by default 16 more than there are."""
    response = exchange.perform()
    length = len(response.body) + 16 if fault.at is None else fault.at
    # the connection is closed: a client that accepts the response must not use it again
    headers = {"Content-Length": str(length), "Connection": "close"}
    return Sent(response.with_headers(headers), _after_last_byte, fault.reset)


def bad_chunk(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and send chunks; after *at* bytes, by default half, one is malformed."""
    response = exchange.perform()
    good = response.body[: _middle(fault, response.body)]
    chunk = b"%x\r\n%b\r\n" % (len(good), good) if good else b""
    broken = response._replace(body=chunk + b"-size-\r\n" + response.body[len(good) :])
    return Sent(broken.with_headers({"Transfer-Encoding": "chunked"}), _after_last_byte, fault.reset)


def bad_gzip(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and compress the response; the byte at *at*, by default the middle, is wrong."""
    response = exchange.perform()
    packed = bytearray(gzip.compress(response.body, mtime=0))
    packed[min(_middle(fault, packed), len(packed) - 1)] ^= 0xFF
    return Sent(response._replace(body=bytes(packed)).with_headers({"Content-Encoding": "gzip"}))


def null_field(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and respond with null in one field."""
    return _changed(fault, exchange, fields.NULL)


def unknown_enum(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and respond with a value that an enum does not list."""
    return _changed(fault, exchange, fields.ENUM)


def unknown_field(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and respond with one more field, beside the one at *path*."""
    return _changed(fault, exchange, fields.EXTRA)


def number_as_text(fault: Fault, exchange: Exchange) -> Sent:
    """Carry the request out, and respond with text where a number belongs."""
    return _changed(fault, exchange, fields.TEXT)


def _middle(fault: Fault, body: bytes | bytearray) -> int:
    return len(body) // 2 if fault.at is None else fault.at


def _changed(fault: Fault, exchange: Exchange, change: fields.Change) -> Sent:
    """Carry the request out, and change one field of a success; where none fits, nothing is changed."""
    response = exchange.perform()
    if response.status == 200:
        chance = Random(f"{fault.seed} {fault.count}")  # noqa: S311 - not for secrets
        body = fields.change_one(response.body, exchange.returns, change, fault.path, chance)
        response = response._replace(body=body)
    return Sent(response)


def _error(fault: Fault) -> Response:
    status = fault.status or 500
    refusal = sign_in_refused_with if fault.operation == SIGN_IN else refused_with
    return refusal(status).response


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


def _classes(hint: Any) -> tuple[type, ...]:
    """Return the classes that a field of a fault accepts; an integer is accepted as a float."""
    classes: tuple[type, ...] = get_args(hint) or (hint,)
    return (*classes, int) if float in classes else classes


_TYPES = {name: _classes(hint) for name, hint in get_type_hints(Fault).items()}
_MINIMUM: Mapping[str, int] = {"count": 1, "at": 0, "status": 200, "seconds": 0, "share": 0}


def read_fault(data: Any) -> Fault:
    """Read a fault from *data*.

    Raises:
        ValueError: *data* is not a fault; the message says why.
    """
    if not isinstance(data, dict) or not {"operation", "kind"} <= data.keys():
        raise ValueError("a fault is an object with an operation and a kind")
    for name, value in data.items():
        if type(value) not in _TYPES.get(name, ()):
            raise ValueError(f"a fault has no {name} that is {value!r}; its fields are {', '.join(_TYPES)}")
    for name, minimum in _MINIMUM.items():
        if (data.get(name) or minimum) < minimum:
            raise ValueError(f"the {name} of a fault is at least {minimum}")
    if data["kind"] not in KINDS:
        raise ValueError(f"{data['kind']!r} is not a kind of fault; the kinds are {', '.join(KINDS)}")
    return Fault(**data)


class Faults:
    """The faults that wait for their requests; the oldest one that fits strikes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, Random]] = []

    def add(self, fault: Fault) -> None:
        """Let *fault* strike the next requests for its operation."""
        with self._lock:
            self._waiting.append((fault, Random(fault.seed)))  # noqa: S311 - not for secrets

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """Return the faults that have not struck yet, with the counts that are left."""
        with self._lock:
            return [fault for fault, _ in self._waiting]

    def take(self, names: tuple[str, ...]) -> Fault | None:
        """Return the fault that strikes a request, if any; *names* are those by which faults name it."""
        with self._lock:
            for index, (fault, random) in enumerate(self._waiting):
                if fault.operation in names and random.random() < fault.share:
                    left = dataclasses.replace(fault, count=fault.count - 1)
                    self._waiting[index : index + 1] = [(left, random)] if left.count > 0 else []
                    return fault
        return None
