"""The facade: what each method sends."""

import pickle
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
    CREATE_CLAIM,
    DIRECT_PURCHASE_SHIPMENT,
    GENERATE_COLLECTION_FORM,
    GET_ACCESS_POINTS,
    GET_ADDITIONAL_INPUTS,
    GET_CARRIER_ACCOUNT_FORM_INPUTS,
    GET_CARRIER_ACCOUNTS,
    GET_COLLECTION_FORM,
    GET_COLLECTION_FORM_HISTORY,
    GET_RATES,
    GET_SHIPMENT_DOCUMENTS,
    GET_TRACKING,
    GET_UNMANIFESTED_SHIPMENTS,
    IDEMPOTENCY_KEY,
    LINK_CARRIER_ACCOUNT,
    ONE_CLICK_SHIPMENT,
    PURCHASE_SHIPMENT,
    SUBMIT_NDR_FEEDBACK,
    UNLINK_CARRIER_ACCOUNT,
    UPDATE_LINKED_CARRIER_ACCOUNT,
    AccessPointType,
    ClaimReason,
    CreateClaimRequest,
    DirectPurchaseRequest,
    DocumentFormat,
    GenerateCollectionFormRequest,
    GetCarrierAccountsRequest,
    GetCollectionFormHistoryRequest,
    GetUnmanifestedShipmentsRequest,
    LinkCarrierAccountRequest,
    NdrAction,
    PurchaseShipmentRequest,
    SettlementType,
    ShippingApi,
    SubmitNdrFeedbackRequest,
    UnlinkCarrierAccountRequest,
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
LINK = LinkCarrierAccountRequest(carrier_account_type="SHIPPER_ACCOUNT", carrier_account_attributes=[])
UNLINK = UnlinkCarrierAccountRequest(account_id="A")
FORM = GenerateCollectionFormRequest(carrier_id="C")
HISTORY = GetCollectionFormHistoryRequest(max_results=5)
FEEDBACK = SubmitNdrFeedbackRequest(tracking_id="T", ndr_action=NdrAction.RTO)
CLAIM = CreateClaimRequest(
    tracking_id="T", claim_reason=ClaimReason.LOST_IN_TRANSIT, settlement_type=SettlementType.REFUND
)
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
        (
            lambda api, **rest: api.get_carrier_account_form_inputs(**rest),
            GET_CARRIER_ACCOUNT_FORM_INPUTS(headers=JAPAN),
        ),
        (
            lambda api, **rest: api.get_carrier_accounts(GetCarrierAccountsRequest(), **rest),
            GET_CARRIER_ACCOUNTS(body=GetCarrierAccountsRequest(), headers=JAPAN),
        ),
        (
            lambda api, **rest: api.link_carrier_account("C", LINK, **rest),
            LINK_CARRIER_ACCOUNT(path={"carrierId": "C"}, body=LINK, headers=JAPAN),
        ),
        (
            lambda api, **rest: api.update_linked_carrier_account("C", LINK, **rest),
            UPDATE_LINKED_CARRIER_ACCOUNT(path={"carrierId": "C"}, body=LINK, headers=JAPAN),
        ),
        (
            lambda api, **rest: api.unlink_carrier_account("C", UNLINK, **rest),
            UNLINK_CARRIER_ACCOUNT(path={"carrierId": "C"}, body=UNLINK, headers=JAPAN),
        ),
        (
            lambda api, **rest: api.get_unmanifested_shipments(GetUnmanifestedShipmentsRequest(), **rest),
            GET_UNMANIFESTED_SHIPMENTS(body=GetUnmanifestedShipmentsRequest(), headers=JAPAN),
        ),
        (
            lambda api, **rest: api.generate_collection_form(FORM, idempotency_key="key", **rest),
            GENERATE_COLLECTION_FORM(body=FORM, headers=KEY | JAPAN),
        ),
        (
            lambda api, **rest: api.get_collection_form_history(HISTORY, **rest),
            GET_COLLECTION_FORM_HISTORY(body=HISTORY, headers=JAPAN),
        ),
        (
            lambda api, **rest: api.get_collection_form("F", **rest),
            GET_COLLECTION_FORM(path={"collectionFormId": "F"}, headers=JAPAN),
        ),
        (
            lambda api, **rest: api.get_access_points(
                access_point_types=[AccessPointType.HELIX, "3P"],
                country_code="GB",
                postal_code="E1",
                **rest,
            ),
            GET_ACCESS_POINTS(
                query={"accessPointTypes": "HELIX,3P", "countryCode": "GB", "postalCode": "E1"},
                headers=JAPAN,
            ),
        ),
        (
            lambda api, **rest: api.submit_ndr_feedback(FEEDBACK, **rest),
            SUBMIT_NDR_FEEDBACK(body=FEEDBACK, headers=JAPAN),
        ),
        (
            lambda api, **rest: api.create_claim(CLAIM, **rest),
            CREATE_CLAIM(body=CLAIM, headers=JAPAN),
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
        "GET_CARRIER_ACCOUNT_FORM_INPUTS": Effect.NONE,
        "GET_CARRIER_ACCOUNTS": Effect.NONE,
        "LINK_CARRIER_ACCOUNT": Effect.ONCE,
        "UPDATE_LINKED_CARRIER_ACCOUNT": Effect.ONCE,
        "UNLINK_CARRIER_ACCOUNT": Effect.IDEMPOTENT,
        "GET_UNMANIFESTED_SHIPMENTS": Effect.NONE,
        "GENERATE_COLLECTION_FORM": Effect.KEYED,
        "GET_COLLECTION_FORM_HISTORY": Effect.NONE,
        "GET_COLLECTION_FORM": Effect.NONE,
        "GET_ACCESS_POINTS": Effect.NONE,
        "SUBMIT_NDR_FEEDBACK": Effect.ONCE,
        "CREATE_CLAIM": Effect.IDEMPOTENT,
    }


def test_an_expired_quote_has_an_error_of_its_own_wherever_a_quote_is_named() -> None:
    for operation in (PURCHASE_SHIPMENT, GET_ADDITIONAL_INPUTS):
        assert operation.errors == {"TOKEN_EXPIRED": RateExpiredError}


def test_the_two_operations_that_link_an_account_share_a_name_and_nothing_else() -> None:
    post, put = LINK_CARRIER_ACCOUNT, UPDATE_LINKED_CARRIER_ACCOUNT
    assert post.name == put.name == "linkCarrierAccount"
    assert post != put
    assert (post.method, tuple(post.quota)) == ("POST", (5, 10))
    assert (put.method, tuple(put.quota)) == ("PUT", (80, 100))
    for operation in (post, put):
        assert pickle.loads(pickle.dumps(operation)) is operation


def test_equal_collection_forms_are_two_unless_they_have_one_key() -> None:
    keys = {GENERATE_COLLECTION_FORM(body=FORM).with_key().key for _ in range(2)}
    assert len(keys) == 2


def test_a_shipment_id_cannot_lead_to_another_path() -> None:
    with pytest.raises(InvalidRequestError, match="shipmentId"):
        ShippingApi(context_of(_Sender())).cancel_shipment("..")
