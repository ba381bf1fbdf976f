from datetime import UTC, datetime
from typing import Any

import pytest

from spshipping import (
    BadRequestError,
    DecodeError,
    MissingFieldError,
    RateExpiredError,
    TransportError,
    errors,
    from_dict,
)
from spshipping.meta import Deviation, ErrorDetail
from spshipping.notifications import GET_DESTINATIONS, GET_SUBSCRIPTION
from spshipping.operation import Call, Effect, Operation, PagedOperation, Paging, Parameter, Quota
from spshipping.orders import AmazonOrder
from spshipping.orders.v0 import GET_ORDER_ITEMS, GET_ORDERS, Order
from spshipping.orders.v2026_01_01 import GET_ORDER, SEARCH_ORDERS
from spshipping.shipping import CANCEL_SHIPMENT, GET_ADDITIONAL_INPUTS, CancelShipmentResult
from spshipping.transport.decode import Decoded, decode, read_retry_after
from spshipping.transport.http import HttpFailure, HttpResponse
from spshipping.transport.repeat import Refusal
from spshipping.transport.retry import Outcome
from spshipping.wire.model import Model, camel
from tests.kit import answer, refusal
from tests.unit.samples import DROP, FETCH, FREE, LOOK, Gift, Page

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CALL = LOOK(path={"giftId": "1"})


def refused(response: HttpResponse | HttpFailure, call: Call[Any] = CALL) -> Refusal:
    result = decode(call, response, NOW)
    assert isinstance(result, Refusal)
    return result


def read(response: HttpResponse, call: Call[Any] = CALL) -> Decoded:
    result = decode(call, response, NOW)
    assert isinstance(result, Decoded)
    return result


@pytest.mark.parametrize("body", [{"giftId": "1"}, {"payload": {"giftId": "1"}}])
def test_case_55_a_success_is_read_with_and_without_its_envelope(body: Any) -> None:
    assert read(answer(200, body)) == Decoded(Gift(gift_id="1"), (), ())


def test_case_19_errors_beside_a_payload_are_kept() -> None:
    found = read(answer(202, {"payload": {"giftId": "1"}, "errors": [{"code": "Odd", "message": "hm"}]}))
    assert found.errors == (ErrorDetail("Odd", "hm", None),)


def test_repairs_are_named() -> None:
    assert read(answer(200, {"giftId": 1})).deviations == (Deviation("giftId", "converted"),)


def test_bytes_nothing_and_free_objects_are_answers_too() -> None:
    assert read(answer(200, b"%PDF"), FETCH()).value == b"%PDF"
    assert read(answer(204, b""), DROP(path={"giftId": "1"})).value is None
    assert read(answer(200, {"payload": {"type": "object"}}), FREE()).value == {"type": "object"}


@pytest.mark.parametrize(
    "response",
    [
        answer(200, b""),
        answer(200, b"<html>hello</html>"),
        answer(200, None),
        answer(200, "ok"),
        answer(200, []),
        answer(200, {}),
        answer(200, {"payload": None}),
        answer(200, {"message": "hm"}),
        answer(200, b'{"payload": {"giftId'),
        answer(200, b'{"giftId": "\xff"}'),
        answer(103, {"giftId": "1"}),
    ],
)
def test_a_success_that_cannot_be_read_is_none(response: HttpResponse) -> None:
    found = refused(response)
    assert found.outcome is Outcome.LOST
    assert isinstance(found.error, DecodeError)
    assert found.error.status == response.status
    assert found.error.request_id == "req-1"
    assert found.error.value is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"errors": [{"code": "InvalidInput", "message": "no such item"}]}, "InvalidInput"),
        ({"payload": {}, "errors": {"code": "InvalidInput"}}, "InvalidInput"),
        (b"<html>log in</html>", None),
    ],
)
def test_what_promises_no_content_and_answers_with_errors_alone_is_no_success(body: Any, code: Any) -> None:
    found = refused(answer(200, body), DROP(path={"giftId": "1"}))
    assert found.outcome is Outcome.LOST
    assert isinstance(found.error, DecodeError)
    assert found.error.code == code


@pytest.mark.parametrize(
    "body", [b"", b" \n", None, {}, [], {"payload": {}}, {"errors": []}, {"errors": [{}]}]
)
def test_what_promises_no_content_may_say_anything_else(body: Any) -> None:
    assert read(answer(200, body), DROP(path={"giftId": "1"})) == Decoded(None, (), ())


def test_case_19_errors_beside_a_payload_that_is_not_read_are_kept() -> None:
    body = {"payload": {"id": "1"}, "errors": [{"code": "Odd", "message": "hm"}]}
    assert read(answer(200, body), DROP(path={"giftId": "1"})).errors == (ErrorDetail("Odd", "hm", None),)


