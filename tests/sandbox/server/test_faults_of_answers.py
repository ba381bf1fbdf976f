"""Faults of an answer that was carried out: a body that cannot be read, or a field that is odd."""

import gzip
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from spshipping.sandbox import Sandbox
from spshipping.sandbox.fields import UNHEARD_OF
from tests.sandbox.server.world import Shop, payload, specification
from tests.sandbox.wire import exchanged

RATE = "payload.rates.0"


def zpl(shop: Shop) -> dict[str, Any]:
    return shop.purchase_request(requestedDocumentSpecification=specification("ZPL"))


def cancelled(shop: Shop) -> tuple[bytes, bytes]:
    """Cancel a shipment that does not exist, and return headers and body."""
    where = urlsplit(shop.sandbox.url)
    token = str(shop.session.headers["x-amz-access-token"])
    head, _, body = exchanged(
        (where.hostname or "", where.port or 0),
        f"PUT /shipping/v2/shipments/none/cancel HTTP/1.1\r\nx-amz-access-token: {token}\r\n"
        "Connection: close\r\n\r\n".encode(),
    ).partition(b"\r\n\r\n")
    return head, body


def test_a_length_that_is_too_large_ends_early(shop: Shop) -> None:
    _, whole = cancelled(shop)
    shop.sandbox.add_fault("cancelShipment", "wrong_length")
    head, body = cancelled(shop)
    assert b"Content-Length: %d" % (len(whole) + 16) in head
    assert body == whole


def test_a_length_that_is_too_small_has_more_behind_it(shop: Shop) -> None:
    _, whole = cancelled(shop)
    shop.sandbox.add_fault("cancelShipment", "wrong_length", at=7)
    head, body = cancelled(shop)
    assert head.count(b"Content-Length: ") == 1
    assert head.endswith(b"Content-Length: 7")
    assert body == whole


@pytest.mark.parametrize("at", [None, 0, 9])
def test_a_chunk_has_a_size_that_is_none(shop: Shop, at: int | None) -> None:
    _, whole = cancelled(shop)
    shop.sandbox.add_fault("cancelShipment", "bad_chunk", at=at)
    head, body = cancelled(shop)
    assert b"Transfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    good = len(whole) // 2 if at is None else at
    chunk = b"%x\r\n%b\r\n" % (good, whole[:good]) if good else b""
    assert body == chunk + b"-size-\r\n" + whole[good:]


@pytest.mark.parametrize("at", [None, 0, 10_000])
def test_what_is_labelled_gzip_cannot_be_unpacked(shop: Shop, at: int | None) -> None:
    shop.sandbox.add_fault("cancelShipment", "bad_gzip", at=at)
    head, body = cancelled(shop)
    assert b"Content-Encoding: gzip" in head
    assert f"Content-Length: {len(body)}".encode() in head
    with pytest.raises((OSError, EOFError, zlib.error)):
        gzip.decompress(body)


def test_one_field_named_is_null(shop: Shop) -> None:
    shop.sandbox.add_fault("getRates", "null_field", path=f"{RATE}.promise")
    shop.sandbox.add_fault("getRates", "null_field", path="payload.rates.1")
    shop.sandbox.add_fault("getRates", "null_field", path="payload")
    first, second, third = (shop.rates().json()["payload"] for _ in range(3))
    assert first["rates"][0]["promise"] is None
    assert first["rates"][1]["promise"] is not None
    assert second["rates"][1] is None
    assert third is None


def leaves(data: Any) -> Iterator[Any]:
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else None
    if inner is None:
        yield data
    else:
        for value in inner:
            yield from leaves(value)


def nulls(data: Any) -> int:
    return sum(leaf is None for leaf in leaves(data))


def numbers(data: Any) -> int:
    return sum(type(leaf) in (int, float) for leaf in leaves(data))


