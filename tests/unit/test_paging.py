import gc
from collections.abc import Iterator
from typing import Any

import pytest

from spshipping import Call, Marketplace, PaginationError, Reply, ServerError
from spshipping.facade import Context
from spshipping.operation import CallOptions
from spshipping.transport.sender import CallSender
from tests.drives import DRIVES, Drive
from tests.kit import ScriptedTransport, answer
from tests.unit.samples import LIST, Gift, Page


@pytest.fixture(params=DRIVES, ids=["threads", "tasks"])
def drive(request: pytest.FixtureRequest) -> Iterator[Drive]:
    made: Drive = request.param()
    yield made
    made.close()


class Gifts:
    """A facade over the paged operation, of `Client` or of `AsyncClient`."""

    def __init__(self, drive: Drive, context: Context) -> None:
        self.api = drive.api(context)

    def one(self, kind: str) -> Page:
        found: Page = self.api._run(LIST(query={"kind": kind}))
        return found

    def pages(self, kind: str) -> Iterator[Reply[Page]]:
        found: Iterator[Reply[Page]] = self.api._pages(LIST(query={"kind": kind}))
        return found

    def each(self, kind: str) -> Iterator[Gift]:
        found: Iterator[Gift] = self.api._iter(LIST, LIST(query={"kind": kind}))
        return found


def page(*ids: str, token: str | None = None) -> object:
    return {"gifts": [{"giftId": id_} for id_ in ids], "pagination": {"nextToken": token} if token else None}


def facade(drive: Drive, *bodies: object) -> tuple[Gifts, ScriptedTransport]:
    transport = ScriptedTransport([answer(200, body) for body in bodies])
    return Gifts(drive, drive.context(transport)), transport


def test_items_come_lazily_over_all_pages_and_an_empty_page_is_no_end(drive: Drive) -> None:
    api, transport = facade(drive, page("1", "2", token="a+b/="), page(token="c"), page("3"))
    items = api.each("toy")
    assert next(items) == Gift(gift_id="1")
    assert len(transport.requests) == 1
    assert [gift.gift_id for gift in items] == ["2", "3"]
    assert [request.url.split("?")[1] for request in transport.requests] == [
        "kind=toy",
        "kind=toy&page=a%2Bb%2F%3D",
        "kind=toy&page=c",
    ]


@pytest.mark.long
def test_a_page_that_was_gone_through_is_let_go_before_the_next_is_asked_for(drive: Drive) -> None:
    class Counting(CallSender):
        async def send(self, call: Call[Any], **options: Any) -> Reply[Any]:
            held.append(sum(type(one) is Page for one in gc.get_objects()))
            return await super().send(call, **options)

    held: list[int] = []
    context = drive.context(ScriptedTransport([answer(200, page("1", token="a")), answer(200, page("2"))]))
    sender = context.sender
    assert isinstance(sender, CallSender)
    counting = Counting(sender.rules, sender.parts)
    api = Gifts(drive, context._replace(sender=counting))
    assert [gift.gift_id for gift in api.each("toy")] == ["1", "2"]
    assert held[1] == held[0]


def test_case_65_a_page_that_was_named_before_stops_the_iteration(drive: Drive) -> None:
    api, transport = facade(drive, page("1", token="a"), page("2", token="b"), page("3", token="a"))
    gifts = api.each("toy")
    assert [next(gifts).gift_id for _ in range(3)] == ["1", "2", "3"]
    with pytest.raises(PaginationError, match="named before") as caught:
        next(gifts)
    assert caught.value.cursor == LIST(query={"kind": "toy", "page": "a"})
    assert len(transport.requests) == 3


def test_a_page_carries_the_cursor_to_resume_from(drive: Drive) -> None:
    transport = ScriptedTransport(
        [answer(200, page("1", token="a")), answer(404, b""), answer(200, page("2", token="b"))]
    )
    api = Gifts(drive, drive.context(transport))
    pages = api.pages("toy")
    first = next(pages)
    with pytest.raises(Exception, match="Not Found"):
        next(pages)
    assert first.next_call is not None
    resumed = drive.client(ScriptedTransport([answer(200, page("2"))])).send(first.next_call)
    assert resumed.value == Page(gifts=[Gift(gift_id="2")])
    assert resumed.next_call is None


def test_one_operation_is_one_request(drive: Drive) -> None:
    api, transport = facade(drive, page("1", token="a"))
    assert api.one("toy").gifts == [Gift(gift_id="1")]
    assert len(transport.requests) == 1


def test_a_page_that_stays_away_is_its_own_error(drive: Drive) -> None:
    api = Gifts(drive, drive.context(ScriptedTransport([answer(503, b"")] * 4)))
    with pytest.raises(ServerError):
        list(api.pages("toy"))


def test_options_of_a_call_are_given_by_name_or_as_a_mapping(drive: Drive) -> None:
    transport = ScriptedTransport([answer(200, page("1")) for _ in range(4)])
    api = drive.api(drive.context(transport))
    given: CallOptions = {"deadline": 7.0}
    call = LIST(query={"kind": "toy"})
    api._run(call, given)
    api._run(call, given, deadline=9.0)
    list(api._pages(call, given))
    list(api._iter(LIST, call, given, timeout=(1.0, 2.0)))
    assert [limits.ends_at for limits in transport.limits] == [1007.0, 1009.0, 1007.0, 1007.0]
    assert transport.limits[3][:2] == (1.0, 2.0)
    assert api.context.marketplace_id == Marketplace.UK.id
