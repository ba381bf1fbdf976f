"""Issues serial shipping container codes, each once among all processes that share a store."""

import threading
from collections.abc import Iterator
from datetime import datetime

from spshipping.errors import InvalidRequestError
from spshipping.forks import renew_after_fork
from spshipping.vendor.sscc.code import Sscc
from spshipping.vendor.sscc.serials import SerialRange, SerialStore, exhausted

_BLOCK = 100


class SsccIssuer:
    """Issues the codes of one range.

    It takes serial numbers from the store in blocks: what is left of a block when the process ends is never
    issued. It is safe for all threads; a forked process takes a block of its own.
    """

    def __init__(
        self,
        serials: SerialStore,
        prefix: str,
        *,
        extension: int = 0,
        first: int = 0,
        last: int | None = None,
        block: int = _BLOCK,
    ) -> None:
        """Make an issuer. Nothing is taken from the store yet.

        Args:
            serials: where it is kept which serial numbers are issued.
            prefix: your GS1 company prefix, 4 to 12 digits: whoever ships uses their own.
            extension: the extension digit, 0 to 9.
            first: the first serial number, such as the one behind the last that another program has issued.
            last: the last serial number; None for as many as there are. Give each site that has a store of
                its own another range.
            block: how many serial numbers are taken from the store at a time.

        Raises:
            InvalidRequestError: there is no such range, or no such block.
        """
        self._range = SerialRange(prefix, extension, first, last)
        self._range.check()
        if type(block) is not int or block < 1:
            raise InvalidRequestError("is a whole number above 0", path="block")
        self._serials = serials
        self._size = block
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave the block to the parent, in a process that was forked, and the lock that a thread held."""
        self._lock = threading.RLock()
        self._left: Iterator[int] = iter(())

    def issue(self) -> Sscc:
        """Issue one code. It is never issued again before 365 days after its shipment.

        Raises:
            ConfigurationError: all serial numbers of the range are in use; or the store cannot be used.
        """
        with self._lock:
            # one step, which no signal handler can interrupt: no serial number is drawn twice
            while (serial := next(self._left, None)) is None:
                taken = self._serials.take(self._range, self._size)
                if taken is None:
                    raise exhausted(self._range)
                self._left = iter(range(taken.first, taken.last + 1))
        return Sscc.of(self._range.prefix, serial, extension=self._range.extension)

    def shipped(self, code: Sscc, at: datetime) -> bool:
        """Note when a code was shipped: its 365 days count from then.

        Returns False where this store has not issued it.

        A serial number can be issued again only when one of its block was noted as shipped, and the last of
        them is 365 days ago. Note the shipment of each code.
        """
        prefix = self._range.prefix
        if code.digits[1 : 1 + len(prefix)] != prefix:
            return False
        serial = int(code.digits[1 + len(prefix) : -1])
        return self._serials.shipped(prefix, int(code.digits[0]), serial, at)
