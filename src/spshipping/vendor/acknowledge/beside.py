"""What was submitted for other orders and shipments: some rules are about all of a vendor code."""

from collections.abc import Collection

from spshipping.vendor.acknowledge.desk import Desk
from spshipping.vendor.ledger.entry import Entry, Scope, Whose

_PAGE = 100


async def beside(desk: Desk, scope: Scope, marks: Collection[str]) -> list[Entry]:
    """Return what Amazon may have taken in other scopes of the same kind and vendor code, the oldest first.

    Args:
        desk: where it is kept.
        scope: what is not wanted.
        marks: only what has one of these in its text: most of a ledger is not read.
    """
    found: list[Entry] = []
    whose, after = Whose(scope.place, scope.vendor_code, scope.kind), 0
    while marks:
        page = await desk.kept(desk.ledger.entries, whose, after=after, most=_PAGE)
        found += [
            entry
            for entry in page
            if entry.is_said and entry.scope != scope and any(mark in entry.body for mark in marks)
        ]
        if len(page) < _PAGE:
            break
        after = page[-1].number
    return found
