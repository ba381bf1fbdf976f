"""Where a fault meets a call: a sandbox, the proxy before it, one client, and what the books say after."""

import contextlib
import dataclasses
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple
from unittest import mock
from uuid import uuid4

from spshipping import (
    Attempt,
    Call,
    Client,
    Credentials,
    Effect,
    Marketplace,
    OutcomeUnknownError,
    Reply,
    RetryPolicy,
    SpShippingError,
    loads,
)
from spshipping.auth.cache import TokenCache
from spshipping.operation import Operation, Quota
from spshipping.sandbox import Sandbox
from spshipping.sandbox.ledger import RequestRecord, TokenRequestRecord
from spshipping.shipping import (
    CANCEL_SHIPMENT,
    GET_RATES,
    GET_TRACKING,
    ONE_CLICK_SHIPMENT,
    PURCHASE_SHIPMENT,
    DocumentFormat,
    DocumentSize,
    DocumentType,
    GetRatesRequest,
    LengthUnit,
    OneClickShipmentRequest,
    RequestedDocumentSpecification,
    ServiceSelection,
)
from tests.kit import FakeClock
from tests.matrix.proxy import Fault, Proxy
from tests.matrix.ways import Sends, Way

ORDER = Path(__file__).parents[2] / "examples" / "order.json"
MOST_BYTES = 1_000_000
"""What the clients here take for an answer at most."""

UNLINK = Operation(
    "unlinkCarrierAccount",
    "PUT /shipping/v2/carrierAccounts/{carrierId}/unlink",
    returns=dict[str, Any],
    envelope=True,
    quota=Quota(5, burst=10),
    effect=Effect.IDEMPOTENT,
)
"""Idempotent to the letter: a second time it is answered like the first. A cancellation is refused then."""
UNLINKED = {"isUnlinked": True}

OPERATIONS: dict[str, Effect] = {
    operation.name: operation.effect
    for operation in (GET_TRACKING, GET_RATES, PURCHASE_SHIPMENT, ONE_CLICK_SHIPMENT, CANCEL_SHIPMENT)
}
Times = Literal["once", "always"]


_PATIENCE_SECONDS = 30.0


class Outcome(NamedTuple):
    """What a call came to."""

    came_to: str
    """`answer`, or the name of the error."""
    tries: int
    done: int
    """How often it was carried out: labels bought, or a shipment cancelled. 0 for what only asks."""
    cause: str | None = None
    """What ended a call whose outcome is unknown."""


@dataclasses.dataclass
class Trial:
    """One call about to meet a fault: what arranges the fault may change how the call is sent."""

    stage: "Stage"
    proxy: Proxy
    operation: str
    times: Times
    clock: FakeClock
    endpoint: str
    patience: float = _PATIENCE_SECONDS
    """For so many seconds an attempt that the fault meets waits for a byte; every other one waits long."""
    deadline: float = 600.0
    is_curable: bool = True
    """Whether the same client can reach the sandbox once the fault is over."""
    on_reply: Callable[[Attempt], object] = lambda _attempt: None
    is_odd: bool = False
    """Whether a field of the answer is odd, so that it is not equal to the undisturbed one."""
    warm_up: Callable[[], object] | None = None
    """What happens after the client has made a first, undisturbed call."""
    elsewhere: Proxy | None = None
    """A host that must not be spoken to."""
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    """Variables that are set while the client is made."""
    tokens: TokenCache = dataclasses.field(default_factory=TokenCache)
    resources: contextlib.ExitStack = dataclasses.field(default_factory=contextlib.ExitStack)

    def keep(self, proxy: Proxy) -> Proxy:
        """Close *proxy* when the trial is over."""
        return self.resources.enter_context(proxy)

    def use(self, proxy: Proxy) -> Proxy:
        """Let the client speak to *proxy*."""
        self.proxy, self.endpoint = self.keep(proxy), proxy.url
        return proxy

    def strike(self, fault: Fault) -> None:
        """Let *fault* meet the next request, or all of them."""
        if self.times == "once":
            self.proxy.plan.append(fault)
        else:
            self.proxy.for_ever = fault

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        if self.times == "always" and self.patience < _PATIENCE_SECONDS:
            self.proxy.catch_up()  # each attempt was given up, the last one perhaps before it was read
        self.proxy.heal()
        self.stage.sandbox.faults.clear()


