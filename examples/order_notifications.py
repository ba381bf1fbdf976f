"""Order changes from a queue: Amazon writes ORDER_CHANGE notifications to SQS, and this takes them out.

    python examples/order_notifications.py https://sqs.eu-west-1.amazonaws.com/123456789012/orders

It needs boto3, and AWS keys where boto3 looks for them. A message is deleted only when it was dealt with;
until then the queue gives it out again. A message that cannot be read is left to the queue's redrive policy,
which puts it aside after a few tries: give the queue one, and look at what gathers there. Amazon advises not
to rely on notifications alone, so look for missed orders now and then.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any

import boto3

from spshipping import SpShippingError, WebhookError
from spshipping.notifications import Notification, SeenNotifications, parse_notification

log = logging.getLogger("order_notifications")

Message = dict[str, Any]
Taken = tuple[Message, Notification]


class OrderNotifications:
    """Takes messages from a queue, and hands on the ids of the orders that changed.

    Args:
        sqs: `boto3.client("sqs")`.
        queue_url: of a standard queue with a redrive policy.
        changed: deals with the orders of these ids. It is called with one id at a time, so that an order
            that fails holds up no other; it may be called twice for one change.
        other: deals with the notifications of every other type; by default they are dropped.
    """

    def __init__(
        self,
        sqs: Any,
        queue_url: str,
        changed: Callable[[Sequence[str]], object],
        other: Callable[[Notification], object] = lambda notification: None,  # noqa: ARG005 - it is dropped
    ) -> None:
        self.sqs = sqs
        self.queue_url = queue_url
        self.changed = changed
        self.other = other
        self.seen = SeenNotifications()
        self.handled = 0
        self.duplicates = 0
        self.failed = 0
        """Messages that were not dealt with; they come again."""
        self.poison = 0
        """Messages that cannot be read, each time that they came."""

    def poll(self, wait_seconds: int = 20) -> int:
        """Take up to ten messages, deal with them, and return how many there were."""
        answer = self.sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=wait_seconds
        )
        messages: list[Message] = answer.get("Messages", [])
        orders: dict[str, list[Taken]] = {}
        for message in messages:
            notification = self._read(message)
            if notification is None:
                continue
            if not self.seen.is_new(notification):
                self.duplicates += 1
                self._delete(message)
            elif notification.order_change:
                # several changes of one order are dealt with at once
                order_id = notification.order_change.amazon_order_id
                orders.setdefault(order_id, []).append((message, notification))
            else:
                self._deal(self.other, notification, [(message, notification)])
        for order_id, changes in orders.items():
            self._deal(self.changed, [order_id], changes)
        return len(messages)

    def _read(self, message: Message) -> Notification | None:
        try:
            return parse_notification(message)
        except WebhookError as error:
            self.poison += 1
            log.error("message %s cannot be read: %s", message["MessageId"], error)
            return None

    def _deal(self, deal: Callable[[Any], object], with_what: Any, taken: list[Taken]) -> None:
        """Delete messages once they were dealt with, and not before."""
        try:
            deal(with_what)
        except Exception as error:  # whatever it was, the messages come again
            self.failed += len(taken)
            # ours hold no personal data; of others, only the name is sure not to
            told = error if isinstance(error, SpShippingError) else type(error).__name__
            log.error("message %s was not dealt with: %s", taken[0][0]["MessageId"], told)
            return
        self.handled += len(taken)
        for message, notification in taken:
            # remembered first: where deleting fails, it comes again
            self.seen.add(notification)
            self._delete(message)

    def _delete(self, message: Message) -> None:
        self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])


def main() -> None:
    """Print the ids of the orders that change, until interrupted."""
    logging.basicConfig(level=logging.INFO)
    _, queue_url = sys.argv
    notifications = OrderNotifications(boto3.client("sqs"), queue_url, print)
    while True:
        notifications.poll()


if __name__ == "__main__":
    main()
