"""Ships parcels in all ways, in a process of its own, which may be killed at any step of it."""

import contextlib
import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from spshipping import SpShippingError, loads
from spshipping.journal import Charge, SpendingLimit
from spshipping.shipping import GetRatesRequest
from tests.ship.unquoted import DIRECT, ONE_CLICK, request_of
from tests.ship.worker import ORDER, TRIES, Plan, opened


class Task(NamedTuple):
    """What one process has to do; fit for JSON."""

    plan: Mapping[str, Any]
    ways: Mapping[str, str]
    """In which way each reference is shipped."""
    limit: str | None = None
    """In pounds."""
    max_charge: str | None = None


def work(task: Task, purchases: Any) -> dict[str, str]:
    """Ship every parcel as the naive program does; return the shipments that are in hand."""
    parcel = loads(ORDER.read_bytes(), GetRatesRequest)
    found: dict[str, str] = {}
    if task.plan["resumes"]:
        found |= {shipment.reference: shipment.shipment_id for shipment in purchases.resume().shipments}
    options = {} if task.max_charge is None else {"max_charge": Charge(Decimal(task.max_charge), "GBP")}
    for reference in task.plan["references"]:
        way = task.ways[reference]
        for _ in range(TRIES):
            with contextlib.suppress(SpShippingError):
                if way in (DIRECT, ONE_CLICK):
                    request = request_of(way, parcel)
                    shipment = getattr(purchases, way)(request, reference=reference, **options)
                else:
                    shipment = purchases.ship(parcel, reference=reference)
                assert shipment.labels[0].data == shipment.files[0].read_bytes()
                found[reference] = shipment.shipment_id
                break
    return found


def limit_of(task: Task) -> SpendingLimit | None:
    """Return the limit of a task."""
    return None if task.limit is None else SpendingLimit(Decimal(task.limit), "GBP")


if __name__ == "__main__":
    its_task = Task(**json.loads(sys.argv[1]))
    with opened(Plan(**its_task.plan), limit_of(its_task)) as its_purchases:
        sys.stdout.write(json.dumps(work(its_task, its_purchases)))
