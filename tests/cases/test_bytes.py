"""Bad bytes: whatever comes over the line, the caller gets the true answer or one of our errors."""

import contextlib
import copy
import gzip
import json
import pickle
import socket
import zlib
from typing import Any

import pytest

from spshipping import (
    BadRequestError,
    DecodeError,
    Deviation,
    InvalidRequestError,
    OutcomeUnknownError,
    ServerError,
    TransportError,
    dumps,
    extra,
    loads,
)
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.wire import text
from tests.cases.line import CALLS, GIFT, GOOD, Part, meeting, outcome, response, waiting
from tests.kit import FakeClock, ScriptedTransport, answer, client_of
from tests.unit.auth.test_authorizer import SHIPMENT, Amazon
from tests.unit.samples import FREE, Gift
from tests.unit.wire.samples import FULL, Parcel

PAGE = b"<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
CHUNKED = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
WORDS = json.dumps({"giftId": "1", "words": [f"{n * n:x}" for n in range(2000)]}).encode()
PACKED = gzip.compress(WORDS, mtime=0)
GZIP = "Content-Encoding: gzip"


def assert_no_answer(*bad: Part) -> None:
    """Assert what follows when an answer is bad: repeated where that is harmless, and otherwise unknown."""
    for name in ("asks", "keyed", "harmless"):
        with meeting(bad, (GOOD,)) as (client, server):
            reply = outcome(client, name)
            assert not isinstance(reply, Exception), reply
            assert reply.meta.attempts == 2
            assert len(set(server.received)) == 1
    with meeting(bad, (GOOD,)) as (client, server):
        error = outcome(client, "once")
        assert type(error) is OutcomeUnknownError
        assert error.call == CALLS["once"]
        assert len(server.received) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
def test_case_40_a_proxys_page_is_an_outage_whatever_it_says(status: int) -> None:
    page = response(PAGE, "Content-Type: text/html", "x-amz-rid: r9", status=f"{status} Oh")
    with meeting(*[(page,)] * 4) as (client, _):
        error = outcome(client, "asks")
    assert type(error) is ServerError
    assert (error.status, error.request_id, error.attempts) == (status, "r9", 4)
    assert "html" not in str(error)
    assert_no_answer(page)


def test_case_40_the_edges_page_is_a_refusal_and_a_get_gives_it_no_reason() -> None:
    page = response(b"<html><head><title>400</title></head>", "Content-Type: text/html", status="400 Bad")
    with meeting((page,)) as (client, server):
        error = outcome(client, "asks")
    assert type(error) is BadRequestError
    assert str(error) == "look 400: Bad Request"
    head, _, body = server.received[0].partition(b"\r\n\r\n")
    assert body == b""
    assert b"content-" not in head.lower()


@pytest.mark.parametrize("body", [PAGE, b"", b"null", b'"ok"', b"[]", b"{}", b"0", b"hello"], ids=repr)
def test_case_41_a_success_that_says_nothing_is_none(body: bytes) -> None:
    for name, cls in (("asks", DecodeError), ("keyed", OutcomeUnknownError)):
        with meeting(*[(response(body, "Content-Type: application/json"),)] * 4) as (client, _):
            error = outcome(client, name)
        assert type(error) is cls
        assert error.status == 200
    with meeting((response(body),), (GOOD,)) as (client, _):
        assert outcome(client, "asks").value == Gift(gift_id="1")


@pytest.mark.parametrize(
    "bad",
    [
        CHUNKED + b"zz\r\n{}",
        CHUNKED + b"d\r\n" + GIFT[:5],
        CHUNKED + b"5\r\n" + GIFT[:5] + b"\r\n",
        CHUNKED + b"-d\r\n" + GIFT + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 14\r\nContent-Length: 3\r\n\r\n" + GIFT,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: -1\r\n\r\n" + GIFT[:5],
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9999\r\n\r\n" + GIFT,
    ],
    ids=["no size", "end in a chunk", "end after a chunk", "negative size", "two lengths", "-1", "short"],
)
def test_case_42_a_frame_that_is_broken_is_no_answer(bad: bytes) -> None:
    assert_no_answer(bad)


