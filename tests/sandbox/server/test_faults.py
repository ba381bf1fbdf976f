"""Faults: what was carried out, what was sent, and that the sandbox continues."""

import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from spshipping.sandbox import Sandbox
from spshipping.sandbox.faults import KINDS
from tests.sandbox.server.world import Shop, refusal, specification

LINE = {"wrong_length", "bad_chunk", "bad_gzip"}
FIELD = {"null_field", "unknown_enum", "unknown_field", "number_as_text"}
DONE = {"drop_after", "cut_headers", "cut_body", "status_after", "delay", *LINE, *FIELD}
NOT_DONE = {"drop_before", "status", "html", "expire_token"}


def zpl(shop: Shop) -> dict[str, Any]:
    return shop.purchase_request(requestedDocumentSpecification=specification("ZPL"))


def test_every_kind_is_either_done_or_not() -> None:
    assert set(KINDS) == DONE | NOT_DONE


@pytest.mark.parametrize("kind", sorted(DONE | NOT_DONE))
def test_a_fault_carries_the_purchase_out_or_not_and_strikes_once(shop: Shop, kind: str) -> None:
    body = zpl(shop)
    shop.sandbox.add_fault("purchaseShipment", kind)
    with suppress(requests.RequestException):
        shop.purchase(body)
    assert len(shop.sandbox.ledger.labels) == (kind in DONE)
    assert shop.sandbox.ledger.requests("purchaseShipment")[0].fault == kind
    assert shop.purchase(body).status_code == 200


@pytest.mark.parametrize("is_reset", [False, True])
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_a_dropped_line_gives_no_byte(shop: Shop, kind: str, is_reset: bool) -> None:
    body = zpl(shop)
    shop.sandbox.add_fault("purchaseShipment", kind, reset=is_reset)
    with pytest.raises(requests.ConnectionError, match="reset" if is_reset else "without response"):
        shop.purchase(body)
    done = shop.sandbox.ledger.requests("purchaseShipment")[0]
    assert done.status == (200 if kind == "drop_after" else None)


def received(sandbox: Sandbox, token: str) -> bytes:
    """Send a request by hand, and return every byte until the connection is closed."""
    where = urlsplit(sandbox.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=5) as line:
        start = "PUT /shipping/v2/shipments/none/cancel HTTP/1.1\r\nHost: x\r\n"
        line.sendall(f"{start}x-amz-access-token: {token}\r\n\r\n".encode())
        data = b""
        while piece := line.recv(65536):
            data += piece
            if b"\r\n\r\n" in data and data.endswith(b"}]}"):
                break
        return data


def token_of(shop: Shop) -> str:
    return str(shop.session.headers["x-amz-access-token"])


def test_the_line_can_be_cut_at_every_byte(shop: Shop) -> None:
    whole = received(shop.sandbox, token_of(shop))
    assert whole.startswith(b"HTTP/1.1 404 Not Found\r\n")
    head = whole.index(b"\r\n\r\n") + 4
    for at in (0, 1, 9, head - 2, head - 1, head, head + 1, len(whole) - 1, len(whole), len(whole) + 9):
        shop.sandbox.add_fault("cancelShipment", "cut_headers", at=at)
        data = received(shop.sandbox, token_of(shop))
        assert len(data) == min(at, len(whole))
        assert data[:24] == whole[:24][:at]


def test_a_cut_body_comes_with_all_headers_and_so_many_bytes(shop: Shop) -> None:
    whole = received(shop.sandbox, token_of(shop))
    _, _, body = whole.partition(b"\r\n\r\n")
    for at, length in ((None, len(body) // 2), (0, 0), (7, 7)):
        shop.sandbox.add_fault("cancelShipment", "cut_body", at=at)
        head, _, rest = received(shop.sandbox, token_of(shop)).partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
        assert rest == body[:length]


def test_cut_headers_are_half_of_them_unless_told(shop: Shop) -> None:
    head, _, _ = received(shop.sandbox, token_of(shop)).partition(b"\r\n\r\n")
    shop.sandbox.add_fault("cancelShipment", "cut_headers")
    assert len(received(shop.sandbox, token_of(shop))) == (len(head) + 4) // 2


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (None, "InternalFailure"),
        (500, "InternalFailure"),
        (503, "ServiceUnavailable"),
        (429, "QuotaExceeded"),
    ],
)
@pytest.mark.parametrize("kind", ["status", "status_after"])
def test_a_status_has_amazons_shape(shop: Shop, kind: str, status: int | None, code: str) -> None:
    body = zpl(shop)
    shop.sandbox.add_fault("*", kind, status=status)
    answer = shop.purchase(body)
    assert refusal(answer)[:2] == (status or 500, code)
    assert answer.headers["x-amzn-RequestId"]
    assert ("x-amzn-RateLimit-Limit" in answer.headers) is (status != 429)
    assert ("x-amzn-ErrorType" in answer.headers) is (status == 429)
    assert "Retry-After" not in answer.headers


