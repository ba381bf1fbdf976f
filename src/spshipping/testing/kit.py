"""A sandbox for tests, with pytest or without it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, TypedDict, Unpack

from spshipping.sandbox import Account, KeyRules, OrderSupply, PurchaseOrderSupply, Sandbox
from spshipping.sandbox.keys import KeyMode
from spshipping.sandbox.quota import Plan
from spshipping.testing.factories import TIME
from spshipping.testing.network import blocked_network


class SandboxOptions(TypedDict, total=False):
    """What a sandbox for tests takes; `Sandbox` says what each means.

    Here time stands still at `TIME` unless `frozen_at` says otherwise (None: real time), and there are thirty
    orders and purchase orders.
    """

    seed: int
    frozen_at: datetime | None
    orders: int | OrderSupply
    purchase_orders: int | PurchaseOrderSupply
    accounts: Iterable[Account]
    quotas: Mapping[str, Plan] | bool
    verifies_signatures: bool
    aws_keys: Mapping[str, str] | None
    keys: KeyMode | KeyRules
    on_notification: Callable[[dict[str, Any]], object] | None
    host: str
    port: int


_DEFAULTS: SandboxOptions = {"frozen_at": TIME, "orders": 30, "purchase_orders": 30}


def make_sandbox(options: SandboxOptions) -> Sandbox:
    """Return a sandbox for tests, which does not listen yet."""
    merged: SandboxOptions = {**_DEFAULTS, **options}
    return Sandbox(**merged)


@contextmanager
def sandbox(*, blocks_network: bool = True, **options: Unpack[SandboxOptions]) -> Iterator[Sandbox]:
    """Serve a sandbox until the block ends: `with sandbox() as sp, sp.client() as client:`.

    Time stands still, and the same requests get the same answers, ids and dates in every run.

    Args:
        blocks_network: let no connection be made to other machines meanwhile.
        options: those of `SandboxOptions`.
    """
    with ExitStack() as stack:
        if blocks_network:
            stack.enter_context(blocked_network())
        yield stack.enter_context(make_sandbox(options))


class Servers:
    """Sandboxes that are started once, one for each set of options, and begin anew for each test."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._running: dict[str, tuple[Sandbox, Any]] = {}

    def fresh(self, options: SandboxOptions) -> Sandbox:
        """Return a sandbox in the state of its start."""
        key = repr(sorted(options.items()))
        if key not in self._running or self._running[key][0].has_own_operations:
            made = self._stack.enter_context(make_sandbox(options))
            self._running[key] = made, made.snapshot()
        found, first = self._running[key]
        found.restore(first)
        return found

    def close(self) -> None:
        """Stop all of them."""
        self._stack.close()
