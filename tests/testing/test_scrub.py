"""What the scrubber keeps, what it replaces and by what, and that it refuses where something is left."""

import base64
import json
import re
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest

from spshipping import Secret
from spshipping.catalogue import operations
from spshipping.regions import Region
from spshipping.shipping import GET_RATES, GET_TRACKING, PURCHASE_SHIPMENT
from spshipping.testing.allowed import Allowed, allowed, may_stay
from spshipping.testing.fixture import Fixture, fixture_bytes, fixture_of, json_of
from spshipping.testing.leftovers import LeftoverError, Leftovers
from spshipping.testing.placeholders import stands_for, stands_for_text
from spshipping.testing.pseudonyms import Pseudonyms
from spshipping.testing.record import api_of, origin_of
from spshipping.testing.scrub import Exchange, scrub
from tests.fixtures.documents import PDF, PNG, ZPL
from tests.security.canary import Catch

KEY = Secret("a key for these tests")
HOST = f"https://{Region.EU.host}"


def exchange(
    path: str = "/shipping/v2/tracking?trackingId=A1B2C3&carrierId=AMZN_UK",
    answer: Any = None,
    *,
    method: str = "GET",
    body: Any = None,
    status: int = 200,
    host: str = HOST,
    request_headers: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Exchange:
    return Exchange(
        method=method,
        url=host + path,
        request_headers=request_headers or {},
        request_body=None if body is None else json.dumps(body).encode(),
        status=status,
        response_headers=headers or {},
        response_body=answer if isinstance(answer, bytes) else json.dumps(answer).encode(),
    )


def one(found: Exchange, **options: Any) -> Fixture:
    (fixture,) = scrub([found], origin=origin_of, key=KEY, **options).fixtures
    return fixture


def answered(found: Exchange) -> Any:
    return json_of(one(found).response.content)


def tracking(**changes: Any) -> dict[str, Any]:
    event = {
        "eventCode": "Delivered",
        "eventTime": "2026-03-02T10:00:00Z",
        "location": {"city": "Kingston", "countryCode": "GB"},
    }
    return {"payload": {"trackingId": "A1B2C3", "eventHistory": [event], **changes}}


def test_what_the_models_know_to_be_harmless_stays_and_all_else_gets_the_same_shape() -> None:
    fixture = one(exchange(answer=tracking(summary={"status": "Delivered"})))
    payload = json_of(fixture.response.content)["payload"]
    (event,) = payload["eventHistory"]
    assert (event["eventCode"], event["eventTime"]) == ("Delivered", "2026-03-02T10:00:00Z")
    assert (event["location"]["countryCode"], payload["summary"]["status"]) == ("GB", "Delivered")
    city = event["location"]["city"]
    assert city != "Kingston"
    assert city[0].isupper()
    assert city[1:].islower()
    assert len(city) == 8
    assert fixture.request.query["carrierId"] == "AMZN_UK"
    # one pseudonym for one text, wherever it is
    assert fixture.request.query["trackingId"] == payload["trackingId"] != "A1B2C3"
    assert (fixture.operation, fixture.request.path) == ("getTracking", "/shipping/v2/tracking")


def test_a_word_that_is_not_listed_and_a_field_that_is_not_known_are_replaced() -> None:
    found = tracking(summary={"status": "ZoeQuill"}, nickname="Zoe", eventHistoryOf={"Zoe Quill": 417})
    payload = answered(exchange(answer=found))["payload"]
    assert payload["summary"]["status"] != "ZoeQuill"
    assert "nickname" not in payload
    assert "eventHistoryOf" not in payload
    (inner,) = (value for name, value in payload.items() if isinstance(value, dict) and name != "summary")
    ((name, number),) = inner.items()
    assert name != "Zoe Quill"
    assert number != 417
    assert len(str(number)) == 3


def test_flags_and_null_in_unknown_places() -> None:
    payload = answered(exchange(answer=tracking(name=True, details=None)))["payload"]
    assert (payload["name"], payload["details"]) == (False, None)


@pytest.mark.parametrize(
    ("rule", "value", "stays"),
    [
        (Allowed.NUMBER, 417, True),
        (Allowed.NUMBER, Decimal("12.50"), True),
        (Allowed.NUMBER, "12.50", True),
        (Allowed.NUMBER, "-1", True),
        (Allowed.NUMBER, 447700900417, False),
        (Allowed.NUMBER, Decimal("1E-20"), False),
        (Allowed.NUMBER, "+44 7700 900417", False),
        (Allowed.NUMBER, "٤١٧", False),
        (Allowed.NUMBER, True, False),
        (Allowed.TIME, "2026-03-02T10:00:00Z", True),
        (Allowed.TIME, "2026-03-02", True),
        (Allowed.TIME, "2026-03-02T10:00:00.123+01:00--2026-03-03T10:00:00Z", True),
        (Allowed.TIME, 1772409600000, True),
        (Allowed.TIME, "TEST_CASE_400", False),
        (Allowed.TIME, "born in May", False),
        (Allowed.TIME, -1, False),
        (Allowed.BOOLEAN, False, True),
        (Allowed.BOOLEAN, "true", True),
        (Allowed.BOOLEAN, "maybe", False),
        (Allowed.WORD, "GBP", True),
        (Allowed.WORD, "A1F83G8C2ARO7P", True),
        (Allowed.WORD, "Zoe", False),
        (Allowed.WORD, 7, False),
        (Allowed.NOTHING, "GBP", False),
        (Allowed.NOTHING, 1, False),
    ],
)
def test_what_may_stay(rule: Allowed, value: Any, stays: bool) -> None:
    assert may_stay(rule, value) is stays


def test_the_list_of_an_operation_follows_from_its_models() -> None:
    found = allowed(PURCHASE_SHIPMENT)
    details = "response.body.payload.packageDocumentDetails[].packageDocuments[]"
    assert found[f"{details}.format"] is Allowed.WORD
    assert found[f"{details}.contents"] is Allowed.NOTHING
    assert found["request.body.requestedDocumentSpecification.dpi"] is Allowed.NUMBER
    assert found["request.body.additionalInputs"] is Allowed.NOTHING
    assert found["headers.x-amzn-IdempotencyKey"] is Allowed.NOTHING
    assert allowed(GET_TRACKING)["query.trackingId"] is Allowed.WORD
    assert allowed(GET_RATES)["request.body.shipTo.name"] is Allowed.NOTHING
    assert allowed(GET_RATES)["request.body.shipTo.countryCode"] is Allowed.WORD


def test_no_list_lets_a_personal_field_stay() -> None:
    names = {"contents", "phone", "Phone", "addressLine1", "AddressLine1", "buyerEmail", "BuyerName"}
    found = {
        (place.rpartition(".")[2], rule)
        for operation in operations()
        for place, rule in allowed(operation).items()
        if place.rpartition(".")[2] in names
    }
    assert found == {(name, Allowed.NOTHING) for name in names}


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("113-4455667-8899001", r"\d{3}-\d{7}-\d{7}"),
        ("KT1 1AA", r"[A-Z]{2}\d \d[A-Z]{2}"),
        ("zoe.quill+shop@mail.example.org", r"[a-z]{3}\.[a-z]{5}\+[a-z]{4}@[a-z]{4}\.[a-z]{7}\.example"),
        ("6a2f8ef2-0a3a-4a43-a4b3-8b0b0c0c0c04", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        (
            "https://files.zoe.net/417.zip",
            r"https://[a-z]{4}\.example/[a-z]{5}\.[a-z]{3}\.[a-z]{3}/\d{3}\.[a-z]{3}",
        ),
        ("arn:aws:sqs:eu-west-1:000000000417:zoe", r"arn:aws:sqs:[a-z]{2}-[a-z]{4}-\d:\d{12}:[a-z]{3}"),
        ("長谷川 真由美", r"[一-龥]{3} [一-龥]{3}"),
        ("Çağlayan", r"\w{8}"),
        ("فاطمة", r"\w{5}"),
        ("Ελένη", r"\w{5}"),
        ("Иван", r"[а-я]{4}"),
        ("がな カナ", r"\w\w \w\w"),
        ("김민수", r"[가-힣]{3}"),
        ("١٢", r"\d\d"),
        ("Zoë – Café", r"[A-Z][a-z]\w – [A-Z][a-z]{2}\w"),
        ("ring 2×, please 🎁", r"[a-z]{4} \d\*, [a-z]{6} \*"),
    ],
)
def test_a_pseudonym_has_the_shape_of_its_original(text: str, like: str) -> None:
    made = Pseudonyms(KEY).of(text)
    assert made != text
    assert re.fullmatch(like, made), made


