"""What every call can be given beside its parameters."""

from collections.abc import Collection
from typing import TypedDict


class CallOptions(TypedDict, total=False):
    """What every method takes beside the operation's own parameters."""

    timeout: float | tuple[float, float]
    """Seconds for each attempt, or seconds to connect and seconds without a byte while reading."""
    deadline: float
    """Seconds for the whole call: waits, token, every attempt, and reading the answer."""
    max_wait: float
    """Seconds the call may wait for its reservation in the quota; 0 fails at once."""
    pii: Collection[str] | None
    """The data elements of personal data to fetch, where the operation restricts them, or has datasets for
    them: `buyerInfo`. None, or an empty collection, fetches none, whatever is the client's default. Where the
    whole answer is personal, it always comes."""


OPTION_NAMES = frozenset(CallOptions.__annotations__)
