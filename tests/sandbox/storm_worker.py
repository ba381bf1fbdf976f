"""Buys labels in many threads, with a journal; started again, it first settles what it left open."""

import contextlib
import json
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple

from spshipping import (
    AsyncClient,
    Client,
    Credentials,
    Marketplace,
    MissingFieldError,
    OutcomeUnknownError,
    Reply,
    RetryPolicy,
    SpShippingError,
    loads,
    replace,
)
from spshipping.shipping import (
    DIRECT_PURCHASE_SHIPMENT,
    GET_RATES,
    ONE_CLICK_SHIPMENT,
    PURCHASE_SHIPMENT,
    DirectPurchaseRequest,
    DocumentFormat,
    GetRatesRequest,
    GetRatesResult,
    OneClickShipmentRequest,
    PurchaseShipmentRequest,
    Rate,
    ServiceSelection,
)
from tests.matrix.ways import Blocking, Looped, LoopThread, Sends
from tests.sandbox.storm import Intent, Journal, read_journal

ORDER = Path(__file__).parents[2] / "examples" / "order.json"
_MOST_TRIES = 200
_PER_QUOTE = 20


class Plan(NamedTuple):
    """What one worker has to do; fit for JSON."""

    name: str
    journal: str
    endpoint: str
    token_url: str
    credentials: dict[str, str]
    purchases: int
    threads: int
    way: Literal["threads", "asyncio"] = "threads"

    def as_json(self) -> str:
        """Write the plan, for a command line."""
        return json.dumps(self._asdict())

    @contextlib.contextmanager
    def client(self) -> Iterator[Sends]:
        """Make a client that hardly waits."""
        credentials = Credentials(**self.credentials)
        options: Any = {
            "endpoint": self.endpoint,
            "token_url": self.token_url,
            "retry": RetryPolicy(base=0.002, throttled_base=0.05),
            "timeout": (2.0, 1.0),
        }
        if self.way == "threads":
            with Client(credentials, Marketplace.UK, **options) as client:
                yield Blocking(client)
            return
        made, loop = AsyncClient(credentials, Marketplace.UK, **options), LoopThread()
        try:
            yield Looped(made, loop)
        finally:
            loop.run(made.close())
            loop.close()


class Quoted(NamedTuple):
    """A quote, and the rate that is bought."""

    result: GetRatesResult
    rate: Rate
    price: Decimal
    reference: str


