"""Takes Amazon's notifications from a queue of SQS: each change is noted once, and its seller is due then."""

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError, SpShippingError, TransportError, WebhookError, printable
from spshipping.notifications.received import Notification, parse_notification
from spshipping.secret import conceal, discreet
from spshipping.sync import NewChange, Noted, Stop, SyncLeases
from spshipping.sync.names import id_fault

__all__ = ["SqsConsumer", "QueueStatus"]

_MOST_MESSAGES = 10
"""SQS hands out, and deletes, no more at a time."""
_MOST_WAIT, _MOST_VISIBILITY = 20, 43_200
"""What SQS takes. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"""
_PULSE_SECONDS, _MOST_PAUSE = 0.5, 60.0

_logger = logging.getLogger("spshipping")


class QueueStatus(NamedTuple):
    """What came of the messages of a queue."""

    noted: int = 0
    """Changes that were new."""
    repeats: int = 0
    others: int = 0
    """Notifications of another type than ORDER_CHANGE."""
    rejected: int = 0
    """What was set aside: no notification, or of a seller who has no row."""
    failures: int = 0
    """Failures in a row: to reach the queue or the leases, or to be done with any of the messages."""
    not_deleted: int = 0
    """Messages that the queue refused to delete, and shows again."""


class SqsConsumer:
    """Notes the changes that ORDER_CHANGE names, for the workers that share the leases.

    A message is deleted once its change is noted, and not before: what fails comes again when its visibility
    timeout ends, and holds up none of the others. What cannot be read, or names an id that no store can keep,
    is set aside, by its id and without its text, and deleted: to keep the text, read the queue through a
    redrive policy of your own.

    Needs the extra `spshipping[sqs]`, unless it is given a client of boto3.
    """

    def __init__(
        self,
        queue_url: str,
        leases: SyncLeases,
        sellers: Mapping[str, str | Sequence[str]] | Callable[[str], str | Sequence[str] | None],
        *,
        sqs: Any = None,
        on_other: Callable[[Notification], object] | None = None,
        visibility: int = 60,
        wait: int = 20,
        clock: Clock | None = None,
    ) -> None:
        """Make a consumer. Nothing is received yet.

        Args:
            queue_url: the queue that Amazon sends to.
            leases: where changes are noted.
            sellers: the name of a seller's row, by the id that Amazon gives the seller; or the names of all
                rows with that id, as of an account that sells in several marketplaces: each gets the change.
            sqs: a client of boto3; None for one that boto3 sets up from its own environment.
            on_other: is called with notifications of any other type; where it raises, they come again.
            visibility: for so many seconds a message that was received is shown to no other consumer.
            wait: so many seconds the queue waits for a message; 20 at most, and the cheapest.
            clock: for the pauses after failures.

        Raises:
            ConfigurationError: the extra is not installed, boto3 knows no region, or an argument cannot be
                used.
        """
        for name, given, most in (("visibility", visibility, _MOST_VISIBILITY), ("wait", wait, _MOST_WAIT)):
            if type(given) is not int or not 0 <= given <= most:
                raise ConfigurationError(f"{name}= is a whole number of seconds, 0 to {most}")
        self._queue_url = queue_url
        self._leases = leases
        self._row_of = sellers.get if isinstance(sellers, Mapping) else sellers
        self._sqs = sqs if sqs is not None else _client()
        self._on_other = on_other
        self._visibility = visibility
        self._wait = wait
        self._clock = clock or SystemClock()
        self.status: QueueStatus = QueueStatus()
        self._began: float | None = None  # when the poll under way began

    def run(self, *, stop: Stop) -> None:
        """Receive messages until *stop* is set, and until the queue has answered: within *wait* seconds."""
        while not stop.is_set():
            try:
                batch = self._received(self._wait)
                if batch.came and not batch.done:
                    raise batch.failure or SpShippingError("of what came, no message was done with")
            except Exception as error:  # neither queue nor leases are out of reach for ever
                self._count(failures=1)
                _logger.error("the queue failed, %d in a row: %s", self.status.failures, _shown(error))
                self._pause(min(2.0 ** min(self.status.failures, 30), _MOST_PAUSE), stop)
            else:
                self.status = self.status._replace(failures=0)

    def poll(self, wait: int | None = None) -> int:
        """Receive up to ten messages, note what they name, and delete them; return how many came.

        Raises:
            Exception: the queue failed; or the leases did for one of the messages, while the others were
                noted and deleted. What was not noted comes again.
        """
        batch = self._received(self._wait if wait is None else wait)
        if batch.failure is not None:
            raise batch.failure
        return batch.came

    @property
    def poll_seconds(self) -> float:
        """For how many seconds the poll under way has run; 0 between two."""
        began = self._began
        return 0.0 if began is None else self._clock.monotonic() - began

    def _received(self, wait: int) -> "_Batch":
        self._began = self._clock.monotonic()
        try:
            return self._dealt_with(wait)
        finally:
            self._began = None

    @discreet
    def _dealt_with(self, wait: int) -> "_Batch":
        """Receive messages; one that fails does not keep the others from being noted and deleted."""
        received = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=_MOST_MESSAGES,
            WaitTimeSeconds=wait,
            VisibilityTimeout=self._visibility,
        )
        messages: Sequence[Mapping[str, Any]] = received.get("Messages", [])
        noted: list[Mapping[str, Any]] = []
        failure: Exception | None = None
        left = 0
        try:
            for message in messages:
                try:
                    if self._take(message):
                        noted.append(message)
                except Exception as error:
                    conceal(error)
                    failure = failure or error
                    _logger.error("a message failed, and comes again: %s", _shown(error))
                    if isinstance(error, TransportError):
                        break  # the leases are out of reach: the others would wait for them too
        finally:
            if noted:
                left = self._delete(noted)
        return _Batch(len(messages), len(noted) - left, failure)

    def _take(self, message: Mapping[str, Any]) -> bool:
        """Note what a message names, or set it aside; False where it is to come again."""
        key = str(message["MessageId"])
        try:
            notification = parse_notification(message)
        except WebhookError as error:
            self._reject(key, str(error))
            return True
        if notification.order_change is None:
            return self._hand_on(notification)
        change = notification.order_change
        seller_id = str(getattr(change, "seller_id", None))
        order_id, its_id = change.amazon_order_id, notification.notification_id
        named = {"seller": seller_id, "order": order_id, "notification": its_id or key}
        for what, name in named.items():
            fault = id_fault(name)
            if fault:
                self._reject(key, f"the id of its {what} {fault}")
                return True
        trigger = getattr(change, "order_change_trigger", None)
        changed_at = getattr(trigger, "time_of_order_change", None)
        noted = [
            self._leases.note(NewChange(its_key, row, order_id, changed_at))
            for its_key, row in self._keyed_rows(its_id or key, seller_id)
        ]
        for came in noted:
            if came is not Noted.UNKNOWN:
                self._count(**{"noted" if came is Noted.NEW else "repeats": 1})
        if all(came is Noted.UNKNOWN for came in noted):
            reason = f"it is of the seller {printable(seller_id)}, who has no row here"
            self._reject(its_id or key, reason)
        return True

    def _keyed_rows(self, key: str, seller_id: str) -> Iterator[tuple[str, str]]:
        """Yield the rows of a seller, each with the key of its change: leases keep one change for a key."""
        found = self._row_of(seller_id)
        rows = [] if found is None else [found] if isinstance(found, str) else [*dict.fromkeys(found)]
        for row in rows:
            its_key = key if len(rows) == 1 else f"{key}/{row}"
            # a digest where it were too long for an id
            yield its_key if id_fault(its_key) is None else hashlib.sha256(its_key.encode()).hexdigest(), row

    def _hand_on(self, notification: Notification) -> bool:
        try:
            if self._on_other is not None:
                self._on_other(notification)
        except Exception as error:
            _logger.error("on_other failed: %s", _shown(error))
            return False
        self._count(others=1)
        return True

    def _reject(self, key: str, reason: str) -> None:
        if self._leases.reject(key, reason):
            _logger.warning("a message was set aside: %s", printable(reason))
        self._count(rejected=1)

    def _delete(self, messages: Sequence[Mapping[str, Any]]) -> int:
        """Delete messages, and return how many stay: these come again, and are repeats."""
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(messages)
        ]
        answer = self._sqs.delete_message_batch(QueueUrl=self._queue_url, Entries=entries)
        refused: Sequence[Mapping[str, Any]] = (answer or {}).get("Failed", [])
        if refused:
            self._count(not_deleted=len(refused))
            codes = printable(", ".join(sorted({str(one.get("Code")) for one in refused})))
            _logger.error("%d of %d messages were not deleted: %s", len(refused), len(entries), codes)
        return len(refused)

    def _count(self, **more: int) -> None:
        self.status = self.status._replace(
            **{name: getattr(self.status, name) + count for name, count in more.items()}
        )

    def _pause(self, seconds: float, stop: Stop) -> None:
        ends_at = self._clock.monotonic() + seconds
        while not stop.is_set() and (left := ends_at - self._clock.monotonic()) > 0:
            self._clock.sleep(min(left, _PULSE_SECONDS))


class _Batch(NamedTuple):
    """What came of the messages that were received at a time."""

    came: int
    done: int
    """How many were deleted."""
    failure: Exception | None
    """That of the first which failed."""


def _shown(error: Exception) -> object:
    # ours hold nothing personal; of others, only the name is sure not to
    return error if isinstance(error, SpShippingError) else type(error).__name__


def _client() -> Any:
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, NoRegionError
    except ImportError:
        raise ConfigurationError(
            "a queue of SQS needs boto3: pip install 'spshipping[sqs]', or give sqs= a client"
        ) from None
    try:
        # boto3 itself reads AWS_DEFAULT_REGION and its files, and not AWS_REGION, as other programs do
        return boto3.client("sqs", region_name=os.environ.get("AWS_REGION") or None)
    except NoRegionError:
        raise ConfigurationError(
            "it is not known in which region the queue of SQS is: set AWS_REGION, such as eu-west-1"
        ) from None
    except BotoCoreError as error:
        raise ConfigurationError(
            f"boto3 cannot be used as it is set up ({type(error).__name__}): correct its AWS_... variables,"
            " or its files in ~/.aws"
        ) from None
