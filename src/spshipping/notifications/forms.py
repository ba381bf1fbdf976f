"""The forms in which a notification is handed over, and what is around it in each."""

from collections.abc import Mapping
from typing import Any

from spshipping.errors import DecodeError
from spshipping.wire import text

# as much as SQS takes:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
MOST_BYTES = 1_048_576
_MOST_WRAPPERS = 5
_BATCHES = ("Records", "Messages")
"""Of an event in AWS Lambda, of an answer of `receive_message`."""


class UnreadableError(Exception):
    """The body is no notification, and why. Never seen outside: its traceback holds the body."""


def messages(body: Any) -> list[Any]:
    """Return the messages of a batch; what is no batch is one message.

    Raises:
        UnreadableError: it is neither.
    """
    value = _parsed(body)
    if isinstance(value, list):
        return value
    event = _object(value)
    if not _names_a_type(event):
        for name in _BATCHES:
            if isinstance(event.get(name), list):
                batch: list[Any] = event[name]
                return batch
        if event.keys() == {"ResponseMetadata"}:
            return []  # `receive_message` leaves `Messages` out where there are none
    return [event]


def unwrapped(message: Any) -> Mapping[str, Any]:
    """Take off what is around one notification.

    Raises:
        UnreadableError: it is no JSON object, or too much is around it.
    """
    for _ in range(_MOST_WRAPPERS):
        event = _object(_parsed(message))
        if "detail-type" in event:
            detail = _object(_parsed(event.get("detail")))
            return detail if _names_a_type(detail) else {"notificationType": event["detail-type"], **detail}
        if _names_a_type(event):
            return event
        if "TopicArn" in event:
            message = event.get("Message")  # SNS
        elif isinstance(event.get("Sns"), Mapping):
            message = event["Sns"]  # a record of SNS in AWS Lambda
        elif "Body" in event:
            message = event["Body"]  # boto3
        elif "body" in event:
            message = event["body"]  # a record of SQS in AWS Lambda
        else:
            return event
    raise UnreadableError("too much is wrapped around the notification")


def _names_a_type(event: Mapping[str, Any]) -> bool:
    return any(str(name).lower() == "notificationtype" for name in event)


def _parsed(body: Any) -> Any:
    """Return parsed JSON, of JSON or of what was parsed already."""
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogatepass")
    if not isinstance(body, bytes | bytearray):
        return body
    if len(body) > MOST_BYTES:
        raise UnreadableError(f"the body has {len(body)} bytes; at most {MOST_BYTES} are read")
    try:
        return text.parse(bytes(body))
    except DecodeError:
        raise UnreadableError("the body is no JSON") from None


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UnreadableError(f"the body is no JSON object, but a {type(value).__name__}")
    return value
