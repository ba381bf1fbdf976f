import gc
from collections.abc import Iterator
from typing import Any

import pytest

from spshipping import Call, PaginationError, Reply, ServerError
from spshipping.facade import Api
from spshipping.transport.sender import CallSender
from tests.kit import ScriptedTransport, answer, client_of
from tests.unit.samples import LIST, Gift, Page


class Gifts(Api):
    """A facade over the paged operation."""

    def pages(self, kind: str) -> Iterator[Reply[Page]]:
        return self._pages(LIST(query={"kind": kind}))

    def each(self, kind: str) -> Iterator[Gift]:
        return self._iter(LIST, LIST(query={"kind": kind}))


def page(*ids: str, token: str | None = None) -> object:
    return {"gifts": [{"giftId": id_} for id_ in ids], "pagination": {"nextToken": token} if token else None}


def facade(*bodies: object) -> tuple[Gifts, ScriptedTransport]:
    transport = ScriptedTransport([answer(200, body) for body in bodies])
    return Gifts(client_of(transport).context), transport


def test_items_come_lazily_over_all_pages_and_an_empty_page_is_no_end() -> None:
    api, transport = facade(page("1", "2", token="a+b/="), page(token="c"), page("3"))
    items = api.each("toy")
    assert next(items) == Gift(gift_id="1")
    assert len(transport.requests) == 1
    assert [gift.gift_id for gift in items] == ["2", "3"]
    assert [request.url.split("?")[1] for request in transport.requests] == [
        "kind=toy",
        "kind=toy&page=a%2Bb%2F%3D",
        "kind=toy&page=c",
    ]


def test_a_page_that_was_gone_through_is_let_go_before_the_next_is_asked_for() -> None:
    class Counting(CallSender):
        async def send(self, call: Call[Any], **options: Any) -> Reply[Any]:
            held.append(sum(type(one) is Page for one in gc.get_objects()))
            return await super().send(call, **options)

    held: list[int] = []
    client = client_of(ScriptedTransport([answer(200, page("1", token="a")), answer(200, page("2"))]))
    sender = client.context.sender
    assert isinstance(sender, CallSender)
    counting = Counting(sender.rules, sender.parts)
    api = Gifts(client.context._replace(sender=counting))
    assert [gift.gift_id for gift in api.each("toy")] == ["1", "2"]
    assert held[1] == held[0]


def test_case_65_a_page_that_was_named_before_stops_the_iteration() -> None:
    api, transport = facade(page("1", token="a"), page("2", token="b"), page("3", token="a"))
    gifts = api.each("toy")
    assert [next(gifts).gift_id for _ in range(3)] == ["1", "2", "3"]
    with pytest.raises(PaginationError, match="named before") as caught:
        next(gifts)
    assert caught.value.cursor == LIST(query={"kind": "toy", "page": "a"})
    assert len(transport.requests) == 3


def test_a_page_carries_the_cursor_to_resume_from() -> None:
    transport = ScriptedTransport(
        [answer(200, page("1", token="a")), answer(404, b""), answer(200, page("2", token="b"))]
    )
    api = Gifts(client_of(transport).context)
    pages = api.pages("toy")
    first = next(pages)
    with pytest.raises(Exception, match="Not Found"):
        next(pages)
    assert first.next_call is not None
    resumed = client_of(ScriptedTransport([answer(200, page("2"))])).send(first.next_call)
    assert resumed.value == Page(gifts=[Gift(gift_id="2")])
    assert resumed.next_call is None


def test_one_operation_is_one_request() -> None:
    api, transport = facade(page("1", token="a"))
    assert api._run(LIST(query={"kind": "toy"})).gifts == [Gift(gift_id="1")]
    assert len(transport.requests) == 1


def test_a_page_that_stays_away_is_its_own_error() -> None:
    api = Gifts(client_of(ScriptedTransport([answer(503, b"")] * 4)).context)
    with pytest.raises(ServerError):
        list(api.pages("toy"))
