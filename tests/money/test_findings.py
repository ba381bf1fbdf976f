"""What once lost a label or bought two, over real HTTP, under threads and asyncio."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from spshipping import (
    Attempt,
    Call,
    InvalidRequestError,
    OutcomeUnknownError,
    QuotaError,
    RetryBudget,
    TransportError,
)
from spshipping.shipping import (
    GET_RATES,
    GET_TRACKING,
    ONE_CLICK_SHIPMENT,
    PURCHASE_SHIPMENT,
    PurchaseShipmentRequest,
)
from spshipping.transport.http import HttpFailure, HttpRequest, Limits
from tests.matrix import faults
from tests.matrix.proxy import Line, Proxy, spoken
from tests.matrix.stage import Stage
from tests.matrix.ways import OverThreads, Way
from tests.money.scene import Scene, client_of, shown
from tests.transports import New

NO_REPEATS = RetryBudget(0.0)
NOBODY = "http://127.0.0.1:1"
FAR = Limits(connect=30.0, read=30.0, ends_at=1e12)


@pytest.fixture
def proxy(stage: Stage) -> Iterator[Proxy]:
    with shown(stage) as made:
        yield made


def bought(stage: Stage) -> list[str | None]:
    return [label.key for label in stage.sandbox.ledger.labels]


def fresh(stage: Stage) -> Call[Any]:
    """Return a purchase of a new quote, without a key of its own."""
    rates = stage.call(GET_RATES.name)
    with client_of(OverThreads(), stage) as client:
        quote = client.send(rates).value
    return PURCHASE_SHIPMENT(body=quote.purchase_request(quote.cheapest(), format="ZPL"))


def test_a3_the_same_quote_bought_twice_is_one_purchase(stage: Stage, way: Way) -> None:
    purchase = fresh(stage)
    with client_of(way, stage) as client:
        first, second = client.send(purchase), client.send(purchase)
    # a job that is run again, in another process
    with client_of(way, stage) as client:
        third = client.send(PURCHASE_SHIPMENT(body=purchase.body))
    shipments = {reply.value.shipment_id for reply in (first, second, third)}
    assert shipments == {label.shipment_id for label in stage.sandbox.ledger.labels}
    assert bought(stage) == [first.call.key]
    assert [reply.meta.was_settled for reply in (first, second, third)] == [False, True, False]


def test_a5_a_call_is_resolved_with_its_key_or_not_at_all(stage: Stage, way: Way, proxy: Proxy) -> None:
    purchase, keyless = fresh(stage), stage.call(ONE_CLICK_SHIPMENT.name)
    proxy.plan.append(faults.does_and_ends(with_reset=False))
    with client_of(way, stage, endpoint=proxy.url, retry_budget=NO_REPEATS) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.send(purchase)
        for wrong in (keyless, LookupError("nothing to resolve"), purchase.operation):
            with pytest.raises(InvalidRequestError):
                client.resolve(wrong)
        reply = client.resolve(caught.value)
    assert bought(stage) == [reply.call.key] == [caught.value.call.key]


def test_a6_a_call_inside_a_signal_handler_leaves_the_outer_one_as_it_was(stage: Stage, proxy: Proxy) -> None:
    purchase, look = stage.call(ONE_CLICK_SHIPMENT.name), stage.call(GET_TRACKING.name)
    main, is_handled = threading.main_thread().ident, threading.Event()
    assert main is not None

    def interrupts(line: Line) -> None:
        signal.pthread_kill(main, signal.SIGUSR1)
        assert is_handled.wait(60)
        line.end()

    def handle(*_: object) -> None:
        with client_of(OverThreads(), stage) as other:
            assert other.send(look).meta.status == 200
        with client_of(OverThreads(), stage, endpoint=NOBODY) as other, pytest.raises(TransportError):
            other.send(look)
        is_handled.set()

    proxy.plan.append(interrupts)
    before = signal.signal(signal.SIGUSR1, handle)
    try:
        with (
            client_of(OverThreads(), stage, endpoint=proxy.url) as client,
            pytest.raises(OutcomeUnknownError) as caught,
        ):
            client.send(purchase)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert caught.value.attempts == len(proxy.requests) == 1


def test_a6_so_does_a_call_inside_a_hook_of_a_task(stage: Stage, proxy: Proxy) -> None:
    purchase, look = stage.call(ONE_CLICK_SHIPMENT.name), stage.call(GET_TRACKING.name)
    proxy.plan.append(faults.ends(with_reset=False))

    async def buy() -> int:
        async with Scene(stage, proxy).client() as client:
            other = client.with_options(endpoint=NOBODY, retry_budget=NO_REPEATS)

            async def fail(_: Attempt) -> None:
                with pytest.raises(TransportError):
                    await other.send(look)

            with pytest.raises(OutcomeUnknownError) as caught:
                await client.with_options(on_reply=fail).send(purchase)
        return caught.value.attempts

    assert asyncio.run(buy()) == len(proxy.requests) == 1


def test_a7_a_request_that_is_changed_later_is_resolved_with_its_own_bytes(
    stage: Stage, way: Way, proxy: Proxy
) -> None:
    purchase = fresh(stage)
    proxy.plan.append(faults.does_and_ends(with_reset=False))
    with client_of(way, stage, endpoint=proxy.url, retry_budget=NO_REPEATS) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.send(purchase)
        assert isinstance(purchase.body, PurchaseShipmentRequest)
        purchase.body.requested_document_specification.dpi = 999
        client.resolve(caught.value)
    first, second = (request.partition(b"\r\n\r\n")[2] for request in proxy.requests)
    assert first == second
    assert len(bought(stage)) == 1


def test_a9_without_its_certificates_nothing_is_sent(new: New, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(bundle)
    transport = new(ca_bundle=bundle)
    bundle.unlink()
    try:
        request = HttpRequest("POST", "https://127.0.0.1:1/x", {}, b"{}")
        failure = transport.exchange(request, FAR)
    finally:
        transport.close()
    assert isinstance(failure, HttpFailure)
    assert not failure.was_sent


def test_a12_a_refusal_that_ends_in_waiting_too_long_keeps_its_facts(
    stage: Stage, way: Way, proxy: Proxy
) -> None:
    purchase = stage.call(PURCHASE_SHIPMENT.name)
    refused = spoken(
        faults.refusal("QuotaExceeded"),
        "x-amzn-RequestId: r12",
        "x-amzn-RateLimit-Limit: 2",
        status="429 Too Many Requests",
    )
    proxy.for_ever = faults.says(refused)
    with client_of(way, stage, endpoint=proxy.url) as client, pytest.raises(QuotaError) as caught:
        client.send(purchase, max_wait=0.05)
    assert (caught.value.status, caught.value.code) == (429, "QuotaExceeded")
    assert (caught.value.request_id, caught.value.attempts) == ("r12", len(proxy.requests))
    assert client.unsettled() == ()
