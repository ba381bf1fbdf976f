"""The queue of `spshipping worker`: a thread takes changes from it, and is watched."""

import threading
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from spshipping.errors import SpShippingError
from spshipping.sync import Stop
from spshipping.urls import url_fault

if TYPE_CHECKING:
    from spshipping.notifications.sqs import SqsConsumer

MOST_QUEUE_FAILURES = 5
"""So many failures in a row are no hiccup: between them lie pauses of 2, 4, 8 and 16 seconds."""

MOST_POLL_SECONDS = 600.0
"""A poll that lasts longer hangs: boto3 itself waits for SQS for five minutes at most, attempts and all."""


def queue_url(value: str) -> str:
    """Read the URL of a queue of SQS.

    Raises:
        click.BadParameter: it is none. The error shows no part of it.
    """
    fault = url_fault(value, allow_http=True)
    if fault is None and not urlsplit(value).path.strip("/"):
        fault = "names a host, and no queue"
    if fault is not None:
        raise click.BadParameter(
            f"it {fault}: give what SQS shows, like https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
        )
    return value


class QueueThread:
    """Notes changes in a thread of its own. It is a `Stop`, which is set too where that thread has died."""

    def __init__(self, consumer: "SqsConsumer") -> None:
        self._consumer = consumer
        self._stop: Stop = threading.Event()
        self._died: str | None = None

    @property
    def is_failing(self) -> bool:
        """Whether nothing comes from the queue, now and probably in the next minute."""
        hangs = self.poll_seconds > MOST_POLL_SECONDS
        return hangs or self._died is not None or self.failures >= MOST_QUEUE_FAILURES

    @property
    def poll_seconds(self) -> float:
        """For how many seconds the poll under way has run."""
        return self._consumer.poll_seconds

    @property
    def failures(self) -> int:
        """Failures in a row to reach the queue or the leases, or to be done with a message."""
        return self._consumer.status.failures

    def is_set(self) -> bool:
        """Return whether the worker is to stop."""
        return self._died is not None or self._stop.is_set()

    def start(self, stop: Stop) -> None:
        """Note changes until *stop* is set."""
        self._stop = stop
        threading.Thread(target=partial(self._run, stop), daemon=True).start()

    def check(self) -> None:
        """Make sure that the thread has not ended by itself.

        Raises:
            SpShippingError: it has.
        """
        if self._died is not None:
            raise SpShippingError(f"{self._died}, and the worker was stopped: start it again")

    def _run(self, stop: Stop) -> None:
        died = "the thread of the queue ended by itself"
        try:
            self._consumer.run(stop=stop)
        except BaseException as error:
            died = f"{type(error).__name__} ended the thread of the queue"
        if not stop.is_set():
            self._died = died
