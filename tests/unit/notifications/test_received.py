"""Notifications as they arrive: whatever is around them, in any casing, whole or odd; and what is none."""

import copy
import json
import pickle
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest

from spshipping import Deviation, WebhookError, dumps, extra, reveal
from spshipping.notifications import (
    Notification,
    NotificationLevel,
    OrderChangeTypeEnum,
    OrderProgram,
    OrderStatus,
    SeenNotifications,
    parse_notification,
)
from spshipping.notifications.forms import MOST_BYTES
from tests.unit.notifications.build import (
    ORDER,
    POSTCODE,
    Json,
    camel,
    event,
    numbered,
    order_change,
    other,
    sns,
)

WAYS: dict[str, Callable[[Json], Any]] = {
    "text": json.dumps,
    "bytes": lambda envelope: json.dumps(envelope).encode(),
    "a dictionary": lambda envelope: envelope,
    "another mapping": MappingProxyType,
    "camelCase": lambda envelope: json.dumps(camel(envelope)),
    "camelCase around the payload only": lambda envelope: {
        **camel({name: value for name, value in envelope.items() if name != "Payload"}),
        "payload": envelope["Payload"],
    },
    "EventBridge": lambda envelope: json.dumps(event(envelope)),
    "EventBridge, camelCase": lambda envelope: event(camel(envelope)),
    "EventBridge, the type on the event": lambda envelope: event(
        {name: value for name, value in envelope.items() if name != "NotificationType"}
    ),
    "EventBridge, the detail as text": lambda envelope: event(json.dumps(envelope)),
    "SNS": lambda envelope: json.dumps(sns(envelope)),
    "SNS around EventBridge": lambda envelope: sns(event(envelope)),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_order_change_is_read_however_it_comes(way: str) -> None:
    notification = parse_notification(WAYS[way](order_change()))

    assert notification.deviations == ()
    assert notification.notification_type == "ORDER_CHANGE"
    assert notification.notification_id == "d0e9e693-0000-4000-8000-000000000001"
    assert notification.event_time == datetime(2026, 3, 1, 12, 0, 0, 109_000, UTC)
    change = notification.order_change
    assert change is not None
    assert change == parse_notification(order_change()).order_change
    assert (change.amazon_order_id, change.notification_level) == (ORDER, NotificationLevel.ORDER_LEVEL)
    assert change.order_change_type is OrderChangeTypeEnum.ORDER_STATUS_CHANGE
    assert change.order_change_trigger.time_of_order_change is None
    assert change.summary.order_status is OrderStatus.PARTIALLY_SHIPPED
    assert change.summary.order_programs == [OrderProgram.PRIME]
    (item,) = change.summary.order_items
    assert (item.seller_sku, item.quantity, item.supply_source_id) == ("MUG-BLUE", 3, None)
    assert not any(extra(model) for model in (notification, change, change.summary, item))


def test_a_type_that_is_not_known_is_passed_through() -> None:
    notification = parse_notification(json.dumps(camel(other())))
    assert notification.notification_type == "FEED_PROCESSING_FINISHED"
    assert notification.order_change is None
    assert notification.payload == other()["Payload"]
    assert notification.deviations == ()


def test_new_fields_and_new_values_are_kept() -> None:
    envelope = order_change(OrderStatus="Reserved", GiftCount=2)
    envelope["TraceId"] = "1-2"
    notification = parse_notification(envelope)
    change = notification.order_change
    assert change is not None
    assert extra(notification) == {"TraceId": "1-2"}
    assert extra(change.summary) == {"GiftCount": 2}
    assert (change.summary.order_status, change.summary.order_status.is_known) == ("Reserved", False)
    assert parse_notification(dumps(notification)) == notification


def test_a_field_that_comes_in_two_casings_is_read_once_and_the_other_kept() -> None:
    both = {"notificationVersion": "2.0", **order_change()}
    assert parse_notification(both).notification_version == "2.0"
    assert extra(parse_notification(both)) == {"NotificationVersion": "1.0"}
    later = {**order_change(), "notificationVersion": "2.0"}
    assert parse_notification(later).notification_version == "2.0"
    twice = {**order_change(), "NOTIFICATIONVERSION": "3.0"}
    assert parse_notification(twice).notification_version == "1.0"


def test_odd_values_are_repaired_and_named() -> None:
    envelope = order_change(NumberOfItemsShipped="2", OrderItems=None, PurchaseDate="soon")
    del envelope["NotificationMetadata"]["PublishTime"]
    notification = parse_notification(envelope)
    assert set(notification.deviations) == {
        Deviation("notificationMetadata.publishTime", "missing"),
        Deviation("payload.OrderChangeNotification.Summary.NumberOfItemsShipped", "converted"),
        Deviation("payload.OrderChangeNotification.Summary.OrderItems", "null"),
        Deviation("payload.OrderChangeNotification.Summary.PurchaseDate", "unreadable"),
    }
    change = notification.order_change
    assert change is not None
    assert (change.summary.number_of_items_shipped, change.summary.order_items) == (2, [])
    assert (change.summary.purchase_date, extra(change.summary)) == (
        None,
        {"PurchaseDate": "soon", "OrderItems": None},
    )


@pytest.mark.parametrize("payload", [None, "text", []])
def test_a_payload_that_is_none_is_an_empty_one(payload: Any) -> None:
    notification = parse_notification({**other(), "Payload": payload})
    assert notification.payload == {}
    assert [path for path, _ in notification.deviations] == ["payload"]


def test_what_has_a_type_and_nothing_else_is_a_notification_still() -> None:
    notification = parse_notification(event({"feedId": "1"}, "NEW_THING"))
    assert (notification.notification_type, notification.notification_id) == ("NEW_THING", None)
    assert extra(notification) == {"feedId": "1"}


def _changed(change: Callable[[Json], object]) -> Json:
    envelope = order_change()
    change(envelope)
    return envelope


NO_ORDER = "names no order"
BAD: dict[str, tuple[Any, str]] = {
    "no JSON": (f"{POSTCODE}{{", "the body is no JSON"),
    "no UTF-8": (b"\xff\xfe", "the body is no JSON"),
    "half a surrogate pair": ("\ud800", "the body is no JSON"),
    "nothing": ("", "the body is no JSON"),
    "nested without end": ("[" * 100_000, "the body is no JSON"),
    "two messages": (json.dumps([order_change(), order_change()]), "these are 2 messages, and not one"),
    "no message": ({"Records": []}, "these are 0 messages, and not one"),
    "a list in a list": ([[order_change()]], "the body is no JSON object, but a list"),
    "a message without a body": ({"MessageId": "m", "Body": None}, "no JSON object, but a NoneType"),
    "a record of something else": ({"Records": [{"s3": {}}]}, "names no NotificationType"),
    "text": (json.dumps(POSTCODE), "the body is no JSON object, but a str"),
    "None": (None, "the body is no JSON object, but a NoneType"),
    "an empty object": ({}, "names no NotificationType"),
    "no type": (_changed(lambda e: e.pop("NotificationType")), "names no NotificationType"),
    "a type that is no text": ({**order_change(), "NotificationType": []}, "names no NotificationType"),
    "an event without detail": (event(None), "the body is no JSON object, but a NoneType"),
    "SNS, confirming a topic": (
        {**sns({}), "Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe"},
        "the body is no JSON",
    ),
    "too much around it": (sns(sns(sns(sns(sns(order_change()))))), "too much is wrapped"),
    "an order change without payload": (_changed(lambda e: e.pop("Payload")), NO_ORDER),
    "an order change of another shape": ({**order_change(), "Payload": {"Order": {}}}, NO_ORDER),
    "an order change that is empty": (
        {**order_change(), "Payload": {"OrderChangeNotification": {"SellerId": POSTCODE}}},
        NO_ORDER,
    ),
    "an order change without its order": (
        _changed(lambda e: e["Payload"]["OrderChangeNotification"].update(AmazonOrderId=None)),
        NO_ORDER,
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_notification_is_refused_without_being_shown(kind: str) -> None:
    body, reason = BAD[kind]
    with pytest.raises(WebhookError, match=reason) as caught:
        parse_notification(copy.deepcopy(body))
    error = caught.value
    assert (error.__cause__, error.__context__) == (None, None)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    ours = traceback.TracebackException(
        type(error), error, error.__traceback__ and error.__traceback__.tb_next, capture_locals=True
    )
    shown = "".join(ours.format())
    for personal in (POSTCODE, ORDER):
        assert personal not in shown


def test_a_body_that_is_too_large_is_not_read() -> None:
    body = json.dumps({**order_change(), "Padding": ""})
    fits = json.dumps({**order_change(), "Padding": "x" * (MOST_BYTES - len(body))})
    assert parse_notification(fits).order_change is not None
    for large in (fits + " ", fits.encode() + b" "):
        with pytest.raises(WebhookError, match="has 1048577 bytes; at most 1048576 are read"):
            parse_notification(large)
    with pytest.raises(WebhookError, match="bytes; at most"):
        parse_notification({**sns({}), "Message": fits + " "})


def test_personal_data_does_not_show_and_everything_is_copied() -> None:
    notification = parse_notification(order_change())
    assert POSTCODE not in repr(notification)
    assert POSTCODE not in repr(notification.order_change)
    assert POSTCODE in reveal(notification)
    twin: Notification = pickle.loads(pickle.dumps(notification))
    assert (twin, twin.order_change) == (notification, notification.order_change)


def _read(envelope: Mapping[str, Any]) -> Notification:
    return parse_notification(envelope)


def test_a_notification_is_new_until_it_was_dealt_with() -> None:
    seen = SeenNotifications()
    first, second = _read(numbered(1)), _read(numbered(2))
    assert seen.is_new(first)
    assert seen.is_new(first), "asking remembers nothing: what failed must be new when it comes again"
    seen.add(first)
    assert not seen.is_new(_read(camel(numbered(1))))
    assert seen.is_new(second)


def test_a_notification_without_an_id_is_always_new() -> None:
    seen = SeenNotifications()
    nameless = _read(event({}, "NEW_THING"))
    seen.add(nameless)
    assert seen.is_new(nameless)
    assert len(seen) == 0


def test_only_the_latest_ids_are_remembered() -> None:
    seen = SeenNotifications(most=2)
    for number in (1, 2, 1, 3):
        seen.add(_read(numbered(number)))
    assert len(seen) == 2
    assert [seen.is_new(_read(numbered(number))) for number in (1, 2, 3)] == [False, True, False]
