"""The main job over real HTTP: quote, buy, label, track, cancel; and what happens when answers are lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier

import pytest

from spshipping import (
    AccessDeniedError,
    Attempt,
    BadRequestError,
    Client,
    NotFoundError,
    OutcomeUnknownError,
    RateExpiredError,
    ShippingBusiness,
)
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Sandbox
from spshipping.shipping import (
    PURCHASE_SHIPMENT,
    DirectPurchaseRequest,
    DocumentFormat,
    DocumentSize,
    DocumentType,
    GetRatesRequest,
    GetRatesResult,
    GetTrackingResult,
    LengthUnit,
    OneClickShipmentRequest,
    PurchaseShipmentResult,
    RequestedDocumentSpecification,
    ServiceSelection,
)
from tests.sandbox.conftest import MakeClient

pytestmark = pytest.mark.dates

BEGINNINGS = {"PDF": b"%PDF-", "PNG": b"\x89PNG", "ZPL": b"^XA"}


def bought(client: Client, quote: GetRatesResult, form: str = "PDF") -> PurchaseShipmentResult:
    return client.shipping.purchase_shipment(quote.purchase_request(quote.cheapest(), format=form))


def tracked(client: Client, quote: GetRatesResult, result: PurchaseShipmentResult) -> GetTrackingResult:
    return client.shipping.get_tracking(
        tracking_id=result.tracking_id or "", carrier_id=quote.cheapest().carrier_id
    )


@pytest.mark.parametrize("form", BEGINNINGS)
def test_an_order_becomes_a_label_file(
    client: Client, sandbox: Sandbox, order: GetRatesRequest, tmp_path: Path, form: str
) -> None:
    quote = client.shipping.get_rates(order)
    result = bought(client, quote, form)
    (label,) = result.labels
    path = label.save(tmp_path)
    assert path.name == f"LABEL.{form.lower()}"
    assert path.read_bytes().startswith(BEGINNINGS[form])
    assert sandbox.ledger.spent == {"GBP": quote.cheapest().total_charge.value}


def test_a_parcel_is_tracked_to_its_door_and_its_label_printed_again(
    client: Client, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    quote = client.shipping.get_rates(order)
    result = bought(client, quote)
    assert not tracked(client, quote, result).is_delivered
    sandbox.clock.advance(4 * 86_400)
    tracking = tracked(client, quote, result)
    assert tracking.is_delivered
    assert tracking.latest is not None
    assert tracking.latest.event_code == "Delivered"
    again = client.shipping.get_shipment_documents(
        result.shipment_id, package_client_reference_id=order.packages[0].package_client_reference_id
    )
    assert again.labels[0].data == result.labels[0].data


def test_a_cancelled_shipment_costs_nothing_and_a_picked_up_one_cannot_be_cancelled(
    client: Client, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    first, second = (bought(client, client.shipping.get_rates(order)) for _ in range(2))
    client.shipping.cancel_shipment(first.shipment_id)
    assert [label.is_cancelled for label in sandbox.ledger.labels] == [True, False]
    sandbox.clock.advance(86_400)
    with pytest.raises(BadRequestError):
        client.shipping.cancel_shipment(second.shipment_id)
    with pytest.raises(NotFoundError):
        client.shipping.cancel_shipment("unknown")


def specification() -> RequestedDocumentSpecification:
    return RequestedDocumentSpecification(
        format=DocumentFormat.PNG,
        size=DocumentSize(width=Decimal(4), length=Decimal(6), unit=LengthUnit.INCH),
        dpi=203,
        page_layout="DEFAULT",
        need_file_joining=False,
        requested_document_types=[DocumentType.LABEL],
    )


def one_click(order: GetRatesRequest, service_id: str) -> OneClickShipmentRequest:
    return OneClickShipmentRequest(
        ship_to=order.ship_to,
        ship_from=order.ship_from,
        packages=order.packages,
        channel_details=order.channel_details,
        label_specifications=specification(),
        service_selection=ServiceSelection(service_id=[service_id]),
    )


def test_the_two_short_ways_to_a_label(client: Client, sandbox: Sandbox, order: GetRatesRequest) -> None:
    service_id = client.shipping.get_rates(order).cheapest().service_id
    quick = client.shipping.one_click_shipment(one_click(order, service_id))
    assert quick.service.id == service_id
    assert quick.labels[0].data.startswith(b"\x89PNG")
    direct = client.shipping.direct_purchase_shipment(
        DirectPurchaseRequest(
            ship_to=order.ship_to,
            ship_from=order.ship_from,
            packages=order.packages,
            channel_details=order.channel_details,
        ),
        locale="en-GB",
    )
    assert direct.labels[0].format is DocumentFormat.PNG
    assert len(sandbox.ledger.labels) == 2


def test_additional_inputs_are_a_schema(client: Client, order: GetRatesRequest) -> None:
    quote = client.shipping.get_rates(order)
    found = client.shipping.get_additional_inputs(
        request_token=quote.request_token, rate_id=quote.cheapest().rate_id
    )
    assert isinstance(found, dict)


def test_the_business_travels_in_its_header(client: Client, sandbox: Sandbox, order: GetRatesRequest) -> None:
    client.shipping.get_rates(order)
    client.shipping.get_rates(order, business=ShippingBusiness.FR)
    seen = sandbox.ledger.requests("getRates")
    assert [request.business for request in seen] == ["AmazonShipping_UK", "AmazonShipping_FR"]


LOST: list[tuple[str, dict[str, int]]] = [
    ("drop_after", {}),
    ("drop_after", {"reset": True}),
    ("cut_headers", {}),
    ("cut_headers", {"at": 5}),
    ("cut_body", {"at": 0}),
    ("cut_body", {"at": 100}),
    ("status_after", {"status": 500}),
    ("status_after", {"status": 503}),
]
IDS = [" ".join([kind, *(str(value) for value in more.values())]) for kind, more in LOST]


@pytest.mark.parametrize(("kind", "more"), LOST, ids=IDS)
def test_a_purchase_whose_answer_is_lost_comes_back_with_one_label_bought(
    client: Client, sandbox: Sandbox, order: GetRatesRequest, kind: str, more: dict[str, int]
) -> None:
    quote = client.shipping.get_rates(order)
    sandbox.add_fault("purchaseShipment", kind, **more)  # type: ignore[arg-type]  # what each kind takes
    reply = client.send(PURCHASE_SHIPMENT(body=quote.purchase_request(quote.cheapest(), format="PDF")))
    assert reply.meta.attempts == 2
    (label,) = sandbox.ledger.labels
    assert label.shipment_id == reply.value.shipment_id
    assert label.key == reply.call.key
    assert reply.value.labels[0].data.startswith(b"%PDF-")
    assert sandbox.ledger.spent == {"GBP": quote.cheapest().total_charge.value}


@pytest.mark.parametrize(("kind", "more"), LOST, ids=IDS)
def test_a_one_click_purchase_whose_answer_is_lost_is_unknown_and_was_sent_once(
    client: Client, sandbox: Sandbox, order: GetRatesRequest, kind: str, more: dict[str, int]
) -> None:
    service_id = client.shipping.get_rates(order).cheapest().service_id
    sandbox.add_fault("oneClickShipment", kind, **more)  # type: ignore[arg-type]  # what each kind takes
    with pytest.raises(OutcomeUnknownError) as caught:
        client.shipping.one_click_shipment(one_click(order, service_id))
    assert caught.value.operation == "oneClickShipment"
    assert len(sandbox.ledger.requests("oneClickShipment")) == 1
    assert len(sandbox.ledger.labels) == 1


def test_a_purchase_that_stays_lost_is_settled_later_with_its_key(
    client: Client, make_client: MakeClient, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    quote = client.shipping.get_rates(order)
    sandbox.add_fault("purchaseShipment", "drop_after", count=4)
    with pytest.raises(OutcomeUnknownError) as caught:
        bought(client, quote)
    sandbox.clock.advance(3600)
    reply = make_client().resolve(caught.value)
    assert [label.shipment_id for label in sandbox.ledger.labels] == [reply.value.shipment_id]


def test_a_key_of_ones_own_survives_a_crash(
    client: Client, make_client: MakeClient, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    quote = client.shipping.get_rates(order)
    request = quote.purchase_request(quote.cheapest(), format="PDF")
    first = client.shipping.purchase_shipment(request, idempotency_key="order-1001")
    second = make_client().shipping.purchase_shipment(request, idempotency_key="order-1001")
    assert first == second
    assert len(sandbox.ledger.labels) == 1


def test_case_13_an_old_quote_is_refused_before_and_after_it_is_sent(
    client: Client, make_client: MakeClient, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    quote = client.shipping.get_rates(order)
    request = quote.purchase_request(quote.cheapest(), format="PDF")
    sandbox.clock.advance(601)
    with pytest.raises(RateExpiredError) as caught:
        client.shipping.purchase_shipment(request)
    assert caught.value.status == 400
    seen = len(sandbox.ledger.requests("purchaseShipment"))
    assert request.quoted_at is not None
    request.quoted_at = request.quoted_at - timedelta(days=365)
    with pytest.raises(RateExpiredError, match="call get_rates again"):
        client.shipping.purchase_shipment(request)
    assert len(sandbox.ledger.requests("purchaseShipment")) == seen
    assert sandbox.ledger.labels == []


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """Do *work* in that many threads, all starting at the same moment."""
    barrier = Barrier(count)

    def run(number: int) -> object:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.parametrize("is_shared", [True, False], ids=["one client", "a client each"])
def test_32_cold_threads_sign_in_once(
    make_client: MakeClient, sandbox: Sandbox, order: GetRatesRequest, is_shared: bool
) -> None:
    sandbox.add_fault("lwa", "delay", seconds=0.05)
    shared = make_client()
    clients = [shared if is_shared else make_client() for _ in range(32)]
    quotes = at_once(32, lambda number: clients[number].shipping.get_rates(order))
    assert len(quotes) == 32
    assert len(sandbox.ledger.token_requests()) == 1


def test_200_mixed_calls_from_16_threads_all_succeed(
    client: Client, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    def work(number: int) -> object:
        quote = client.shipping.get_rates(order)
        if number % 4 == 0:
            return quote
        result = bought(client, quote, ("PDF", "PNG", "ZPL")[number % 3])
        if number % 4 == 1:
            return client.shipping.cancel_shipment(result.shipment_id)
        return tracked(client, quote, result)

    with ThreadPoolExecutor(16) as pool:
        assert all(result is not None for result in pool.map(work, range(80)))
    assert len(sandbox.ledger.labels) == 60
    assert sum(label.is_cancelled for label in sandbox.ledger.labels) == 20
    assert len(sandbox.ledger.requests()) == 200
    assert len(sandbox.ledger.token_requests()) == 1


def test_an_expired_token_is_refreshed_once_under_many_threads(
    client: Client, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    client.shipping.get_rates(order)
    sandbox.revoke_tokens()
    at_once(16, lambda _: client.shipping.get_rates(order))
    assert len(sandbox.ledger.token_requests()) == 2


def test_a_wrong_place_is_denied_with_amazons_words(make_client: MakeClient, sandbox: Sandbox) -> None:
    attempts: list[Attempt] = []
    client = make_client(
        endpoint=f"{sandbox.url}/elsewhere", token_cache=TokenCache(), on_reply=attempts.append
    )
    with pytest.raises(AccessDeniedError) as caught:
        client.shipping.get_tracking(tracking_id="x", carrier_id="y")
    assert (caught.value.status, caught.value.code) == (403, "Unauthorized")
    assert len(attempts) == 1
