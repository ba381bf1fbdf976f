"""Shipments as they were prepared: the packing with its codes, kept so that a repeat has the same codes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from spshipping import disk
from spshipping.cli.sync import file_name
from spshipping.cli.vendor.loads import written_load
from spshipping.cli.vendor.office import Office, failing_on, read_file
from spshipping.cli.vendor.packing import PackingFile
from spshipping.errors import ConfigurationError, DecodeError, SpShippingError
from spshipping.vendor.asn import Asn, Load
from spshipping.wire.convert import dumps
from spshipping.wire.text import parse, write

_VERSION = 1
_DIGITS = 12
"""Of the digest, in the name of a file."""
_NOT_COMPARED = ("shipmentConfirmationType", "shipmentConfirmationDate")


class Prepared(NamedTuple):
    """What was prepared from one packing file."""

    path: Path
    made_from: str
    """The digest of the packing file."""
    body: str
    """The JSON text that was submitted last, or is to be."""
    packing: dict[str, Any]
    """The packing file with its cartons, pallets and codes."""

    @property
    def load(self) -> Load:
        """What is packed."""
        found = PackingFile.of(self.packing).packed
        assert found is not None  # noqa: S101 - it was written with cartons or pallets
        return found

    def is_same_as(self, body: str) -> bool:
        """Return whether *body* says the same; the time, and whether it is a replacement, do not count."""
        mine, other = _said(self.body), _said(body)
        return bool(mine == other)


def prepared(office: Office, packing: PackingFile) -> Prepared | None:
    """Return what was prepared from the same packing file before, or None.

    Raises:
        ConfigurationError: its file holds something else.
    """
    path = _path(office, packing)
    return read_prepared(path) if path.exists() else None


def keep(office: Office, packing: PackingFile, load: Load, asn: Asn) -> Prepared:
    """Keep a shipment as it is to be submitted; it is on the disk on return.

    Raises:
        ConfigurationError: it cannot be written.
    """
    whole = {
        name: value for name, value in packing.data.items() if name not in ("fill", "cartons", "pallets")
    }
    made = Prepared(
        _path(office, packing),
        packing.digest,
        dumps(asn.request).decode(),
        {**whole, **written_load(load)},
    )
    data = {"version": _VERSION, "made_from": made.made_from, "body": made.body, "packing": made.packing}
    with failing_on(made.path):
        disk.replace(made.path, write(data).encode("utf-8", "surrogatepass"), private=True, durable=True)
    return made


def all_prepared(office: Office, identifier: str) -> Iterator[Prepared]:
    """Yield what was prepared for a shipment, the newest first."""
    folder = office.folder / "shipments"
    found = folder.glob(f"{_escaped(file_name(identifier))}.*.json") if folder.is_dir() else ()
    for path in sorted(found, key=lambda each: each.stat().st_mtime, reverse=True):
        yield read_prepared(path)


def read_prepared(path: Path) -> Prepared:
    """Read what `keep` has written.

    Raises:
        ConfigurationError: it holds something else, or cannot be read.
    """
    try:
        found = parse(read_file(path))
        if found["version"] == _VERSION:
            made = Prepared(path, str(found["made_from"]), str(found["body"]), dict(found["packing"]))
            PackingFile.of(made.packing)
            return made
    except ConfigurationError:
        raise
    except (DecodeError, SpShippingError, LookupError, TypeError, ValueError):
        pass
    raise ConfigurationError(f"{path} is no prepared shipment: move it away, and give the packing file again")


def _path(office: Office, packing: PackingFile) -> Path:
    name = f"{file_name(packing.dispatch.identifier)}.{packing.digest[:_DIGITS]}.json"
    return office.folder / "shipments" / name


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _said(body: str) -> Any:
    return [
        {name: value for name, value in each.items() if name not in _NOT_COMPARED}
        for each in parse(body.encode())["shipmentConfirmations"]
    ]