Arrange = Callable[[Trial], None]


class Stage:
    """A sandbox with a quote and a parcel on its way, and calls of every effect."""

    def __init__(self, sandbox: Sandbox, way: Way) -> None:
        self.sandbox = sandbox
        self._way = way
        self._recorded = threading.Condition()
        self._announce_requests()
        sandbox.add_operation(UNLINK, {"payload": UNLINKED})
        self.upstream = ("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
        options = self._options(sandbox.url, FakeClock(datetime.now(UTC)), TokenCache())
        self._setup = Client(self._credentials(), Marketplace.UK, **options)
        self._order = loads(ORDER.read_bytes(), GetRatesRequest)
        self._quote = self._setup.shipping.get_rates(self._order)
        bought = self._setup.send(self._purchase()).value
        query = {"trackingId": bought.tracking_id, "carrierId": self._quote.cheapest().carrier_id}
        self._look = GET_TRACKING(query=query)
        self._seen = self._setup.send(self._look).value
        self.result: Reply[Any] | SpShippingError
        """What the last call came to, as its caller saw it."""

    def close(self) -> None:
        self._setup.close()

    def _announce_requests(self) -> None:
        """Wake who waits for the sandbox, whenever it has recorded a request."""
        record = self.sandbox.ledger.add

        def add(entry: RequestRecord | TokenRequestRecord, content: bytes = b"") -> None:
            record(entry, content)
            with self._recorded:
                self._recorded.notify_all()

        self.sandbox.ledger.add = add  # type: ignore[method-assign]  # announces what it adds

    def _credentials(self) -> Credentials:
        return Credentials(**self.sandbox.credentials)

    def _options(self, endpoint: str, clock: FakeClock, tokens: TokenCache) -> Any:
        """Return the options of a client that hardly waits between its attempts."""
        return {
            "endpoint": endpoint,
            "token_url": self.sandbox.token_url,
            "token_cache": tokens,
            "retry": RetryPolicy(base=0.001, throttled_base=0.001),
            "clock": clock,
        }

    def _purchase(self) -> Call[Any]:
        request = self._quote.purchase_request(self._quote.cheapest(), format="ZPL")
        # a key of its own: the one that follows from the quote would return the first label each time
        return PURCHASE_SHIPMENT(body=request).with_key(uuid4())

    def _one_click(self) -> Call[Any]:
        order = self._order
        specification = RequestedDocumentSpecification(
            format=DocumentFormat.ZPL,
            size=DocumentSize(width=Decimal(4), length=Decimal(6), unit=LengthUnit.INCH),
            dpi=203,
            page_layout="DEFAULT",
            need_file_joining=False,
            requested_document_types=[DocumentType.LABEL],
        )
        body = OneClickShipmentRequest(
            ship_to=order.ship_to,
            ship_from=order.ship_from,
            packages=order.packages,
            channel_details=order.channel_details,
            label_specifications=specification,
            service_selection=ServiceSelection(service_id=[self._quote.cheapest().service_id]),
        )
        return ONE_CLICK_SHIPMENT(body=body)

    def call(self, operation: str) -> Call[Any]:
        """Make a call whose effect, if it has one, has not happened yet."""
        self.sandbox.ledger.clear()
        if operation == CANCEL_SHIPMENT.name:
            shipment_id = self._setup.send(self._purchase()).value.shipment_id
            return CANCEL_SHIPMENT(path={"shipmentId": shipment_id})
        calls: dict[str, Callable[[], Call[Any]]] = {
            GET_TRACKING.name: lambda: self._look,
            GET_RATES.name: lambda: GET_RATES(body=self._order),
            PURCHASE_SHIPMENT.name: self._purchase,
            ONE_CLICK_SHIPMENT.name: self._one_click,
            UNLINK.name: lambda: UNLINK(path={"carrierId": "AMZN_UK"}),
        }
        return calls[operation]()

    def run(self, arrange: Arrange, operation: str, times: Times) -> Outcome:
        """Let one call meet one fault, and see what it comes to, and that the client goes on well."""
        clock = FakeClock(datetime.now(UTC))
        with contextlib.ExitStack() as resources:
            proxy = resources.enter_context(Proxy(self.upstream))
            trial = Trial(self, proxy, operation, times, clock, proxy.url, resources=resources)
            arrange(trial)
            return self.outcome(trial)

    def outcome(self, trial: Trial) -> Outcome:
        """Send a call into what was arranged."""
        call = self.call(trial.operation)
        tries: list[Attempt] = []

        def watch(attempt: Attempt) -> None:
            tries.append(attempt)
            trial.on_reply(attempt)

        def patience() -> float:
            is_met = is_sent and (trial.times == "always" or not tries)
            return trial.patience if is_met else _PATIENCE_SECONDS

        is_sent = False
        options = self._options(trial.endpoint, trial.clock, trial.tokens)
        made = self._way.client(
            self._credentials(), max_bytes=MOST_BYTES, patience=patience, on_reply=watch, **options
        )
        with contextlib.ExitStack() as stack:
            with mock.patch.dict(os.environ, trial.environment):
                client = stack.enter_context(made)
            if trial.warm_up:
                assert client.send(self._look).value == self._seen
                tries.clear()
                trial.warm_up()
            is_sent = True
            self.result = self._send(client, call, trial)
            is_sent, number = False, len(tries)
            if trial.is_curable:
                trial.heal()
                assert client.send(self._look).value == self._seen, "the next call got a foreign answer"
        trial.proxy.wait_until_quiet()
        self._wait_for_sandbox(trial, number)
        assert trial.proxy.failures == [], trial.proxy.failures
        assert trial.elsewhere is None or trial.elsewhere.connections == 0
        return self._judged(self.result, number, trial)

    def _wait_for_sandbox(self, trial: Trial, tries: int) -> None:
        """Wait until the sandbox has dealt with every attempt, if all of them went there directly."""
        if trial.endpoint == self.sandbox.url:
            with self._recorded:
                count = self.sandbox.ledger.count
                assert self._recorded.wait_for(lambda: count(trial.operation) >= tries, timeout=5)

    def _send(self, client: Sends, call: Call[Any], trial: Trial) -> Reply[Any] | SpShippingError:
        try:
            return client.send(call, deadline=trial.deadline)
        except SpShippingError as error:
            return error

    def _judged(self, result: Reply[Any] | SpShippingError, tries: int, trial: Trial) -> Outcome:
        done = self._times_done(trial.operation)
        requests = self.sandbox.ledger.requests(trial.operation)
        assert len({(seen.key, seen.body_digest) for seen in requests}) <= 1, "a repeat differs"
        if isinstance(result, Reply):
            assert result.meta.attempts == tries
            self._assert_true(result, trial)
            return Outcome("answer", tries, done)
        assert getattr(result, "attempts", tries) == tries
        cause = type(result.cause).__name__ if isinstance(result, OutcomeUnknownError) else None
        return Outcome(type(result).__name__, tries, done, cause)

    def _times_done(self, operation: str) -> int:
        labels = self.sandbox.ledger.labels
        if operation == CANCEL_SHIPMENT.name:
            return sum(label.is_cancelled for label in labels)
        if operation == UNLINK.name:
            return min(1, self.sandbox.ledger.count(operation, 200))
        return len(labels)

    def _assert_true(self, reply: Reply[Any], trial: Trial) -> None:
        """An answer is the sandbox's own, and not merely something that could be read."""
        if trial.is_odd:
            return
        if trial.operation in (PURCHASE_SHIPMENT.name, ONE_CLICK_SHIPMENT.name):
            (label,) = self.sandbox.ledger.labels
            assert reply.value.labels[0].data.startswith(b"^XA")
            assert reply.value.shipment_id == label.shipment_id
        elif trial.operation == GET_TRACKING.name:
            assert reply.value == self._seen
        elif trial.operation == GET_RATES.name:
            prices = [rate.total_charge for rate in self._quote.rates]
            assert [rate.total_charge for rate in reply.value.rates] == prices
        elif trial.operation == UNLINK.name:
            assert reply.value == UNLINKED


@contextlib.contextmanager
def staged(way: Way) -> Iterator[Stage]:
    """Set up a stage without quotas, and take it down."""
    with Sandbox(quotas=False) as sandbox, contextlib.closing(way):
        stage = Stage(sandbox, way)
        try:
            yield stage
        finally:
            stage.close()
