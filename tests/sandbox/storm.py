"""What a storm of purchases leaves behind, and its judge: no label twice, none lost, no penny unexplained."""

import base64
import json
import os
import pickle
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

from spshipping import Call
from spshipping.sandbox import Label, Sandbox

State = Literal["intended", "in hand", "unknown", "refused"]


class Intent(NamedTuple):
    """One purchase that was about to be sent, and what became of it as far as its buyer knows."""

    id: str
    """The buyer's own: worker, number, try."""
    call: Call[Any]
    reference: str
    price: Decimal
    state: State = "intended"
    key: str | None = None
    """As the reply or the error gave it back."""
    shipment_id: str | None = None


class Journal:
    """Where a worker writes what it is about to do, and what came of it: one line each, appended at once."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        os.write(self._file, b"\n")  # a killed writer may have left half a line

    def write(self, intent: Intent) -> None:
        """Write the intent as it is now."""
        line = {**intent._asdict(), "price": str(intent.price)}
        line["call"] = base64.b64encode(pickle.dumps(intent.call)).decode()
        if intent.state != "intended":
            del line["call"]
        with self._lock:
            os.write(self._file, json.dumps(line).encode() + b"\n")

    def close(self) -> None:
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_journal(path: Path) -> dict[str, Intent]:
    """Return every intent of a journal, in its last state."""
    found: dict[str, Intent] = {}
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            data = json.loads(line)
        except ValueError:
            continue
        call = pickle.loads(base64.b64decode(data["call"])) if "call" in data else found[data["id"]].call
        found[data["id"]] = Intent(**{**data, "call": call, "price": Decimal(data["price"])})
    return found


class Judgement(NamedTuple):
    """What the books say beside the journals."""

    complaints: list[str]
    in_hand: int
    """Labels that their buyers have."""
    unknown: int
    """Purchases without a key whose buyers were told that nobody knows."""
    unsettled: int
    """Purchases with a key that never were carried out, and can no longer be."""
    doubled: int
    lost: int


class _Judge:
    def __init__(self, labels: Iterable[Label], intents: Iterable[Intent]) -> None:
        self.by_key: dict[str, list[Label]] = defaultdict(list)
        self.by_reference: dict[str, list[Label]] = defaultdict(list)
        for label in labels:
            where = self.by_reference if label.key is None else self.by_key
            where[label.reference if label.key is None else label.key].append(label)
        self.keyed = {intent.call.key: intent for intent in intents if intent.call.key}
        self.keyless = {intent.reference: intent for intent in intents if not intent.call.key}
        self.doubled = self.lost = 0

    def complaints(self) -> Iterator[str]:
        for pile, known in ((self.by_key, self.keyed), (self.by_reference, self.keyless)):
            for name, labels in pile.items():
                yield from self._about(name, labels, known.get(name))
            for name, intent in known.items():
                if intent.state == "in hand" and name not in pile:
                    yield f"{name}: in hand, and never bought"
                if intent.state in ("in hand", "unknown") and intent.key != intent.call.key:
                    yield f"{name}: came back with the key {intent.key}"
        for name, intent in self.keyed.items():
            if intent.state == "intended":
                yield f"{name}: nobody asked what became of it"
            if intent.state == "unknown" and name in self.by_key:
                yield f"{name}: bought, and still unknown when all is calm"

    def _about(self, name: str | None, labels: list[Label], intent: Intent | None) -> Iterator[str]:
        if len(labels) > 1:
            self.doubled += 1
            yield f"{name}: bought {len(labels)} times"
        if intent is None:
            self.lost += 1
            yield f"{name}: bought, and in nobody's journal"
            return
        if intent.state == "refused":
            self.lost += 1
            yield f"{name}: refused, and bought all the same"
        for label in labels:
            if intent.shipment_id not in (None, label.shipment_id):
                yield f"{name}: {intent.shipment_id} in hand, {label.shipment_id} bought"
            if label.cost != intent.price:
                yield f"{name}: cost {label.cost} in place of {intent.price}"


def judge(sandbox: Sandbox, intents: Iterable[Intent]) -> Judgement:
    """Hold the sandbox's books against all journals."""
    intents, labels = list(intents), sandbox.ledger.labels
    court = _Judge(labels, intents)
    complaints = list(court.complaints())
    in_hand = [intent for intent in intents if intent.state == "in hand"]
    unknown = [intent for intent in intents if intent.state in ("unknown", "intended")]
    keyless = [intent for intent in unknown if not intent.call.key]
    owed = sum((intent.price for intent in in_hand), Decimal(0))
    owed += sum(intent.price for intent in keyless if intent.reference in court.by_reference)
    spent = sum(sandbox.ledger.spent.values())
    if spent != owed:
        complaints.append(f"{spent} spent, and {owed} accounted for")
    return Judgement(
        complaints, len(in_hand), len(keyless), len(unknown) - len(keyless), court.doubled, court.lost
    )