class Worker:
    """One process of the storm."""

    def __init__(self, plan: Plan, client: Sends, journal: Journal) -> None:
        self._plan = plan
        self._client = client
        self._journal = journal
        self._order = loads(ORDER.read_bytes(), GetRatesRequest)
        self._thread = threading.local()
        self._tries: Counter[int] = Counter()

    def run(self, left: dict[str, Intent]) -> None:
        """Settle what is left open, and buy the rest."""
        is_over = set()
        for intent in left.values():
            number = int(intent.id.split("-")[1].split(".")[0])
            self._tries[number] += 1
            if intent.state != "refused":
                is_over.add(number)
        numbers = [number for number in range(self._plan.purchases) if number not in is_over]
        with ThreadPoolExecutor(self._plan.threads) as pool:
            opened = [intent for intent in left.values() if intent.state == "intended"]
            list(pool.map(self._settle, opened))
            list(pool.map(self._buy, numbers))

    def _settle(self, intent: Intent) -> None:
        if intent.call.key is None:
            self._journal.write(intent._replace(state="unknown"))
        else:
            self._journal.write(settled(self._client, intent))

    def _buy(self, number: int) -> None:
        for _ in range(_MOST_TRIES):
            intent = self._intent(number)
            self._journal.write(intent)
            intent = carried_out(self._client, intent)
            self._journal.write(intent)
            if intent.state == "unknown" and intent.call.key:
                intent = settled(self._client, intent)
                self._journal.write(intent)
            if intent.state != "in hand":
                self._thread.left = 0
            if intent.state != "refused":
                return
        raise AssertionError(f"{number} is refused for ever")

    def _intent(self, number: int) -> Intent:
        self._tries[number] += 1
        id_ = f"{self._plan.name}-{number}.{self._tries[number]}"
        quoted = self._quoted()
        form = {3: DocumentFormat.PNG, 4: DocumentFormat.PDF}.get(number % 20, DocumentFormat.ZPL)
        purchase = quoted.result.purchase_request(quoted.rate, format=form)
        if number % 10 > 1:
            call: Any = PURCHASE_SHIPMENT(body=purchase).with_key(f"key {id_}")
            return Intent(id_, call, quoted.reference, quoted.price)
        order = self._order_for(id_)
        direct = DirectPurchaseRequest(
            ship_to=order.ship_to,
            ship_from=order.ship_from,
            packages=order.packages,
            channel_details=order.channel_details,
            label_specifications=purchase.requested_document_specification,
        )
        if number % 10 == 1:
            call = DIRECT_PURCHASE_SHIPMENT(body=direct).with_key(f"key {id_}")
        else:
            call = ONE_CLICK_SHIPMENT(body=_one_click(order, purchase, quoted.rate.service_id))
        return Intent(id_, call, id_, quoted.price)

    def _order_for(self, reference: str) -> GetRatesRequest:
        (package,) = self._order.packages
        return replace(self._order, packages=[replace(package, package_client_reference_id=reference)])

    def _quoted(self) -> Quoted:
        """Return this thread's quote, or a new one when it has served often enough."""
        mine = self._thread
        if getattr(mine, "left", 0) <= 0:
            mine.quoted, mine.left = self._quote(), _PER_QUOTE
        mine.left -= 1
        quoted: Quoted = mine.quoted
        return quoted

    def _quote(self) -> Quoted:
        reference = f"{self._plan.name} {threading.get_ident()}"
        for _ in range(_MOST_TRIES):
            try:
                reply = self._client.send(GET_RATES(body=self._order_for(reference)))
                rate = reply.value.cheapest()
                for form in (DocumentFormat.PNG, DocumentFormat.PDF, DocumentFormat.ZPL):
                    reply.value.purchase_request(rate, format=form)
            except SpShippingError:
                continue
            if not reply.meta.deviations:
                return Quoted(reply.value, rate, rate.total_charge.value, reference)
        raise AssertionError("no quote to be had")


def _one_click(
    order: GetRatesRequest, purchase: PurchaseShipmentRequest, service_id: str
) -> OneClickShipmentRequest:
    return OneClickShipmentRequest(
        ship_to=order.ship_to,
        ship_from=order.ship_from,
        packages=order.packages,
        channel_details=order.channel_details,
        label_specifications=purchase.requested_document_specification,
        service_selection=ServiceSelection(service_id=[service_id]),
    )


def carried_out(client: Sends, intent: Intent) -> Intent:
    """Send the purchase, and say what its buyer knows then."""
    try:
        reply = client.send(intent.call)
    except OutcomeUnknownError as error:
        return intent._replace(state="unknown", key=error.call.key)
    except SpShippingError:
        return intent._replace(state="refused")
    return _told(intent, reply)


def settled(client: Sends, intent: Intent) -> Intent:
    """Ask what became of a purchase with a key."""
    try:
        reply = client.resolve(intent.call)
    except OutcomeUnknownError as error:
        return intent._replace(state="unknown", key=error.call.key)
    return _told(intent, reply)


def _told(intent: Intent, reply: Reply[Any]) -> Intent:
    """Say which shipment was bought; where the answer does not tell, the purchase is asked for again."""
    try:
        return intent._replace(state="in hand", key=reply.call.key, shipment_id=reply.value.shipment_id)
    except MissingFieldError:
        return intent._replace(state="unknown", key=reply.call.key)


def settle(client: Sends, intents: Iterable[Intent]) -> list[Intent]:
    """Ask, when all is calm, what became of everything that has a key and is not settled."""
    return [
        settled(client, intent) if intent.call.key and intent.state in ("unknown", "intended") else intent
        for intent in intents
    ]


def work(plan: Plan, client: Sends) -> None:
    """Do what *plan* says, or what is left of it."""
    path = Path(plan.journal)
    left = read_journal(path)
    with Journal(path) as journal:
        Worker(plan, client, journal).run(left)


if __name__ == "__main__":
    with (plan := Plan(**json.loads(sys.argv[1]))).client() as its_client:
        work(plan, its_client)
