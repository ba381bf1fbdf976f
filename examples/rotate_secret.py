"""The client secret of an application, rotated: Amazon announces its end in a queue, and sends the new one.

    python examples/rotate_secret.py https://sqs.eu-west-1.amazonaws.com/123456789012/secrets uk

The second argument is a connection in the settings whose client secret lies in the store. It needs boto3,
with AWS keys where boto3 looks for them, and the queue must be registered in Amazon's developer console.
Leave it running, or start it with `--once` every hour. Programs that use the same connection need no restart:
the old secret is accepted for seven days beside the new one, and a client whose secret is refused reads the
store again.

It may be killed at any moment. The new secret is on the disk before its message is deleted; that a rotation
was requested is on the disk before it is.
"""

import argparse
import contextlib
import logging
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from spshipping import Client, OutcomeUnknownError, Secret, Settings, SpShippingError
from spshipping.auth.stores import SecretStore
from spshipping.notifications import Notification, parse_notification

log = logging.getLogger("rotate_secret")

PATIENCE = timedelta(days=1)
"""How long the new secret may take to arrive before another one is requested; the old one has seven days."""


class SecretRotation:
    """Takes messages about the client secret out of a queue, and keeps the secret in the store up to date.

    Args:
        sqs: `boto3.client("sqs")`.
        queue_url: the queue that is registered in the developer console.
        client: of the application; it needs no seller.
        store: where the secret lies, under *name*, and two times beside it.
        client_id: the client whose secret it is. Messages about other clients are left in the queue.
        name: `connections.uk.client_secret`, say.
        now: returns the present time.
    """

    def __init__(
        self,
        sqs: Any,
        queue_url: str,
        client: Client,
        store: SecretStore,
        client_id: str,
        name: str,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.sqs = sqs
        self.queue_url = queue_url
        self.client = client
        self.store = store
        self.client_id = client_id
        self.name = name
        self.now = now
        self.saved = 0
        self.requested = 0

    def poll(self, wait_seconds: int = 20) -> int:
        """Take up to ten messages, and return with how many of them no more is to be done."""
        answer = self.sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=wait_seconds
        )
        dealt_with = 0
        for message in answer.get("Messages", []):
            try:
                is_done = self.deal(parse_notification(message))
            except SpShippingError as error:  # the message comes again
                log.error("message %s was not dealt with: %s", message["MessageId"], error)
                continue
            if is_done:
                self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
                dealt_with += 1
        return dealt_with

    def deal(self, notification: Notification) -> bool:
        """Deal with a notification; return whether its message may be deleted."""
        new, expiry = notification.client_new_secret, notification.client_secret_expiry
        if new is not None and new.client_id == self.client_id:
            return self.save(new.new_client_secret, notification.event_time)
        if expiry is not None and expiry.client_id == self.client_id:
            return self.rotate(notification.event_time)
        return False

    def save(self, secret: Secret, made_at: datetime) -> bool:
        """Save a new secret, unless a newer one was saved: the queue keeps no order."""
        saved = self.time("made_at")
        if saved is None or saved < made_at:
            # the secret first: killed in between, it is saved once more
            self.store.save_secret(self.name, secret)
            self.store.save_secret(f"{self.name}.made_at", Secret(made_at.isoformat()))
            self.saved += 1
            log.info("a new secret of %s was saved", self.client_id)
        return True

    def rotate(self, announced_at: datetime) -> bool:
        """Have a new secret made, unless that was done since the announcement."""
        made_at, requested_at = self.time("made_at"), self.time("requested_at")
        if made_at is not None and made_at >= announced_at:
            return True
        if requested_at is not None and self.now() < requested_at + PATIENCE:
            return False  # the new secret is on its way
        self.store.save_secret(f"{self.name}.requested_at", Secret(self.now().isoformat()))
        try:
            self.client.applications.rotate_application_client_secret()
        except OutcomeUnknownError as error:
            log.warning("there may be a new secret; waiting for it: %s", error)
            return False
        except SpShippingError:
            self.store.delete_secret(f"{self.name}.requested_at")  # nothing was requested
            raise
        self.requested += 1
        log.info("a new secret of %s was requested", self.client_id)
        return True

    def time(self, kind: str) -> datetime | None:
        """Return a time that was saved beside the secret."""
        saved = self.store.load_secret(f"{self.name}.{kind}")
        return None if saved is None else datetime.fromisoformat(saved.reveal())


def main(given: Sequence[str] | None = None) -> int:
    """Keep the secret of a connection up to date, until interrupted; return the exit code."""
    parser = argparse.ArgumentParser(description="Rotate the client secret of a connection.")
    parser.add_argument("queue", help="the URL of the queue")
    parser.add_argument("connection", help="a connection in the settings")
    parser.add_argument("--once", action="store_true", help="empty the queue, and end")
    wanted = parser.parse_args(given)
    try:
        settings = Settings.load()
        connection = settings.connection(wanted.connection)
        place = f"clients.{connection.client}" if connection.client else f"connections.{connection.name}"
        client_id = connection.get("client_id")
        if settings.store is None or client_id is None:
            raise SystemExit("the connection has no client id, or no store for its secret")
        with Client.from_settings(connection.name) as client, contextlib.suppress(KeyboardInterrupt):
            rotation = SecretRotation(
                boto3.client("sqs"),
                wanted.queue,
                client,
                settings.store,
                client_id,
                f"{place}.client_secret",
            )
            while rotation.poll(0 if wanted.once else 20) or not wanted.once:
                pass
    except SpShippingError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    sys.exit(main())
