"""What a quota at Amazon can be like, against what its table says: ten requests per second, ten at once."""

from typing import Any, NamedTuple

from spshipping.operation import Effect, Operation, Parameter, Quota

STATED = Quota(10.0, burst=10)
OPERATION: Operation[dict[str, Any]] = Operation(
    "getPurchaseOrders",
    "GET /vendor/orders/v1/purchaseOrders",
    returns=dict[str, Any],
    quota=STATED,
    effect=Effect.NONE,
    query=tuple(Parameter(name) for name in ("limit", "createdAfter", "createdBefore")),
    envelope=True,
)
"""An operation that other clients know too."""
ANSWER: dict[str, Any] = {"payload": {"orders": []}}


class Scenario(NamedTuple):
    """One way in which the bucket at Amazon differs from the table, if it does."""

    name: str
    calls: int
    rate: float = 10.0
    """Requests per second at Amazon."""
    burst: int = 10
    level: float | None = None
    """What is in the bucket at the start; None for full."""
    eaten: float = 0.0
    """Requests per second that somebody else sends."""
    goal: float = 0.98
    """The least share of what the quota allows."""
    refusals_per_thread: int = 0
    """The most 429s, for each thread."""

    @property
    def ideal_seconds(self) -> float:
        """How long the calls take, if every token is used as soon as it is there."""
        level = self.burst if self.level is None else self.level
        return (self.calls - level) / (self.rate - self.eaten)


SCENARIOS = (
    Scenario("as the table says", 110),
    Scenario("slower", 60, rate=5.0, burst=5, goal=0.90, refusals_per_thread=1),
    Scenario("empty at the start", 100, level=0.0, goal=0.90, refusals_per_thread=1),
    Scenario("half used by others", 60, eaten=5.0, goal=0.90, refusals_per_thread=1),
    Scenario("faster", 160, rate=40.0, burst=40, goal=0.78),
    Scenario("more at once", 110, burst=20, goal=0.78),
)
THREADS = (1, 8, 64)
