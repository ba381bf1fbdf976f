"""Canaries, the surfaces on which they must never show, and the search for them in every spelling."""

import base64
import contextlib
import copy
import functools
import io
import json
import logging
import pickle
import pprint
import sys
import tempfile
import threading
import traceback
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote, quote_plus

import attrs
import pytest
from rich.pretty import pretty_repr

from spshipping import Call, DecodeError, OutcomeUnknownError, PaginationError, RateExpiredError, Reply
from spshipping.orders import Comparison, Difference
from spshipping.sync import AsyncBatch, Batch
from spshipping.transport.bulk import Mapped
from spshipping.transport.unsettled import call_of
from spshipping.wire.model import Model
from tests.onloop import OnLoop

SECRETS = {
    "client secret": "qZsecretQuokka+73/zz==",
    "refresh token": "Atzr|qZrefreshWombat/51+yy==",
    "access token": "Atza|qZaccessNumbat",
    "restricted token": "Atz.sprdt|qZaccessNumbat",
    "AWS secret": "qZawsPangolin/64+secretKey",
    "session token": "qZstsAxolotl//92+sessionToken==",
    "carrier password": "qZcarrierDibbler/88+password",
}
PERSONAL = {
    "buyer's name": "Zoë Quillfeather-Voss",
    "e-mail": "qz.buyer+ships@canary.example",
    "phone": "+44 7700 900417 73",
    "address line": "417 Périwinkle Mews",
    "second address line": "c/o Thistlewhistle",
    "postal code": "QZ7X 4KVW",
    "additional input": "qZpassportNo88231",
    "third address line": "qZ behind the windmill, ring twice",
    "city": "Quokkaborough-on-Sea",
    "county": "Wombatshire-under-Lyme",
    "district": "Potoroo Heights",
    "municipality": "Çağlayan-Numbat",
    "company": "Thylacine & Töchter GmbH",
    "buyer's county": "Bilby-sur-Loire",
    "purchase order": "QZPO-73-antechinus",
    "tax number": "88.417.903/0001-73",
    "tax office": "Bettong Vergi Dairesi",
    "authorization code": "AUTH417733",
    "instructions": "Mrs Ptarmigan at no. 9 takes it",
    "place to drop off": "the shed by the billabong",
    "gift message": "Für Zoë: many happy returns, Oma",
    "customized URL": "https://dunnart.example/zoe/engraving.zip",
    "reason to cancel": "Grandfather has one already",
    "IOSS number": "IM4420417733",
    "statement": "Biscuit the Third, a dog",
    "reviewer": "dr.kowari@vets.example",
    "prescription": "QZRX-77310-planigale",
    "clinic": "QZCLINIC-0042-ningaui",
    "directions for use": "two drops for Biscuit, at dusk",
}
LABEL = b"^XA^FO50,50^FDqZlabelOcelot 417 Periwinkle^FS^XZ\n" * 4
LABELS = {"label": base64.b64encode(LABEL).decode(), "label's text": LABEL.decode()}
CANARIES = {**SECRETS, **PERSONAL, **LABELS}

_TESTS = str(Path(__file__).parents[1])
_SHORT = 12
_BEFORE = 300
WHOLE = (Model, Call, Reply, Mapped, Comparison, Difference, Batch, AsyncBatch, list, dict)
"""What is its plain values, or holds some, and says so: it pickles whole."""
Leak = tuple[str, str]
"""The surface, and the name of the canary that showed on it."""


@functools.cache
def spellings(text: str) -> list[str]:
    """Return every way in which *text* might be written down, without those that hold another."""
    found: set[str] = set()
    for plain in (text, text[:_SHORT]):
        raw = plain.encode()
        found |= {plain, quote(plain, safe=""), quote(plain), quote_plus(plain)}
        found |= {
            json.dumps(plain)[1:-1],
            repr(plain)[1:-1],
            repr(raw)[2:-1],
            plain.encode().decode("latin-1"),
        }
        found |= {raw.hex(), raw.hex().upper(), *_base64(raw)}
    return sorted(one for one in found if not any(other in one for other in found - {one}))


