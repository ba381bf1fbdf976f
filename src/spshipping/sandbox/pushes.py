"""Pushes tracking events to a webhook as the sandbox's clock advances, with faults."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from spshipping.sandbox.clock import SandboxClock, write_time
from spshipping.sandbox.ids import Ids
from spshipping.sandbox.push_target import PushTarget
from spshipping.sandbox.services import AMAZON
from spshipping.sandbox.shipments import Shipment, ShipmentEvent, Store

FIRST_WAIT = timedelta(minutes=1)
"""What fails is sent again after so long, and then after twice as long each time. An assumption of ours."""
LONGEST_WAIT = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=1)

PUSH_FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "twice": "is sent twice",
        "late": "is sent `seconds` later",
        "out_of_order": "is sent after the next one",
        "down": "does not reach the webhook",
    }
)
"""What can happen to a push, by the kind of the fault."""
PUSH_KINDS = ("tracking", "ndr", "otp")


@dataclass(frozen=True)
class SentPush:
    """One attempt to push."""

    time: datetime
    id: str
    """The id of the envelope; it is the same for each attempt."""
    tracking_id: str
    code: str
    """The code of the event, or the kind of the push."""
    attempt: int
    status: int | None
    """None where there was no answer."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**vars(self), "time": write_time(self.time)}


_Composed = tuple[Shipment, str, str, dict[str, Any], datetime]
"""Parcel, id, code, detail and time of a push."""


class _Fault(NamedTuple):
    kind: str
    seconds: float


@dataclass
class _Waiting:
    """A push that is to be sent."""

    due_at: datetime
    began_at: datetime
    number: int
    tracking_id: str
    code: str
    body: dict[str, Any]
    attempts: int = 0

    @property
    def place(self) -> tuple[datetime, int]:
        return self.due_at, self.number


