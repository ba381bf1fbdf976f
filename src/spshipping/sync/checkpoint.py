"""The progress of a sync as a small JSON document, and where it is kept."""

import contextlib
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, Protocol, Self, runtime_checkable

from spshipping import disk
from spshipping.environment import refuse_second_machine
from spshipping.errors import ConfigurationError, DecodeError, LeaseLostError, printable
from spshipping.forks import renew_after_fork
from spshipping.sync.digests import digest_of
from spshipping.wire.text import parse, write
from spshipping.wire.times import read_time, write_time

_VERSION = 1
# times outside are damage: nothing was sold then, and sums with them overflow
_FIRST_YEAR, _LAST_YEAR = 1995, 9000


class Window(NamedTuple):
    """A span of time in which something was last changed."""

    after: datetime
    before: datetime


class Checkpoint(NamedTuple):
    """How far a sync has come: times, ids and a page's token; nothing personal, and no secret."""

    until: datetime
    """Whatever was last changed by then was delivered, and committed."""
    filters: Mapping[str, str] = {}
    """What is synced, as the parameters of the search; another sync must not go on from here."""
    delivered: Mapping[str, datetime] = {}
    """What was delivered and may be found once more: the last change that was seen of each id."""
    window: Window | None = None
    """The pass under way; None between two passes."""
    cursor: str | None = None
    """The page at which it goes on; None for the first."""
    pages: int = 0
    """Pages of this pass that are committed."""
    items: int = 0
    """What was in them."""
    undated: Mapping[str, datetime] = {}
    """The same for what came without a time that can be: when it was read."""
    digests: Mapping[str, str] = {}
    """A short digest of what was delivered last of each of these ids."""
    restarts: int = 0
    """How often this pass was begun again, as a page's token was refused, since it last got further."""
    refused: int = 0
    """Pages that were committed when a token was last refused."""
    mark: str = ""
    """A short digest of the page to which the 1st, 2nd, 4th, 8th... led: at it again, pages go round."""

    def begun(self, window: Window) -> Self:
        """Return it at the beginning of a pass."""
        return self._replace(window=window, cursor=None, pages=0, items=0, restarts=0, refused=0, mark="")

    def begun_again(self, before: datetime) -> Self:
        """Return it at the beginning of its pass, whose window ends at *before* now."""
        assert self.window is not None  # noqa: S101 - a pass is under way
        begun = self.begun(Window(self.window.after, before))
        return begun._replace(restarts=self.restarts + 1, refused=max(self.refused, self.pages))

    def at_page(self, cursor: str, items: int) -> Self:
        """Return it one page further in the same pass."""
        pages = self.pages + 1
        return self._replace(
            cursor=cursor,
            pages=pages,
            items=self.items + items,
            restarts=0 if pages > self.refused else self.restarts,
            mark=digest_of(cursor) if pages & self.pages == 0 else self.mark,
        )

    def goes_round(self, cursor: str) -> bool:
        """Return whether the page that follows is one at which the pass has been."""
        return cursor == self.cursor or digest_of(cursor) == self.mark

    def at_end(self, until: datetime, overlap: timedelta) -> Self:
        """Return it at the end of the pass; what the next one cannot find again is forgotten."""
        delivered, undated = (
            {key: time for key, time in found.items() if time >= until - overlap}
            for found in (self.delivered, self.undated)
        )
        digests = {key: self.digests[key] for key in self.digests if key in delivered or key in undated}
        return type(self)(
            until=until, filters=self.filters, delivered=delivered, undated=undated, digests=digests
        )

    def to_json(self) -> str:
        """Return the JSON document, for a store of your own."""
        saved: dict[str, Any] = {
            "version": _VERSION,
            "until": write_time(self.until),
            "filters": dict(self.filters),
            "delivered": {key: write_time(time) for key, time in self.delivered.items()},
        }
        if self.undated:
            saved["undated"] = {key: write_time(time) for key, time in self.undated.items()}
        if self.digests:
            saved["digests"] = dict(self.digests)
        if self.window:
            saved["pass"] = {
                "after": write_time(self.window.after),
                "before": write_time(self.window.before),
                "cursor": self.cursor,
                "pages": self.pages,
                "items": self.items,
                **({"restarts": self.restarts, "refused": self.refused} if self.restarts else {}),
                **({"mark": self.mark} if self.mark else {}),
            }
        return write(saved)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` returned.

        Raises:
            ConfigurationError: it is no checkpoint of this version.
        """
        if not isinstance(text, str):
            _refuse("is no text")
        saved: Any = None
        with contextlib.suppress(DecodeError):
            saved = parse(text.encode("utf-8", "surrogatepass"))
        if not isinstance(saved, dict) or saved.get("version") != _VERSION:
            _refuse("is no checkpoint of this version")
        try:
            return cls._read(saved)
        except (KeyError, TypeError, ValueError, AttributeError):
            _refuse("is not as a checkpoint is saved")

    @classmethod
    def _read(cls, saved: dict[str, Any]) -> Self:
        whole = cls(
            until=_time(saved["until"]),
            filters=_texts(saved["filters"]),
            delivered={key: _time(time) for key, time in saved["delivered"].items()},
            undated={key: _time(time) for key, time in saved.get("undated", {}).items()},
            digests=_texts(saved.get("digests", {})),
        )
        part = saved.get("pass")
        if part is None:
            return whole
        cursor = part["cursor"]
        if cursor is not None and not isinstance(cursor, str):
            raise TypeError("no text")
        return whole._replace(
            window=Window(_time(part["after"]), _time(part["before"])),
            cursor=cursor,
            pages=int(part["pages"]),
            items=int(part["items"]),
            restarts=int(part.get("restarts", 0)),
            refused=int(part.get("refused", 0)),
            mark=str(part.get("mark", "")),
        )


def _texts(part: dict[str, Any]) -> dict[str, str]:
    if not all(isinstance(value, str) for value in part.values()):
        raise TypeError("no text")
    return dict(part)


def _time(text: str) -> datetime:
    time = read_time(text)
    if not is_plausible(time):
        raise ValueError("no time of a change")
    return time


def is_plausible(time: datetime) -> bool:
    """Say whether something can have changed at *time*, so that a checkpoint can hold it."""
    return _FIRST_YEAR <= time.year <= _LAST_YEAR


def is_sound(stored: object) -> bool:
    """Return whether what a store returned is a checkpoint whose times can be computed with."""
    if not isinstance(stored, Checkpoint):
        return False
    times: list[object] = [stored.until, *(stored.window or ())]
    return all(
        isinstance(time, datetime) and time.utcoffset() is not None and is_plausible(time) for time in times
    )


def _refuse(reason: str) -> NoReturn:
    raise ConfigurationError(f"{reason}: remove it, and say with since= from when on to sync")


class CheckpointStore(Protocol):
    """Keeps one checkpoint; for one sync, in one process at a time."""

    def load(self) -> Checkpoint | None:
        """Return what was saved last, or None."""
        ...

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep *checkpoint*, whole or not at all, in place of what was there; it is safe on return."""
        ...


@runtime_checkable
class LockableStore(Protocol):
    """A store that belongs to one sync at a time, for as long as that runs."""

    def lock(self) -> None:
        """Keep others from using the checkpoint until `unlock`.

        Raises:
            LeaseLostError: another sync has locked it.
        """
        ...

    def unlock(self) -> None:
        """Let others use the checkpoint."""
        ...


class MemoryCheckpoint:
    """Keeps a checkpoint until the process ends."""

    def __init__(self, checkpoint: Checkpoint | None = None) -> None:
        self.checkpoint: Checkpoint | None = checkpoint

    def load(self) -> Checkpoint | None:
        """Return what was saved last."""
        return self.checkpoint

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep *checkpoint*."""
        self.checkpoint = checkpoint


class FileCheckpoint:
    """Keeps a checkpoint in a file of its owner's; the file is replaced whole, and is never half written.

    While a sync runs, the file beside it whose name ends in `.lock` is locked, so that another sync, in this
    process or another on this machine, is refused with a `LeaseLostError`. The lock ends with the sync, and
    with its process, however that ends.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Use the file *path*; it, and its folder, are made when something is first kept.

        Raises:
            ConfigurationError: it is no path of a file, or there is a second machine.
        """
        refuse_second_machine("a FileCheckpoint", "Keep checkpoints in PostgreSQL.")
        try:
            self.path: Path = Path(path).expanduser()
            self._lock_path = self.path.with_name(f"{self.path.name}.lock")
        except (TypeError, ValueError):
            raise ConfigurationError(
                "a FileCheckpoint takes the path of a file, such as orders.json"
            ) from None
        self._descriptor: int | None = None
        renew_after_fork(self)

    def lock(self) -> None:
        """Keep other syncs from using the checkpoint until `unlock`.

        Raises:
            LeaseLostError: another sync has locked it.
            ConfigurationError: it cannot be locked.
        """
        try:
            descriptor = disk.lock(self._lock_path)
        except (OSError, ValueError) as error:  # a lone surrogate, or a NUL
            raise ConfigurationError(
                f"{printable(str(self._lock_path))} cannot be locked ({type(error).__name__}): use a folder"
                " that this process may write to"
            ) from None
        if descriptor is None:
            raise LeaseLostError(
                f"{self.path} is in use by another sync, in this process or another: end that one first, or"
                " give each sync a checkpoint of its own"
            )
        self._descriptor = descriptor

    def unlock(self) -> None:
        """Let other syncs use the checkpoint."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            disk.unlock(self._lock_path, descriptor)

    def renew_locks(self) -> None:
        """Leave the lock to the parent, in a process that was forked from the one that has it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def load(self) -> Checkpoint | None:
        """Return what is in the file; None if there is no such file.

        Raises:
            ConfigurationError: it holds no checkpoint, or cannot be read.
        """
        try:
            text = disk.read(self.path).decode()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{self.path} cannot be read: {type(error).__name__}") from None
        try:
            return Checkpoint.from_json(text)
        except ConfigurationError as error:
            raise ConfigurationError(f"{self.path} {error}") from None

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep *checkpoint*. Its folder is made if it is not there.

        Raises:
            LeaseLostError: another sync uses the checkpoint by now.
        """
        is_locked = self._descriptor is not None
        if not is_locked:  # a batch may be committed after its loop has ended
            self.lock()
        try:
            disk.replace(self.path, checkpoint.to_json().encode() + b"\n", private=True, durable=True)
        finally:
            if not is_locked:
                self.unlock()