def test_errors_in_a_success_without_a_payload_are_told() -> None:
    error = refused(answer(200, {"errors": [{"code": "InternalFailure", "message": "hm"}]})).error
    assert isinstance(error, DecodeError)
    assert (error.code, error.details) == ("InternalFailure", "hm")


@pytest.mark.parametrize(
    ("body", "code", "message", "details"),
    [
        (
            {"errors": [{"code": "InvalidInput", "message": "bad", "details": "x"}]},
            "InvalidInput",
            "bad",
            "x",
        ),
        ({"errors": [{"message": None, "code": "InvalidInput"}]}, "InvalidInput", "Bad Request", None),
        ({"errors": [{}, 5, {"code": "Second", "message": "m"}]}, "Second", "m", None),
        ({"errors": {"code": "One", "message": "m"}}, "One", "m", None),
        ([{"code": "Listed", "message": "m"}], "Listed", "m", None),
        ({"message": "plain"}, None, "plain", None),
        ({"Message": "Plain"}, None, "Plain", None),
        ({"errors": None, "message": None}, None, "Bad Request", None),
        ({"error": "invalid_request", "error_description": "d"}, "invalid_request", "d", None),
        ({"error": {"code": "invalid_json", "message": "m"}}, "invalid_json", "m", None),
        ({"code": 7, "error": "Bad Request", "message": ["m"]}, "Bad Request", "Bad Request", None),
        ({"errors": []}, None, "Bad Request", None),
        (b"plain text", None, "Bad Request", None),
        (b"\xff\xfe{\x00}\x00", None, "Bad Request", None),
        ("text", None, "Bad Request", None),
        (b"<html><body>400</body></html>", None, "Bad Request", None),
        (b"", None, "Bad Request", None),
    ],
)
def test_every_shape_of_error_is_read(body: Any, code: str | None, message: str, details: str | None) -> None:
    error = refused(answer(400, body)).error
    assert isinstance(error, errors.BadRequestError)
    assert (error.code, error.message, error.details) == (code, message, details)
    assert error.operation == "look"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (302, Outcome.REFUSED),
        (404, Outcome.REFUSED),
        (429, Outcome.THROTTLED),
        (500, Outcome.BROKEN),
        (503, Outcome.BROKEN),
    ],
)
def test_the_status_decides_the_outcome(status: int, outcome: Outcome) -> None:
    assert refused(answer(status, b"<html>")).outcome is outcome


def test_an_unheard_of_status_still_has_words() -> None:
    assert "says nothing more" in str(refused(answer(799, b"")).error)


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (refusal(403, "Unauthorized", details="Access token is missing in the request header."), True),
        (refusal(403, "Unauthorized", details="The access token you provided has expired."), True),
        (refusal(403, "Unauthorized", details=""), False),
        (
            refusal(403, "Unauthorized", details="The marketplaces you provided are not valid for region."),
            False,
        ),
        (answer(401, b""), True),
        (refusal(400, "InvalidInput", details="access token"), False),
    ],
)
def test_only_a_refusal_about_the_access_token_is_about_the_token(
    response: HttpResponse, expected: bool
) -> None:
    assert refused(response).is_about_token is expected


def test_an_operations_own_error_codes_have_their_class() -> None:
    operation = Operation(
        "buy2",
        "GET /x",
        returns=Gift,
        quota=Quota(1, 1),
        effect=Effect.NONE,
        errors={"TOKEN_EXPIRED": RateExpiredError},
    )
    error = refused(refusal(400, "TOKEN_EXPIRED", "too late"), operation()).error
    assert isinstance(error, RateExpiredError)
    assert error.status == 400


@pytest.mark.parametrize(
    ("kind", "was_sent", "outcome"),
    [
        ("connect", False, Outcome.UNSENT),
        ("deadline", False, Outcome.UNSENT),
        ("tls", False, Outcome.UNTRUSTED),
        ("timeout", True, Outcome.LOST),
        ("cut", True, Outcome.LOST),
        ("too_large", True, Outcome.LOST),
    ],
)
def test_whether_it_was_sent_decides_what_a_failure_means(
    kind: str, was_sent: bool, outcome: Outcome
) -> None:
    found = refused(HttpFailure(kind, was_sent, 200, "req-9"))
    assert found.outcome is outcome
    assert isinstance(found.error, TransportError)
    assert (found.error.failure, found.error.request_id) == (kind, "req-9")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 12:00:30 -0000", 30.0),
        ("Sun, 01 Mar 2020 12:00:00 GMT", 0.0),
        ("-1", None),
        ("abc", None),
        ("99999999999", None),
        ("²", None),
        ("Sun, 01 Mar 99999999999999999999 12:00:00 GMT", None),
        ("Sun, 01 Mar 2026 12:00:00 +99999999999999999999", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, NOW) == seconds


