"""A notification as it arrives: from SQS, through EventBridge or wrapped by SNS, in any casing."""

from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from spshipping.errors import DecodeError, MissingFieldError, WebhookError
from spshipping.meta import Deviation
from spshipping.notifications.order_change import OrderChangeNotification
from spshipping.wire import text
from spshipping.wire.convert import structure
from spshipping.wire.model import Model, camel, has, pascal
from spshipping.wire.shapes import Shape, fields_of

# as much as SQS takes:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
_MOST_BYTES = 1_048_576
_MOST_WRAPPERS = 3


@camel
class NotificationMetadata(Model):
    """Which notification it is, and why it was sent here."""

    application_id: str
    subscription_id: str
    publish_time: datetime
    notification_id: str
    """The same each time that the same notification is delivered."""


@camel(personal=("payload",), local=("order_change", "deviations"))
class Notification(Model):
    """Something that happened. Of a type that has no model here, the payload is what there is."""

    notification_version: str
    notification_type: str
    payload_version: str
    event_time: datetime
    payload: dict[str, Any]
    """As it came. It may tell of a person: repr leaves it out."""
    notification_metadata: NotificationMetadata
    order_change: OrderChangeNotification | None = None
    """The payload, where the type is ORDER_CHANGE; None for every other type."""
    deviations: tuple[Deviation, ...] = ()
    """What was repaired in it, and where."""

    @property
    def notification_id(self) -> str | None:
        """What tells it from every other; None where Amazon has left it out."""
        try:
            return self.notification_metadata.notification_id
        except MissingFieldError:
            return None


@pascal
class _OrderChangePayload(Model):
    """What holds the change to an order."""

    order_change_notification: OrderChangeNotification


class _UnreadableError(Exception):
    """The body is no notification, and why. Never seen outside: its traceback holds the body."""


def parse_notification(body: str | bytes | Mapping[str, Any]) -> Notification:
    """Read a notification from the body of an SQS message, or from an event of EventBridge.

    What SNS or EventBridge put around it is taken off. Names are read in any casing, new fields are kept, odd
    values are repaired as in an answer, and a type that is not known here is no error.

    Args:
        body: JSON, at most 1 MiB, or what it was parsed to. Of a message from boto3 it is `message["Body"]`,
            of a record in AWS Lambda `record["body"]`.

    Raises:
        WebhookError: it is no notification, or an ORDER_CHANGE that names no order; repeating will not help.
            The error does not hold the body.
    """
    try:
        return _notification(_unwrapped(body))
    except _UnreadableError as error:
        reason = str(error)
    # outside the handler, for tracebacks show contexts and local variables
    del body
    raise WebhookError(reason)


def _unwrapped(body: Any) -> Mapping[str, Any]:
    """Take off what was put around the notification."""
    for _ in range(_MOST_WRAPPERS):
        event = _object(body)
        if "detail-type" in event:
            detail = _object(event.get("detail"))
            is_named = any(str(name).lower() == "notificationtype" for name in detail)
            return detail if is_named else {"notificationType": event["detail-type"], **detail}
        if "TopicArn" not in event:
            return event
        body = event.get("Message")
    raise _UnreadableError("too much is wrapped around the notification")


def _object(body: Any) -> Mapping[str, Any]:
    """Return a JSON object, parsed unless it is."""
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogatepass")
    if isinstance(body, bytes):
        if len(body) > _MOST_BYTES:
            raise _UnreadableError(f"the body has {len(body)} bytes; at most {_MOST_BYTES} are read")
        try:
            body = text.parse(body)
        except DecodeError:
            raise _UnreadableError("the body is no JSON") from None
    if not isinstance(body, Mapping):
        raise _UnreadableError(f"the body is no JSON object, but a {type(body).__name__}")
    return body


def _notification(envelope: Mapping[str, Any]) -> Notification:
    value, deviations = structure(_respelled(envelope, Shape("model", Notification)), Notification)
    notification: Notification | None = value
    if notification is None or not getattr(notification, "notification_type", None):
        raise _UnreadableError("this is no notification: it names no NotificationType")
    if not has(notification, "payload"):
        notification.payload = {}
    notification.deviations = deviations
    if notification.notification_type == "ORDER_CHANGE":
        payload = _respelled(notification.payload, Shape("model", _OrderChangePayload))
        value, repairs = structure(payload, _OrderChangePayload)
        change: OrderChangeNotification | None = getattr(value, "order_change_notification", None)
        if change is None or not getattr(change, "amazon_order_id", None):
            raise _UnreadableError("this is an ORDER_CHANGE that names no order")
        notification.order_change = change
        notification.deviations += tuple(Deviation(f"payload.{path}", kind) for path, kind in repairs)
    return notification


def _respelled(value: Any, shape: Shape) -> Any:
    """Spell the fields that a model knows as the model does; what is known beforehand is never displaced."""
    if shape.kind == "list" and isinstance(value, list) and shape.item:
        return [_respelled(item, shape.item) for item in value]
    if shape.kind != "model" or not isinstance(value, Mapping):
        return value
    fields = {field.wire.lower(): field for field in fields_of(shape.cls)}
    spelled: dict[str, Any] = {}
    for name, item in value.items():
        field = fields.get(str(name).lower())
        if field is None or (name != field.wire and (field.wire in value or field.wire in spelled)):
            spelled[name] = item
        else:
            spelled[field.wire] = _respelled(item, field.shape)
    return spelled


class SeenNotifications:
    """The ids of the notifications that were dealt with: SQS delivers at least once, so now and then twice.

    Remembers the latest, in memory: after a restart, a few may be dealt with again. Threads may share it.
    """

    def __init__(self, most: int = 10_000) -> None:
        """Remember at most *most* ids; an id is 36 characters."""
        self._most = most
        self._ids: dict[str, None] = {}
        self._lock = Lock()

    def is_new(self, notification: Notification) -> bool:
        """Say whether it was not dealt with yet; one without an id is always new. Remembers nothing."""
        return notification.notification_id not in self._ids

    def add(self, notification: Notification) -> None:
        """Remember that it was dealt with. Not before: what fails must be new when it comes again."""
        if notification.notification_id is None:
            return
        with self._lock:
            self._ids.pop(notification.notification_id, None)
            self._ids[notification.notification_id] = None
            while len(self._ids) > self._most:
                del self._ids[next(iter(self._ids))]

    def __len__(self) -> int:
        return len(self._ids)