class Pushes:
    """What is pushed, and was; `sandbox.pushes`."""

    def __init__(self, clock: SandboxClock, ids: Ids, store: Store) -> None:
        self._clock = clock
        self._ids = ids
        self._store = store
        self._sending = threading.RLock()
        self.reset()
        clock.on_advance = self.send_due

    def reset(self) -> None:
        """Push nothing any more, and forget what was pushed."""
        self._target: PushTarget | None = None
        self._since = self._clock.now()
        self._number = 0
        self._noticed: set[str] = set()
        self._waiting: list[_Waiting] = []
        self._held: list[_Waiting] = []
        self._faults: list[_Fault] = []
        self._sent: list[SentPush] = []

    @property
    def sent(self) -> list[SentPush]:
        """Every attempt so far, oldest first."""
        return list(self._sent)

    def push_to(self, target: PushTarget | None) -> None:
        """Push what happens from now on to *target*, or nothing any more."""
        with self._sending:
            if self._target is None:
                self._since = self._clock.now()
            self._target = target

    def add_fault(self, kind: str, *, count: int = 1, seconds: float = 3600.0) -> None:
        """Add a fault, which strikes the next *count* pushes.

        Raises:
            ValueError: there is no such kind, or a number is out of range.
        """
        if kind not in PUSH_FAULTS:
            raise ValueError(f"kind is one of {', '.join(PUSH_FAULTS)}")
        if type(count) is not int or count < 1 or type(seconds) not in (int, float) or not 0 <= seconds < 1e9:
            raise ValueError("count is a number from 1, and seconds are not negative")
        self._faults += [_Fault(kind, seconds)] * count

    def push(self, tracking_id: str, kind: str = "tracking") -> int | None:
        """Push now what happened last to a parcel; or, as *kind*, `ndr`, or `otp`, a one-time code.

        Returns:
            The status of the last answer, or None where there was none.

        Raises:
            ValueError: there is no such parcel or kind, or no webhook to push to.
        """
        return self.push_now(tracking_id, kind)[1]

    def push_now(self, tracking_id: str, kind: str) -> tuple[dict[str, Any], int | None]:
        """Do what `push` does, and return the message, and the status of the last answer."""
        composed = self._composed(tracking_id, kind)
        self._check_target()
        with self._sending:
            before = len(self._sent)
            body = self._add(*composed)
            self.send_due()
            return body, self._sent[-1].status if len(self._sent) > before else None

    def message(self, tracking_id: str, kind: str) -> dict[str, Any]:
        """Return what `push` would send now.

        Raises:
            ValueError: there is no such parcel or kind.
        """
        return _body(*self._composed(tracking_id, kind))

    @property
    def target(self) -> PushTarget:
        """Where it is pushed to.

        Raises:
            ValueError: there is no webhook.
        """
        return self._check_target()

    def _check_target(self) -> PushTarget:
        if self._target is None:
            raise ValueError("there is no webhook to push to: name one first")
        return self._target

    def last_tracking_id(self) -> str:
        """Return the tracking id of the last parcel that Amazon carries.

        Raises:
            ValueError: there is none.
        """
        with self._store.lock:
            carried = (each for each in self._store.by_tracking.values() if each.service.carrier == AMAZON)
            last = max(carried, key=lambda each: each.tracking_id, default=None)
        if last is None:
            raise ValueError("no parcel was bought that Amazon carries")
        return last.tracking_id

    def _composed(self, tracking_id: str, kind: str) -> "_Composed":
        shipment = self._store.by_tracking.get(tracking_id)
        if shipment is None or shipment.service.carrier != AMAZON:
            raise ValueError("Amazon carries no parcel with this tracking id")
        if kind not in PUSH_KINDS:
            raise ValueError(f"kind is one of {', '.join(PUSH_KINDS)}")
        now = self._clock.now()
        if kind == "tracking":
            event = shipment.events_until(now)[-1]
            return shipment, _id(shipment, event), event.code, event.as_dict(), now
        return shipment, self._ids.uuid("push"), kind, self._other_detail(kind), now

    def send_due(self) -> None:
        """Send what is due by now; what advances the clock calls it."""
        # an endpoint may look at the clock while it is pushed to: only one sends at a time
        target = self._target
        if target is None or not self._sending.acquire(blocking=False):
            return
        try:
            self._notice()
            while (due := min(self._due(), key=_place, default=None)) is not None:
                self._waiting.remove(due)
                self._send(due, target)
        finally:
            self._sending.release()

    def _notice(self) -> None:
        """Let what has happened wait to be sent."""
        now = self._clock.now()
        with self._store.lock:
            shipments = [each for each in self._store.by_tracking.values() if each.service.carrier == AMAZON]
        happened = [
            (event.time, shipment, event)
            for shipment in shipments
            for event in shipment.events_until(now)
            if event.time > self._since
        ]
        for time, shipment, event in sorted(happened, key=lambda each: each[0]):
            id_ = _id(shipment, event)
            if id_ not in self._noticed:
                self._noticed.add(id_)
                self._add(shipment, id_, event.code, event.as_dict(), time)

    def _add(
        self, shipment: Shipment, id_: str, code: str, detail: dict[str, Any], time: datetime
    ) -> dict[str, Any]:
        self._number += 1
        body = _body(shipment, id_, code, detail, time)
        self._waiting.append(_Waiting(time, time, self._number, shipment.tracking_id, code, body))
        return body

    def _other_detail(self, kind: str) -> dict[str, Any]:
        if kind == "ndr":
            return {"ndrEligible": True}
        return {"otp": f"{int(self._ids.hexadecimal('otp', 8), 16) % 1_000_000:06d}"}

    def _due(self) -> Iterator[_Waiting]:
        now = self._clock.now()
        return (each for each in self._waiting if each.due_at <= now)

    def _send(self, push: _Waiting, target: PushTarget) -> None:
        fault = self._faults.pop(0) if self._faults else _Fault("", 0)
        if fault.kind == "late":
            push.due_at += timedelta(seconds=fault.seconds)
            self._waiting.append(push)
            return
        if fault.kind == "out_of_order":
            self._held.append(push)
            return
        held, self._held = self._held, []
        for _ in range(2 if fault.kind == "twice" else 1):
            self._attempt(push, target, is_down=fault.kind == "down")
        for each in held:
            self._attempt(each, target)

    def _attempt(self, push: _Waiting, target: PushTarget, *, is_down: bool = False) -> None:
        push.attempts += 1
        status = None if is_down else target.post(json.dumps(push.body).encode())
        self._sent.append(
            SentPush(push.due_at, push.body["id"], push.tracking_id, push.code, push.attempts, status)
        )
        if (status is None or not 200 <= status < 300) and target.retries:
            wait = min(FIRST_WAIT * 2 ** (push.attempts - 1), LONGEST_WAIT)
            push.due_at += wait
            if push.due_at - push.began_at <= GIVEN_UP_AFTER and push not in self._waiting:
                self._waiting.append(push)


def _place(push: _Waiting) -> tuple[datetime, int]:
    return push.place


def _id(shipment: Shipment, event: ShipmentEvent) -> str:
    return str(uuid5(NAMESPACE_URL, f"{shipment.shipment_id}/{event.leg}/{event.code}/{event.time}"))


_TYPES = {"ndr": "NDR Eligible Shipment", "otp": "Return OTP"}


def _body(shipment: Shipment, id_: str, code: str, detail: dict[str, Any], time: datetime) -> dict[str, Any]:
    """Return a push. Amazon publishes the envelope; what is in `detail` is an assumption of ours.

    Source: https://developer-docs.amazon.com/amazon-shipping/docs/track-a-shipment-push-notifications
    """
    return {
        "version": "0",
        "id": id_,
        "detail-type": _TYPES.get(code, "Tracking Detail"),
        "source": "AmazonShipping",
        "account": "123456789012",
        "time": write_time(time),
        "region": "eu-west-1",
        "resources": [],
        "detail": {
            "trackingId": shipment.tracking_id,
            "carrierId": AMAZON.id(shipment.request.business),
            **detail,
        },
    }
