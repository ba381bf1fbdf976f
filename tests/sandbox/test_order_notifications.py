"""The example that takes order changes from a queue, against moto's SQS."""

import importlib.util
import json
import logging
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest

from spshipping import ServerError
from spshipping.auth.aws import AwsCredentials
from spshipping.notifications import Notification
from tests.unit.notifications.build import POSTCODE, event, numbered, other, sns

pytestmark = pytest.mark.dates

EXAMPLE = Path(__file__).parents[2] / "examples" / "order_notifications.py"
_names = count(1)


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("order_notifications", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Queue:
    """A queue that gives a message out again at once, and puts it aside after three times."""

    def __init__(self, url: str, keys: AwsCredentials) -> None:
        self.sqs: Any = boto3.client(
            "sqs",
            endpoint_url=url,
            region_name="eu-west-1",
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key.reveal(),
        )
        name = f"orders-{next(_names)}"
        self.aside: str = self.sqs.create_queue(QueueName=f"{name}-aside")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.aside, AttributeNames=["QueueArn"])
        policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": 3}
        attributes = {"VisibilityTimeout": "0", "RedrivePolicy": json.dumps(policy)}
        self.url: str = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def send(self, *bodies: Any) -> None:
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self.sqs.send_message(QueueUrl=self.url, MessageBody=text)

    def count(self) -> int:
        names = ["ApproximateNumberOfMessages"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return int(found["Attributes"][names[0]])

    def put_aside(self) -> list[str]:
        found = self.sqs.receive_message(QueueUrl=self.aside, MaxNumberOfMessages=10)
        return [message["Body"] for message in found.get("Messages", [])]


@pytest.fixture
def queue(sts: tuple[str, AwsCredentials]) -> Queue:
    return Queue(*sts)


class Shop:
    """Deals with changed orders, unless it was told to fail."""

    def __init__(self) -> None:
        self.changed_ids: list[str] = []
        self.failures: dict[str, Exception] = {}

    def changed(self, order_ids: Sequence[str]) -> None:
        for order_id in order_ids:
            if order_id in self.failures:
                raise self.failures[order_id]
            self.changed_ids.append(order_id)


def consumer(example: ModuleType, queue: Queue, shop: Shop, **more: Any) -> Any:
    return example.OrderNotifications(queue.sqs, queue.url, shop.changed, **more)


def test_case_76_orders_that_changed_are_handed_on_and_their_messages_deleted(
    example: ModuleType, queue: Queue
) -> None:
    shop = Shop()
    queue.send(numbered(1, "A"), event(numbered(2, "B")), sns(numbered(3, "C")))
    notifications = consumer(example, queue, shop)
    assert notifications.poll(0) == 3
    assert sorted(shop.changed_ids) == ["A", "B", "C"]
    assert (notifications.handled, queue.count()) == (3, 0)
    assert notifications.poll(0) == 0


def test_case_76_several_changes_of_one_order_are_dealt_with_at_once(
    example: ModuleType, queue: Queue
) -> None:
    shop = Shop()
    queue.send(numbered(1, "A"), numbered(2, "A"), numbered(3, "A"))
    notifications = consumer(example, queue, shop)
    notifications.poll(0)
    assert shop.changed_ids == ["A"]
    assert (notifications.handled, queue.count()) == (3, 0)


def test_case_76_a_duplicate_delivery_is_deleted_and_not_handed_on_again(
    example: ModuleType, queue: Queue
) -> None:
    shop = Shop()
    notifications = consumer(example, queue, shop)
    for _ in range(2):
        queue.send(numbered(1, "A"))
        notifications.poll(0)
    assert shop.changed_ids == ["A"]
    assert (notifications.handled, notifications.duplicates, queue.count()) == (1, 1, 0)


def test_case_76_a_message_is_deleted_only_after_success(
    example: ModuleType, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop()
    shop.failures = {
        "A": ServerError("Service Unavailable", operation="getOrder", status=503),
        "B": ValueError(f"no such postcode: {POSTCODE}"),
    }
    queue.send(numbered(1, "A"), numbered(2, "B"), numbered(3, "C"))
    notifications = consumer(example, queue, shop)
    with caplog.at_level(logging.ERROR):
        notifications.poll(0)
    assert (notifications.failed, queue.count()) == (2, 2)
    assert "getOrder 503: Service Unavailable" in caplog.text
    assert "ValueError" in caplog.text
    assert POSTCODE not in caplog.text

    shop.failures = {}
    notifications.poll(0)

    assert sorted(shop.changed_ids) == ["A", "B", "C"]
    assert (notifications.handled, notifications.duplicates, queue.count()) == (3, 0, 0)


def test_case_76_an_unknown_type_is_passed_on_untyped_and_then_deleted(
    example: ModuleType, queue: Queue
) -> None:
    shop = Shop()
    passed: list[Notification] = []
    notifications = consumer(example, queue, shop, other=passed.append)
    queue.send(other())
    notifications.poll(0)
    assert [notification.payload for notification in passed] == [other()["Payload"]]
    queue.send({**other(), "NotificationMetadata": {}})
    consumer(example, queue, shop).poll(0)
    assert (shop.changed_ids, queue.count()) == ([], 0)


def test_case_76_a_poison_message_is_counted_and_left_to_the_redrive_policy(
    example: ModuleType, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop()
    poison = f'{{"Payload": "{POSTCODE}"'
    queue.send(poison, numbered(1, "A"))
    notifications = consumer(example, queue, shop)
    with caplog.at_level(logging.ERROR):
        for _ in range(4):
            notifications.poll(0)
    assert (notifications.poison, shop.changed_ids, queue.count()) == (3, ["A"], 0)
    assert queue.put_aside() == [poison]
    assert "cannot be read: the body is no JSON" in caplog.text
    assert POSTCODE not in caplog.text


def test_the_example_prints_the_orders_that_change(
    example: ModuleType, queue: Queue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    queue.send(numbered(1, "A"))
    monkeypatch.setattr(sys, "argv", ["order_notifications.py", queue.url])
    monkeypatch.setattr(example, "boto3", type("Boto3", (), {"client": lambda _: queue.sqs}))
    poll = example.OrderNotifications.poll

    def poll_until_empty(self: Any) -> None:
        if not poll(self, 0):
            raise KeyboardInterrupt

    monkeypatch.setattr(example.OrderNotifications, "poll", poll_until_empty)
    with pytest.raises(KeyboardInterrupt):
        example.main()
    assert capsys.readouterr().out == "['A']\n"