def test_a_status_that_nobody_knows_is_sent_too(shop: Shop) -> None:
    shop.sandbox.add_fault("*", "status", status=599)
    assert (answer := shop.cancel("none")).status_code == 599
    assert answer.reason == "Unknown"


def test_a_proxys_page_is_html(shop: Shop) -> None:
    shop.sandbox.add_fault("*", "html")
    answer = shop.cancel("none")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "text/html"
    assert "x-amzn-RequestId" not in answer.headers
    shop.sandbox.add_fault("*", "html", status=502)
    assert shop.cancel("none").status_code == 502


def test_a_token_can_be_said_to_have_expired(shop: Shop) -> None:
    shop.sandbox.add_fault("*", "expire_token", count=2)
    for _ in range(2):
        assert refusal(shop.cancel("none"))[2].endswith("has expired.")
    assert shop.cancel("none").status_code == 404


def test_a_delayed_answer_is_late_and_done(shop: Shop) -> None:
    body = zpl(shop)
    shop.sandbox.add_fault("purchaseShipment", "delay", seconds=5)
    with pytest.raises(requests.ReadTimeout):
        shop.call("POST", "/shipments", json=body, timeout=0.05)
    assert len(shop.sandbox.ledger.labels) == 1


def test_faults_of_login_have_its_own_form_and_are_no_part_of_the_star(sandbox: Sandbox) -> None:
    sandbox.add_fault("*", "status")
    sandbox.add_fault("lwa", "status", status=503)
    sandbox.add_fault("lwa", "drop_before")
    grant = {"grant_type": "refresh_token", **sandbox.credentials}
    answer = requests.post(sandbox.token_url, data=grant, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    with pytest.raises(requests.ConnectionError):
        requests.post(sandbox.token_url, data=grant, timeout=5)
    assert requests.post(sandbox.token_url, data=grant, timeout=5).status_code == 200
    assert [seen.fault for seen in sandbox.ledger.token_requests()] == ["status", "drop_before", None]
    assert [fault.operation for fault in sandbox.faults.waiting()] == ["*"]


@pytest.mark.parametrize(
    ("status", "error"), [(401, "invalid_client"), (400, "invalid_grant"), (500, "server_error")]
)
def test_login_can_refuse_in_each_of_its_ways(sandbox: Sandbox, status: int, error: str) -> None:
    sandbox.add_fault("lwa", "status", status=status)
    answer = requests.post(sandbox.token_url, data={}, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_faults_strike_in_the_order_they_came(shop: Shop) -> None:
    shop.sandbox.add_fault("cancelShipment", "status", status=500)
    shop.sandbox.add_fault("*", "status", status=503)
    shop.sandbox.add_fault("getRates", "status", status=502)
    assert [shop.cancel("none").status_code for _ in range(3)] == [500, 503, 404]
    assert shop.rates().status_code == 502


def test_a_fault_with_a_share_strikes_some_and_the_same_seed_strikes_the_same(shop: Shop) -> None:
    def weather(seed: int) -> list[int]:
        shop.sandbox.faults.clear()
        shop.sandbox.add_fault("cancelShipment", "status", count=1000, share=0.5, seed=seed)
        return [shop.cancel("none").status_code for _ in range(24)]

    first = weather(1)
    assert {404, 500} == set(first)
    assert weather(1) == first != weather(2)
    (fault,) = shop.sandbox.faults.waiting()
    assert 976 < fault.count < 1000


def test_a_fault_without_a_chance_lets_the_next_one_strike(shop: Shop) -> None:
    shop.sandbox.add_fault("*", "status", status=500, share=0)
    shop.sandbox.add_fault("*", "status", status=503)
    assert shop.cancel("none").status_code == 503


def test_a_path_that_is_no_operations_is_never_struck(shop: Shop) -> None:
    shop.sandbox.add_fault("*", "status")
    assert shop.call("GET", "/nothing").status_code == 403


@pytest.mark.parametrize("fault", [("getRates", "explode"), ("getRates", 1), (None, "status")])
def test_a_fault_that_does_not_exist_is_refused(sandbox: Sandbox, fault: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match="fault"):
        sandbox.add_fault(*fault)
