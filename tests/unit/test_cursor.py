"""A page's call as text: it comes back as it was, in another process too, and holds nothing personal."""

import json
import pickle
import subprocess
import sys
from typing import Any

import pytest

from spshipping import Call, Effect, InvalidRequestError, PagedOperation, Paging, Parameter
from spshipping.cursor import call_from_cursor, cursor_of
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from tests.kit import START, ScriptedTransport, answer, client_of
from tests.unit.samples import BUY, LIST, LOOK, SLOW, Gift, Page, Wish

GUESTS: PagedOperation[Page, Gift] = PagedOperation(
    "guests",
    "GET /houses/{houseId}/guests",
    pages=Paging(
        token="page",
        items_of=lambda page: page.gifts,
        next_of=lambda page: page.pagination.next_token if page.pagination else None,
    ),
    returns=Page,
    quota=SLOW,
    effect=Effect.NONE,
    query=(Parameter("page"), Parameter("mail", is_personal=True)),
    headers=(Parameter("x-who", is_personal=True), Parameter("x-shelf")),
    restricted=("name", "seat"),
)
SEARCH = SEARCH_ORDERS(
    query={"paginationToken": "a+b/c=\u2028ü", "createdAfter": START, "includedData": ["TAX", "BUYER"]}
)


def test_a_cursor_brings_back_the_call_with_the_words_in_their_order() -> None:
    call = (
        SEARCH_ORDERS(query={"createdAfter": START})
        .with_query("paginationToken", "z")
        .with_query("includedData", "TAX")
    )
    again = call_from_cursor(SEARCH_ORDERS, cursor_of(call))
    assert again == call
    assert list(again.query.items()) == list(call.query.items())


def test_a_cursor_keeps_path_headers_and_the_personal_data_asked_for() -> None:
    plain = GUESTS(path={"houseId": "7"}, query={"page": "p"}, headers={"x-shelf": "2"})
    for call in (plain, plain.with_pii(["seat", "name"]), plain.with_pii([])):
        assert call_from_cursor(GUESTS, cursor_of(call)) == call


def test_a_cursor_is_one_line_of_json_and_holds_no_more_than_it_must() -> None:
    text = cursor_of(LIST(query={"kind": "toy", "page": "a"}))
    assert text == '{"version":1,"route":"GET /gifts","query":{"kind":"toy","page":"a"}}'
    assert json.loads(cursor_of(SEARCH))["query"]["paginationToken"] == "a+b/c=\u2028ü"


def test_no_page_has_no_cursor() -> None:
    assert cursor_of(None) is None


def test_a_cursor_is_taken_up_in_another_process() -> None:
    code = (
        "import pickle, sys\n"
        "from spshipping.cursor import call_from_cursor\n"
        "from spshipping.orders.v2026_01_01 import SEARCH_ORDERS\n"
        "text = pickle.loads(sys.stdin.buffer.read())\n"
        "sys.stdout.buffer.write(pickle.dumps(call_from_cursor(SEARCH_ORDERS, text)))\n"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(cursor_of(SEARCH)), capture_output=True, check=True
    )
    assert pickle.loads(there.stdout) == SEARCH


def test_the_page_of_a_cursor_is_sent_like_any_call() -> None:
    network = ScriptedTransport([answer(200, {"gifts": [{"giftId": "2"}]})])
    reply = client_of(network).send(
        call_from_cursor(LIST, '{"version":1,"route":"GET /gifts","query":{"kind":"x"}}')
    )
    assert [gift.gift_id for gift in reply.value.gifts] == ["2"]
    assert network.requests[0].url.endswith("/gifts?kind=x")


@pytest.mark.parametrize(
    "call",
    [
        GUESTS(path={"houseId": "7"}, query={"mail": "ada@example.com"}),
        GUESTS(path={"houseId": "7"}, headers={"x-who": "ada@example.com"}),
    ],
    ids=["query", "header"],
)
def test_a_call_that_names_a_person_is_not_saved(call: Call[Page]) -> None:
    with pytest.raises(InvalidRequestError, match="names a person") as caught:
        cursor_of(call)
    assert caught.value.path in ("mail", "x-who")
    assert "ada" not in str(caught.value)


@pytest.mark.parametrize("call", [LOOK(path={"giftId": "1"}), BUY(body=Wish(text="tea"))], ids=repr)
def test_what_does_not_come_in_pages_has_no_cursor(call: Call[Any]) -> None:
    with pytest.raises(InvalidRequestError, match="does not come in pages"):
        cursor_of(call)


def test_pages_that_are_asked_for_in_a_body_have_no_cursor() -> None:
    call = Call(LIST, path={}, query={}, headers={}, body=Wish(text="tea"))
    with pytest.raises(InvalidRequestError, match="does not come in pages"):
        cursor_of(call)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no cursor"),
        ("a+b/c=", "no cursor"),
        ("[]", "no cursor"),
        ("\ud800", "no cursor"),
        ('{"version":2,"route":"GET /gifts"}', "no cursor of this version"),
        ('{"version":1,"route":"GET /orders/2026-01-01/orders"}', "of another operation than GET /gifts"),
        ('{"version":1,"route":"GET /gifts","query":["kind"]}', "not as it was saved"),
        ('{"version":1,"route":"GET /gifts","query":{"kind":7}}', "not as it was saved"),
        ('{"version":1,"route":"GET /gifts","query":{"kind":"x"},"pii":{"name":"x"}}', "not as it was saved"),
        ('{"version":1,"route":"GET /gifts","query":{"kind":"x"},"pii":[["name"]]}', "not as it was saved"),
    ],
)
def test_what_is_no_cursor_is_refused_with_what_to_do(text: str, reason: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"{reason}.*start again") as caught:
        call_from_cursor(LIST, text)
    assert caught.value.path == "cursor"


def test_a_cursor_cannot_bring_in_what_the_operation_does_not_have() -> None:
    for query, path in (('{"kind":"x","secret":"y"}', "secret"), ('{"page":"a"}', "kind")):
        with pytest.raises(InvalidRequestError) as caught:
            call_from_cursor(LIST, f'{{"version":1,"route":"GET /gifts","query":{query}}}')
        assert caught.value.path == path
    with pytest.raises(InvalidRequestError) as caught:
        call_from_cursor(
            GUESTS,
            '{"version":1,"route":"GET /houses/{houseId}/guests","path":{"houseId":"1"},"pii":["age"]}',
        )
    assert caught.value.path == "pii"
