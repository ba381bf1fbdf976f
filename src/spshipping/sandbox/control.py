"""The sandbox's own routes: readiness, clock, ledger, faults, keys, orders, receiving, pushes and more."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from spshipping.sandbox.clock import SandboxClock, write_time
from spshipping.sandbox.faults import Faults, read_fault
from spshipping.sandbox.keys import KeyRules, read_key_rules
from spshipping.sandbox.ledger import Ledger
from spshipping.sandbox.notifications import Casing
from spshipping.sandbox.orders.seller_orders import Change
from spshipping.sandbox.push_target import PushTarget
from spshipping.sandbox.pushes import Pushes
from spshipping.sandbox.refusals import RefusedError
from spshipping.sandbox.responses import Response, json_response
from spshipping.sandbox.sent import Requests
from spshipping.sandbox.state import Snapshot
from spshipping.sandbox.triggers import Triggered
from spshipping.sandbox.vendor import Receiving

PREFIX = "/_sandbox/"


class Controlled(Protocol):
    """What the control routes read and change."""

    clock: SandboxClock
    ledger: Ledger
    faults: Faults

    @property
    def pushes(self) -> Pushes:
        """What is pushed to a webhook."""
        ...

    @property
    def receiving(self) -> Receiving:
        """What fulfilment centres receive of vendors."""
        ...

    @property
    def keys(self) -> KeyRules:
        """The rules for idempotency keys."""
        ...

    @keys.setter
    def keys(self, rules: KeyRules) -> None: ...

    def reset(self) -> None:
        """Remove everything but accounts and tokens."""
        ...

    def order_changes(self, *, after: int = 0, seller: str | None = None) -> list[Change]:
        """Return the changes of a seller's orders."""
        ...

    def notifications(self, *, casing: Casing = "pascal") -> list[dict[str, Any]]:
        """Return the notifications that were sent to subscriptions."""
        ...

    @property
    def requests(self) -> Requests:
        """The requests that were received."""
        ...

    @property
    def snapshots(self) -> dict[str, Snapshot]:
        """The states that were saved by name."""
        ...

    def snapshot(self) -> Snapshot:
        """Save the state."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Bring a state back."""
        ...

    def trigger(self, event: str, /, *, to: str | None = None, **fields: Any) -> Triggered:
        """Let something happen."""
        ...


Route = Callable[[Controlled, Any], Any]


def _ready(_box: Controlled, _data: Any) -> Any:
    return {"ready": True}


def _clock(box: Controlled, _data: Any) -> Any:
    return {"now": write_time(box.clock.now()), "offset": box.clock.offset}


def _advance(box: Controlled, data: Any) -> Any:
    seconds: Any = data.get("advance") if isinstance(data, dict) else None
    if type(seconds) not in (int, float):
        raise ValueError('send {"advance": seconds}')
    box.clock.advance(seconds)
    return _clock(box, None)


def _ledger(box: Controlled, _data: Any) -> Any:
    return box.ledger.as_dict()


def _faults(box: Controlled, _data: Any) -> Any:
    return {"faults": [dataclasses.asdict(fault) for fault in box.faults.waiting()]}


def _add_faults(box: Controlled, data: Any) -> Any:
    for fault in [read_fault(one) for one in (data if isinstance(data, list) else [data])]:
        box.faults.add(fault)
    return _faults(box, None)


def _clear_faults(box: Controlled, _data: Any) -> Any:
    box.faults.clear()
    return _faults(box, None)


def _keys(box: Controlled, _data: Any) -> Any:
    return dataclasses.asdict(box.keys)


def _set_keys(box: Controlled, data: Any) -> Any:
    box.keys = read_key_rules(data)
    return _keys(box, None)


def _reset(box: Controlled, _data: Any) -> Any:
    box.reset()
    return {"reset": True}


def _order_changes(box: Controlled, data: Any) -> Any:
    changes = box.order_changes(after=int(data.get("after", "0")), seller=data.get("seller"))
    return {"changes": [change.as_dict() for change in changes]}


def _notifications(box: Controlled, data: Any) -> Any:
    casing: Casing = "camel" if data.get("casing") == "camel" else "pascal"
    return {"notifications": box.notifications(casing=casing)}


def _receiving(box: Controlled, data: Any) -> Any:
    return box.receiving.as_dict(seller=_object(data).get("seller"))


def _add_goods_fault(box: Controlled, data: Any) -> Any:
    asked = _object(data)
    try:
        box.receiving.add_fault(**asked)
    except TypeError:
        raise ValueError("a fault of goods has kind, shipment, count and amount") from None
    return _receiving(box, {})


