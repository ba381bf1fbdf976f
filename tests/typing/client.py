"""What the checkers know about a client and its calls. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from typing import Any, assert_type

from spshipping import (
    Attempt,
    Client,
    Credentials,
    Effect,
    Marketplace,
    OutcomeUnknownError,
    Quota,
    Reply,
    ReplyMeta,
    RetryPolicy,
    ShippingBusiness,
    operations,
)
from spshipping.operation import Call, Operation
from spshipping.shipping import (
    GET_ADDITIONAL_INPUTS,
    GET_RATES,
    PURCHASE_SHIPMENT,
    AccessPoint,
    CancelShipmentResult,
    DirectPurchaseRequest,
    DirectPurchaseResult,
    DocumentFormat,
    GetCarrierAccountsRequest,
    GetCollectionFormResponse,
    GetRatesRequest,
    GetRatesResult,
    GetShipmentDocumentsResult,
    GetTrackingResult,
    OneClickShipmentRequest,
    OneClickShipmentResult,
    PackageDocument,
    PurchaseShipmentRequest,
    PurchaseShipmentResult,
    Rate,
    ShippingApi,
)


def the_facade(client: Client, order: GetRatesRequest, purchase: PurchaseShipmentRequest) -> None:
    shipping = client.shipping
    assert_type(shipping, ShippingApi)
    assert_type(shipping.get_rates(order), GetRatesResult)
    assert_type(shipping.get_rates(order, business=ShippingBusiness.UK, timeout=(1.0, 5)), GetRatesResult)
    assert_type(shipping.purchase_shipment(purchase, idempotency_key="key"), PurchaseShipmentResult)
    assert_type(shipping.get_tracking(tracking_id="T", carrier_id="C"), GetTrackingResult)
    assert_type(shipping.cancel_shipment("S", deadline=30.0), CancelShipmentResult)
    accounts = shipping.get_carrier_accounts(GetCarrierAccountsRequest())
    assert_type(accounts.active_accounts[0].account_id, str | None)
    assert_type(shipping.get_collection_form("F"), GetCollectionFormResponse)
    points = shipping.get_access_points(access_point_types=["3P"], country_code="GB", postal_code="E1")
    assert_type(points.access_points_map["3P"], list[AccessPoint])
    assert_type(shipping.get_additional_inputs(request_token="T", rate_id="R"), dict[str, Any])
    assert_type(
        shipping.get_shipment_documents(
            "S", package_client_reference_id="P", format=DocumentFormat.PDF, dpi=300
        ),
        GetShipmentDocumentsResult,
    )


def other_purchases(
    client: Client, direct: DirectPurchaseRequest, one_click: OneClickShipmentRequest
) -> None:
    assert_type(client.shipping.direct_purchase_shipment(direct, locale="en-GB"), DirectPurchaseResult)
    assert_type(client.shipping.one_click_shipment(one_click), OneClickShipmentResult)
    # one click has no key
    client.shipping.one_click_shipment(one_click, idempotency_key="key")  # type: ignore[call-arg]


def wrong_arguments(client: Client, order: GetRatesRequest, purchase: PurchaseShipmentRequest) -> None:
    client.shipping.get_rates(purchase)  # type: ignore[arg-type]
    client.shipping.get_rates({"shipFrom": {}})  # type: ignore[arg-type]
    client.shipping.get_rates(order, max_wait="soon")  # type: ignore[arg-type]
    client.shipping.get_rates(order, retries=3)  # type: ignore[call-arg]
    client.shipping.get_tracking("T", "C")  # type: ignore[call-arg]
    client.shipping.get_tracking(tracking_id=None, carrier_id="C")  # type: ignore[arg-type]
    client.shipping.cancel_shipment(7)  # type: ignore[arg-type]


def calls_and_replies(client: Client, order: GetRatesRequest) -> None:
    call = GET_RATES(body=order)
    assert_type(call, Call[GetRatesResult])
    reply = client.send(call, max_wait=0)
    assert_type(reply, Reply[GetRatesResult])
    assert_type(reply.value, GetRatesResult)
    assert_type(reply.meta, ReplyMeta)
    assert_type(reply.meta.request_id, str | None)
    assert_type(reply.raw, bytes)
    assert_type(reply.call, Call[GetRatesResult])
    assert_type(reply.next_call, Call[GetRatesResult] | None)
    assert_type(PURCHASE_SHIPMENT, Operation[PurchaseShipmentResult])
    assert_type(client.send(GET_ADDITIONAL_INPUTS()).value, dict[str, Any])
    client.send(GET_RATES)  # type: ignore[arg-type]


def what_a_purchase_gives(quote: GetRatesResult, bought: PurchaseShipmentResult) -> None:
    assert_type(quote.cheapest(), Rate)
    assert_type(
        quote.purchase_request(quote.fastest(), format="PDF", value_added_services=["SIGNATURE"]),
        PurchaseShipmentRequest,
    )
    assert_type(bought.labels, list[PackageDocument])
    assert_type(bought.tracking_id, str | None)
    assert_type(bought.labels[0].data, bytes)
    quote.purchase_request(quote.fastest())  # type: ignore[call-arg]


def errors(client: Client, error: OutcomeUnknownError, call: Call[PurchaseShipmentResult]) -> None:
    assert_type(error.request_id, str | None)
    assert_type(error.attempts, int)
    assert_type(client.resolve(error), Reply[Any])
    assert_type(client.resolve(call.with_key("key")), Reply[Any])


def watch(attempt: Attempt) -> None:
    assert_type(attempt.status, int | None)
    assert_type(attempt.wait, float | None)


def watch_text(text: str) -> None:
    """Not what `on_reply` calls."""


def making_clients(credentials: Credentials, kept: list[Attempt]) -> None:
    client = Client(credentials, Marketplace.UK, on_reply=watch, retry=RetryPolicy(attempts=2), timeout=5)
    assert_type(client, Client)
    Client(credentials, Marketplace.UK, on_reply=kept.append)
    assert_type(Client.from_env(strict=True), Client)
    assert_type(client.with_options(max_wait=0.0), Client)
    assert_type(client.for_seller("Atzr|other"), Client)
    with client as same:
        assert_type(same, Client)
    Client(credentials, Marketplace.UK, on_reply=watch_text)  # type: ignore[arg-type]
    Client(credentials, "UK", region="EU", shipping_business="UK").for_seller("Atzr|x", "DE")
    Client(credentials, Marketplace.UK, tiemout=5)  # type: ignore[call-arg]
    Client("id", "secret", "token")  # type: ignore[arg-type, call-arg]


class OwnClient(Client):
    """A client of the user's own."""


def a_class_of_ones_own_is_kept() -> None:
    assert_type(OwnClient.from_env(), OwnClient)


def operations_of_ones_own(client: Client) -> None:
    count = Operation(
        "countThings", "GET /things/v1/count", returns=bytes, quota=Quota(1, burst=2), effect=Effect.NONE
    )
    assert_type(count, Operation[bytes])
    assert_type(client.send(count()).value, bytes)
    assert_type(operations(), tuple[Operation[Any], ...])
    Operation("x", "GET /x", returns=bytes, quota=Quota(1, burst=2))  # type: ignore[call-arg]