def test_pseudonyms_are_stable_with_a_key_and_new_without_one() -> None:
    assert Pseudonyms(KEY).of("Zoe Quill") == Pseudonyms(KEY).of("Zoe Quill")
    assert Pseudonyms(KEY).of("Zoe Quill") != Pseudonyms(Secret("another key")).of("Zoe Quill")
    assert Pseudonyms().of("Zoe Quillfeather") != Pseudonyms().of("Zoe Quillfeather")


def test_no_two_texts_have_one_pseudonym_however_short_they_are() -> None:
    pseudonyms = Pseudonyms(KEY)
    texts = [str(number) for number in range(40)]
    assert len({pseudonyms.of(text) for text in texts}) == 40


def test_punctuation_alone_stays_and_control_characters_do_not() -> None:
    assert Pseudonyms(KEY).of("-- / --") == "-- / --"
    assert "\x00" not in Pseudonyms(KEY).of("a\x00b")
    assert len(Pseudonyms(KEY).of("x" * 5000)) == 2000


def test_a_pseudonym_that_cannot_be_found_ends_the_recording() -> None:
    class Stuck(Pseudonyms):
        def _is_free(self, made: str) -> bool:
            return False

    with pytest.raises(RuntimeError, match="no pseudonym"):
        Stuck(KEY).of("Zoe")


