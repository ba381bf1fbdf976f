"""What tests let happen: an order changes, a parcel is reported, Amazon changes a purchase order."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from spshipping.sandbox.clock import SandboxClock, write_time
from spshipping.sandbox.ids import Ids
from spshipping.sandbox.notifications import ORDER_CHANGE, Notifications
from spshipping.sandbox.orders.by_seller import OrdersBySeller
from spshipping.sandbox.pushes import PUSH_KINDS, Pushes
from spshipping.sandbox.tokens import Account
from spshipping.sandbox.vendor.vendors import Vendors

PURCHASE_ORDER_CHANGE = "PURCHASE_ORDER_CHANGE"
EVENTS = (ORDER_CHANGE, *(kind.upper() for kind in PUSH_KINDS), PURCHASE_ORDER_CHANGE)
"""The events that the sandbox knows; a notification of any other type takes its payload."""
QUEUE, WEBHOOK = "queue", "webhook"


class Triggered(NamedTuple):
    """What a trigger has done."""

    event: str
    message: dict[str, Any]
    """What was sent, in Amazon's form."""
    status: int | None
    """How the webhook answered; None where it did not, and for a queue."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return self._asdict()


Event = Callable[..., dict[str, Any]]


class Triggers:
    """Lets things happen, and sends the message about them."""

    def __init__(
        self,
        clock: SandboxClock,
        ids: Ids,
        notifications: Notifications,
        orders: OrdersBySeller,
        pushes: Pushes,
        vendors: Vendors,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._notifications = notifications
        self._orders = orders
        self._pushes = pushes
        self._vendors = vendors

    def trigger(self, event: str, to: str | None, fields: Mapping[str, Any]) -> Triggered:
        """Let an event happen; see `Sandbox.trigger`."""
        if event.upper() not in EVENTS and "payload" not in fields:
            raise ValueError(
                f"there is no event {event!r}: it is one of {', '.join(EVENTS)},"
                " or another type of notification with its payload="
            )
        if to not in (None, QUEUE, WEBHOOK):
            raise ValueError(f"to= is {QUEUE!r} or {WEBHOOK!r}")
        kind = event.lower()
        if kind in PUSH_KINDS:
            return self._push(kind, to or WEBHOOK, **_checked(fields, ("tracking_id",)))
        if event == ORDER_CHANGE and "payload" not in fields:
            message = self._change_order(**_checked(fields, ("order_id", "status", "change", "seller")))
        elif event == PURCHASE_ORDER_CHANGE:
            checked = _checked(fields, ("purchase_order", "change", "seller"))
            message = self._change_purchase_order(**checked)
        else:
            message = self._notifications.message(event, **_checked(fields, ("payload", "version")))
        return self._deliver(event, message, to or QUEUE)

    def _deliver(self, event: str, message: dict[str, Any], to: str) -> Triggered:
        if to == QUEUE:
            self._notifications.enqueue(message)
            return Triggered(event, message, None)
        return Triggered(event, message, self._pushes.target.post(json.dumps(message).encode()))

    def _push(self, kind: str, to: str, tracking_id: str | None = None) -> Triggered:
        tracking_id = tracking_id or self._pushes.last_tracking_id()
        if to == WEBHOOK:
            message, status = self._pushes.push_now(tracking_id, kind)
            return Triggered(kind.upper(), message, status)
        return self._deliver(kind.upper(), self._pushes.message(tracking_id, kind), to)

    def _change_order(
        self,
        order_id: str | None = None,
        status: str | None = None,
        change: str | None = None,
        seller: str | None = None,
    ) -> dict[str, Any]:
        seller = seller or Account().seller
        changed, stored = self._orders.of(seller).let_change(order_id, status, change)
        return self._notifications.order_message(seller, changed, stored)

    def _change_purchase_order(
        self, purchase_order: str | None = None, change: str = "quantity", seller: str | None = None
    ) -> dict[str, Any]:
        """Change it; Amazon has no notification for vendors, so that the message is of our own form."""
        with self._vendors.of(seller or Account().seller) as (vendor, now):
            order = vendor.orders.let_change(purchase_order, change, now)
            lines = [{"number": line.number, "ordered": line.ordered} for line in order.lines]
        return {
            "eventType": PURCHASE_ORDER_CHANGE,
            "eventId": self._ids.uuid("purchase order change"),
            "eventTime": write_time(now),
            "purchaseOrderNumber": order.number,
            "purchaseOrderState": order.state,
            "change": change,
            "window": [write_time(time) for time in order.window],
            "lines": lines,
        }


def _checked(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return *fields*, which are all among *names*, and are texts but for the payload."""
    for name, value in fields.items():
        if name not in names:
            raise ValueError(f"this event has no field {name!r}; its fields are {', '.join(names)}")
        if not isinstance(value, dict if name == "payload" else str):
            raise ValueError(f"{name} is {'an object' if name == 'payload' else 'text'}")
    return dict(fields)
