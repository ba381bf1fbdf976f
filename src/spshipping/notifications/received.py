"""A notification as it arrives: from SQS, through EventBridge or wrapped by SNS, in any casing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any

from spshipping.errors import MissingFieldError, WebhookError
from spshipping.meta import Deviation
from spshipping.notifications.forms import UnreadableError, messages, unwrapped
from spshipping.notifications.order_change import OrderChangeNotification
from spshipping.notifications.rotation import (
    NEW_SECRET,
    SECRET_EXPIRY,
    ApplicationOAuthClientNewSecret,
    ApplicationOAuthClientSecretExpiry,
    NewSecretFields,
    NewSecretPayload,
    SecretExpiryPayload,
    without_secret,
)
from spshipping.wire.convert import structure
from spshipping.wire.model import Model, camel, has, pascal
from spshipping.wire.shapes import Shape, fields_of

Body = str | bytes | Mapping[str, Any] | Sequence[Any]


@camel
class NotificationMetadata(Model):
    """Which notification it is, and why it was sent here."""

    application_id: str
    subscription_id: str
    publish_time: datetime
    notification_id: str
    """The same each time that the same notification is delivered."""


@camel(
    personal=("payload",),
    local=("order_change", "client_secret_expiry", "client_new_secret", "deviations"),
)
class Notification(Model):
    """Something that happened. Of a type that has no model here, the payload is what there is."""

    notification_version: str
    notification_type: str
    payload_version: str
    event_time: datetime
    payload: dict[str, Any]
    """As it came, but for a client secret, which is a `Secret`. Often personal: repr leaves it out."""
    notification_metadata: NotificationMetadata
    order_change: OrderChangeNotification | None = None
    """The payload, where the type is ORDER_CHANGE; None for every other type."""
    client_secret_expiry: ApplicationOAuthClientSecretExpiry | None = None
    """The payload, where the type is APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY."""
    client_new_secret: ApplicationOAuthClientNewSecret | None = None
    """The payload, where the type is APPLICATION_OAUTH_CLIENT_NEW_SECRET: it cannot be pickled."""
    deviations: tuple[Deviation, ...] = ()
    """What was repaired in it, and where."""

    @property
    def notification_id(self) -> str | None:
        """The unique id of this notification; None where Amazon left it out."""
        try:
            return self.notification_metadata.notification_id
        except MissingFieldError:
            return None


@pascal
class _OrderChangePayload(Model):
    """What holds the change to an order."""

    order_change_notification: OrderChangeNotification


def parse_notification(body: Body) -> Notification:
    """Read one notification, in whatever form it was handed over.

    What SQS, SNS, EventBridge or AWS Lambda put around it is taken off. Names are read in any casing, new
    fields are kept, odd values are repaired as in an answer, and a type that is not known here is no error.

    Args:
        body: a message of boto3, its `Body`, a record of an event in AWS Lambda, its `body`, an event of
            EventBridge, or the notification; each as JSON of at most 1 MiB, or parsed. A batch is taken where
            it holds one message; `parse_notifications` reads larger ones.

    Raises:
        WebhookError: it is no notification, it lacks what its type is about (the order of an ORDER_CHANGE,
            the secret of a new secret), or it is not exactly one; repeating will not help. The error does
            not hold the body.
    """
    read = _read(body, is_single=True)
    if isinstance(read, str):
        # no exception until here, for tracebacks show contexts and local variables
        del body
        raise WebhookError(read)
    return read[0]


def parse_notifications(body: Body) -> list[Notification]:
    """Read all notifications of a batch; what is no batch holds one.

    All or nothing: to leave single messages to the queue's redrive policy, give the messages of the batch to
    `parse_notification` one by one.

    Args:
        body: an event of AWS Lambda with its `Records`, what boto3's `receive_message` returns, a list of
            messages, or whatever `parse_notification` takes.

    Raises:
        WebhookError: one cannot be read, and which; see `parse_notification`.
    """
    read = _read(body, is_single=False)
    if isinstance(read, str):
        del body
        raise WebhookError(read)
    return read


def _read(body: Any, *, is_single: bool) -> list[Notification] | str:
    """Return the notifications, or why they cannot be read."""
    read: list[Notification] = []
    found: list[Any] = []
    try:
        found = messages(body)
        if is_single and len(found) != 1:
            return f"these are {len(found)} messages, and not one: parse_notifications reads them"
        for message in found:
            read.append(_notification(unwrapped(message)))  # noqa: PERF401 - the number of those read is needed
    except UnreadableError as error:
        return str(error) if len(found) <= 1 else f"message {len(read) + 1} of {len(found)}: {error}"
    return read


def _notification(envelope: Mapping[str, Any]) -> Notification:
    value, deviations = structure(_respelled(envelope, Shape("model", Notification)), Notification)
    notification: Notification | None = value
    if notification is None or not getattr(notification, "notification_type", None):
        raise UnreadableError("this is no notification: it names no NotificationType")
    if not has(notification, "payload"):
        notification.payload = {}
    notification.deviations = deviations
    _read_payload(notification)
    return notification


def _read_payload(notification: Notification) -> None:
    """Read the payload, where its type has a model here."""
    type_ = notification.notification_type
    if type_ == "ORDER_CHANGE":
        change: OrderChangeNotification | None = _held(notification, _OrderChangePayload)
        if change is None or not getattr(change, "amazon_order_id", None):
            raise UnreadableError("this is an ORDER_CHANGE that names no order")
        notification.order_change = change
    elif type_ == SECRET_EXPIRY:
        expiry: ApplicationOAuthClientSecretExpiry | None = _held(notification, SecretExpiryPayload)
        if expiry is None or not getattr(expiry, "client_id", None):
            raise UnreadableError(f"this is an {type_} that names no client")
        notification.client_secret_expiry = expiry
    elif type_ == NEW_SECRET:
        fields: NewSecretFields | None = _held(notification, NewSecretPayload)
        if fields is None or not all(
            getattr(fields, name, None) for name in ("client_id", "new_client_secret")
        ):
            raise UnreadableError(f"this is an {type_} that lacks the client or its secret")
        notification.client_new_secret = fields.hidden()
        notification.payload = without_secret(notification.payload)


def _held(notification: Notification, holder: type[Model]) -> Any:
    """Return what the only field of *holder* has in the payload; None where it is not there."""
    (field,) = fields_of(holder)
    payload = _respelled(notification.payload, Shape("model", holder))
    value, repairs = structure(payload, holder)
    notification.deviations += tuple(Deviation(f"payload.{path}", kind) for path, kind in repairs)
    return getattr(value, field.name, None)


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
