"""What was pushed is read under any plausible spelling; what cannot be read is kept as it came."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping import Secret, WebhookError
from spshipping.journal import LoggedEvent, NewEvent
from spshipping.shipping import DetailCodes, EventCode, ShipmentType, Timeline, TrackedEvent, TrackedPlace
from spshipping.shipping.webhooks import (
    NdrPush,
    OtpPush,
    ParcelPush,
    Push,
    TrackingPush,
    UnknownPush,
    parse_push,
    parse_pushes,
)
from spshipping.shipping.webhooks.logged import event_of, push_of, unreadable_event
from spshipping.testing.strategies import json_values
from tests.unit.shipping.build import law
from tests.unit.shipping.webhooks.build import DETAIL, EVENT, ID, PLACE, envelope, posted

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SENT = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
DEPARTED = TrackedEvent(
    code=EventCode.DEPARTED,
    time=AT,
    leg=ShipmentType.FORWARD,
    place=TrackedPlace(state_or_region="Bayern", city="Lovelace", country_code="DE", postal_code="80331"),
)


def tracking(detail: Any, **changes: Any) -> TrackingPush:
    push = parse_push(posted(detail, **changes))
    assert isinstance(push, TrackingPush), push
    return push


def test_a_push_in_the_spelling_of_the_api_is_read_without_a_guess() -> None:
    push = tracking(DETAIL)
    assert push == TrackingPush(
        key=ID,
        detail_type="Tracking Detail",
        source="AmazonShipping",
        account="123456789012",
        region="eu-west-1",
        time=SENT,
        body=Secret(posted().decode()),
        tracking_id="TBA301",
        carrier_id="AMZN_UK",
        events=(DEPARTED,),
    )
    assert Timeline(tracking_id="TBA301").with_events(push.events).status == "in_transit"


def test_a_whole_tracking_answer_is_read_too() -> None:
    answer = {
        "trackingId": "TBA301",
        "alternateLegTrackingId": "TBA301R",
        "eventHistory": [EVENT, {**EVENT, "eventCode": "Delivered", "eventTime": "2026-03-01T12:00:00.5Z"}],
        "promisedDeliveryDate": "2026-03-04T12:00:00Z",
        "summary": {"status": "Delivered", "trackingDetailCodes": {"forward": ["Signed"], "returns": []}},
    }
    push = tracking({"payload": answer})
    assert [str(event.code) for event in push.events] == ["Departed", "Delivered"]
    assert push.guessed == ()


@pytest.mark.parametrize(
    ("detail", "guessed"),
    [
        ({**EVENT, "trackingNumber": "TBA301"}, {"tracking_id"}),
        ({**EVENT, "TrackingId": "TBA301"}, {"tracking_id"}),
        ({**EVENT, "package": {"tracking_number": "TBA301"}, "carrier": {"code": "AMZN"}}, {"tracking_id"}),
        ({**DETAIL, "carrierId": None, "carrier": "AMZN_UK"}, {"carrier_id"}),
        ({**DETAIL, "eventCode": "DEPARTED"}, {"code"}),
        ({**DETAIL, "eventCode": None, "status": {"statusCode": "departed"}}, {"code"}),
        ({**DETAIL, "eventTime": "2026-03-01T09:30:00"}, {"time"}),
        ({**DETAIL, "eventTime": 1772357400}, {"time"}),
        ({**DETAIL, "eventTime": "1772357400000"}, {"time"}),
        ({**DETAIL, "eventTime": "soon", "timestamp": "2026-03-01T11:30:00+02:00"}, {"time"}),
        ({**DETAIL, "shipmentType": "Outbound"}, {"leg"}),
        ({**DETAIL, "shipmentType": 1, "direction": "forward"}, {"leg"}),
        ({**DETAIL, "location": "Munich", "place": PLACE}, {"place"}),
        ({**DETAIL, "location": {**PLACE, "postalCode": None, "pincode": "80331"}}, {"place"}),
        ({"trackingId": "TBA301", "events": [EVENT]}, {"events"}),
        ({"trackingId": "TBA301", "eventHistory": [EVENT, {"eventCode": "Departed"}, None]}, {"events"}),
        ([DETAIL], set[str]()),
        (json.dumps(DETAIL), set[str]()),
    ],
)
def test_other_spellings_are_read_and_named_as_guesses(detail: Any, guessed: set[str]) -> None:
    push = tracking(detail)
    assert (push.tracking_id, push.events) == ("TBA301", (DEPARTED,))
    assert set(push.guessed) == guessed
    assert sorted(push.guessed) == list(push.guessed)


def test_a_number_is_taken_for_a_tracking_id_and_other_kinds_of_values_are_not() -> None:
    assert tracking({**EVENT, "awb": 301302303}).tracking_id == "301302303"
    odds: list[Any] = [True, "", "a b c", "x" * 65, 1.5, None, {}]
    for odd in odds:
        assert isinstance(parse_push(posted({**DETAIL, "trackingId": odd})), UnknownPush)


def test_without_a_time_of_the_event_that_of_the_push_counts() -> None:
    push = tracking({**DETAIL, "eventTime": None})
    assert push.events[0].time == SENT
    assert push.guessed == ("time",)


def test_a_code_that_nobody_knows_is_kept() -> None:
    push = tracking({**DETAIL, "eventCode": "WeighedAgain"})
    assert (push.events[0].code, push.guessed) == ("WeighedAgain", ())


@pytest.mark.parametrize(
    ("codes", "leg", "expected", "guessed"),
    [
        ({"trackingDetailCodes": {"forward": ["Signed"], "returns": ["Damaged"]}}, "FORWARD", ["Signed"], ()),
        (
            {"trackingDetailCodes": {"forward": ["Signed"], "returns": ["Damaged"]}},
            "RETURNS",
            ["Damaged"],
            (),
        ),
        ({"trackingDetailCodes": ["Signed", "Damaged"]}, "FORWARD", ["Damaged", "Signed"], ()),
        ({"trackingDetailCodes": ["SIGNED", None]}, "FORWARD", ["Signed"], ("details",)),
        ({"reasonCode": "customer_unavailable"}, "FORWARD", ["CustomerUnavailable"], ("details",)),
        ({"reasonCode": "Ring the bell of Ada Lovelace"}, "FORWARD", [], ()),
    ],
)
def test_detail_codes_are_read_of_the_leg(
    codes: dict[str, Any], leg: str, expected: list[str], guessed: tuple[str, ...]
) -> None:
    push = tracking({**DETAIL, **codes, "shipmentType": leg})
    assert push.events[0].details == tuple(map(DetailCodes, expected))
    assert push.guessed == guessed


def test_an_event_need_not_have_a_place_and_a_leg() -> None:
    for place in (None, {}, {"city": ""}):
        push = tracking({**DETAIL, "location": place, "shipmentType": "SIDEWAYS"})
        assert push.events == (TrackedEvent(code=EventCode.DEPARTED, time=AT),)


def test_a_body_without_an_envelope_is_read() -> None:
    for body in (DETAIL, {**DETAIL, "detail": "no JSON", "id": "1"}):
        push = parse_push(json.dumps(body).encode())
        assert isinstance(push, TrackingPush)
        assert push.key.startswith("sha256:")
        assert set(push.guessed) == {"envelope", "kind"}
        assert (push.time, push.source) == (None, None)


def test_the_key_is_the_id_or_a_digest_of_the_body() -> None:
    assert parse_push(posted()).key == ID
    for odd in (None, "", 7, "two words", "x" * 201):
        body = posted(id=odd)
        digest = hashlib.sha256(body).hexdigest()
        assert parse_push(body).key == parse_push(body.decode()).key == f"sha256:{digest}"


def test_what_is_odd_in_the_envelope_is_left_out() -> None:
    push = tracking(DETAIL, source="<script>", account=7, region="x" * 129, time="soon", detail_type=["x"])
    assert (push.source, push.account, push.region, push.time, push.detail_type) == (None,) * 5
    assert push.guessed == ("kind",)


@pytest.mark.parametrize(
    ("detail", "changes"),
    [
        ({**DETAIL, "otp": "482913"}, {}),
        ({"trackingId": "TBA301", "oneTimePassword": 482913}, {"detail_type": "Return OTP"}),
        ({"trackingId": "TBA301", "otpDetails": {"otp": True, "otpCode": " 482913 "}}, {}),
    ],
)
def test_a_one_time_code_is_a_secret(detail: Any, changes: dict[str, Any]) -> None:
    push = parse_push(posted(detail, **changes))
    assert isinstance(push, OtpPush)
    assert (push.tracking_id, push.code) == ("TBA301", Secret("482913"))
    assert "kind" in push.guessed
    assert "482913" not in repr(push)
    assert event_of(push).is_for_today


@pytest.mark.parametrize("detail_type", ["OTPFeed", "Returns_otp_feed", "One Time Passcode"])
def test_a_push_that_is_about_codes_by_its_name_is_for_today_although_none_can_be_read(
    detail_type: str,
) -> None:
    push = parse_push(posted({"trackingId": "TBA301", "secretWord": "open"}, detail_type=detail_type))
    assert isinstance(push, OtpPush)
    assert push.code is None


@pytest.mark.parametrize("name", ["Robot Package", "Stop Tracking", "Tracking Detail"])
def test_a_word_within_a_word_does_not_count(name: str) -> None:
    assert isinstance(parse_push(posted(detail_type=name)), TrackingPush)


@pytest.mark.parametrize(
    ("detail", "changes"),
    [
        ({"trackingId": "TBA301"}, {"detail_type": "NDR Eligible Shipment"}),
        ({"trackingId": "TBA301", "isNdrEligible": True}, {}),
        ({**DETAIL, "ndrActions": ["REATTEMPT"]}, {}),
    ],
)
def test_a_parcel_that_waits_for_a_word_of_the_seller_is_one(detail: Any, changes: dict[str, Any]) -> None:
    push = parse_push(posted(detail, **changes))
    assert isinstance(push, NdrPush)
    assert push.tracking_id == "TBA301"
    assert "kind" in push.guessed


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ({}, "it has no tracking id that can be read"),
        ([], "it has no tracking id that can be read"),
        ({"trackingId": "TBA301"}, "it has no event with a code and a time that can be read"),
        ({"trackingId": "TBA301", "eventHistory": []}, "it has no event with a code and a time"),
        ({**DETAIL, "eventCode": "Ada Lovelace"}, "it has no event with a code and a time"),
        ([DETAIL, {**DETAIL, "trackingId": "TBA302"}], "it names more than one parcel"),
    ],
)
def test_what_cannot_be_read_further_is_handed_over_as_it_came(detail: Any, reason: str) -> None:
    body = posted(detail)
    push = parse_push(body)
    assert isinstance(push, UnknownPush)
    assert push.reason.startswith(reason)
    assert (push.body, push.key) == (Secret(body.decode()), ID)


def test_of_several_codes_none_is_taken_for_that_of_another() -> None:
    codes = [{"trackingId": f"TBA30{number}", "otp": f"48291{number}"} for number in range(2)]
    push = parse_push(posted(codes))
    assert isinstance(push, OtpPush)
    assert (push.tracking_id, push.code) == (None, None)
    assert event_of(push).is_for_today


def test_a_number_of_another_kind_makes_no_second_parcel() -> None:
    assert tracking({**DETAIL, "awb": "99887766"}).tracking_id == "TBA301"


def test_a_list_holds_several_pushes() -> None:
    body = json.dumps([envelope(), envelope(id="2")])
    assert [push.key for push in parse_pushes(body)] == [ID, "2"]
    with pytest.raises(WebhookError, match="these are 2 pushes"):
        parse_push(body)
    assert parse_push(json.dumps([envelope()])).key == ID


def test_parsed_json_is_taken_too() -> None:
    push = parse_push(envelope())
    assert push.body is not None
    assert json.loads(push.body.reveal()) == envelope()


CIRCLE: dict[str, Any] = {}
CIRCLE["detail"] = CIRCLE


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "the body is no JSON"),
        (b"\xff\xfe", "the body is no JSON"),
        ("\ud800", "the body is no JSON"),
        (b"<Lovelace/>", "the body is no JSON"),
        (b'{"n": NaN}', "the body is no JSON"),
        (b'"Lovelace"', "the body is no JSON object, but a str"),
        (b"[]", "the body is no JSON object, but a list"),
        (b'[{}, "Lovelace"]', "the body is no JSON object, but a list"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "the body is nested too deep"),
        (b"[" * 100_000, "the body is no JSON"),
        ({"a": {1, 2}}, "the body is no JSON"),
        (CIRCLE, "the body is no JSON"),
    ],
)
def test_what_is_no_json_object_is_an_error_without_the_body(body: Any, problem: str) -> None:
    with pytest.raises(WebhookError) as caught:
        parse_push(body)
    assert str(caught.value) == problem
    assert caught.value.__cause__ is None
    trace = caught.value.__traceback__
    while trace is not None:
        if (
            "spshipping" in trace.tb_frame.f_code.co_filename
            and "tests" not in trace.tb_frame.f_code.co_filename
        ):
            assert "Lovelace" not in repr(trace.tb_frame.f_locals)
        trace = trace.tb_next


def test_detail_that_is_json_within_json_may_be_broken() -> None:
    for detail in ("{", "[" * 300 + "]" * 300):
        assert isinstance(parse_push(posted(detail)), UnknownPush)


def test_a_repr_shows_neither_body_nor_place() -> None:
    shown = repr(parse_push(posted()))
    assert "80331" not in shown
    assert "Lovelace" not in shown
    assert "TBA301" in shown


def logged(event: NewEvent, *, has_personal: bool) -> LoggedEvent:
    personal = event.personal if has_personal else None
    return LoggedEvent(event.key, event.text, personal, AT, 1)


PUSHES = [
    posted(),
    posted({**DETAIL, "shipmentType": None, "reasonCode": "Damaged"}, time=None),
    posted({**DETAIL, "otp": "482913"}),
    posted({"trackingId": "TBA301"}, detail_type="NDR"),
    posted({}, detail_type=None),
]


@pytest.mark.parametrize("body", PUSHES)
def test_a_push_is_the_same_after_it_was_in_the_log(body: bytes) -> None:
    push = parse_push(body)
    assert push_of(logged(event_of(push), has_personal=True)) == push
    other = replace(push, key="another")
    assert push_of(logged(event_of(other), has_personal=True)) == other
    assert push_of(logged(event_of(replace(push, body=None)), has_personal=True)) == _bare(push)


@pytest.mark.parametrize("body", PUSHES)
def test_without_its_personal_part_a_push_keeps_ids_codes_times_and_legs(body: bytes) -> None:
    push = parse_push(body)
    event = event_of(push)
    assert "Lovelace" not in event.text
    assert "482913" not in event.text
    assert push_of(logged(event, has_personal=False)) == _bare(push)


def _bare(push: Push) -> Push:
    changes: dict[str, Any] = {"body": None}
    if isinstance(push, ParcelPush):
        changes["events"] = tuple(replace(event, place=None) for event in push.events)
    if isinstance(push, OtpPush):
        changes["code"] = None
    return replace(push, **changes)


def test_a_body_that_a_later_version_reads_no_longer_is_made_of_the_text() -> None:
    push = parse_push(posted())
    event = event_of(push)._replace(personal="no JSON")
    assert push_of(logged(event, has_personal=True)) == _bare(push)


def test_what_is_no_push_is_for_the_quarantine() -> None:
    body = b"\xffLovelace"
    event = unreadable_event(body, "the body is no JSON")
    assert event.key == f"sha256:{hashlib.sha256(body).hexdigest()}"
    assert (event.unreadable, event.text) == ("the body is no JSON", '{"version":1,"bytes":9}')
    assert event.personal is not None
    assert event.personal.encode("utf-8", "surrogateescape") == body


NAMES = st.sampled_from(
    [
        "detail",
        "id",
        "detail-type",
        "time",
        "trackingId",
        "eventCode",
        "eventTime",
        "eventHistory",
        "location",
    ]
) | st.text(max_size=5)
VALUES = st.recursive(
    json_values | st.sampled_from(["TBA301", "Departed", "2026-03-01T09:30:00Z", "9" * 20, "0001-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.long
@law
@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_any_json_object_is_a_push_that_survives_the_log(value: dict[str, Any]) -> None:
    push = parse_push(value)
    assert push_of(logged(event_of(push), has_personal=True)) == push
    assert push_of(logged(event_of(push), has_personal=False)) == _bare(push)
    if isinstance(push, TrackingPush):
        assert push.events
        assert all(event.time.utcoffset() == timedelta(0) for event in push.events)
