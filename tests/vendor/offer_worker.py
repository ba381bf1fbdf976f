"""Works on bulk buy offers in a process of its own, which may be killed at any statement of its ledger."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from spshipping import from_dict
from spshipping.vendor.orders import Order
from spshipping.vendor.tools.offers import BulkBuy, Offer, OfferLine, OfferState, SqliteOffers
from tests.fuse import Fuse

NOW = datetime(2026, 11, 20, tzinfo=UTC)
STAGES = ("sales", "finance")
ORDERED = 60
"""Pieces of each purchase order."""


class Plan(NamedTuple):
    """What one process has to do; fit for JSON."""

    ledger: str
    offers: list[str]
    """Each is received, approved or declined, and matched."""
    killed_at: int = 0
    """The statement before which it is killed, the first being 1; 0 for none."""


class Clock:
    """A clock that stands."""

    def now(self) -> datetime:
        """Return the time."""
        return NOW


class Burning(SqliteOffers):
    """A ledger whose every statement is a step of a fuse."""

    def __init__(self, path: str, fuse: Fuse) -> None:
        super().__init__(path)
        self._fuse = fuse

    @contextmanager
    def changed(self) -> Iterator[Any]:
        """Read and write alone."""
        self._fuse.step()
        with self._file.used() as connection:
            # a statement is traced before it runs: COMMIT, too
            connection.set_trace_callback(lambda _: self._fuse.step())
        with super().changed() as book:
            yield book
        self._fuse.step()


def offer_of(number: str) -> Offer:
    """Return the offer of this number: one product, for one purchase order and a half."""
    line = OfferLine(
        number=1, quantity=ORDERED * 3 // 2, price=Decimal("2.50"), amazon_product_identifier=f"B0{number}"
    )
    return Offer(number=number, currency="USD", lines=(line,), deal_code=f"DEAL{number}")


def order_of(number: str) -> Order:
    """Return the purchase order of an offer."""
    item = {
        "itemSequenceNumber": "1",
        "amazonProductIdentifier": f"B0{number}",
        "orderedQuantity": {"amount": ORDERED // 6, "unitOfMeasure": "Cases", "unitSize": 6},
        "isBackOrderAllowed": False,
        "netCost": {"currencyCode": "USD", "amount": "2.50"},
    }
    details = {"dealCode": f"DEAL{number}", "purchaseOrderDate": "2026-11-20T00:00:00Z", "items": [item]}
    return from_dict({"purchaseOrderNumber": f"P{number}", "orderDetails": details}, Order)


def is_declined(number: str) -> bool:
    """Say whether finance declines an offer."""
    return int(number) % 4 == 3


def work(plan: Plan, ledger: SqliteOffers, told: Callable[[str], object]) -> None:
    """Lead every offer as far as it goes, from wherever it is; tell each step once it has returned."""
    bulk = BulkBuy(ledger, stages=STAGES, clock=Clock())
    for number in plan.offers:
        bulk.receive([offer_of(number)])
        told(f"received {number}")
        while (stage := bulk.offer(number).next_stage) is not None:
            if stage == "finance" and is_declined(number):
                bulk.decline(number, stage, by="k")
            else:
                bulk.approve(number, stage, by="m")
            told(f"{stage} {number}")
        bulk.match([order_of(number)])
        told(f"matched {number}")


def has(bulk: BulkBuy, ledger: SqliteOffers, step: str) -> bool:
    """Say whether a ledger has what a process told that it had done."""
    what, _, number = step.partition(" ")
    kept = bulk.offer(number)
    if what == "matched":
        with ledger.changed() as book:
            found = [each for each in book.allocations() if each.purchase_order == f"P{number}"]
        return len(found) == (kept.state is OfferState.APPROVED)
    return what == "received" or what in {approval.stage for approval in kept.approvals}


if __name__ == "__main__":
    its_plan = Plan(**json.loads(sys.argv[1]))

    def tell(step: str) -> None:
        """Write a step at once: a process that is killed writes nothing more."""
        sys.stdout.write(f"{step}\n")
        sys.stdout.flush()

    with Burning(its_plan.ledger, Fuse(its_plan.killed_at)) as its_ledger:
        work(its_plan, its_ledger, tell)