@pytest.mark.parametrize(("label", "start"), [(PDF, b"%PDF"), (PNG, b"\x89PNG"), (ZPL, b"^XA")])
def test_a_label_becomes_an_empty_one_of_its_format(label: str, start: bytes) -> None:
    document = {"type": "LABEL", "format": "PDF", "contents": label}
    details = {"packageClientReferenceId": "UK-481", "packageDocuments": [document]}
    found = answered(
        exchange(
            "/shipping/v2/shipments",
            {"payload": {"shipmentId": "S", "packageDocumentDetails": [details]}},
            method="POST",
        )
    )
    contents = found["payload"]["packageDocumentDetails"][0]["packageDocuments"][0]["contents"]
    data = base64.b64decode(contents)
    assert data.startswith(start)
    assert contents != label or label == PNG  # which is the empty one already


def test_the_empty_pdf_is_a_pdf() -> None:
    document = pypdfium2.PdfDocument(stands_for(b"%PDF-1.7 anything"))
    assert len(document) == 1
    assert document[0].get_size() == (288.0, 432.0)


def test_documents_are_found_in_plain_text_and_other_ones_are_replaced_too() -> None:
    assert stands_for(b"  ~DGR:LOGO") == stands_for(b"^XA^FDZoe^FS^XZ")
    assert stands_for(b"\xff\xd8\xff an unknown picture") == b"this was replaced"
    assert stands_for_text("^XA^FDZoe Quill^FS^XZ") == stands_for(b"^XA").decode()
    assert stands_for_text("short") is None
    assert stands_for_text("MondayTuesdayWednesday") is None
    assert stands_for_text("not base64 at all, it is prose") is None
    assert (
        stands_for_text(base64.urlsafe_b64encode(b"GIF89a" + bytes(20)).decode())
        == "dGhpcyB3YXMgcmVwbGFjZWQ="
    )


def test_headers_that_are_not_known_are_left_out_and_known_ones_are_looked_at() -> None:
    fixture = one(
        exchange(
            "/shipping/v2/shipments",
            {},
            method="POST",
            request_headers={
                "X-Amz-Access-Token": "Atza|secret",
                "Authorization": "AWS4 Signature=1",
                "x-amzn-IdempotencyKey": "parcel-of-zoe",
                "x-amzn-shipping-business-id": "AmazonShipping_UK",
                "locale": "Zoe Quill",
                "User-Agent": "zoe/1.0",
            },
            headers={
                "Content-Type": "application/json",
                "Date": "yesterday at Zoe's",
                "x-amzn-RateLimit-Limit": "80.0",
                "Set-Cookie": "session=1",
            },
        )
    )
    assert fixture.request.headers.keys() == {
        "locale",
        "x-amzn-idempotencykey",
        "x-amzn-shipping-business-id",
    }
    assert fixture.request.headers["x-amzn-shipping-business-id"] == "AmazonShipping_UK"
    assert fixture.request.headers["locale"] != "Zoe Quill"
    assert fixture.response.headers.keys() == {"content-type", "date", "x-amzn-ratelimit-limit"}
    assert fixture.response.headers["x-amzn-ratelimit-limit"] == "80.0"
    assert "Zoe" not in fixture.response.headers["date"]


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"", None),
        (b"<html>Zoe</html>", b"<html><body>the text of this page was removed</body></html>"),
        (b"Dear Zoe", b"the text of this body was removed"),
        (b"%PDF-1.4 for Zoe", stands_for(b"%PDF")),
        (b"^XA^FDZoe^XZ", stands_for(b"^XA")),
        (b"\x00\x01Zoe", b"this was replaced"),
        (b'{"a": ' * 300 + b"1" + b"}" * 300, b"the text of this body was removed"),
    ],
)
def test_a_body_that_is_no_json_leaves_nothing(body: bytes, kept: bytes | None) -> None:
    assert one(exchange(answer=body)).response.content == kept


