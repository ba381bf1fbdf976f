"""Pages: every one is asked for once, with the words of the first, and a broken token is said to be one."""

import pickle
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from spshipping import (
    BadRequestError,
    NotFoundError,
    PagedOperation,
    PaginationError,
    Paging,
    Quota,
    RateExpiredError,
    Reply,
    RetryPolicy,
    ServerError,
    TransportError,
)
from spshipping.facade import Api
from spshipping.operation import Effect, Parameter
from spshipping.transport.http import HttpResponse
from tests.cases.line import Reader, meeting, response
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, refusal
from tests.sandbox.wire import Play
from tests.unit.samples import LIST, Gift, Page

ODD = "a+b/c==%2F|é &x=1"
QUOTED = "a%2Bb%2Fc%3D%3D%252F%7C%C3%A9%20%26x%3D1"
SEARCH: PagedOperation[Page, Gift] = PagedOperation(
    "search",
    "GET /found",
    pages=Paging(
        token="paginationToken",
        items_of=lambda page: page.gifts,
        next_of=lambda page: page.pagination.next_token if page.pagination else None,
    ),
    returns=Page,
    quota=Quota(2.0, 1000),
    effect=Effect.NONE,
    query=(
        Parameter("lastUpdatedBefore", "time"),
        Parameter("statuses", "list"),
        Parameter("word"),
        Parameter("paginationToken"),
    ),
    errors={"QUOTE_OVER": RateExpiredError},
)


class Found(Api):
    """A facade over the paged operation."""

    def pages(self, **query: Any) -> Iterator[Reply[Page]]:
        return self._pages(SEARCH(query=query))

    def each(self, **query: Any) -> Iterator[Gift]:
        return self._iter(SEARCH, SEARCH(query=query))


def page(*ids: str, token: str | None = None) -> Any:
    return {"gifts": [{"giftId": id_} for id_ in ids], "pagination": {"nextToken": token}}


def written(*ids: str, token: str | None = None) -> bytes:
    return response(answer(200, page(*ids, token=token)).body)


def lines(received: list[bytes]) -> list[str]:
    """Return the request targets."""
    return [raw.split(b" ")[1].decode("ascii") for raw in received]


def test_every_page_replays_the_first_query_byte_for_byte() -> None:
    query = {"statuses": ["A", "B c"], "word": "é+/=%|&", "lastUpdatedBefore": "2026-01-31T12:00:00+09:00"}
    outage = response(b"<html>", status="503 Oh")
    answers = [written("1", token=ODD), outage, written("2", token="t=+/"), written("3")]
    with meeting(*[(each,) for each in answers]) as (client, server):
        assert [gift.gift_id for gift in Found(client.context).each(**query)] == ["1", "2", "3"]
    first, again, second, third = lines(server.received)
    assert first == (
        "/found?lastUpdatedBefore=2026-01-31T12%3A00%3A00%2B09%3A00"
        "&statuses=A%2CB%20c&word=%C3%A9%2B%2F%3D%25%7C%26"
    )
    assert again == second == f"{first}&paginationToken={QUOTED}"
    assert third == f"{first}&paginationToken=t%3D%2B%2F"


def test_a_cursor_resumes_with_the_same_bytes_later_and_elsewhere() -> None:
    with meeting((written("1", token=ODD),), (written("2"),)) as (client, server):
        cursor = next(Found(client.context).pages(word="é")).next_call
        assert cursor is not None
        client.send(cursor)
    later = pickle.loads(pickle.dumps(cursor))
    with meeting((written("2"),)) as (client, other):
        reply = client.send(later)
        assert reply.call == cursor
        assert reply.next_call is None
    assert (
        lines(other.received)
        == lines(server.received)[1:]
        == [f"/found?word=%C3%A9&paginationToken={QUOTED}"]
    )


@pytest.mark.parametrize("length", [1, 2, 7])
def test_case_65_a_circle_of_tokens_ends(length: int) -> None:
    bodies = [answer(200, page(str(n), token=f"t{n % length}")) for n in range(length + 1)]
    transport = ScriptedTransport(bodies)
    found = Found(client_of(transport).context).each()
    seen = [next(found).gift_id for _ in range(length + 1)]
    with pytest.raises(PaginationError, match="named before") as caught:
        next(found)
    assert seen == [str(n) for n in range(length + 1)]
    assert caught.value.cursor.query["paginationToken"] == "t0"
    assert transport.steps == []


@pytest.mark.parametrize(
    "end", [{}, {"pagination": None}, {"pagination": {}}, {"pagination": {"nextToken": ""}}]
)
def test_case_65_no_token_and_an_empty_one_are_the_end(end: dict[str, Any]) -> None:
    transport = ScriptedTransport([answer(200, {"gifts": [{"giftId": "1"}], **end})])
    assert [gift.gift_id for gift in Found(client_of(transport).context).each()] == ["1"]


def test_case_65_as_many_pages_as_somebody_wants_are_asked_for_and_no_more() -> None:
    class Endless(ScriptedTransport):
        def exchange(self, request: Any, limits: Any) -> Any:
            self.steps = [answer(200, page(str(len(self.requests)), token=f"t{len(self.requests)}"))]
            return super().exchange(request, limits)

    transport = Endless()
    ids = [gift.gift_id for gift in islice(Found(client_of(transport).context).each(), 2000)]
    assert ids == [str(number) for number in range(2000)]
    assert len(transport.requests) == 2000


