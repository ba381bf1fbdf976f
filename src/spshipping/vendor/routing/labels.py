"""The carrier's labels of a routing request: saved as files, or why there are none."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from spshipping import disk
from spshipping.errors import DecodeError
from spshipping.secret import discreet
from spshipping.vendor.shipments.models.confirmations import ShipmentType
from spshipping.vendor.shipments.models.labels import LabelData, TransportLabel
from spshipping.vendor.shipments.models.shipments import ShipmentStatus

_OTHER = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 80


class SavedLabel(NamedTuple):
    """One label. A label that was used is never used again."""

    path: Path
    sequence_number: int
    tracking_id: str | None


@dataclass(frozen=True, slots=True)
class LabelsSaved:
    """The labels are in files that only their owner can read."""

    labels: tuple[SavedLabel, ...]
    missing: int
    """How many labels Amazon has counted beside these, or sent so that they cannot be read. Ask again; if
    they stay missing, open a case."""

    @property
    def is_complete(self) -> bool:
        """Whether all labels are there."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class LabelsPending:
    """There are no labels yet, since no carrier is assigned."""

    status: ShipmentStatus | None
    advice = "ask again: a carrier is assigned on the day before the pickup, or on that day"


@dataclass(frozen=True, slots=True)
class CarrierWithoutLabel:
    """A carrier is assigned, and there is no label nevertheless.

    A vendor reports that labels which Vendor Central shows were missing in up to a quarter of the requests,
    and that asking again for hours did not help.

    Source: https://github.com/amzn/selling-partner-api-models/issues/5148
    """

    status: ShipmentStatus | None
    advice = "take the labels from Vendor Central, and open a case there with the identifier and the ARN"


@dataclass(frozen=True, slots=True)
class NoLabelsByTruck:
    """Amazon makes labels for small parcels only."""

    ship_mode: ShipmentType
    advice = "print labels of your own with the SSCC of each carton and pallet"


@dataclass(frozen=True, slots=True)
class UnknownPickup:
    """Amazon knows no request with this identifier; a request that was just submitted is not yet known."""

    advice = "look at what became of the submission"


LabelOutcome = LabelsSaved | LabelsPending | CarrierWithoutLabel | NoLabelsByTruck | UnknownPickup
"""What became of the labels of a pickup."""


class LabelFile(NamedTuple):
    """One label that is to be saved."""

    name: str
    sequence_number: int
    data: LabelData


def label_files(identifier: str, sets: list[TransportLabel]) -> list[LabelFile]:
    """Return the labels of all sets, each once, with the name of its file.

    The same label has the same name each time, so that saving it again makes no second file. Two labels whose
    names do not tell them apart have a digest of the label behind them: none takes the place of another.
    """
    found: dict[tuple[str, str], LabelFile] = {}
    for number, data in enumerate((label for each in sets for label in each.label_data or ()), 1):
        sequence = data.label_sequence_number or number
        parts = [file_part(identifier), f"{sequence:03d}"]
        if data.tracking_id:
            parts.append(file_part(data.tracking_id))
        suffix = (data.label_format or "PDF").lower()
        file = LabelFile(f"{'-'.join(parts)}.{_OTHER.sub('_', suffix)}", sequence, data)
        # there are file systems that do not tell capitals from small letters
        found.setdefault((file.name.lower(), data.label or ""), file)
    same = Counter(name for name, _ in found)
    return [file if same[name] == 1 else _apart(file, text) for (name, text), file in found.items()]


def _apart(file: LabelFile, text: str) -> LabelFile:
    stem, _, suffix = file.name.rpartition(".")
    return file._replace(name=f"{stem}-{_digest(text)}.{suffix}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def file_part(text: str) -> str:
    """Return a text as a part of a file's name, which leads out of no folder; two texts have two names."""
    plain = _OTHER.sub("_", text)[:_LONGEST_NAME]
    return plain if plain == text else f"{plain}-{_digest(text)}"


def expected(sets: list[TransportLabel]) -> int:
    """Return how many labels there should be, as Amazon counts them."""
    counts: dict[str | None, int] = {}
    for each in sets:
        information = each.shipment_information
        if information is not None and information.total_label_count is not None:
            name = information.master_tracking_id
            counts[name] = max(counts.get(name, 0), information.total_label_count)
    return sum(counts.values())


@discreet
def write(folder: Path, files: list[LabelFile]) -> tuple[SavedLabel, ...]:
    """Write labels, and return those that could be read; it blocks.

    Raises:
        OSError: the disk refused.
    """
    saved = []
    for file in files:
        try:
            data = file.data.data
        except DecodeError:
            continue
        path = folder / file.name
        disk.replace(path, data, private=True, durable=True)
        saved.append(SavedLabel(path, file.sequence_number, file.data.tracking_id))
    return tuple(saved)