def test_long_messages_are_cut() -> None:
    assert len(refused(refusal(400, "X", "m" * 5000)).error.message) == 500


def test_e5_of_very_many_error_entries_a_hundred_are_kept() -> None:
    entries = [{"code": str(number), "message": "m"} for number in range(300_000)]
    error = refused(answer(400, {"errors": [{}, *entries]})).error
    assert isinstance(error, errors.BadRequestError)
    assert [entry.code for entry in error.errors] == [str(number) for number in range(100)]


def test_e5_a_request_id_that_cannot_be_printed_is_escaped_and_cut() -> None:
    response = HttpResponse(200, {"x-amzn-requestid": "id\x1b[2J\x85" + "9" * 1000}, b"")
    assert response.request_id == r"id\x1b[2J\x85" + "9" * (200 - len("id\x1b[2J\x85"))


@pytest.mark.parametrize("header", ["x-amzn-requestid", "x-amz-rid", "x-amz-apigw-id"])
def test_the_request_id_is_taken_from_any_of_its_headers(header: str) -> None:
    response = HttpResponse(200, {header: "id-7"}, b"")
    assert response.request_id == "id-7"
    assert repr(response) == "<HttpResponse 200>"


def empty(body: bytes, status: int = 200, *, length: str | None = None) -> HttpResponse:
    return HttpResponse(status, {} if length is None else {"content-length": length}, body)


EMPTY: list[tuple[HttpResponse, str]] = [
    (empty(b'{"payload": []}'), "converted"),
    (empty(b"[]"), "converted"),
    (empty(b'{"payload": null}'), "null"),
    (empty(b"null"), "null"),
    (empty(b"", length="0"), "missing"),
    (HttpResponse(200, {"transfer-encoding": "chunked"}, b" \n"), "missing"),
    (empty(b"", 204), "missing"),
]


@pytest.mark.parametrize(("response", "kind"), EMPTY)
def test_b1_an_empty_answer_of_any_shape_is_the_empty_object_where_it_may_be(
    response: HttpResponse, kind: str
) -> None:
    cancelled = read(response, CANCEL_SHIPMENT(path={"shipmentId": "S"}))
    assert cancelled == Decoded(CancelShipmentResult(), (Deviation("", kind),), ())
    inputs = GET_ADDITIONAL_INPUTS(query={"requestToken": "t", "rateId": "r"})
    assert read(response, inputs) == Decoded({}, (Deviation("", kind),), ())
    assert refused(response).outcome is Outcome.LOST


@pytest.mark.parametrize("length", [None, "", "x"])
def test_an_answer_that_may_have_been_cut_within_its_headers_is_no_empty_one(length: str | None) -> None:
    refusal = refused(empty(b"", length=length), CANCEL_SHIPMENT(path={"shipmentId": "S"}))
    assert isinstance(refusal.error, DecodeError)


def test_an_answer_with_errors_and_nothing_else_is_no_empty_one() -> None:
    payloads: list[Any] = [None, []]
    for payload in payloads:
        body: dict[str, Any] = {"payload": payload, "errors": [{"code": "InternalFailure", "message": "No."}]}
        error = refused(answer(200, body), CANCEL_SHIPMENT(path={"shipmentId": "S"})).error
        assert isinstance(error, DecodeError)
        assert error.code == "InternalFailure"


@camel
class Wrapped(Model):
    """A page whose items are a level below."""

    page: Page
    note: str | None = None


WRAPPED: PagedOperation[Wrapped, Gift] = PagedOperation(
    "wrapped",
    "GET /gifts",
    query=(Parameter("page"),),
    pages=Paging(token="page", items_of=lambda held: held.page.gifts, next_of=lambda held: None),
    returns=Wrapped,
    quota=Quota(1, burst=1),
    effect=Effect.NONE,
)
_SPAN = {"createdAfter": "2026-02-01T00:00:00Z"}
_OLD_SPAN = {"MarketplaceIds": ["A1F83G8C2ARO7P"], "CreatedAfter": "2026-02-01T00:00:00Z"}
BARE: list[tuple[Call[Any], dict[str, Any]]] = [
    (SEARCH_ORDERS(query=_SPAN), {"orders": []}),
    (SEARCH_ORDERS(query=_SPAN), {}),
    (SEARCH_ORDERS(query=_SPAN), {"orders": 5, "pagination": {}}),
    (WRAPPED(), {"note": "x"}),
    (GET_ORDER(path={"orderId": "1"}), {}),
    (GET_ORDERS(query=_OLD_SPAN), {"payload": {"Orders": []}}),
    (GET_ORDERS(query=_OLD_SPAN), {"payload": {}}),
    (GET_ORDER_ITEMS(path={"orderId": "1"}), {"payload": {"AmazonOrderId": "1", "OrderItems": []}}),
    (GET_SUBSCRIPTION(path={"notificationType": "ORDER_CHANGE"}), {"payload": {}}),
    (GET_DESTINATIONS(), {"payload": []}),
    (CANCEL_SHIPMENT(path={"shipmentId": "S"}), {"payload": {}}),
    (CANCEL_SHIPMENT(path={"shipmentId": "S"}), {}),
]


