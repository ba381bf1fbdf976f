"""From `ensure` to the order in a message of boto3: over HTTP, through moto's SQS, with both clients."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from spshipping import AsyncClient, Client, ConflictError, Credentials, Marketplace
from spshipping.auth.aws import AwsCredentials
from spshipping.auth.cache import TokenCache
from spshipping.notifications import (
    Ensured,
    EventFilter,
    EventFilterType,
    OrderChangeTypeEnum,
    ProcessingDirective,
    parse_notifications,
)
from spshipping.options import CommonOptions
from spshipping.sandbox import OrderSupply, Sandbox
from spshipping.sandbox.clock import DAY

pytestmark = pytest.mark.dates

Ensure = Callable[..., Ensured]
DIRECTIVE = ProcessingDirective(
    event_filter=EventFilter(
        event_filter_type=EventFilterType.ORDER_CHANGE,
        order_change_types=[OrderChangeTypeEnum.BUYER_REQUESTED_CHANGE],
    )
)


class Queue:
    """A queue at moto, into which the sandbox writes."""

    def __init__(self, url: str, keys: AwsCredentials, name: str) -> None:
        self.sqs: Any = boto3.client(
            "sqs",
            endpoint_url=url,
            region_name="eu-west-1",
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key.reveal(),
        )
        self.url: str = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn: str = found["Attributes"]["QueueArn"]

    def put(self, notification: dict[str, Any]) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps(notification))

    def receive(self) -> Any:
        return self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)


@pytest.fixture(params=["threads", "asyncio"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def queue(sts: tuple[str, AwsCredentials], kind: str) -> Queue:
    return Queue(*sts, f"changes-{kind}")


@pytest.fixture
def sandbox(queue: Queue) -> Iterator[Sandbox]:
    orders = OrderSupply(60, seed=2, days=2)
    with Sandbox(orders=orders, quotas=False, on_notification=queue.put) as running:
        yield running


@pytest.fixture
def ensure(sandbox: Sandbox, kind: str) -> Ensure:
    options: CommonOptions = {
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
        "token_cache": TokenCache(),
        "timeout": (30.0, 30.0),
    }
    credentials = Credentials(**sandbox.credentials)

    def under_threads(*args: Any, **more: Any) -> Ensured:
        with Client(credentials, Marketplace.UK, **options) as client:
            return client.notifications.ensure(*args, **more)

    async def over_asyncio(*args: Any, **more: Any) -> Ensured:
        async with AsyncClient(credentials, Marketplace.UK, **options) as client:
            return await client.notifications.ensure(*args, **more)

    if kind == "threads":
        return under_threads
    return lambda *args, **more: asyncio.run(over_asyncio(*args, **more))


def test_what_is_ensured_arrives_in_the_queue_and_is_read(
    sandbox: Sandbox, queue: Queue, ensure: Ensure
) -> None:
    first = ensure("ORDER_CHANGE", queue.arn, processing_directive=DIRECTIVE)
    again = ensure("ORDER_CHANGE", queue.arn, processing_directive=DIRECTIVE)
    assert first[2:] == (True, True)
    assert again == (first.destination, first.subscription, False, False)
    before = len(sandbox.order_changes())
    sandbox.clock.advance(DAY)
    changes = [one for one in sandbox.order_changes(after=before) if one.kind == "BuyerRequestedChange"]
    assert changes
    read: list[str] = []
    while batch := parse_notifications(queue.receive()):
        read += [one.order_change.amazon_order_id for one in batch if one.order_change]
    assert sorted(read) == sorted(change.order_id for change in changes)


def test_a_subscription_that_differs_stays_as_it_is(sandbox: Sandbox, queue: Queue, ensure: Ensure) -> None:
    made = ensure("ORDER_CHANGE", queue.arn)
    for change in (
        {"queue": f"{queue.arn}-other"},
        {"payload_version": "2.0"},
        {"processing_directive": DIRECTIVE},
    ):
        with pytest.raises(ConflictError, match="nothing was changed"):
            ensure("ORDER_CHANGE", **{"queue": queue.arn, **change})
    assert ensure("ORDER_CHANGE", queue.arn) == (made.destination, made.subscription, False, False)
    assert sandbox.ledger.count("createDestination") == 1
    assert sandbox.ledger.count("createSubscription") == 1


def test_the_policy_in_the_docs_is_one_that_a_queue_takes(queue: Queue) -> None:
    page = (Path(__file__).parents[2] / "docs" / "notifications.md").read_text("utf-8")
    (text,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    policy = text.replace("arn:aws:sqs:eu-west-1:123456789012:orders", queue.arn)
    queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": policy})
    found = queue.sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["Policy"])
    (statement,) = json.loads(found["Attributes"]["Policy"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::437568002678:root"}
    assert statement["Action"] == ["sqs:SendMessage", "sqs:GetQueueAttributes"]
    assert (statement["Effect"], statement["Resource"]) == ("Allow", queue.arn)


@pytest.mark.parametrize("operation", ["createDestination", "createSubscription"])
def test_a_creation_whose_answer_is_lost_is_looked_up(
    sandbox: Sandbox, queue: Queue, ensure: Ensure, operation: str
) -> None:
    sandbox.add_fault(operation, "drop_after")
    assert ensure("ORDER_CHANGE", queue.arn)[2:] == (True, True)
    assert sandbox.ledger.count(operation) == 1