def test_a_path_and_a_query_that_are_not_declared() -> None:
    fixture = one(exchange("/orders/v0/orders/113-4455667-8899001?Zoe=Quill&NextToken=", {}))
    assert fixture.request.path.startswith("/orders/v0/orders/")
    assert "113-" not in fixture.request.path
    assert "Zoe" not in fixture.request.query
    assert len(fixture.request.query) == 2
    listed = one(exchange("/orders/v0/orders?MarketplaceIds=A1F83G8C2ARO7P,Zoe", {}))
    first, second = listed.request.query["MarketplaceIds"].split(",")
    assert first == "A1F83G8C2ARO7P"
    assert second != "Zoe"


def test_known_errors_stay_and_others_are_replaced() -> None:
    entry = {"code": "QuotaExceeded", "message": "You exceeded your quota for the requested resource."}
    assert answered(exchange(answer={"errors": [entry]}, status=429)) == {"errors": [entry]}
    told = {"code": "InvalidInput", "message": "Zoe Quill lives elsewhere", "details": "413"}
    (found,) = answered(exchange(answer=[told], status=400))
    assert found["code"] == "InvalidInput"
    assert "Zoe" not in found["message"]
    assert found["details"] != "413"


def test_a_schema_keeps_its_own_words_and_the_inputs_get_the_names_of_the_schema() -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "properties": {"passportOfZoe": {"type": "string", "maxLength": 20, "title": "Passport of Zoe"}},
        "required": ["passportOfZoe"],
        "additionalProperties": False,
    }
    bought = {"requestToken": "T", "rateId": "R", "additionalInputs": {"passportOfZoe": "88231"}}
    first, second = scrub(
        [
            exchange(
                "/shipping/v2/shipments/additionalInputs/schema?requestToken=T&rateId=R", {"payload": schema}
            ),
            exchange("/shipping/v2/shipments", {}, method="POST", body=bought),
        ],
        origin=origin_of,
        key=KEY,
    ).fixtures
    found = json_of(first.response.content)["payload"]
    assert found["type"] == "object"
    assert found["additionalProperties"] is False
    ((name, facts),) = found["properties"].items()
    assert (facts["type"], facts["maxLength"]) == ("string", 20)
    assert found["required"] == [name] != ["passportOfZoe"]
    inputs = json_of(second.request.content)["additionalInputs"]
    assert list(inputs) == [name]
    assert inputs[name] != "88231"


def test_a_map_keeps_the_names_that_are_listed() -> None:
    points: dict[str, Any] = {"payload": {"accessPointsMap": {"HELIX": [], "Zoe": []}}}
    path = "/shipping/v2/accessPoints?accessPointTypes=HELIX&countryCode=GB&postalCode=KT1+1AA"
    found = answered(exchange(path, points))["payload"]["accessPointsMap"]
    assert "HELIX" in found
    assert "Zoe" not in found
    assert len(found) == 2


def test_what_is_no_operation_is_dropped() -> None:
    scrubbed = scrub(
        [exchange("/auth/o2/token", {"access_token": "Atza|1"}, method="POST"), exchange(answer={})],
        origin=origin_of,
    )
    assert (len(scrubbed.fixtures), scrubbed.left_out) == (1, 1)


def test_what_the_program_brings_along_can_fit_anything_and_what_it_was_told_does_not() -> None:
    rates, bought = scrub(
        [
            exchange(
                "/shipping/v2/shipments/rates",
                {"payload": {"requestToken": "token-of-zoe", "rates": []}},
                method="POST",
                body={"shipTo": {"name": "Zoe Quill", "countryCode": "GB"}},
            ),
            exchange(
                "/shipping/v2/shipments",
                {},
                method="POST",
                body={"requestToken": "token-of-zoe", "rateId": "a rate of her own"},
            ),
        ],
        origin=origin_of,
        key=KEY,
        fits_any=True,
    ).fixtures
    assert json_of(rates.request.content) == {"shipTo": {"name": "<any>", "countryCode": "GB"}}
    token = json_of(rates.response.content)["payload"]["requestToken"]
    assert json_of(bought.request.content) == {"requestToken": token, "rateId": "<any>"}
    assert token not in ("token-of-zoe", "<any>")


