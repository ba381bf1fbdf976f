"""What is left of the time that a call of several requests may take."""

from spshipping.clock import Clock
from spshipping.errors import TransportError
from spshipping.operation import CallOptions


class TimeLeft:
    """The options of each request of a call: with a deadline, a request has the time that is left."""

    def __init__(self, clock: Clock, options: CallOptions) -> None:
        self._clock = clock
        self._options = options
        self._began_at = clock.monotonic()

    def options(self) -> CallOptions:
        """Return the options of the next request.

        Raises:
            TransportError: no time is left.
        """
        if "deadline" not in self._options:
            return self._options
        left = self._options["deadline"] - (self._clock.monotonic() - self._began_at)
        if left <= 0:
            raise TransportError("the time allowed for the whole call is over", failure="deadline")
        return {**self._options, "deadline": left}
