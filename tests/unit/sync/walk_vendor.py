"""A random walk of an import of purchase orders, over a vendor's Amazon in trouble."""

from datetime import timedelta
from random import Random
from typing import Any, ClassVar
from urllib.parse import unquote

from spshipping.settings import VendorSettings
from spshipping.transport.http import HttpResponse
from spshipping.vendor.sync import AsyncPurchaseOrderImport, PurchaseOrderImport
from spshipping.wire.times import read_time
from tests.drives import Drive
from tests.kit import START, answer, refusal
from tests.onloop import OnLoop
from tests.unit.sync.walk import Walk
from tests.unit.sync.walk_amazon import HOUR, MINUTE, JumpingClock, Troubled
from tests.unit.vendor.imports.amazon import ORDERS, STATUS, Record

SIZE = 4


class VendorAmazon(Troubled):
    """Searches of purchase orders and of their states, and single ones."""

    def __init__(self, draw: Random, clock: JumpingClock) -> None:
        super().__init__(draw, clock)
        self.records: dict[str, Record] = {}
        self._pages: dict[str, tuple[bool, list[str]]] = {}
        self._lost: set[str] = set()

    def answers(self, path: str, query: dict[str, str]) -> HttpResponse:
        """Answer a request that gets through."""
        if path not in (ORDERS, STATUS):
            found = self.records.get(unquote(path.removeprefix(f"{ORDERS}/")))
            return answer(200, {"payload": found.order()}) if found else refusal(404, "NotFound")
        is_status, token = path == STATUS, query.get("nextToken")
        if token is None:
            rest = [one.number for one in self.records.values() if self._is_meant(one, query)]
        elif token in self._pages and self._pages[token][0] is is_status:
            rest = self._pages[token][1]
        else:
            self.has_broken_tokens = True
            return refusal(400, "InvalidInput", "Invalid nextToken")
        is_short = "purchaseOrderNumber" not in query and self.does(10)
        size = self.draw.randrange(SIZE + 1) if is_short else SIZE
        body: dict[str, Any] = {
            "ordersStatus" if is_status else "orders": [
                self.records[one].state() if is_status else self.records[one].order() for one in rest[:size]
            ]
        }
        if rest[size:]:
            body["pagination"] = {"nextToken": self._token(is_status, rest[size:])}
        return answer(200, {"payload": body})

    def _token(self, is_status: bool, rest: list[str]) -> str:
        if self.does(2):
            self.has_broken_tokens = True
            return "wrong"
        token = f"{len(self._pages)}"
        self._pages[token] = is_status, rest
        return token

    def _is_meant(self, one: Record, query: dict[str, str]) -> bool:
        times = {"created": one.available, "changed": one.changed, "updated": one.updated}
        for name, time in times.items():
            if f"{name}After" in query:
                after, before = (read_time(query[f"{name}{end}"]) for end in ("After", "Before"))
                assert before - after <= timedelta(days=7)
                if time is None or not after <= time <= before:
                    return False
        return one.available <= self.now() and query.get("purchaseOrderNumber", one.number) == one.number


class VendorWalk(Walk):
    """A walk of a `PurchaseOrderImport`."""

    ACTS: ClassVar[list[str]] = [act for act in Walk.ACTS if act != "names"]

    def __init__(self, seed: int, drive: Drive, *, has_history: bool) -> None:
        super().__init__(seed, drive)
        self.amazon: VendorAmazon = VendorAmazon(self.draw, self.clock)
        self._has_history = has_history
        for _ in range(self.draw.randrange(25)):
            self._place(timedelta(seconds=self.draw.randrange(12 * 86_400)))
        self.begin()

    def _place(self, ago: timedelta) -> None:
        number = f"PO{len(self.amazon.records):04}"
        late = self.draw.choice([MINUTE, MINUTE, 3 * HOUR])
        self.amazon.records[number] = Record(number, self.amazon.now() - ago, "ABCD1", late)

    def make(self, client: Any) -> Any:
        options: dict[str, Any] = {
            "since": START - timedelta(days=13),
            "settings": VendorSettings(import_history=self._has_history),
        }
        if isinstance(client, OnLoop):
            made = AsyncPurchaseOrderImport(client._target.vendor, self.store, **options)
            return OnLoop(made, client._loop)
        return PurchaseOrderImport(client.vendor, self.store, **options)

    def state_of(self, item: Any) -> tuple[str, Any, int]:
        details = item.purchase_order.order_details
        changed = getattr(details, "purchase_order_changed_date", None)
        updated = item.status.last_updated_date if item.status else None
        return item.number, (changed, updated), 1

    def states(self) -> dict[str, Any]:
        return {
            one.number: (one.changed, one.updated if self._has_history else None)
            for one in self.amazon.records.values()
            if one.available < self.amazon.now() - 10 * MINUTE
        }

    def change(self) -> None:
        records = [one for one in self.amazon.records.values() if one.available <= self.amazon.now()]
        if not records or self.draw.random() < 0.4:
            self._place(timedelta(seconds=self.draw.randrange(60)))
            return
        one = self.draw.choice(records[-10:])
        one.updated = max(self.amazon.now(), one.updated)
        if self.draw.random() < 0.5:
            one.changed = one.updated
        else:
            one.received = "RECEIVED"