def test_case_66_a_page_that_fails_repeats_none_of_those_before_it() -> None:
    good = [answer(200, page(f"{n}a", f"{n}b", token=f"t{n}")) for n in range(1, 7)]
    rest = [answer(200, page(f"{n}a", f"{n}b", token=f"t{n}" if n < 20 else None)) for n in range(7, 21)]
    down = [answer(503, b"<html>")] * 4
    transport = ScriptedTransport([*good, *down])
    pages = Found(client_of(transport).context).pages(word="x")
    replies = [next(pages) for _ in range(6)]
    with pytest.raises(ServerError):
        next(pages)
    cursor = pickle.loads(pickle.dumps(replies[-1].next_call))
    replies += Found(client_of(ScriptedTransport(rest)).context)._pages(cursor)
    seen = [gift.gift_id for reply in replies for gift in reply.value.gifts]
    assert seen == [f"{n}{letter}" for n in range(1, 21) for letter in "ab"]


TOKEN_WORDS = [
    {"errors": [{"code": "InvalidInput", "message": "The paginationToken has expired", "details": ""}]},
    {"errors": [{"code": "InvalidInput", "message": "Invalid NextToken"}]},
    {"errors": [{"code": "InvalidPageToken", "message": "no"}]},
    {"errors": [{"code": "InvalidInput", "message": "no", "details": "The page_token is not valid."}]},
    {"message": "token is not valid"},
    {"errors": [{"code": "InvalidInput", "message": None}]},
    {"errors": [{"message": None}]},
    {"message": None},
    {"errors": []},
    {},
    [],
    None,
    b"",
    b" \r\n",
]


@pytest.mark.parametrize("body", TOKEN_WORDS, ids=repr)
def test_case_68_a_token_that_amazon_no_longer_takes_is_said_to_be_that(body: Any) -> None:
    cursor = SEARCH(query={"word": "x", "paginationToken": ODD})
    transport = ScriptedTransport([answer(400, body)])
    with pytest.raises(PaginationError) as caught:
        client_of(transport).send(cursor)
    error = caught.value
    assert error.cursor == cursor
    assert (error.operation, error.status, error.request_id) == ("search", 400, "req-1")
    assert str(error).startswith("search 400")
    assert "[request req-1]" in str(error)
    assert str(error).endswith("(begin again with the first page)")
    again = pickle.loads(pickle.dumps(error))
    assert (again.cursor, str(again)) == (cursor, str(error))
    assert len(transport.requests) == 1


def test_case_68_an_expired_token_in_the_midst_of_an_iteration_hands_its_cursor_over() -> None:
    steps = [answer(200, page("1", token="t1")), refusal(400, "InvalidInput", "Invalid NextToken")]
    found = Found(client_of(ScriptedTransport(steps)).context).each(word="x")
    assert next(found).gift_id == "1"
    with pytest.raises(PaginationError, match="Invalid NextToken") as caught:
        next(found)
    assert caught.value.cursor == SEARCH(query={"word": "x", "paginationToken": "t1"})


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"code": "InvalidInput", "message": "lastUpdatedBefore is too young"}]},
        {"errors": [{"code": "InvalidInput", "message": "no", "details": "The access token is too long"}]},
        {"errors": [{"code": "InvalidInput", "message": "The Restricted Data Token is too long"}]},
        b"<html><h1>400 Bad Request</h1></html>",
        b"Bad Request",
    ],
    ids=repr,
)
def test_case_68_a_refusal_of_something_else_is_none_of_the_tokens(body: Any) -> None:
    with pytest.raises(BadRequestError):
        client_of(ScriptedTransport([answer(400, body)])).send(SEARCH(query={"paginationToken": "t"}))


def test_case_68_without_a_page_token_a_refusal_is_none_of_it() -> None:
    for call in (SEARCH(query={"word": "x"}), LIST(query={"kind": "x"})):
        with pytest.raises(BadRequestError):
            client_of(ScriptedTransport([answer(400, {"message": "bad token"})])).send(call)


@pytest.mark.parametrize(
    ("answers", "cls"),
    [
        ([answer(500, {"message": "bad token"})] * 4, ServerError),
        ([refusal(404, "NotFound", "no such token")], NotFoundError),
        ([refusal(400, "QUOTE_OVER", "the token is over")], RateExpiredError),
    ],
)
def test_case_68_what_has_a_class_of_its_own_keeps_it(answers: list[HttpResponse], cls: Any) -> None:
    with pytest.raises(cls):
        client_of(ScriptedTransport(answers)).send(SEARCH(query={"paginationToken": "t"}))


def test_case_69_what_changes_while_paging_does_not_move_the_window() -> None:
    clock = FakeClock()
    transport = ScriptedTransport([answer(200, page(str(n), token=f"t{n}")) for n in range(3)])
    transport.steps.append(answer(200, page("3")))
    before = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
    for reply in Found(client_of(transport, clock).context).pages(lastUpdatedBefore=before):
        clock.elapsed += 3600.0
        assert reply.call.query["lastUpdatedBefore"] == "2026-03-01T11:00:00Z"
    targets = [request.url.partition("?")[2].split("&")[0] for request in transport.requests]
    assert targets == ["lastUpdatedBefore=2026-03-01T11%3A00%3A00Z"] * 4


def test_a_page_that_never_comes_is_not_a_page_error() -> None:
    def make(read: Reader) -> list[Play]:
        def play(connection: socket.socket) -> None:
            read(connection)

        return [play] * 2

    call = SEARCH(query={"paginationToken": "t"})
    with (
        meeting(script=make, retry=RetryPolicy(attempts=2, base=0.0)) as (client, _),
        pytest.raises(TransportError, match="broke before the whole answer"),
    ):
        client.send(call)
