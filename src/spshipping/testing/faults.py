"""Faults of the sandbox by name, with a seed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypedDict, Unpack

from spshipping.sandbox import Sandbox
from spshipping.sandbox.faults import KINDS


class FaultOptions(TypedDict, total=False):
    """The options of a fault; `Sandbox.add_fault` says what each means."""

    count: int
    at: int | None
    status: int | None
    seconds: float
    reset: bool
    path: str | None
    share: float
    seed: int


def _sentence(text: str | None) -> str:
    return (text or "").partition("\n")[0]


NAMES: Mapping[str, str] = MappingProxyType({name: _sentence(kind.__doc__) for name, kind in KINDS.items()})
"""Every fault, and what it does."""


class NamedFaults:
    """Adds faults: `sp_faults("drop_after", "purchaseShipment")`."""

    def __init__(self, sandbox: Sandbox, seed: int = 0) -> None:
        self._sandbox = sandbox
        self._seed = seed

    def __call__(self, name: str, operation: str = "*", **options: Unpack[FaultOptions]) -> None:
        """Let a fault strike the next request for an operation.

        Args:
            name: one of `spshipping.testing.faults.NAMES`.
            operation: an operationId, `*` for all operations, or `lwa` for signing in.
            options: `count`, `share` and others, as for `Sandbox.add_fault`.

        Raises:
            ValueError: there is no such fault, or an option is out of range.
        """
        given: FaultOptions = {"seed": self._seed, **options}
        self._sandbox.add_fault(operation, name, **given)

    @property
    def struck(self) -> dict[str, int]:
        """How often each fault has struck."""
        return self._sandbox.ledger.faults

    def clear(self) -> None:
        """Remove the faults that have not struck yet."""
        self._sandbox.faults.clear()
