"""What the checkers know about operations that come in pages. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Iterator
from typing import assert_type

from spshipping import Client, Effect, Operation, PagedOperation, Paging, Quota, Reply
from spshipping.facade import Api
from spshipping.operation import After, Before, Call, CallOptions
from spshipping.shipping import Event, GetTrackingResult


class EventsApi(Api):
    """A facade of the user's own."""

    def events(self, operation: PagedOperation[GetTrackingResult, Event]) -> Iterator[Event]:
        """Go through the items of all pages."""
        return self._iter(operation, operation())

    def filtered(self, operation: PagedOperation[GetTrackingResult, Event]) -> Iterator[Event]:
        """Go through the items of a search by the names of arguments."""
        return self._iter(operation, *operation.split({"tracking_id": "T", "deadline": 5.0}))

    def pages(
        self, operation: PagedOperation[GetTrackingResult, Event]
    ) -> Iterator[Reply[GetTrackingResult]]:
        """Go through the pages."""
        return self._pages(operation(), max_wait=1.0)

    def wrong(self, operation: PagedOperation[GetTrackingResult, Event]) -> Iterator[str]:
        """Mistake the items for text."""
        return self._iter(operation, operation())  # type: ignore[arg-type]


def pages(client: Client, operation: PagedOperation[GetTrackingResult, Event]) -> None:
    assert_type(operation(), Call[GetTrackingResult])
    reply = client.send(operation())
    assert_type(reply, Reply[GetTrackingResult])
    assert_type(operation.items_of(reply.value), list[Event])
    assert_type(operation.next_call(reply.call, reply.value), Call[GetTrackingResult] | None)
    assert_type(operation.page_token, str)
    assert_type(operation.split({"tracking_id": "T"}), tuple[Call[GetTrackingResult], CallOptions])
    operation.items_of(reply)  # type: ignore[arg-type]
    # a client is what a facade needs to send
    assert_type(EventsApi(client.context), EventsApi)
    EventsApi(operation)  # type: ignore[arg-type]


def events_of(page: GetTrackingResult) -> list[Event]:
    """Fits as what returns the items of a page."""
    return page.event_history


def tracking_id_of(page: GetTrackingResult) -> str | None:
    """Fits as what names the next page."""
    return page.tracking_id


def making() -> None:
    known: PagedOperation[GetTrackingResult, Event] = PagedOperation(
        "events",
        "GET /events",
        returns=GetTrackingResult,
        quota=Quota(1, burst=1),
        effect=Effect.NONE,
        pages=Paging[GetTrackingResult, Event](token="page", items_of=events_of, next_of=tracking_id_of),
    )
    assert_type(known().operation, Operation[GetTrackingResult])
    PagedOperation("x", "GET /x", returns=bytes, quota=Quota(1, 1), effect=Effect.NONE)  # type: ignore[call-arg]
    Paging[GetTrackingResult, Event](
        token="page",
        items_of=lambda page: page.events,  # type: ignore[attr-defined]
        next_of=tracking_id_of,
    )
    Paging[GetTrackingResult, Event]("page", items="event_history")  # type: ignore[call-arg]
    known.pages = known.pages  # type: ignore[misc]


def before(call: Call[GetTrackingResult], known: Before) -> None:
    """Fits before the first attempt."""


def after(call: Call[GetTrackingResult], value: GetTrackingResult, known: After) -> None:
    """Fits after the answer."""


def hooks() -> None:
    one, none = Quota(1, burst=1), Effect.NONE
    Operation("x", "GET /x", returns=GetTrackingResult, quota=one, effect=none, before=before, after=after)
    Operation("x", "GET /x", returns=bytes, quota=one, effect=none, after=after)  # type: ignore[arg-type]
