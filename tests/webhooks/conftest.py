"""A receiver under threads and under asyncio, with a journal and a clock of its own."""

import asyncio
import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from spshipping.journal import EventLog, MemoryJournal
from spshipping.shipping.webhooks import (
    ApiKey,
    AsyncWebhookReceiver,
    Push,
    WebhookAuth,
    WebhookReceiver,
    WebhookResponse,
)
from tests.kit import FakeClock
from tests.onloop import Loop
from tests.unit.shipping.webhooks.build import posted

SECRET = "qZwebhookQuoll+91"
HEADERS = {"x-api-key": SECRET}


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of HTTP Basic."""
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


class Shop:
    """Receives pushes in one of both ways, and collects what is handed over."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.clock = FakeClock()
        self.log: EventLog = MemoryJournal(clock=self.clock).events()
        self.auth: WebhookAuth = ApiKey(SECRET)
        self.options: dict[str, Any] = {"clock": self.clock}
        self.delivered: list[Push] = []
        self.failures: list[BaseException] = []
        """What handing over raises, the next times."""
        self._loop = Loop()

    @property
    def receiver(self) -> Any:
        """A receiver as it is set up now."""
        if self.way == "threads":
            return WebhookReceiver(self.log, self.auth, **self.options)
        return AsyncWebhookReceiver(self.log, self.auth, **self.options)

    def run(self, made: Any) -> Any:
        """Return what a method of the receiver returns, in either way."""
        return self._loop.run(made) if asyncio.iscoroutine(made) else made

    def post(
        self,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        query: str = "",
        method: str = "POST",
    ) -> WebhookResponse:
        """Send a request, by default an authentic one."""
        found: WebhookResponse = self.run(
            self.receiver.handle(method, HEADERS if headers is None else headers, query, body)
        )
        return found

    def push(self, **changes: Any) -> int:
        """Push an event, and return the status of the answer."""
        return self.post(posted(**changes)).status

    def deliver(self, push: Push) -> None:
        """Take a push, or fail."""
        if self.failures:
            raise self.failures.pop(0)
        self.delivered.append(push)

    def deliver_pending(self, deliver: Callable[[Push], object] | None = None, **options: Any) -> Any:
        """Let the receiver hand over what waits."""
        return self.run(self.receiver.deliver_pending(deliver or self.deliver, **options))

    @property
    def keys(self) -> list[str]:
        """The keys of what was handed over."""
        return [push.key for push in self.delivered]

    def close(self) -> None:
        """Close the loop."""
        self._loop.close()


@pytest.fixture(params=["threads", "asyncio"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    made = Shop(request.param)
    yield made
    made.close()
