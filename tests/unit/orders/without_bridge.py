"""Works with orders where `spshipping.orders.bridge` is deleted: run in a process of its own."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.machinery import ModuleSpec
from types import ModuleType

from spshipping.orders import OrderSource, OrderSync, workflows
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.sync import MemoryCheckpoint
from tests.kit import ScriptedTransport, answer, client_of
from tests.unit.orders.build import ONE, V2026_ORDER

SINCE = datetime(2026, 2, 1, tzinfo=UTC)
FOLDER = "spshipping.orders.bridge"


class Deleted:
    """Finds nothing in the folder."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.startswith(FOLDER):
            raise ModuleNotFoundError(name)
        return None


def main() -> None:
    """Retrieve, search, sync and confirm."""
    page, one = answer(200, {"orders": [V2026_ORDER]}), answer(200, {"order": V2026_ORDER})
    network = ScriptedTransport([one, page, page, one, page, one, one, answer(204)])
    with client_of(network) as client:
        orders, found = client.orders, [client.orders.retrieve(ONE)]
        found += orders.retrieve_all(updated_after=SINCE)
        sync = OrderSync(orders, MemoryCheckpoint(), since=SINCE, source=OrderSource.BOTH)
        for batch in sync.batches():
            found += batch
            batch.commit()
        assert list(sync.step_changed([ONE], found.extend).delivered) == [ONE]
        found += sync.missing((), after=SINCE)
        found += sync.changed([ONE])
        orders.confirm(
            ONE, carrier_code="DHL", tracking_number="D1", ship_date=SINCE, package_reference_id="77"
        )
        assert client.quota(SEARCH_ORDERS).left
    assert len(found) == 5
    assert {order.amazon_order_id for order in found} == {V2026_ORDER["orderId"]}
    assert not [name for name in sys.modules if name.startswith(FOLDER)]
    sys.stdout.write("all of it works\n")


if __name__ == "__main__":
    sys.meta_path.insert(0, Deleted())
    workflows.HAS_BRIDGE = False
    main()