def test_a_random_field_is_null_and_the_seed_decides_which(shop: Shop) -> None:
    def struck(seed: int) -> list[str]:
        shop.sandbox.add_fault("getTracking", "null_field", count=4, seed=seed)
        answers = [shop.tracking(shipment["packageDocumentDetails"][0]["trackingId"]) for _ in range(4)]
        assert all(nulls(answer.json()) == 1 and answer.json()["payload"] for answer in answers)
        return [answer.text for answer in answers]

    shipment = shop.bought()
    first = struck(1)
    assert len(set(first)) > 1
    assert struck(1) == first != struck(2)


def test_an_enum_has_a_value_that_it_does_not_list(shop: Shop) -> None:
    body = zpl(shop)
    path = "payload.packageDocumentDetails.0.packageDocuments.0.format"
    shop.sandbox.add_fault("purchaseShipment", "unknown_enum", path=path)
    named = payload(shop.purchase(body))["packageDocumentDetails"][0]["packageDocuments"][0]
    assert (named["type"], named["format"]) == ("LABEL", UNHEARD_OF)
    shop.sandbox.add_fault("purchaseShipment", "unknown_enum", count=8)
    for _ in range(8):
        (document,) = payload(shop.purchase(body))["packageDocumentDetails"][0]["packageDocuments"]
        assert document["contents"] != UNHEARD_OF
    assert len(shop.sandbox.ledger.labels) == 9


def test_a_field_more_stands_beside_the_one_named(shop: Shop) -> None:
    shop.sandbox.add_fault("getRates", "unknown_field", path=f"{RATE}.rateId")
    rate, other = shop.quote()["rates"][:2]
    assert rate["unheardOf"] == UNHEARD_OF
    assert rate.keys() - other.keys() == {"unheardOf"}
    shop.sandbox.add_fault("getRates", "unknown_field", seed=3)
    assert shop.rates().text.count("unheardOf") == 1


def test_a_number_becomes_text(shop: Shop) -> None:
    shop.sandbox.add_fault("getRates", "number_as_text", path=f"{RATE}.totalCharge.value")
    rate, other = shop.quote()["rates"][:2]
    assert rate["totalCharge"]["value"] == "3.55"
    assert isinstance(other["totalCharge"]["value"], float)
    shop.sandbox.add_fault("getRates", "number_as_text")
    assert numbers(shop.quote()) == numbers(shop.quote()) - 1


@pytest.mark.parametrize("kind", ["null_field", "unknown_enum", "unknown_field", "number_as_text"])
def test_where_no_field_fits_the_answer_goes_out_as_it_is(shop: Shop, kind: str) -> None:
    shipment = shop.bought()
    shop.sandbox.add_fault("*", kind, path="payload.nowhere")
    assert payload(shop.cancel(shipment["shipmentId"])) == {}
    shop.sandbox.add_fault("*", kind)
    assert shop.cancel("none").json()["errors"][0]["code"] == "ResourceNotFound"
    shop.sandbox.add_fault("getShipmentDocuments", kind, path="payload.shipmentId.0")
    assert payload(shop.documents(shipment["shipmentId"]))["shipmentId"] == shipment["shipmentId"]
    assert shop.sandbox.ledger.faults == {kind: 3}


def test_the_fields_of_a_sign_in_can_be_odd_too(sandbox: Sandbox) -> None:
    sandbox.add_fault("lwa", "null_field", path="access_token")
    sandbox.add_fault("lwa", "number_as_text")
    sandbox.add_fault("lwa", "unknown_enum")
    grant = {"grant_type": "refresh_token", **sandbox.credentials}
    first, second, third = (requests.post(sandbox.token_url, data=grant, timeout=5).json() for _ in range(3))
    assert first["access_token"] is None
    assert second["expires_in"] == "3600"
    assert third["expires_in"] == 3600


def test_an_answer_without_a_model_has_odd_fields_too(shop: Shop) -> None:
    quote = shop.quote()
    query = {"requestToken": quote["requestToken"], "rateId": quote["rates"][0]["rateId"]}
    shop.sandbox.add_fault("getAdditionalInputs", "unknown_enum")
    answer = shop.call("GET", "/shipments/additionalInputs/schema", params=query)
    assert payload(answer) == {}
