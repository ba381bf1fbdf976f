"""Records what goes over the network as fixtures: through vcrpy, and never to disk before it is scrubbed."""

import gzip
import logging
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlsplit

import attrs

from spshipping import disk
from spshipping.catalogue import DOMAINS
from spshipping.errors import ConfigurationError
from spshipping.operation import Operation
from spshipping.regions import Region
from spshipping.secret import Secret, discreet
from spshipping.testing.fixture import fixture_bytes, fixture_of, write_fixture
from spshipping.testing.scrub import Exchange, Scrubbed, operation_of, scrub

_MARK = "x-spshipping-sandbox"
_PRODUCTION = {region.host for region in Region}
_SANDBOX = {region.sandbox_host for region in Region}
_REPLACED = "Names, addresses, ids, tokens and documents are replaced."
_MOST_BYTES = 64 << 20


@attrs.define
class Recording:
    """What a recording has written; complete when its block has ended."""

    folder: Path
    files: list[Path] = attrs.field(factory=list)
    """The fixtures, in the order of the requests."""
    left_out: int = 0
    """How many exchanges were no operation of this package, such as those of signing in."""


def origin_of(exchange: Exchange) -> str:
    """Say where an answer is from: of Amazon's production, of its sandbox, or of a mock.

    Only what Amazon's own hosts answered is called a recording. A local sandbox marks its answers, so that it
    is known behind a proxy too.
    """
    host = urlsplit(exchange.url).hostname or ""
    is_marked = any(name.lower() == _MARK for name in exchange.response_headers)
    if host in _PRODUCTION and not is_marked:
        return f"Recorded from Amazon's production, {host}. {_REPLACED}"
    if host in _SANDBOX and not is_marked:
        return f"Recorded from Amazon's sandbox, {host}: a made-up answer. {_REPLACED}"
    return f"Answered by a mock, not by Amazon: it shows what the mock does. {_REPLACED}"


@contextmanager
def recording(
    folder: str | Path, *, key: Secret | None = None, fits_any: bool = False
) -> Iterator[Recording]:
    """Record every request of this process while the block runs, and write the fixtures at its end.

    It sees both clients, and whatever else uses requests, urllib3 or aiohttp. Requests go to where they
    always go: what is bought is paid for. Nothing is written before all of it is scrubbed, see
    `spshipping.testing.scrub`; if the block raises, what was exchanged until then is written too. What other
    processes exchange, those that the block starts among them, is not recorded.

    Args:
        folder: the fixtures go to `FOLDER/API/OPERATION/STATUS-NUMBER.json`; no file is overwritten.
        key: pseudonyms are derived from it, so that the same texts get the same pseudonyms in every recording
            with this key. Keep it as secret as what was recorded. None draws a key that is forgotten.
        fits_any: write `<any>`, which fits whatever is sent when the fixtures are replayed, in place of what
            the program itself brought along, such as an address. What it had from an earlier answer keeps its
            pseudonym. So the same program runs on the fixtures, unless it brought along an id in a path.

    Raises:
        ConfigurationError: vcrpy is not installed, or the folder cannot be written.
        LeftoverError: something that was replaced is still there. Nothing was written.
    """
    made = Recording(Path(folder))
    with _writing(made.folder):
        _check_writable(made.folder)  # now nothing has been bought yet
    try:
        import vcr
    except ImportError:
        raise ConfigurationError("recording needs vcrpy: install spshipping[testing]") from None
    process = os.getpid()
    recorder = vcr.VCR(record_mode="all")
    recorder.register_persister(_Nowhere)
    with _silent(), recorder.use_cassette("memory") as cassette:
        try:
            yield made
        finally:
            if os.getpid() == process:  # a forked one has a copy of what this one writes
                _write([_exchange(*pair) for pair in cassette.data], made, key, fits_any=fits_any)


@discreet
def import_cassette(
    cassette: str | Path, folder: str | Path, *, key: Secret | None = None, fits_any: bool = False
) -> Recording:
    """Write the fixtures of what a cassette of vcrpy or pytest-recording holds, scrubbed as a recording is.

    Args:
        cassette: a cassette in YAML, or in JSON if its name ends with `.json`.
        folder: where the fixtures go; see `recording`.
        key: see `recording`.
        fits_any: see `recording`.

    Raises:
        ConfigurationError: it is no cassette, or cannot be read, or the folder cannot be written.
        LeftoverError: something that was replaced is still there. Nothing was written.
    """
    made = Recording(Path(folder))
    with _silent():
        found = list(_of_cassette(Path(cassette)))
    _write(found, made, key, fits_any=fits_any)
    return made