def _spoilt() -> bytes:
    packed = bytearray(PACKED)
    packed[len(packed) // 2] ^= 0xFF
    return bytes(packed)


@pytest.mark.parametrize(
    "body",
    [PACKED[: len(PACKED) // 2], PACKED[:12], PACKED[:-14], _spoilt(), GIFT],
    ids=["half", "hardly any", "all but the end", "a wrong byte", "plain text"],
)
def test_case_43_gzip_that_is_cut_or_wrong_is_no_answer(body: bytes) -> None:
    assert_no_answer(response(body, GZIP))


def test_case_43_more_codings_than_anybody_uses_are_no_answer() -> None:
    body = GIFT
    for _ in range(6):
        body = gzip.compress(body)
    assert_no_answer(response(body, "Content-Encoding: " + ", ".join(["gzip"] * 6)))


def test_case_43_gzip_without_its_checksum_is_read_only_where_the_json_is_whole() -> None:
    packer = zlib.compressobj(wbits=31)
    endless = packer.compress(GIFT) + packer.flush(zlib.Z_SYNC_FLUSH)
    for body in (gzip.compress(GIFT)[:-8], endless):
        with meeting((response(body, GZIP),)) as (client, _):
            assert outcome(client, "asks").value == Gift(gift_id="1")


def test_case_44_a_decompression_bomb_is_cut_off() -> None:
    bomb = response(gzip.compress(b'{"giftId":"' + b"1" * 30_000_000 + b'"}'), GZIP, "x-amzn-RequestId: r4")
    with meeting((bomb,), (bomb,), (bomb,), (bomb,), max_bytes=1_000_000) as (client, server):
        error = outcome(client, "asks")
        assert type(error) is TransportError
        assert (error.failure, error.status, error.request_id) == ("too_large", 200, "r4")
        # it hung up, with most of the bomb unread
        assert all(server.ended.acquire(timeout=5) for _ in range(4))
    with meeting((bomb,), max_bytes=1_000_000) as (client, _):
        assert type(outcome(client, "once")) is OutcomeUnknownError


@pytest.mark.parametrize("name", ["asks", "once"])
def test_case_45_a_slow_drip_ends_with_the_time_of_the_call(name: str) -> None:
    clock = FakeClock()

    def drip(connection: socket.socket) -> None:
        for byte in GIFT:
            clock.elapsed += 100.0
            connection.sendall(bytes([byte]))

    with meeting((response(b"", length=50), drip, waiting), time=clock, deadline=350.0) as (client, server):
        error = outcome(client, name)
    cause = error.cause if name == "once" else error
    assert (type(cause), cause.failure) == (TransportError, "deadline")
    assert type(error) is (OutcomeUnknownError if name == "once" else TransportError)
    assert len(server.received) == 1


def test_case_46_a_body_that_stalls_is_given_up() -> None:
    assert_no_answer(response(GIFT[:5], length=100), waiting)


def test_case_47_an_interim_answer_is_no_answer() -> None:
    assert_no_answer(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    assert_no_answer(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")


@pytest.mark.parametrize(
    "headers", [[f"X-{n}: y" for n in range(101)], ["X-Long: " + "y" * 70_000]], ids=["101", "70 kB"]
)
def test_case_48_headers_without_end_are_no_answer(headers: list[str]) -> None:
    assert_no_answer(response(GIFT, *headers))


@pytest.mark.parametrize(
    "body", [b'{"giftId":"\xff"}', b'{"giftId":"\xed\xa0\x80"}', '{"giftId":"é"}'.encode("utf-16")], ids=repr
)
def test_case_49_what_is_not_utf_8_is_no_answer(body: bytes) -> None:
    assert_no_answer(response(body, "Content-Type: application/json; charset=latin-1"))


def test_case_49_utf_8_is_read_as_such_whatever_its_label_says() -> None:
    body = b"\xef\xbb\xbf" + '{"giftId":"яю"}'.encode()
    for label in ("text/plain; charset=latin-1", "text/html", "application/octet-stream", "nonsense"):
        with meeting((response(body, f"Content-Type: {label}"),)) as (client, _):
            assert outcome(client, "asks").value == Gift(gift_id="яю")


def test_case_49_half_of_a_surrogate_pair_is_kept() -> None:
    with meeting((response(rb'{"giftId":"\ud800"}'),)) as (client, _):
        assert outcome(client, "asks").value.gift_id == "\ud800"


@pytest.mark.parametrize(
    "body",
    [
        b'{"giftId":' + b"9" * 5000 + b"}",
        b'{"giftId":1e99999999999999999999}',
        b'{"giftId":' + b"[" * 100_000,
        b'{"giftId":"1"} trailing',
        b'{"giftId":"1"',
        b'{"giftId":NaN}',
        b'{"giftId":-Infinity}',
        b"{'giftId':'1'}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_case_50_what_is_hardly_json_is_no_answer(body: bytes) -> None:
    assert_no_answer(response(body))


def test_case_50_of_two_fields_of_one_name_the_last_counts() -> None:
    with meeting((response(b'{"giftId":"0","giftId":"1"}'),)) as (client, _):
        assert outcome(client, "asks").value == Gift(gift_id="1")


def nested(depth: int) -> Any:
    value: Any = "deepest"
    for number in range(depth):
        value = [value] if number % 2 else {"a": value}
    return value


def test_case_50_a_free_answer_is_nested_200_deep_at_most() -> None:
    for depth, is_read in ((200, True), (201, False), (900, False)):
        client = client_of(ScriptedTransport([answer(200, {"payload": {"a": nested(depth - 1)}})] * 4))
        if is_read:
            assert client.send(FREE()).value == {"a": nested(depth - 1)}
        else:
            with pytest.raises(DecodeError, match="not what this operation gives"):
                client.send(FREE())


def test_case_50_an_unknown_field_that_is_nested_too_deep_costs_no_answer() -> None:
    body = {"giftId": "1", "fine": nested(200), "deep": nested(201), "notes": nested(301)}
    reply = client_of(ScriptedTransport([answer(200, body)])).send(CALLS["keyed"])
    assert reply.value == Gift(gift_id="1")
    assert dict(extra(reply.value)) == {"fine": nested(200)}
    assert sorted(reply.meta.deviations) == [Deviation("*", "unreadable"), Deviation("notes", "unreadable")]
    for same in (copy.deepcopy(reply.value), pickle.loads(pickle.dumps(reply.value))):
        assert dict(extra(same)) == {"fine": nested(200)}
    assert json.loads(dumps(reply.value)) == {"giftId": "1", "fine": nested(200)}


ODD_NUMBERS = ["1e999999999", "-1e999999999", "1e-999999999", "0e999999999", "0e-999999999", "1" * 4000]


@pytest.mark.parametrize("number", ODD_NUMBERS, ids=lambda number: number[:12])
def test_case_50_a_number_of_any_size_is_read_at_once_wherever_it_stands(number: str) -> None:
    # ten to the power of a billion, written out, would fill the memory
    for wire in FULL:
        raw = text.render({**FULL, wire: "@"}).replace(b'"@"', number.encode())
        parcel = loads(raw, Parcel)
        assert repr(parcel)
        assert parcel == parcel
        with contextlib.suppress(InvalidRequestError):
            dumps(parcel)


def test_case_50_a_fraction_of_a_million_digits_is_read_at_once() -> None:
    long = b"0." + b"1" * 1_000_000
    assert len(str(text.parse(long))) == len(long)


class Ageless(Amazon):
    """Gives tokens that are good for longer than a float can say."""

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        given = super().exchange(request, limits)
        if isinstance(given, HttpResponse) and b"3600" in given.body:
            return HttpResponse(200, {}, given.body.replace(b"3600", b"9" * 4000))
        return given


def test_case_50_a_token_that_is_good_for_ages_is_kept_for_a_day_at_most() -> None:
    clock = FakeClock()
    amazon = Ageless(*[answer(200, {"giftId": "1"})] * 4)
    client = client_of(amazon, clock)
    for elapsed in (0.0, 86_500.0):
        clock.elapsed = elapsed
        client.send(CALLS["asks"])
        client.send(SHIPMENT(path={"shipmentId": "1"}), pii=())
    assert amazon.tokens == ["Atza|1", "Atz.sprdt|1", "Atza|2", "Atz.sprdt|2"]
