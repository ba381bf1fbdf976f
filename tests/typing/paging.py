"""What the checkers know about operations that come in pages. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Iterator
from typing import assert_type

from spshipping import Client, PagedOperation, Reply
from spshipping.facade import Api
from spshipping.operation import Call
from spshipping.shipping import Event, GetTrackingResult


class EventsApi(Api):
    """A facade of the user's own."""

    def events(self, operation: PagedOperation[GetTrackingResult, Event]) -> Iterator[Event]:
        """Go through the items of all pages."""
        return self._iter(operation, operation())

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
    operation.items_of(reply)  # type: ignore[arg-type]
    # a client is what a facade needs to send
    assert_type(EventsApi(client.context), EventsApi)
    EventsApi(operation)  # type: ignore[arg-type]
