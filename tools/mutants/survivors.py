"""The mutants of code that are known to survive, each with the reason: the file survivors.toml."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.mutants.source import Identity, Mutant

FILE = Path(__file__).with_name("survivors.toml")
WHY = ("equivalent", "speed", "words")
"""It does the same as before; only how fast or in how much memory; only what people read in a text."""


class Survivor(NamedTuple):
    """A mutant that no test can or should find."""

    identity: Identity
    why: str
    """One of `WHY`."""
    reason: str


class UnknownError(Exception):
    """An entry cannot be read, or describes no mutant."""


def survivors(text: str) -> list[Survivor]:
    """Read the file.

    Raises:
        UnknownError: an entry lacks something, or has something else.
    """
    return [_read(entry) for entry in tomllib.loads(text).get("survivor", [])]


def _read(entry: dict[str, Any]) -> Survivor:
    try:
        why, reason = entry.pop("why"), entry.pop("reason")
        found = Survivor(Identity(**entry), why, reason)
    except (KeyError, TypeError) as error:
        raise UnknownError(f"{FILE.name}: {entry}: {error}") from None
    if why not in WHY or len(reason.split()) < 3:
        raise UnknownError(f"{FILE.name}: {entry}: why is one of {WHY}, and the reason a sentence")
    return found


def listed(text: str, found: Sequence[Mutant]) -> dict[Identity, Survivor]:
    """Return the survivors that are listed.

    Raises:
        UnknownError: an entry describes no mutant of those *found*, or the same as another entry.
    """
    known = {mutant.identity for mutant in found}
    made: dict[Identity, Survivor] = {}
    for survivor in survivors(text):
        if survivor.identity not in known or survivor.identity in made:
            raise UnknownError(f"{FILE.name}: no such mutant is left to be listed: {survivor.identity}")
        made[survivor.identity] = survivor
    return made


def entry(identity: Identity) -> str:
    """Return a mutant as it stands in the file, without the reason."""
    lines = ["[[survivor]]"]
    for name, value in identity._asdict().items():
        if value != 1:
            lines.append(f"{name} = {_toml(value)}")
    return "\n".join(lines)


def _toml(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    if "'" not in value:
        return f"'{value}'"
    return f"'''{value}'''" if "'''" not in value and not value.endswith("'") else _escaped(value)


def _escaped(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