def _add_perishable(box: Controlled, data: Any) -> Any:
    items = _object(data).get("items")
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError('send {"items": [identifiers]}')
    box.receiving.perishable.update(items)
    return _receiving(box, {})


def _deliver(box: Controlled, data: Any) -> Any:
    asked = _object(data)
    box.receiving.deliver(str(asked.get("purchase_order")), seller=asked.get("seller"))
    return _receiving(box, asked)


def _set_webhook(box: Controlled, data: Any) -> Any:
    box.pushes.push_to(PushTarget.read(_object(data)))
    return {"webhook": True}


def _end_webhook(box: Controlled, _data: Any) -> Any:
    box.pushes.push_to(None)
    return {"webhook": False}


def _pushes(box: Controlled, _data: Any) -> Any:
    return {"pushes": [push.as_dict() for push in box.pushes.sent]}


def _push(box: Controlled, data: Any) -> Any:
    asked = _object(data)
    return {"status": box.pushes.push(str(asked.get("tracking_id")), asked.get("kind", "tracking"))}


def _add_push_fault(box: Controlled, data: Any) -> Any:
    asked = _object(data)
    try:
        box.pushes.add_fault(**asked)
    except TypeError:
        raise ValueError("a fault of a push has kind, count and seconds") from None
    return asked


def _requests(box: Controlled, data: Any) -> Any:
    return {"requests": [sent.as_dict() for sent in box.requests.all(data.get("operation"))]}


def _trigger(box: Controlled, data: Any) -> Any:
    asked = _object(data)
    event, to = asked.pop("event", None), asked.pop("to", None)
    return box.trigger(str(event), to=to, **asked).as_dict()


def _snapshots(box: Controlled, _data: Any) -> Any:
    return {"snapshots": list(box.snapshots)}


def _save(box: Controlled, data: Any) -> Any:
    box.snapshots[_name(data)] = box.snapshot()
    return _snapshots(box, None)


def _restore(box: Controlled, data: Any) -> Any:
    name = _name(data)
    if name not in box.snapshots:
        raise ValueError(f"there is no snapshot {name!r}; there are: {', '.join(box.snapshots) or 'none'}")
    box.restore(box.snapshots[name])
    return {"restored": name}


def _name(data: Any) -> str:
    name = _object(data).get("name", "default")
    if not isinstance(name, str):
        raise ValueError('send {"name": "the name of the snapshot"}')
    return name


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValueError("send an object")
    return data


ROUTES: Mapping[str, Route] = {
    f"GET {PREFIX}ready": _ready,
    f"GET {PREFIX}clock": _clock,
    f"POST {PREFIX}clock": _advance,
    f"GET {PREFIX}ledger": _ledger,
    f"GET {PREFIX}faults": _faults,
    f"POST {PREFIX}faults": _add_faults,
    f"DELETE {PREFIX}faults": _clear_faults,
    f"GET {PREFIX}keys": _keys,
    f"POST {PREFIX}keys": _set_keys,
    f"POST {PREFIX}reset": _reset,
    f"GET {PREFIX}orders/changes": _order_changes,
    f"GET {PREFIX}notifications": _notifications,
    f"GET {PREFIX}receiving": _receiving,
    f"POST {PREFIX}receiving": _deliver,
    f"POST {PREFIX}receiving/faults": _add_goods_fault,
    f"POST {PREFIX}receiving/perishable": _add_perishable,
    f"POST {PREFIX}webhook": _set_webhook,
    f"DELETE {PREFIX}webhook": _end_webhook,
    f"GET {PREFIX}pushes": _pushes,
    f"POST {PREFIX}pushes": _push,
    f"POST {PREFIX}pushes/faults": _add_push_fault,
    f"GET {PREFIX}requests": _requests,
    f"POST {PREFIX}triggers": _trigger,
    f"GET {PREFIX}snapshots": _snapshots,
    f"POST {PREFIX}snapshots": _save,
    f"POST {PREFIX}snapshots/restore": _restore,
}
"""They need no token. Where a request has no body, its query parameters are the data."""


def control(box: Controlled, route: Route, body: bytes, query: Mapping[str, str]) -> Response:
    """Answer a request for a control route.

    Raises:
        RefusedError: its data are wrong.
    """
    try:
        return json_response(route(box, json.loads(body) if body else dict(query)))
    except ValueError as error:
        problem = str(error)
    except RecursionError:
        problem = "the JSON is nested too deeply"
    raise RefusedError(json_response({"error": problem}, 400))


def unknown_route() -> RefusedError:
    """Make the error for a control route that does not exist."""
    return RefusedError(json_response({"error": f"the routes are {', '.join(ROUTES)}"}, 404))
