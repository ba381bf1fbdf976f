"""The forms in which people hold a notification, one or many."""

import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from spshipping import WebhookError
from spshipping.notifications import parse_notification, parse_notifications
from tests.unit.notifications.build import (
    ORDER,
    POSTCODE,
    Json,
    event,
    message,
    numbered,
    order_change,
    other,
    record,
    sns,
)

Form = Callable[[Any], Any]
ONE: dict[str, Form] = {
    "parsed": lambda body: body,
    "text": json.dumps,
    "bytes": lambda body: json.dumps(body).encode(),
    "a bytearray": lambda body: bytearray(json.dumps(body).encode()),
    "a message of boto3": message,
    "a message of boto3, as text": lambda body: json.dumps(message(body)),
    "a record of AWS Lambda": record,
    "a record whose body is parsed": lambda body: {**record({}), "body": body},
    "an event of AWS Lambda": lambda body: {"Records": [record(body)]},
    "an event of AWS Lambda, as text": lambda body: json.dumps({"Records": [record(body)]}),
    "an answer of receive_message": lambda body: {
        "Messages": [message(body)],
        "ResponseMetadata": {"HTTPStatusCode": 200},
    },
    "a list, as EventBridge Pipes pass it on": lambda body: [record(body)],
    "an event of EventBridge": event,
    "an event of EventBridge in a queue": lambda body: message(event(body)),
    "SNS in a queue": lambda body: message(sns(body)),
    "SNS in a queue that AWS Lambda reads": lambda body: {"Records": [record(sns(body))]},
    "a record of SNS in AWS Lambda": lambda body: {"Records": [{"EventSource": "aws:sns", "Sns": sns(body)}]},
}


@pytest.mark.parametrize("form", ONE)
def test_d9_every_form_of_one_notification_is_read(form: str) -> None:
    held = ONE[form](order_change())
    read = parse_notification(held)
    assert read == parse_notification(order_change())
    assert read.order_change is not None
    assert read.order_change.amazon_order_id == ORDER
    assert parse_notifications(held) == [read]


BATCHES: dict[str, Callable[[list[Json]], Any]] = {
    "an event of AWS Lambda": lambda bodies: {"Records": [record(body) for body in bodies]},
    "an answer of receive_message": lambda bodies: {"Messages": [message(body) for body in bodies]},
    "messages of boto3": lambda bodies: [message(body) for body in bodies],
    "bodies": lambda bodies: [json.dumps(body) for body in bodies],
    "notifications": lambda bodies: bodies,
    "JSON": json.dumps,
}


@pytest.mark.parametrize("form", BATCHES)
def test_d9_many_are_read_in_their_order(form: str) -> None:
    batch = BATCHES[form]([numbered(1, "A"), other(), numbered(2, "B")])
    read = parse_notifications(batch)
    assert [one.order_change and one.order_change.amazon_order_id for one in read] == ["A", None, "B"]
    with pytest.raises(WebhookError, match="these are 3 messages, and not one: parse_notifications"):
        parse_notification(batch)


@pytest.mark.parametrize("batch", [{"Records": []}, {"Messages": []}, [], {"ResponseMetadata": {}}])
def test_d9_a_batch_may_be_empty(batch: Any) -> None:
    assert parse_notifications(batch) == []


@pytest.mark.parametrize("name", ["Records", "Messages", "Body", "body"])
def test_d9_a_notification_is_not_taken_for_what_one_of_its_fields_is_called(name: str) -> None:
    held = {**other(), name: [1]}
    assert parse_notification(held).notification_type == "FEED_PROCESSING_FINISHED"


def test_d9_the_message_that_cannot_be_read_is_named_and_not_shown() -> None:
    broken = {"Records": [record(order_change()), {**record({}), "body": POSTCODE}, record(other())]}
    with pytest.raises(WebhookError, match="message 2 of 3: the body is no JSON") as caught:
        parse_notifications(broken)
    error = caught.value
    assert (error.__cause__, error.__context__) == (None, None)
    trace = error.__traceback__ and error.__traceback__.tb_next
    shown = "".join(traceback.TracebackException(type(error), error, trace, capture_locals=True).format())
    assert POSTCODE not in shown
    assert ORDER not in shown
    # each by itself, and the others are not lost
    assert len([parse_notification(one) for one in broken["Records"] if one["body"] != POSTCODE]) == 2
