"""The sandbox's own routes: readiness, clock, ledger, faults, reset."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from spshipping.sandbox.answers import Answer, as_json
from spshipping.sandbox.clock import SandboxClock, as_text
from spshipping.sandbox.faults import Faults, read_fault
from spshipping.sandbox.ledger import Ledger
from spshipping.sandbox.notifications import Casing
from spshipping.sandbox.orders.book import Change

PREFIX = "/_sandbox/"


class Controlled(Protocol):
    """What the control routes steer."""

    clock: SandboxClock
    ledger: Ledger
    faults: Faults

    def reset(self) -> None:
        """Forget everything but accounts and tokens."""
        ...

    def order_changes(self, *, after: int = 0, seller: str | None = None) -> list[Change]:
        """Return what has become of a seller's orders."""
        ...

    def notifications(self, *, casing: Casing = "pascal") -> list[dict[str, Any]]:
        """Return what subscriptions were told."""
        ...


Route = Callable[[Controlled, Any], Any]


def _ready(_box: Controlled, _data: Any) -> Any:
    return {"ready": True}


def _clock(box: Controlled, _data: Any) -> Any:
    return {"now": as_text(box.clock.now()), "offset": box.clock.offset}


def _advance(box: Controlled, data: Any) -> Any:
    seconds: Any = data.get("advance") if isinstance(data, dict) else None
    if type(seconds) not in (int, float):
        raise ValueError('give {"advance": seconds}')
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


def _reset(box: Controlled, _data: Any) -> Any:
    box.reset()
    return {"reset": True}


def _order_changes(box: Controlled, data: Any) -> Any:
    changes = box.order_changes(after=int(data.get("after", "0")), seller=data.get("seller"))
    return {"changes": [change.as_dict() for change in changes]}


def _notifications(box: Controlled, data: Any) -> Any:
    casing: Casing = "camel" if data.get("casing") == "camel" else "pascal"
    return {"notifications": box.notifications(casing=casing)}


_ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "ready"): _ready,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _advance,
    ("GET", "ledger"): _ledger,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "reset"): _reset,
    ("GET", "orders/changes"): _order_changes,
    ("GET", "notifications"): _notifications,
}


def control(box: Controlled, method: str, path: str, body: bytes, query: Mapping[str, str]) -> Answer:
    """Answer a request under `/_sandbox/`; it needs no token. Where there is no body, the query counts."""
    route = _ROUTES.get((method, path.removeprefix(PREFIX)))
    if route is None:
        return Answer(404, as_json({"error": f"there are {', '.join(f'{m} {p}' for m, p in _ROUTES)}"}))
    try:
        return Answer(200, as_json(route(box, json.loads(body) if body else dict(query))))
    except ValueError as error:
        return Answer(400, as_json({"error": str(error)}))
