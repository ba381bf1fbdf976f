"""Erases what is kept of people, in the journal and as labels on the disk."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from spshipping import disk
from spshipping.errors import InvalidRequestError
from spshipping.journal import steps
from spshipping.journal.entry import IN_DOUBT, Entry, State
from spshipping.named import NamedTuple
from spshipping.shipping.ship.shipment import file_name_of
from spshipping.shipping.ship.shop import Shop, checked_time

_KEPT = (*IN_DOUBT, State.UNSETTLED, State.CANCELLING)
_STATES = tuple(state for state in State if state not in _KEPT)
_LABEL = re.compile(r"(.+-[0-9a-f]{8})-[0-9]+-.+", re.ASCII)
_TEMPORARY = re.compile(rf"\.[0-9a-f]{{16}}{re.escape(disk.TEMPORARY_SUFFIX)}", re.ASCII)
_STILL_WRITTEN = timedelta(hours=1)
"""A temporary file that is younger may be one that a process is writing."""


class _Limits(NamedTuple):
    """Before which times."""

    bought: datetime | None
    delivered: datetime | None

    def has_passed(self, entry: Entry) -> bool:
        """Return whether what is kept of *entry* is to be erased, or its files, where the rest is erased."""
        if entry.state is State.PURGED:
            return True
        old, over = (None if time is None else time.timestamp() for time in self)
        return steps.purged(entry, old, over, entry.read_at) is not None


async def purge(shop: Shop, bought_before: datetime | None, delivered_before: datetime | None) -> int:
    """Erase what is kept of old purchases; see `Purchases.purge`."""
    limits = _Limits(
        checked_time(bought_before, "bought_before"), checked_time(delivered_before, "delivered_before")
    )
    if limits == (None, None):
        raise InvalidRequestError(
            "give a time: bought_before=, delivered_before=, or both", path="bought_before"
        )
    files: Mapping[str, list[Path]] = {}
    if shop.folder is not None:
        files = await shop.kept(_listed, shop.folder, shop.context.clock.now() - _STILL_WRITTEN)
    count, after = 0, None
    while page := await shop.kept(shop.journal.entries, shop.account, _STATES, after):
        count += await shop.kept(
            _erase, shop, [entry for entry in page if limits.has_passed(entry)], limits, files
        )
        after = page[-1].scope
    return count


def _listed(folder: Path, before: datetime) -> dict[str, list[Path]]:
    """Return the labels by how their names begin; remove those that a process left half written."""
    found: dict[str, list[Path]] = {}
    if not folder.is_dir():
        return found
    for path in folder.iterdir():
        if label := _LABEL.fullmatch(path.name):
            found.setdefault(label[1], []).append(path)
        elif _TEMPORARY.fullmatch(path.name) and path.lstat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
    return found


def _erase(shop: Shop, entries: Sequence[Entry], limits: _Limits, files: Mapping[str, list[Path]]) -> int:
    """Erase the files first: what is interrupted is purged again, and then finds what is left."""
    for entry in entries:
        for path in files.get(file_name_of(entry.scope), ()):
            path.unlink(missing_ok=True)
    return sum(shop.journal.erase(entry.scope, *limits) for entry in entries)