def _base64(raw: bytes) -> Iterator[str]:
    """Yield what base64 makes of *raw* wherever it stands in a longer text."""
    for lead in range(3):
        # the first and the last letters depend on the neighbours
        start = -(-lead * 8 // 6)
        letters = (lead + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * lead + raw)[start:letters].decode()


class Catch:
    """What could be seen from outside while something ran."""

    def __init__(self) -> None:
        self.said: defaultdict[str, list[str]] = defaultdict(list)

    def say(self, surface: str, *texts: str) -> None:
        """Note what stood on a surface."""
        self.said[surface] += texts

    def leaks(self, canaries: Mapping[str, str] = CANARIES) -> dict[Leak, str]:
        """Return which canary showed where, with what stood before it."""
        texts = {surface: "\0".join(dict.fromkeys(said)) for surface, said in self.said.items()}
        everything = "\0".join(texts.values())
        found = {}
        for name, canary in canaries.items():
            for needle in spellings(canary):
                if needle not in everything:
                    continue
                for surface, text in texts.items():
                    at = text.find(needle)
                    if at >= 0:
                        found[surface, name] = text[max(0, at - _BEFORE) : at + len(needle)]
        return found

    def show(self, *things: Any) -> None:
        """Look at things as logs, debuggers, error trackers and pickles do."""
        for thing in map(_behind, things):
            self.say("repr", str(thing), f"{thing}", pprint.pformat(thing), *_walked(thing))
            self.say("vars", *_walked(getattr(thing, "__dict__", {})))
            if attrs.has(type(thing)) and not isinstance(thing, WHOLE):
                self.say("asdict", repr(attrs.asdict(thing)))
            if not isinstance(thing, WHOLE):
                self._pickle(thing)

    def _pickle(self, thing: Any) -> None:
        for protocol in (0, pickle.HIGHEST_PROTOCOL):
            try:
                self.say("pickle", pickle.dumps(thing, protocol).decode("latin-1"))
            except Exception as error:  # refused; but not with the value in the reason
                self.say("exception", str(error))

    def caught(self, error: BaseException) -> None:
        """Look at an error and at all that it was raised from."""
        for link in _chain(error):
            notes: list[str] = getattr(link, "__notes__", [])
            self.say("exception", str(link), repr(link), repr(link.args), *notes, *_walked(vars(link)))
            self._traceback(link)
            self._pickle(_bare(link))

    def _traceback(self, error: BaseException) -> None:
        trace = traceback.TracebackException(
            type(error), error, error.__traceback__, capture_locals=True, lookup_lines=False
        )
        for summary in trace.stack:
            if not summary.filename.startswith(_TESTS):
                self.say(
                    "traceback", *(f"{name} = {value}" for name, value in (summary.locals or {}).items())
                )
        # error trackers walk into lists and mappings, and rich into attrs classes
        looked_at: dict[int, Any] = {}
        for frame in _frames(error):
            for value in frame.f_locals.values():
                if id(value) not in looked_at:  # most are handed on from frame to frame
                    looked_at[id(value)] = value
                    self.say("traceback", *_walked(value))

    def read(self, folder: Path) -> None:
        """Read every file that was left in a folder."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.say("files", path.name, path.read_bytes().decode("latin-1"))


def _behind(thing: Any) -> Any:
    """Return what is asynchronous itself, where it has the face of what is not."""
    return thing._target if isinstance(thing, OnLoop) else thing


def _bare(error: BaseException) -> BaseException:
    """Return *error* without what it carries on purpose, and says so."""
    bare = copy.copy(error)
    if isinstance(bare, OutcomeUnknownError):
        bare.call = bare.cause = None
    elif isinstance(bare, RateExpiredError):
        bare.call = None
    elif isinstance(bare, DecodeError):
        bare.value = None
    elif isinstance(bare, PaginationError):
        bare.cursor = None
    elif isinstance(bare, RateExpiredError):
        bare.call = None
    elif call_of(bare) is not None:
        # an interrupt carries the call that may have been carried out
        bare.__dict__.clear()
    return bare


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        link = waiting.pop()
        if isinstance(link, BaseException) and link not in found:
            found.append(link)
            waiting += [link.__cause__, link.__context__, *vars(link).values(), *link.args]
    return found


def _frames(error: BaseException) -> Iterator[FrameType]:
    """Yield the frames that are not the test's own."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if not frame.f_code.co_filename.startswith(_TESTS):
            yield frame


_PLAIN = (dict, list, tuple, set, frozenset)
"""Whose `repr` holds that of all that is in them, as does what rich makes of them."""


def _walked(value: Any, depth: int = 5, *, is_shown: bool = False) -> Iterator[str]:
    """Yield what error trackers and pretty printers show of a value: they look into collections."""
    if not is_shown:
        yield repr(value)
        yield pretty_repr(value)
    inside: list[Any] = []
    if depth and isinstance(value, Mapping):
        inside = [each for item in value.items() for each in item]
    elif depth and isinstance(value, list | tuple | Set):
        inside = list(value)
    for each in inside:
        yield from _walked(each, depth - 1, is_shown=type(value) in _PLAIN)


class _Log(logging.Handler):
    def __init__(self, catch: Catch) -> None:
        super().__init__(level=1)
        self._catch = catch

    def emit(self, record: logging.LogRecord) -> None:
        self._catch.say("log", record.getMessage(), repr(vars(record)))
        if record.exc_info and record.exc_info[1]:
            self._catch.caught(record.exc_info[1])


@contextlib.contextmanager
def surfaces(folder: Path) -> Iterator[Catch]:
    """Watch all loggers at level 1, both streams, warnings, lost exceptions, and files made in *folder*.

    *folder* is the temporary folder and the working one meanwhile.
    """
    catch, streams = Catch(), {"stdout": io.StringIO(), "stderr": io.StringIO()}
    handler, root = _Log(catch), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(1)
    try:
        with (
            contextlib.redirect_stdout(streams["stdout"]),
            contextlib.redirect_stderr(streams["stderr"]),
            contextlib.chdir(folder),
            warnings.catch_warnings(record=True) as warned,
            pytest.MonkeyPatch.context() as patch,
        ):
            warnings.simplefilter("always")
            patch.setattr(tempfile, "tempdir", str(folder))
            patch.setattr(sys, "unraisablehook", lambda lost: catch.caught(lost.exc_value))
            patch.setattr(threading, "excepthook", lambda lost: catch.caught(lost.exc_value))
            yield catch
        catch.say("warnings", *(str(warning.message) for warning in warned))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    for surface, stream in streams.items():
        catch.say(surface, stream.getvalue())
    catch.read(folder)
