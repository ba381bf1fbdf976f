"""Exchanges of every operation with canaries everywhere: what the scrubber must not let through."""

import base64
import json
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from spshipping.catalogue import operations
from spshipping.operation import Operation
from spshipping.regions import Region
from spshipping.testing.scrub import Exchange
from spshipping.testing.words import shape_of_answer
from spshipping.wire.convert import dumps
from spshipping.wire.model import Model
from spshipping.wire.text import parse, render
from tests.contract.drawn import bodies, drawn
from tests.security.canary import CANARIES, SECRETS

_BASES = 6
"""How many well-formed values of each operation are poisoned again and again."""
NUMBER = 447700900417
"""A telephone number that somebody wrote as a number."""
TEXTS = tuple(CANARIES.values())


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(text: str) -> bytes:
    pixels = zlib.compress(b"\0\xff")
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    words = b"Comment\0" + text.encode()
    parts = ((b"IHDR", header), (b"tEXt", words), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


PICTURES: tuple[Callable[[str], bytes], ...] = (
    _png,
    lambda text: b"%PDF-1.4\n1 0 obj<</Title(" + text.encode() + b")>>endobj\n%%EOF\n",
    lambda text: f"^XA^FO50,50^FD{text}^FS^XZ\n".encode(),
    lambda text: b"\xff\xd8\xff\xe0" + text.encode(),
    lambda text: b"\x1f\x8b\x08" + text.encode(),
)


class Poison:
    """Puts canaries into exchanges, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def text(self) -> str:
        """Return a canary, alone, or inside of a longer text, or in the spelling of a picture."""
        canary = self._random.choice(TEXTS)
        forms: tuple[Callable[[str], str], ...] = (
            str,
            str,
            str,
            lambda text: f"for {text}, urgent",
            str.upper,
            lambda text: quote(text, safe=""),
            lambda text: base64.b64encode(self._random.choice(PICTURES)(text)).decode(),
            lambda text: base64.urlsafe_b64encode(text.encode() * 3).decode(),
            lambda text: f"https://{quote(text)}.example/{quote(text)}",
        )
        return self._random.choice(forms)(canary)

    def value(self, value: Any) -> Any:
        """Return parsed JSON with canaries in it."""
        if isinstance(value, dict):
            made = {key: self.value(inner) for key, inner in value.items()}
            return {**made, **self._more()} if self._random.random() < 0.3 else made
        if isinstance(value, list):
            return [self.value(inner) for inner in value] + (
                [self.text()] if self._random.random() < 0.1 else []
            )
        if isinstance(value, str):
            return self.text() if self._random.random() < 0.6 else value
        if self._random.random() < 0.05:
            return self._random.choice(
                (self.text(), NUMBER, Decimal(NUMBER) / 100, [self.text()], {"a": NUMBER})
            )
        return value

    def _more(self) -> dict[str, Any]:
        return {
            self._random.choice(("nickname", "name", "comment", self.text())): self._random.choice(
                (self.text(), NUMBER, {self.text(): [self.text()]})
            )
        }

    def exchange(self, operation: Operation[Any]) -> Exchange:
        """Return a poisoned exchange of an operation."""
        path = operation.path
        for name in operation.path_names:
            path = path.replace(f"{{{name}}}", quote(self.text(), safe=""))
        query = {parameter.name: self.text() for parameter in operation.query if self._random.random() < 0.7}
        if self._random.random() < 0.2:
            query[self.text()] = self.text()
        host = self._random.choice((Region.EU.host, Region.NA.sandbox_host, "localhost"))
        is_fine = self._random.random() < 0.7
        return Exchange(
            method=operation.method,
            url=f"https://{host}{path}?{urlencode(query)}",
            request_headers={
                "x-amz-access-token": SECRETS["access token"],
                "Authorization": f"AWS4-HMAC-SHA256 Signature={SECRETS['AWS secret']}",
                "X-Amz-Security-Token": SECRETS["session token"],
                "x-amzn-IdempotencyKey": self.text(),
                "x-amzn-shipping-business-id": self._random.choice(("AmazonShipping_UK", self.text())),
                "locale": self._random.choice(("en-GB", self.text())),
                "Cookie": self.text(),
                "User-Agent": self.text(),
                "X-Something-New": self.text(),
            },
            request_body=self._body(operation) if operation.body else None,
            status=200 if is_fine else self._random.choice((400, 403, 404, 429, 500)),
            response_headers={
                "Content-Type": self._random.choice(("application/json", self.text())),
                "Date": self._random.choice(("Mon, 30 Nov 2026 09:53:09 GMT", self.text())),
                "x-amzn-RequestId": self.text(),
                "x-amzn-RateLimit-Limit": self._random.choice(("80.0", self.text())),
                "Retry-After": self._random.choice(("3", self.text())),
                "Set-Cookie": self.text(),
                "X-Something-New": self.text(),
            },
            response_body=self._answer(operation) if is_fine else self._refusal(),
        )

    def _body(self, operation: Operation[Any]) -> bytes:
        return render(self.value(self._random.choice(_bodies(operation))))

    def _answer(self, operation: Operation[Any]) -> bytes:
        found = _answers(operation)
        if not found:
            return b""
        made = self.value(self._random.choice(found))
        return render({"payload": made} if operation.envelope else made)

    def _refusal(self) -> bytes:
        error = {"code": self.text(), "message": self.text(), "details": self.text()}
        forms: tuple[bytes, ...] = (
            json.dumps({"errors": [error]}, ensure_ascii=False).encode(),
            json.dumps([error]).encode(),
            json.dumps({"message": self.text()}).encode(),
            json.dumps(self.text()).encode(),
            f"<html><title>{self.text()}</title></html>".encode(),
            self.text().encode(),
            b'{"errors": [' + self.text().encode(),
            self._random.choice(PICTURES)(self.text()),
        )
        return self._random.choice(forms)


@cache
def _bodies(operation: Operation[Any]) -> tuple[Any, ...]:
    return tuple(parse(dumps(body)) for body in bodies(operation, _BASES, unlisted=False))


@cache
def _answers(operation: Operation[Any]) -> tuple[Any, ...]:
    if shape_of_answer(operation) is None:
        return ()
    returns: Any = operation.returns
    found = drawn(returns, _BASES, unlisted=False)
    return tuple(_plain(value) for value in found)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return parse(dumps(value)) if isinstance(value, Model) else value


def exchanges(count: int, seed: int = 0) -> Iterator[Exchange]:
    """Yield poisoned exchanges of all operations in turn."""
    poison, every = Poison(seed), operations()
    for number in range(count):
        yield poison.exchange(every[number % len(every)])
