"""The facade: what each method sends."""

from collections.abc import Callable
from typing import Any

import pytest

from spshipping import shipping
from spshipping.errors import InvalidRequestError, RateExpiredError
from spshipping.operation import Call, Effect, Operation
from spshipping.regions import ShippingBusiness
from spshipping.shipping import (
    BUSINESS,
    CANCEL_SHIPMENT,
    DIRECT_PURCHASE_SHIPMENT,
    GET_ADDITIONAL_INPUTS,
    GET_RATES,
    GET_SHIPMENT_DOCUMENTS,
    GET_TRACKING,
    IDEMPOTENCY_KEY,
    ONE_CLICK_SHIPMENT,
    PURCHASE_SHIPMENT,
    DirectPurchaseRequest,
    DocumentFormat,
    PurchaseShipmentRequest,
    ShippingApi,
)
from tests.kit import context_of
from tests.unit.shipping.build import external, rates_request, specification
from tests.unit.shipping.test_models import one_click

RATES = rates_request()
PURCHASE = PurchaseShipmentRequest(
    request_token="t", rate_id="r", requested_document_specification=specification()
)
DIRECT = DirectPurchaseRequest(channel_details=external())
ONE_CLICK = one_click()
JAPAN = {BUSINESS.name: "AmazonShipping_JP"}
KEY = {IDEMPOTENCY_KEY.name: "key"}


class _Sender:
    """Remembers what it was given, and answers with a word."""

    def __init__(self) -> None:
        self.sent: list[tuple[Call[Any], Any]] = []

    async def send(self, call: Call[Any], **options: Any) -> Any:
        self.sent.append((call, options))
        return type("Answer", (), {"value": "answer"})


@pytest.mark.parametrize(
    ("use", "call"),
    [
        (
            lambda api, **rest: api.get_rates(RATES, **rest),
            GET_RATES(body=RATES, headers=JAPAN),
        ),
        (
            lambda api, **rest: api.purchase_shipment(PURCHASE, idempotency_key="key", **rest),
            PURCHASE_SHIPMENT(body=PURCHASE, headers=KEY | JAPAN),
        ),
        (
            lambda api, **rest: api.direct_purchase_shipment(
                DIRECT, idempotency_key="key", locale="ja-JP", **rest
            ),
            DIRECT_PURCHASE_SHIPMENT(body=DIRECT, headers=KEY | {"locale": "ja-JP"} | JAPAN),
        ),
        (
            lambda api, **rest: api.one_click_shipment(ONE_CLICK, **rest),
            ONE_CLICK_SHIPMENT(body=ONE_CLICK, headers=JAPAN),
        ),
        (
            lambda api, **rest: api.get_tracking(tracking_id="T", carrier_id="C", **rest),
            GET_TRACKING(query={"trackingId": "T", "carrierId": "C"}, headers=JAPAN),
        ),
        (
            lambda api, **rest: api.get_shipment_documents(
                "S", package_client_reference_id="box", format=DocumentFormat.PNG, dpi=203, **rest
            ),
            GET_SHIPMENT_DOCUMENTS(
                path={"shipmentId": "S"},
                query={"packageClientReferenceId": "box", "format": "PNG", "dpi": "203"},
                headers=JAPAN,
            ),
        ),
        (
            lambda api, **rest: api.cancel_shipment("S", **rest),
            CANCEL_SHIPMENT(path={"shipmentId": "S"}, headers=JAPAN),
        ),
        (
            lambda api, **rest: api.get_additional_inputs(request_token="t", rate_id="r", **rest),
            GET_ADDITIONAL_INPUTS(query={"requestToken": "t", "rateId": "r"}, headers=JAPAN),
        ),
    ],
)
def test_a_method_sends_its_operation_once_with_all_it_was_given(
    use: Callable[..., Any], call: Call[Any]
) -> None:
    sender = _Sender()
    assert use(ShippingApi(context_of(sender)), business=ShippingBusiness.JP, deadline=5.0) == "answer"
    assert sender.sent == [(call, {"deadline": 5.0})]


def test_what_is_left_out_is_left_to_the_client() -> None:
    sender = _Sender()
    api = ShippingApi(context_of(sender))
    api.purchase_shipment(PURCHASE)
    api.get_shipment_documents("S", package_client_reference_id="box")
    (purchase, _), (documents, _) = sender.sent
    assert purchase.headers == {}
    assert documents.query == {"packageClientReferenceId": "box"}


def test_only_the_operations_with_a_key_can_be_repeated_after_they_may_have_cost_money() -> None:
    effects = {name: value.effect for name, value in vars(shipping).items() if isinstance(value, Operation)}
    assert effects == {
        "GET_RATES": Effect.NONE,
        "PURCHASE_SHIPMENT": Effect.KEYED,
        "DIRECT_PURCHASE_SHIPMENT": Effect.KEYED,
        "ONE_CLICK_SHIPMENT": Effect.ONCE,
        "GET_TRACKING": Effect.NONE,
        "GET_SHIPMENT_DOCUMENTS": Effect.NONE,
        "CANCEL_SHIPMENT": Effect.IDEMPOTENT,
        "GET_ADDITIONAL_INPUTS": Effect.NONE,
    }


def test_an_expired_quote_has_an_error_of_its_own_wherever_a_quote_is_named() -> None:
    for operation in (PURCHASE_SHIPMENT, GET_ADDITIONAL_INPUTS):
        assert operation.errors == {"TOKEN_EXPIRED": RateExpiredError}


def test_a_shipment_id_cannot_lead_to_another_path() -> None:
    with pytest.raises(InvalidRequestError, match="shipmentId"):
        ShippingApi(context_of(_Sender())).cancel_shipment("..")
