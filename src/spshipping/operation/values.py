"""The small values of which an operation is declared."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum

from spshipping.named import NamedTuple
from spshipping.operation.history import History


class Effect(Enum):
    """What sending an operation does, and hence when it may be sent again."""

    NONE = "changes nothing"
    KEYED = "changes something, and has an idempotency key"
    ONCE = "changes something, and has no key"
    IDEMPOTENT = "changes something, but repeating it is harmless"


class Quota(NamedTuple):
    """How often Amazon lets an operation through by default."""

    rate: float
    """Requests per second."""
    burst: int


class Before(NamedTuple):
    """What is known before the first attempt of a call."""

    now: datetime
    history: History


class After(NamedTuple):
    """What is known when an answer was read."""

    received_at: datetime
    history: History
    note: Callable[[str], object] = str
    """Writes a sentence to the log, once for each client."""