@pytest.mark.parametrize(
    "left",
    [
        "Zoe Quillfeather",
        "for zoe quillfeather, urgent",
        "Zoe%20Quillfeather",
        base64.b64encode(b"..Zoe Quillfeather..").decode(),
        b"Zoe Quillfeather".hex(),
        "Mrs QUILLFEATHER",
    ],
)
def test_a_leftover_is_found_in_every_spelling_and_named_by_its_place(left: str) -> None:
    fixture = one(exchange(answer=tracking()))
    content = json.dumps({"payload": {"trackingId": left}}).encode()
    response = type(fixture.response)(status=200, content=content)
    broken = Fixture(operation=fixture.operation, why=fixture.why, request=fixture.request, response=response)
    leftovers = Leftovers({"Zoe Quillfeather"})
    leftovers.check(fixture)
    with pytest.raises(LeftoverError, match=r"getTracking: response\.body still holds") as caught:
        leftovers.check(broken)
    assert "Zoe" not in str(caught.value)


def test_what_is_public_a_time_or_a_short_number_is_no_leftover() -> None:
    fixture = one(exchange(answer=tracking()))
    Leftovers({"Delivered", "GB", "2026-03-02T10:00:00Z", "417", "eventHistory", "Amazon"}).check(fixture)


def test_a_scrubber_that_forgets_something_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pseudonyms, "of", lambda _, text: text)
    with pytest.raises(LeftoverError):
        scrub([exchange(answer=tracking(name="Zoe Quillfeather"))], origin=origin_of)


@pytest.mark.parametrize(
    ("host", "headers", "origin"),
    [
        (f"https://{Region.EU.host}", {}, "Recorded from Amazon's production"),
        (f"https://{Region.FE.sandbox_host}", {}, "Recorded from Amazon's sandbox"),
        ("http://localhost:8462", {}, "Answered by a mock, not by Amazon"),
        ("https://proxy.company.example", {}, "Answered by a mock, not by Amazon"),
        (f"https://{Region.EU.host}", {"X-Spshipping-Sandbox": "1"}, "Answered by a mock, not by Amazon"),
        (f"https://{Region.EU.sandbox_host}", {"x-spshipping-sandbox": "1"}, "Answered by a mock"),
    ],
)
def test_only_what_amazon_answered_is_called_a_recording(
    host: str, headers: dict[str, str], origin: str
) -> None:
    fixture = one(exchange(answer={}, host=host, headers=headers))
    assert fixture.why.startswith(origin)
    assert "company" not in fixture.why


def test_every_operation_has_a_folder_of_its_api() -> None:
    assert {api_of(operation) for operation in operations()} == {
        *("shipping", "orders_v0", "orders_v2026_01_01", "vendor_orders", "vendor_shipments"),
        *("vendor_transactions", "sellers", "notifications", "applications", "tokens"),
    }


def test_what_is_scrubbed_is_a_fixture(tmp_path: Any) -> None:
    fixture = one(exchange(answer=tracking()))
    assert fixture_of(fixture_bytes(fixture), tmp_path / "x.json").response == fixture.response
    assert repr(exchange(answer=tracking())) == "Exchange(method='GET', status=200)"


def test_an_error_of_the_scrubber_shows_nothing_of_what_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pseudonyms, "of", lambda _, text: text)
    found = exchange(
        "/orders/v0/orders/113-4455667-8899001",
        {"payload": {"BuyerInfo": {"BuyerName": "Zoe Quillfeather"}}},
        request_headers={"x-amz-access-token": "Atza|secret-of-zoe"},
    )
    with pytest.raises(LeftoverError) as caught:
        scrub([found], origin=origin_of)
    catch = Catch()
    catch.caught(caught.value)
    catch.show(found)
    secret = {"name": "Zoe Quillfeather", "order": "113-4455667-8899001", "token": "Atza|secret-of-zoe"}
    # an Exchange is what it holds, and pickles whole
    assert {surface for surface, _ in catch.leaks(secret)} <= {"pickle", "asdict", "vars"}
