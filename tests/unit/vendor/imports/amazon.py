"""Amazon's vendor orders as an import meets them, and an import over them, under threads and asyncio."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Unpack
from urllib.parse import parse_qs, unquote, urlsplit

from spshipping.options import CommonOptions
from spshipping.sync import MemoryCheckpoint
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.vendor.sync import AsyncPurchaseOrderImport, ImportedOrder, PurchaseOrderImport
from spshipping.wire.times import write_time
from tests.drives import Drive
from tests.kit import FakeClock, ScriptedTransport, answer, refusal
from tests.onloop import OnLoop
from tests.unit.vendor.build import purchase_order, status, status_line

ORDERS, STATUS = "/vendor/orders/v1/purchaseOrders", "/vendor/orders/v1/purchaseOrdersStatus"
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


class Record:
    """A purchase order at Amazon."""

    def __init__(self, number: str, placed: datetime, code: str, late: timedelta) -> None:
        self.number, self.placed, self.code = number, placed, code
        self.available = placed + late
        self.changed: datetime | None = None
        self.updated = placed
        self.lines = ["1"]
        self.received = "NOT_RECEIVED"
        self.has_state = True
        self.is_gone = False

    def order(self) -> dict[str, Any]:
        """Return it as getPurchaseOrders does."""
        more = {"purchaseOrderChangedDate": write_time(self.changed)} if self.changed else {}
        return purchase_order(
            f" {self.number}",
            purchaseOrderDate=write_time(self.placed),
            sellingParty={"partyId": self.code},
            **more,
        )

    def state(self) -> dict[str, Any]:
        """Return its state."""
        return status(
            self.number,
            purchaseOrderDate=write_time(self.placed),
            lastUpdatedDate=write_time(self.updated),
            sellingParty={"partyId": self.code},
            itemStatus=[{**status_line(received=self.received), "itemSequenceNumber": "00001"}],
        )


class Amazon(ScriptedTransport):
    """Answers the searches of an import from what was placed; whatever stands in `steps` comes first."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.records: dict[str, Record] = {}
        self.size = 100
        self.ignores_filters = False
        self.queries: list[tuple[str, dict[str, str]]] = []
        self._clock_of_all = clock

    def place(self, number: str, ago: timedelta, *, code: str = "ABCD1", late: timedelta = MINUTE) -> Record:
        """Place a purchase order some time ago."""
        self.records[number] = Record(number, self._clock_of_all.now() - ago, code, late)
        return self.records[number]

    def change(self, number: str) -> None:
        """Change a purchase order now."""
        self.records[number].changed = self.records[number].updated = self._clock_of_all.now()

    def receive(self, number: str) -> None:
        """Receive a purchase order now."""
        self.records[number].received, self.records[number].updated = "RECEIVED", self._clock_of_all.now()

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        url = urlsplit(request.url)
        if url.path.startswith("/vendor/"):
            query = {name: value for name, (value,) in parse_qs(url.query).items()}
            self.queries.append((url.path, query))
            if not self.steps:
                self.steps.append(self.answers(url.path, query))
        return super().exchange(request, limits)

    def answers(self, path: str, query: dict[str, str]) -> HttpResponse:
        """Answer a search, or the request for one order."""
        if path not in (ORDERS, STATUS):
            found = self.records.get(unquote(path.removeprefix(f"{ORDERS}/")))
            if found is None or found.is_gone:
                return refusal(404, "NotFound")
            return answer(200, {"payload": found.order()})
        is_status = path == STATUS
        chosen = [one for one in self.records.values() if self._is_meant(one, query, is_status=is_status)]
        start = int(query.get("nextToken", "t0").removeprefix("t"))
        page = chosen[start : start + self.size]
        more: dict[str, Any] = {}
        if len(chosen) > start + self.size:
            more = {"pagination": {"nextToken": f"t{start + self.size}"}}
        if is_status:
            return answer(200, {"payload": {"ordersStatus": [one.state() for one in page], **more}})
        return answer(200, {"payload": {"orders": [one.order() for one in page], **more}})

    def _is_meant(self, one: Record, query: dict[str, str], *, is_status: bool) -> bool:
        if is_status and (not one.has_state or query.get("purchaseOrderNumber", one.number) != one.number):
            return False
        if not is_status and one.is_gone:
            return False
        if self.ignores_filters:
            return True
        times = {"created": one.available, "changed": one.changed, "updated": one.updated}
        for name, time in times.items():
            if f"{name}After" in query:
                after, before = (datetime.fromisoformat(query[f"{name}{end}"]) for end in ("After", "Before"))
                assert before - after <= timedelta(days=7)
                if time is None or not after <= time <= before:
                    return False
        is_there = one.available <= self._clock_of_all.now()
        return is_there and query.get("orderingVendorCode", one.code) == one.code

    def asked(self, path: str) -> list[dict[str, str]]:
        """Return the queries of a path."""
        return [query for asked, query in self.queries if asked == path]


class World:
    """An import over Amazon's vendor orders."""

    def __init__(self, make_drive: Callable[[], Drive], **options: Unpack[CommonOptions]) -> None:
        self.clock = FakeClock()
        self.amazon = Amazon(self.clock)
        self.store = MemoryCheckpoint()
        self.drive = make_drive()
        self.client: Any = self.drive.client(self.amazon, self.clock, **options)

    def imports(self, **options: Any) -> Any:
        """Make an import, with the face of the one for threads."""
        given: dict[str, Any] = {"since": 10 * DAY, **options}
        if isinstance(self.client, OnLoop):
            made = AsyncPurchaseOrderImport(self.client._target.vendor, self.store, **given)
            return OnLoop(made, self.client._loop)
        return PurchaseOrderImport(self.client.vendor, self.store, **given)

    def taken(self, **options: Any) -> list[ImportedOrder]:
        """Take every batch, and commit it."""
        found: list[ImportedOrder] = []
        for batch in self.imports(**options).batches():
            found += batch
            batch.commit()
        return found

    def came(self, **options: Any) -> list[tuple[str, str]]:
        """Take every batch, and return which order came, and why."""
        return [(one.number, one.reason.value) for one in self.taken(**options)]

    def later(self, span: timedelta) -> None:
        """Let time pass, in a process that begins then."""
        self.clock.start += span
