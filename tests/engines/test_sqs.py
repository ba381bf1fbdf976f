"""Changes from a queue, against moto's SQS: noted once, deleted after that, poison set aside."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest

from spshipping import Client, ConfigurationError, Credentials, Marketplace, ServerError, TransportError
from spshipping.auth.aws import AwsCredentials
from spshipping.auth.cache import TokenCache
from spshipping.notifications import Notification
from spshipping.notifications.sqs import QueueStatus, SqsConsumer
from spshipping.orders import AmazonOrder, OrderSync
from spshipping.sandbox import Sandbox
from spshipping.sandbox.orders import OrderSupply
from spshipping.sync import Batch, MemoryLeases, Worker
from tests.kit import FakeClock
from tests.unit.notifications.build import POSTCODE, event, numbered, order_change, other, sns
from tests.virtual import VirtualClock

pytestmark = pytest.mark.engines

SELLER, ROW = "A2SELLEREXAMPLE", "harbour-lane"
_names = count(1)


class Queue:
    """A queue at moto; a message that was received is shown again at once where *visibility* is 0."""

    def __init__(self, url: str, keys: AwsCredentials) -> None:
        self.sqs: Any = boto3.client(
            "sqs",
            endpoint_url=url,
            region_name="eu-west-1",
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key.reveal(),
        )
        self.url: str = self.sqs.create_queue(QueueName=f"fleet-{next(_names)}")["QueueUrl"]

    def put(self, *bodies: Any) -> None:
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self.sqs.send_message(QueueUrl=self.url, MessageBody=text)

    def left(self) -> int:
        """Return how many messages were not deleted."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)


@pytest.fixture
def queue(sts: tuple[str, AwsCredentials]) -> Queue:
    return Queue(*sts)


@pytest.fixture
def leases() -> MemoryLeases:
    leases = MemoryLeases(FakeClock())
    leases.add([ROW])
    lease = leases.claim("before", 60)
    assert lease is not None
    lease.release(1000)
    return leases


def consumer(queue: Queue, leases: Any, **options: Any) -> SqsConsumer:
    options = {"visibility": 0, "wait": 0, **options}
    return SqsConsumer(queue.url, leases, {SELLER: ROW}, sqs=queue.sqs, **options)


def waiting(leases: MemoryLeases) -> list[str]:
    lease = leases.claim("looks", 60)
    assert lease is not None
    found = [change.item_id for change in lease.take(100)]
    lease.release(1000)
    return found


def at(number: int, time: str | None, order: str = "A") -> Any:
    body = numbered(number, order)
    body["Payload"]["OrderChangeNotification"]["OrderChangeTrigger"]["TimeOfOrderChange"] = time
    return body


def test_changes_are_noted_whatever_is_around_them_and_their_seller_is_due(
    queue: Queue, leases: MemoryLeases
) -> None:
    queue.put(numbered(1, "A"), event(numbered(2, "B")), sns(numbered(3, "C")))
    found = consumer(queue, leases)
    assert leases.next_in() == 1000
    assert found.poll() == 3
    assert leases.next_in() == 0
    assert sorted(waiting(leases)) == ["A", "B", "C"]
    assert found.status == QueueStatus(noted=3)
    assert queue.left() == 0
    assert found.poll() == 0


def test_a_change_that_was_sent_twice_is_noted_once(queue: Queue, leases: MemoryLeases) -> None:
    time = "2026-03-01T12:00:00Z"
    queue.put(at(1, time), at(1, time), at(2, time), at(3, "2026-03-01T12:00:01Z"), at(4, None), at(5, None))
    found = consumer(queue, leases)
    found.poll()
    assert found.status == QueueStatus(noted=4, repeats=2)
    assert queue.left() == 0


