"""Triggers: something happens when a test says so, as a message in the queue or at the webhook."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests

from spshipping import Client
from spshipping.notifications import parse_notification
from spshipping.sandbox import Sandbox, example_order
from spshipping.shipping.webhooks import TrackingPush, parse_push

START = datetime(2026, 6, 15, 9, tzinfo=UTC)
SINCE = "2026-05-01T00:00:00Z"


class Webhook(HTTPServer):
    """A webhook that keeps what it gets."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Received)
        self.bodies: list[bytes] = []
        self.status = 204
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self.thread.join()


class _Received(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.fixture
def queue() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def sandbox(queue: list[dict[str, Any]]) -> Iterator[Sandbox]:
    with Sandbox(frozen_at=START, orders=40, purchase_orders=20, on_notification=queue.append) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with sandbox.client() as made:
        yield made


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    made = Webhook()
    yield made
    made.close()


def order_in(sandbox: Sandbox, status: str, channel: str = "MFN") -> str:
    found = (order for order in sandbox.orders() if (order.status, order.channel) == (status, channel))
    return next(order.id for order in found)


def test_an_order_changes_and_the_queue_has_the_message(
    sandbox: Sandbox, client: Client, queue: list[dict[str, Any]]
) -> None:
    order_id = order_in(sandbox, "Unshipped")
    done = sandbox.trigger("ORDER_CHANGE", order_id=order_id, status="Shipped")
    assert (done.event, done.status) == ("ORDER_CHANGE", None)
    assert queue == [done.message] == sandbox.notifications()
    read = parse_notification(done.message)
    change = read.order_change
    assert change is not None
    assert change.summary is not None
    assert (change.amazon_order_id, change.summary.order_status) == (order_id, "Shipped")
    order = client.orders.v0.get_order(order_id)
    assert (order.order_status, order.number_of_items_unshipped) == ("Shipped", 0)
    assert sandbox.order_changes()[-1].order_id == order_id


def test_without_an_id_the_newest_order_goes_on_to_its_next_status(sandbox: Sandbox) -> None:
    newest = [order for order in sandbox.orders() if order.status in ("Pending", "Unshipped")][-1]
    following = {"Pending": "Unshipped", "Unshipped": "Shipped"}[newest.status]
    message = sandbox.trigger("ORDER_CHANGE").message
    changed = message["Payload"]["OrderChangeNotification"]
    assert (changed["AmazonOrderId"], changed["Summary"]["OrderStatus"]) == (newest.id, following)


@pytest.mark.parametrize("status", ["Canceled", "Unshipped", "PartiallyShipped", "Shipped", "Unfulfillable"])
def test_an_order_can_be_put_into_any_status(sandbox: Sandbox, client: Client, status: str) -> None:
    for channel in ("MFN", "AFN"):
        order_id = order_in(sandbox, "Unshipped", channel)
        sandbox.trigger("ORDER_CHANGE", order_id=order_id, status=status)
        assert client.orders.v0.get_order(order_id).order_status == status
        assert client.orders.v2026_01_01.get_order(order_id).order is not None


def test_a_buyer_wishes_to_cancel(sandbox: Sandbox, client: Client) -> None:
    order_id = order_in(sandbox, "Unshipped")
    message = sandbox.trigger("ORDER_CHANGE", order_id=order_id, change="BuyerRequestedChange").message
    changed = message["Payload"]["OrderChangeNotification"]
    assert (changed["OrderChangeType"], changed["Summary"]["OrderStatus"]) == (
        "BuyerRequestedChange",
        "Unshipped",
    )
    (item, *_) = client.orders.v0.get_order_items(order_id).order_items
    assert item.buyer_requested_cancel is not None
    assert item.buyer_requested_cancel.is_buyer_requested_cancel == "true"


def test_a_parcel_is_reported_to_the_webhook_or_to_the_queue(
    sandbox: Sandbox, client: Client, webhook: Webhook, queue: list[dict[str, Any]]
) -> None:
    with pytest.raises(ValueError, match="no parcel was bought that Amazon carries"):
        sandbox.trigger("TRACKING")
    quote = client.shipping.get_rates(example_order())
    labels = [
        client.shipping.purchase_shipment(quote.purchase_request(rate, format="PNG"))
        for rate in quote.rates[:1]
    ]
    with pytest.raises(ValueError, match="there is no webhook to push to: name one first"):
        sandbox.trigger("TRACKING")
    sandbox.push_to(webhook.url, secret="key")
    done = sandbox.trigger("tracking", tracking_id=labels[0].tracking_id)
    assert (done.event, done.status) == ("TRACKING", 204)
    push = parse_push(webhook.bodies[0])
    assert isinstance(push, TrackingPush)
    assert push.tracking_id == labels[0].tracking_id
    assert done.message["detail"]["trackingId"] == push.tracking_id
    assert len(sandbox.pushes.sent) == 1
    queued = sandbox.trigger("OTP", to="queue")
    assert (queue, queued.status) == ([queued.message], None)
    assert queued.message["detail-type"] == "Return OTP"
    assert sandbox.trigger("NDR").message["detail"]["ndrEligible"] is True
    assert len(webhook.bodies) == 2


def test_an_order_change_can_go_to_the_webhook(sandbox: Sandbox, webhook: Webhook) -> None:
    with pytest.raises(ValueError, match="there is no webhook to push to"):
        sandbox.trigger("ORDER_CHANGE", to="webhook")
    sandbox.push_to(webhook.url, secret="key")
    webhook.status = 500
    done = sandbox.trigger("ORDER_CHANGE", to="webhook")
    assert done.status == 500
    assert parse_notification(webhook.bodies[0]).notification_type == "ORDER_CHANGE"
    assert sandbox.notifications() == []


@pytest.mark.parametrize("change", ["quantity", "line", "window", "order"])
def test_a_purchase_order_is_changed_by_amazon(sandbox: Sandbox, client: Client, change: str) -> None:
    message = sandbox.trigger("PURCHASE_ORDER_CHANGE", change=change).message
    number = message["purchaseOrderNumber"]
    assert (message["eventType"], message["change"]) == ("PURCHASE_ORDER_CHANGE", change)
    order = client.vendor.orders.get_purchase_order(number)
    assert order.order_details is not None
    assert order.order_details.purchase_order_changed_date is not None
    if change == "order":
        assert message["purchaseOrderState"] == order.purchase_order_state == "Closed"
        with pytest.raises(ValueError, match="there is no such purchase order that is open"):
            sandbox.trigger("PURCHASE_ORDER_CHANGE", purchase_order=number)
    else:
        again = sandbox.trigger("PURCHASE_ORDER_CHANGE", purchase_order=number).message
        assert again["purchaseOrderNumber"] == number


def test_any_other_notification_is_sent_with_its_payload(sandbox: Sandbox) -> None:
    done = sandbox.trigger("FEED_PROCESSING_FINISHED", payload={"feedId": "1"}, version="2020-09-04")
    assert sandbox.notifications() == [done.message]
    assert done.message["NotificationType"] == "FEED_PROCESSING_FINISHED"
    assert (done.message["Payload"], done.message["PayloadVersion"]) == ({"feedId": "1"}, "2020-09-04")
    own = sandbox.trigger("ORDER_CHANGE", payload={"a": 1})
    assert own.message["Payload"] == {"a": 1}


@pytest.mark.parametrize(
    ("event", "fields", "message"),
    [
        (
            "ORDER_CHANGED",
            {},
            "there is no event 'ORDER_CHANGED': it is one of ORDER_CHANGE, TRACKING, NDR, OTP",
        ),
        ("ORDER_CHANGE", {"to": "email"}, "to= is 'queue' or 'webhook'"),
        ("ORDER_CHANGE", {"order": "1"}, "this event has no field 'order'; its fields are order_id, status"),
        ("ORDER_CHANGE", {"order_id": 1}, "order_id is text"),
        ("ORDER_CHANGE", {"payload": 1}, "payload is an object"),
        ("ORDER_CHANGE", {"order_id": "123-1234567-1234567"}, "there is no such order that can still change"),
        ("ORDER_CHANGE", {"status": "Lost"}, "status is one of PendingAvailability"),
        ("ORDER_CHANGE", {"change": "Tip"}, "change is OrderStatusChange or BuyerRequestedChange"),
        ("PURCHASE_ORDER_CHANGE", {"change": "price"}, "change is one of quantity, line, window, order"),
        ("TRACKING", {"tracking_id": "none"}, "Amazon carries no parcel with this tracking id"),
    ],
)
def test_what_cannot_be_triggered_is_refused(
    sandbox: Sandbox, event: str, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        sandbox.trigger(event, **fields)
    assert sandbox.notifications() == []


def test_triggers_work_over_http(sandbox: Sandbox, webhook: Webhook) -> None:
    def post(body: object) -> requests.Response:
        return requests.post(f"{sandbox.url}/_sandbox/triggers", json=body, timeout=5)

    done = post({"event": "ORDER_CHANGE", "order_id": order_in(sandbox, "Unshipped")}).json()
    assert (done["event"], done["status"]) == ("ORDER_CHANGE", None)
    assert done["message"] == sandbox.notifications()[0]
    target = {"url": webhook.url, "secret": "key"}
    requests.post(f"{sandbox.url}/_sandbox/webhook", json=target, timeout=5).raise_for_status()
    assert post({"event": "ORDER_CHANGE", "to": "webhook"}).json()["status"] == 204
    refused = post({"event": "x"})
    assert (refused.status_code, "there is no event 'x'" in refused.json()["error"]) == (400, True)
    assert post({}).status_code == 400


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"event": "ORDER_CHANGE", "self": 1}', "this event has no field 'self'"),
        (b'{"event": "X", "payload": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001, "nested too deeply"),
    ],
)
def test_nonsense_over_http_is_refused_with_a_reason(body: bytes, error: str) -> None:
    with Sandbox(orders=1, purchase_orders=0) as box:
        answer = requests.post(f"{box.url}/_sandbox/triggers", data=body, timeout=5)
    assert answer.status_code == 400
    assert error in answer.json()["error"]
