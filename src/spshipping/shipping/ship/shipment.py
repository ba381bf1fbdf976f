"""The shipment that a reference has: what was bought, and its documents as files."""

import hashlib
from base64 import b64encode
from pathlib import Path
from typing import Any

from spshipping import disk
from spshipping.errors import ConfigurationError, DecodeError
from spshipping.journal.entry import Charge, Entry, Scope
from spshipping.named import NamedTuple
from spshipping.shipping.models import files
from spshipping.shipping.models.documents import Documented, DocumentFormat, DocumentType, PackageDocument
from spshipping.shipping.models.offers import Rate
from spshipping.wire.text import parse, write

_VERSION = 1
_NAME_LETTERS = 40


class RateFacts(NamedTuple):
    """Who carries it, as far as the rate said."""

    carrier_id: str | None = None
    carrier_name: str | None = None
    service_id: str | None = None
    service_name: str | None = None


class Bought(NamedTuple):
    """What a journal keeps of a shipment that was bought."""

    shipment_id: str
    tracking_id: str | None = None
    format: str | None = None
    dpi: int | None = None
    rate: RateFacts = RateFacts()
    digests: tuple[str, ...] = ()
    """The SHA-256 of each document."""
    names: tuple[str, ...] = ()
    """The type and format of each document, such as `LABEL.pdf`."""
    package: str | None = None
    """The package's reference, where Amazon says another one than ours."""

    def to_json(self) -> str:
        """Return it as JSON."""
        return write({"version": _VERSION, **self._asdict(), "rate": self.rate._asdict()})

    @classmethod
    def of(cls, entry: Entry) -> "Bought":
        """Read what the journal has of a shipment that is bought."""
        saved = parse((entry.result or "{}").encode())
        return cls(
            saved["shipment_id"],
            saved["tracking_id"],
            saved["format"],
            saved["dpi"],
            RateFacts(**saved["rate"]),
            tuple(saved["digests"]),
            tuple(saved["names"]),
            saved.get("package"),
        )


class Shipment(NamedTuple):
    """What was bought for a reference, now or before."""

    reference: str
    generation: int
    shipment_id: str
    tracking_id: str | None
    package_client_reference_id: str
    carrier_id: str | None
    carrier_name: str | None
    service_id: str | None
    service_name: str | None
    charge: Charge | None
    """What it cost, with its value-added services; of a direct purchase, `max_charge` where that was given,
    because Amazon says no price."""
    documents: tuple[PackageDocument, ...]
    files: tuple[Path, ...]
    """The documents on the disk, where `save_to` was given."""
    is_repeat: bool
    """Whether it was bought by an earlier call."""
    is_return: bool = False
    """Whether it is for the way back."""

    @property
    def labels(self) -> tuple[PackageDocument, ...]:
        """Its labels; each has `data` and `save(path)`."""
        return tuple(one for one in self.documents if getattr(one, "type", None) == DocumentType.LABEL)


def rate_facts(rate: Rate) -> RateFacts:
    """Return who carries it, as far as the rate says."""
    return RateFacts(*(getattr(rate, name, None) for name in RateFacts._fields))


def facts_of(result: Documented) -> RateFacts | None:
    """Return who carries it, where the answer says so."""
    carrier, service = getattr(result, "carrier", None), getattr(result, "service", None)
    if carrier is None and service is None:
        return None
    parts = [(carrier, "id"), (carrier, "name"), (service, "id"), (service, "name")]
    return RateFacts(*(getattr(part, name, None) for part, name in parts))


def total_of(result: Documented) -> Charge | None:
    """Return what it has cost, where the answer says so."""
    total = getattr(result, "total_charge", None)
    amount, unit = getattr(total, "value", None), getattr(total, "unit", None)
    return None if amount is None or unit is None else Charge(amount, unit)


def bought_of(result: Documented, rate: RateFacts, specification: Any, package: str) -> Bought | None:
    """Return what is kept of a shipment; None where the answer does not say which one it is.

    *package* is our reference of the package: where Amazon was told of none, it gives another one.
    """
    shipment_id: str | None = getattr(result, "shipment_id", None)
    if not shipment_id:
        return None
    return with_documents(
        Bought(
            shipment_id=shipment_id,
            tracking_id=getattr(result, "tracking_id", None),
            format=getattr(specification, "format", None),
            dpi=getattr(specification, "dpi", None),
            rate=facts_of(result) or rate,
            package=next((name for name in result.package_references if name != package), None),
        ),
        readable(result),
    )


def with_documents(bought: Bought, documents: tuple[PackageDocument, ...]) -> Bought:
    """Return it with the names and digests of these documents."""
    return bought._replace(
        names=tuple("".join(files.named_after(one.type, one.format)) for one in documents),
        digests=tuple(hashlib.sha256(one.data).hexdigest() for one in documents),
    )


def readable(result: Documented) -> tuple[PackageDocument, ...]:
    """Return the documents; none, where one cannot be read or none is a label: then all are fetched again."""
    try:
        documents = result.documents
        for one in documents:
            one.data, one.type, one.format  # noqa: B018 - raises
    except (DecodeError, AttributeError):
        return ()
    return tuple(documents) if any(one.type == DocumentType.LABEL for one in documents) else ()


def paths_of(folder: Path, scope: Scope, bought: Bought) -> list[Path]:
    """Return where each document is kept."""
    label = file_name_of(scope)
    return [folder / f"{label}-{index}-{name}" for index, name in enumerate(bought.names, 1)]


def file_name_of(scope: Scope) -> str:
    """Return how the names of all files of a scope begin: with the reference, and with what is its alone."""
    stem, _ = files.named_after(scope.reference[:_NAME_LETTERS], None)
    return f"{stem}-{scope.package[:8]}"


def save(folder: Path, scope: Scope, bought: Bought, documents: tuple[PackageDocument, ...]) -> list[Path]:
    """Write every document, readable by the owner only, and on the disk on return."""
    paths = paths_of(folder, scope, bought)
    for path, document in zip(paths, documents, strict=True):
        disk.replace(path, document.data, private=True, durable=True)
    return paths


def cannot_save(folder: Path, error: OSError) -> ConfigurationError:
    """Return the error of a label that was bought, and that the disk does not take."""
    return ConfigurationError(
        f"it was bought, and its documents cannot be saved in {folder}: {error.strerror}. Make that a"
        " folder that can be written, and ship it again: nothing more is bought"
    )


def load(folder: Path, scope: Scope, bought: Bought) -> tuple[PackageDocument, ...]:
    """Return the documents from their files; none, where one is gone, or is not as it was written."""
    found = []
    for path, name, digest in zip(paths_of(folder, scope, bought), bought.names, bought.digests, strict=True):
        try:
            data = disk.read(path)
        except OSError:
            return ()
        if hashlib.sha256(data).hexdigest() != digest:
            return ()
        stem, _, suffix = name.rpartition(".")
        found.append(
            PackageDocument(
                type=DocumentType(stem),
                format=DocumentFormat(suffix.upper()),
                contents=b64encode(data).decode(),
            )
        )
    return tuple(found)