def test_a_message_is_deleted_only_once_its_change_is_noted(
    queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    clock, stored = FakeClock(), MemoryLeases(FakeClock())
    stored.add([ROW])

    class Down:
        failures = 2

        def note(self, change: Any) -> Any:
            if change.item_id == "B" and self.failures:
                self.failures -= 1
                raise ServerError("down") if self.failures else OSError(POSTCODE)
            return stored.note(change)

    queue.put(numbered(1, "A"), numbered(2, "B"))
    found = consumer(queue, Down(), clock=clock)
    with pytest.raises(ServerError):
        found.poll()
    assert queue.left() == 1, "what came before it is deleted"
    found.run(stop=Stopper(lambda: found.status.noted == 2))
    assert queue.left() == 0
    assert clock.elapsed == 2
    assert found.status == QueueStatus(noted=2)
    assert "the queue failed, 1 in a row: OSError" in caplog.text
    assert POSTCODE not in caplog.text


class Stopper:
    def __init__(self, when: Callable[[], bool]) -> None:
        self.is_set = when


def test_a_queue_out_of_reach_is_tried_again_with_growing_pauses(leases: MemoryLeases) -> None:
    clock = FakeClock()

    class Away:
        def receive_message(self, **_: Any) -> Any:
            raise ConnectionError

    found = SqsConsumer("https://queue.example", leases, {}, sqs=Away(), clock=clock)
    found.run(stop=Stopper(lambda: clock.elapsed > 200))
    assert found.status.failures == 8
    assert clock.elapsed > 2 + 4 + 8 + 16 + 32 + 60 + 60


def test_poison_is_set_aside_without_its_text_and_deleted(
    queue: Queue, leases: MemoryLeases, caplog: pytest.LogCaptureFixture
) -> None:
    lacks_order = order_change()
    del lacks_order["Payload"]["OrderChangeNotification"]["AmazonOrderId"]
    queue.put(f'{{"Payload": "{POSTCODE}"', lacks_order, numbered(1, "A"))
    found = consumer(queue, leases)
    found.poll()
    assert found.status == QueueStatus(noted=1, rejected=2)
    assert queue.left() == 0
    reasons = sorted(one.reason for one in leases.quarantined())
    assert len(reasons) == 2
    assert POSTCODE not in caplog.text + str(reasons)


@pytest.mark.parametrize("odd", ["a\0", "\ud800", "x" * 2000])
def test_an_id_that_no_store_can_keep_is_set_aside_and_costs_no_other_message(
    queue: Queue, leases: MemoryLeases, caplog: pytest.LogCaptureFixture, odd: str
) -> None:
    of_seller, of_order, of_itself = numbered(2, "B"), numbered(3, odd), numbered(4, "D")
    of_seller["Payload"]["OrderChangeNotification"]["SellerId"] = odd
    of_itself["NotificationMetadata"]["NotificationId"] = odd
    queue.put(numbered(1, "A"), of_seller, of_order, of_itself, numbered(5, "E"))
    found = consumer(queue, leases)
    assert found.poll() == 5
    assert queue.left() == 0
    assert found.status == QueueStatus(noted=2, rejected=3)
    assert sorted(waiting(leases)) == ["A", "E"]
    words = sorted(one.reason.split()[4] for one in leases.quarantined())
    assert words == ["notification", "order", "seller"]
    assert odd not in caplog.text + str(leases.quarantined())


def test_a_message_that_fails_keeps_no_other_from_being_noted(
    queue: Queue, leases: MemoryLeases, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()

    def row_of(seller: str) -> str | None:
        if seller == SELLER:
            return ROW
        raise ValueError(POSTCODE)

    strange = numbered(2, "B")
    strange["Payload"]["OrderChangeNotification"]["SellerId"] = "A9OTHER"
    queue.put(numbered(1, "A"), strange, numbered(3, "C"))
    found = SqsConsumer(queue.url, leases, row_of, sqs=queue.sqs, visibility=0, wait=0, clock=clock)
    with pytest.raises(ValueError, match=POSTCODE):
        found.poll()
    assert sorted(waiting(leases)) == ["A", "C"]
    assert queue.left() == 1
    queue.put(numbered(4, "D"))
    found.run(stop=Stopper(lambda: found.status.noted == 3))
    assert clock.elapsed == 0, "where some are noted, there is no pause"
    found.run(stop=Stopper(lambda: found.status.failures == 1))
    assert clock.elapsed == 0, "the stop comes first"
    assert queue.left() == 1
    assert "a message failed, and comes again: ValueError" in caplog.text
    assert "the queue failed, 1 in a row: ValueError" in caplog.text
    assert POSTCODE not in caplog.text


def test_while_the_leases_are_out_of_reach_the_rest_of_the_messages_does_not_wait_for_them(
    queue: Queue,
) -> None:
    calls: list[str] = []

    class Away:
        def note(self, change: Any) -> Any:
            calls.append(change.item_id)
            raise TransportError("away")

    queue.put(numbered(1, "A"), numbered(2, "B"))
    with pytest.raises(TransportError):
        consumer(queue, Away()).poll()
    assert len(calls) == 1
    assert queue.left() == 2


@pytest.mark.parametrize("name", ["visibility", "wait"])
@pytest.mark.parametrize("odd", [-1, 1.5, True, "2", 10**6, float("nan"), None])
def test_seconds_that_sqs_would_refuse_are_refused_at_once(leases: MemoryLeases, name: str, odd: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}= is a whole number of seconds, 0 to"):
        SqsConsumer("https://queue.example", leases, {}, sqs=object(), **{name: odd})


def test_a_change_of_a_seller_without_a_row_is_set_aside(queue: Queue, leases: MemoryLeases) -> None:
    strange = numbered(1, "A")
    strange["Payload"]["OrderChangeNotification"]["SellerId"] = "A9OTHER"
    lost = numbered(2, "B")
    queue.put(strange, strange, lost)
    found = SqsConsumer(
        queue.url, leases, lambda seller: None if seller != SELLER else "removed", sqs=queue.sqs, wait=0
    )
    found.poll()
    assert found.status == QueueStatus(rejected=3)
    assert [(one.key, "A9OTHER" in one.reason) for one in leases.quarantined()] == [
        ("id-1", True),
        ("id-2", False),
    ]
    assert queue.left() == 0


@pytest.mark.parametrize("rows", [(ROW, "quay"), [ROW, "removed", "quay", ROW]])
def test_a_change_is_noted_for_each_row_of_its_seller(
    queue: Queue, leases: MemoryLeases, rows: Sequence[str]
) -> None:
    leases.add(["quay"])
    long = numbered(2, "B")
    long["NotificationMetadata"]["NotificationId"] = "x" * 999
    queue.put(numbered(1, "A"), numbered(1, "A"), long)
    found = SqsConsumer(queue.url, leases, {SELLER: rows}, sqs=queue.sqs, wait=0)
    found.poll()
    assert found.status == QueueStatus(noted=4, repeats=2)
    assert {row.name: row.changes for row in leases.sellers()} == {ROW: 2, "quay": 2}
    assert sorted(waiting(leases)) == sorted(waiting(leases)) == ["A", "B"]
    assert (queue.left(), leases.quarantined()) == (0, [])


def test_a_change_of_a_seller_with_no_row_among_many_is_set_aside(queue: Queue, leases: MemoryLeases) -> None:
    queue.put(numbered(1, "A"))
    found = SqsConsumer(queue.url, leases, lambda _: ["removed", "gone"], sqs=queue.sqs, wait=0)
    found.poll()
    assert found.status == QueueStatus(rejected=1)
    assert queue.left() == 0


def test_other_notifications_are_handed_on_and_come_again_where_that_fails(
    queue: Queue, leases: MemoryLeases, caplog: pytest.LogCaptureFixture
) -> None:
    passed: list[str] = []

    def on_other(notification: Notification) -> None:
        passed.append(notification.notification_type)
        if len(passed) == 1:
            raise ValueError(POSTCODE)
        if len(passed) == 2:
            raise ServerError("down")

    queue.put(other(), numbered(1, "A"))
    found = consumer(queue, leases, on_other=on_other)
    for _ in range(3):
        found.poll()
    assert passed == ["FEED_PROCESSING_FINISHED"] * 3
    assert found.status == QueueStatus(noted=1, others=1)
    assert queue.left() == 0
    assert "on_other failed: ValueError" in caplog.text
    assert POSTCODE not in caplog.text
    queue.put(other())
    consumer(queue, leases).poll()
    assert queue.left() == 0


def test_a_message_is_hidden_from_others_while_it_is_dealt_with(queue: Queue) -> None:
    leases = MemoryLeases(FakeClock())
    leases.add([ROW])
    others: list[int] = []

    class Slow:
        def note(self, change: Any) -> Any:
            others.append(consumer(queue, leases).poll())
            return leases.note(change)

    queue.put(numbered(1, "A"))
    consumer(queue, Slow(), visibility=30).poll()
    assert others == [0]


def test_without_boto3_the_extra_is_named(leases: MemoryLeases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert SqsConsumer("https://queue.example", leases, {}).status == QueueStatus()
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ConfigurationError, match=r"spshipping\[sqs\]"):
        SqsConsumer("https://queue.example", leases, {})


def test_without_a_region_the_variable_is_named(
    leases: MemoryLeases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="set AWS_REGION, such as eu-west-1"):
        SqsConsumer("https://queue.example", leases, {})
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert SqsConsumer("https://queue.example", leases, {})._sqs.meta.region_name == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "no region")
    with pytest.raises(ConfigurationError, match=r"as it is set up \(InvalidRegionError\)"):
        SqsConsumer("https://queue.example", leases, {})


def test_a_line_end_in_the_id_of_a_seller_begins_no_line_of_the_log(
    queue: Queue, leases: MemoryLeases, caplog: pytest.LogCaptureFixture
) -> None:
    strange = numbered(1, "A")
    strange["Payload"]["OrderChangeNotification"]["SellerId"] = "A9\nERROR forged"
    queue.put(strange)
    SqsConsumer(queue.url, leases, {}, sqs=queue.sqs, wait=0).poll()
    assert "A9\\nERROR forged" in caplog.text
    assert "\nERROR" not in "".join(record.getMessage() for record in caplog.records)


@pytest.fixture
def sandbox(queue: Queue) -> Iterator[Sandbox]:
    with Sandbox(orders=OrderSupply(60, seed=2, days=2), quotas=False, on_notification=queue.put) as box:
        yield box


def test_from_a_change_to_its_delivery_there_is_one_call_and_the_search_leaves_it_out(
    sandbox: Sandbox, queue: Queue
) -> None:
    leases = MemoryLeases()
    leases.add([ROW])
    batches: list[list[str | None]] = []

    def deliver(_: str, batch: Batch[AmazonOrder]) -> None:
        batches.append([order.amazon_order_id for order in batch])

    with Client(
        Credentials(**sandbox.credentials),
        Marketplace.UK,
        endpoint=sandbox.url,
        token_url=sandbox.token_url,
        token_cache=TokenCache(),
        clock=VirtualClock(sandbox.clock),
    ) as client:
        worker = Worker[AmazonOrder](
            leases, lambda _, store: OrderSync(client.orders, store), deliver, every=21_600
        )
        while worker.step():
            pass
        searched, batches[:] = sandbox.ledger.count("searchOrders"), []
        uk = [order.id for order in sandbox.orders() if order.place.marketplace.name == "UK"]
        message = sandbox.trigger("ORDER_CHANGE", change="BuyerRequestedChange", order_id=uk[-1]).message
        seller = message["Payload"]["OrderChangeNotification"]["SellerId"]
        queue.put(message)  # SQS delivers now and then twice
        found = SqsConsumer(queue.url, leases, {seller: ROW}, sqs=queue.sqs, wait=0)
        while found.poll():
            pass
        while worker.step():
            pass
        assert batches == [[uk[-1]]]
        assert sandbox.ledger.count("getOrder") == 1
        assert sandbox.ledger.count("searchOrders") == searched
        sandbox.clock.advance(300)
        assert not worker.step()
        leases.pull_forward(ROW)
        while worker.step():
            pass
        assert sandbox.ledger.count("searchOrders") > searched
        assert uk[-1] not in [order_id for batch in batches[1:] for order_id in batch]