def api_of(operation: Operation[Any]) -> str:
    """Return the folder of an operation's API, such as `shipping` or `orders_v0`."""
    package = str(operation.reference).rpartition(".")[0].removeprefix("spshipping.")
    domain = next(domain for domain in DOMAINS if domain.package == package)
    return domain.path.replace(".", "_")


@contextmanager
def _silent() -> Iterator[None]:
    """Let vcrpy log nothing: it logs requests and answers whole, with tokens, addresses and labels."""
    names = ("vcr", *(name for name in list(logging.root.manager.loggerDict) if name.startswith("vcr.")))
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


class _Nowhere:
    """Keeps a cassette in memory: what is recorded is never written before it is scrubbed."""

    @staticmethod
    def load_cassette(*_: object, **__: object) -> Any:
        """Find nothing."""
        from vcr.persisters.filesystem import CassetteNotFoundError

        raise CassetteNotFoundError

    @staticmethod
    def save_cassette(*_: object, **__: object) -> None:
        """Write nothing."""


class _Safe:
    """Reads the YAML of a cassette, and runs nothing that it names."""

    @staticmethod
    def deserialize(text: str) -> Any:
        """Parse a cassette."""
        import yaml  # type: ignore[import-untyped]  # vcrpy brings it; it has no types

        return yaml.safe_load(text)


def _of_cassette(path: Path) -> Iterator[Exchange]:
    try:
        from vcr.serialize import deserialize
        from vcr.serializers import jsonserializer
    except ImportError:
        raise ConfigurationError("cassettes need vcrpy: install spshipping[testing]") from None
    try:
        written = path.read_text("utf-8")
        requests, responses = deserialize(written, jsonserializer if path.suffix == ".json" else _Safe)
        found = [_exchange(*pair) for pair in zip(requests, responses, strict=True)]
    except Exception as error:  # whatever a file that is no cassette makes vcrpy or the parser raise
        reason = type(error).__name__
    else:
        yield from found
        return
    raise ConfigurationError(f"{path}: it is no cassette of vcrpy, or cannot be read ({reason})")


def _exchange(request: Any, response: Mapping[str, Any]) -> Exchange:
    headers = _flat(response["headers"])
    return Exchange(
        method=str(request.method),
        url=request.uri,
        request_headers=_flat(request.headers),
        request_body=_bytes(request.body),
        status=int(response["status"]["code"]),
        response_headers=headers,
        response_body=_decoded(_bytes(response["body"].get("string")) or b""),
    )


def _flat(headers: Mapping[str, Any]) -> dict[str, str]:
    """Return headers with one value each; a cassette has a list of them, and some are bytes."""
    found = {}
    for name, value in headers.items():
        first = value if isinstance(value, str | bytes) else next(iter(value), "")
        found[_text(name)] = _text(first)
    return found


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    return bytes(body.read()) if hasattr(body, "read") else b"".join(map(_piece, body))


def _piece(part: Any) -> bytes:
    return part.encode() if isinstance(part, str) else bytes(part)


def _decoded(body: bytes) -> bytes:
    """Undo the compression of a body; one that cannot be read stays as it is, and counts as no JSON."""
    if not body.startswith((b"\x1f\x8b", b"\x78")):
        return body
    try:
        if body.startswith(b"\x1f\x8b"):
            return gzip.decompress(body)
        return zlib.decompressobj().decompress(body, _MOST_BYTES)
    except (OSError, EOFError, zlib.error):
        return body


def _check_writable(folder: Path) -> None:
    """Make sure that files can be made in a folder, or where it would be; nothing stays there.

    Raises:
        OSError: they cannot.
    """
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    with TemporaryFile(dir=there):
        pass


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        return
    raise ConfigurationError(f"{folder}: fixtures cannot be written there: {reason}")


@discreet
def _write(exchanges: list[Exchange], made: Recording, key: Secret | None, *, fits_any: bool) -> None:
    scrubbed: Scrubbed = scrub(exchanges, origin=origin_of, key=key, fits_any=fits_any)
    made.left_out = scrubbed.left_out
    for fixture in scrubbed.fixtures:  # all of them are sound before one is written
        fixture_of(fixture_bytes(fixture), made.folder)
    known = (found[0] for exchange in exchanges if (found := operation_of(exchange)))
    for fixture, operation in zip(scrubbed.fixtures, known, strict=True):
        folder = made.folder / api_of(operation) / fixture.operation
        with _writing(folder):
            path = _claimed(folder, fixture.response.status)
            write_fixture(path, fixture)
        made.files.append(path)


def _claimed(folder: Path, status: int) -> Path:
    """Make the first name that is not in use, here or in another process, and return it."""
    disk.make_folder(folder, private=False, durable=False)
    number = 1
    while not disk.claim(path := folder / f"{status}-{number}.json", private=False):
        number += 1
    return path