@pytest.mark.parametrize(("call", "body"), BARE)
def test_b7_an_answer_with_errors_and_without_what_was_asked_for_is_an_error(
    call: Call[Any], body: dict[str, Any]
) -> None:
    errors = [{"code": "InternalFailure", "message": "No."}]
    error = refused(answer(200, {**body, "errors": errors}), call).error
    assert isinstance(error, DecodeError)
    assert (error.code, error.details) == ("InternalFailure", "No.")


def test_b7_errors_beside_what_was_asked_for_and_none_beside_nothing_are_no_error() -> None:
    call = SEARCH_ORDERS(query=_SPAN)
    order = {"orderId": "1", "createdTime": "2026-02-01T00:00:00Z", "lastUpdatedTime": "2026-02-01T00:00:00Z"}
    whole = {"orders": [{**order, "salesChannel": {"channelName": "AMAZON"}, "orderItems": []}]}
    assert read(answer(200, {**whole, "errors": [{"code": "Odd"}]}), call).errors == (
        ErrorDetail("Odd", None, None),
    )
    nothings: list[Any] = [[], None, "No.", {}]
    for nothing in nothings:
        assert read(answer(200, {"orders": [], "errors": nothing}), call).value.orders == []


def test_b2_a_boolean_where_text_belongs_is_text() -> None:
    item: dict[str, Any] = {"OrderItemId": "1", "ASIN": "A", "QuantityOrdered": 1, "IsGift": True}
    item |= {"BuyerRequestedCancel": {"IsBuyerRequestedCancel": True}, "ProductInfo": {"NumberOfItems": 1}}
    body = {"payload": {"AmazonOrderId": "1", "OrderItems": [item]}}
    found = read(answer(200, body), GET_ORDER_ITEMS(path={"orderId": "1"}))
    line = found.value.order_items[0]
    assert (line.is_gift, line.product_info.number_of_items) == ("true", "1")
    assert {kind for _, kind in found.deviations} == {"converted"}
    assert len(found.deviations) == 3
    order: Any = from_dict({"AmazonOrderId": "1"}, Order)
    made = (AmazonOrder.from_v0(order, items=found.value.order_items).items or [])[0]
    assert (made.is_gift, made.is_buyer_requested_cancel) == (True, True)


def test_b5_a_field_that_did_not_come_names_the_answer_by_its_request_id() -> None:
    gift = read(answer(200, {"payload": {"notes": []}})).value
    with pytest.raises(MissingFieldError, match=r"\[request req-1\]"):
        gift.gift_id  # noqa: B018 - reading is the point


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"code": "InvalidInput", "message": "Could not match input arguments"}]},
        [{"code": "InvalidInput", "message": "Could not match input arguments"}],
    ],
)
def test_d11_what_amazons_sandbox_does_not_know_has_a_remedy(body: Any) -> None:
    result = decode(LOOK(path={"giftId": "1"}), answer(400, body), NOW)
    assert isinstance(result, Refusal)
    assert isinstance(result.error, BadRequestError)
    assert (result.error.remedy or "").startswith("Amazon's own sandbox answers only requests with the very")
    assert "use the local sandbox" in str(result.error)


def test_d12_an_error_keeps_the_time_and_the_headers_that_a_support_case_needs() -> None:
    headers = {"x-amz-cf-id": "c" * 300, "set-cookie": "s3cret", "location": "https://a/?token=s3cret"}
    refused = decode(CALL, HttpResponse(400, {"x-amzn-requestid": "r1", **headers}, b"{}"), NOW)
    unread = decode(CALL, HttpResponse(200, headers, b"{"), NOW)
    for result in (refused, unread):
        assert isinstance(result, Refusal)
        error = result.error
        assert isinstance(error, errors.AnsweredError)
        assert error.at == NOW
        assert error.headers["x-amz-cf-id"] == "c" * 200
        assert "s3cret" not in repr(error.headers)
    failed = decode(CALL, HttpFailure("cut", was_sent=True), NOW)
    assert isinstance(failed, Refusal)
    assert isinstance(failed.error, TransportError)
    assert (failed.error.at, dict(failed.error.headers)) == (NOW, {})
