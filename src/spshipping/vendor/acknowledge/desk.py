"""What the workflows of submissions work with: the client, the ledger, and whose submissions they are."""

from collections.abc import Callable
from typing import NamedTuple, ParamSpec, Self, TypeVar

from spshipping.errors import InvalidRequestError
from spshipping.facade import Context
from spshipping.operation import CallOptions
from spshipping.regions import Region
from spshipping.vendor.acknowledge.table import region_of
from spshipping.vendor.ledger.entry import SubmissionKind, Whose
from spshipping.vendor.ledger.protocol import SubmissionLedger

P = ParamSpec("P")
R = TypeVar("R")

LEASE_SECONDS = 90.0
"""So long a submission stays with a process that may have died."""
CALL_SECONDS = 75.0
"""So long sending it may take."""


class Desk(NamedTuple):
    """Whose submissions they are, and where they are kept."""

    context: Context
    ledger: SubmissionLedger
    options: CallOptions

    @classmethod
    def at(cls, context: Context, ledger: SubmissionLedger, options: CallOptions) -> Self:
        """Return the desk of a client with a ledger.

        Raises:
            InvalidRequestError: there is no ledger.
        """
        if not hasattr(ledger, "begin"):
            raise InvalidRequestError('is a ledger, such as SqliteLedger("vendor.db")', path="ledger")
        return cls(context, ledger, options)

    @property
    def region(self) -> Region | None:
        """The region of the client; None where it is not known."""
        return region_of(self.context.marketplace_id, self.context.origin.endpoint)

    def whose(self, kind: SubmissionKind | None = None) -> Whose:
        """Return whose submissions are meant: those of the client's vendor code, where it has one."""
        return Whose(self.context.origin.endpoint, self.context.vendor_code, kind)

    async def kept(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the ledger, which may block."""
        return await self.context.io.plugin(function, *args, **kwargs)

    def limited(self) -> CallOptions:
        """Return the options of a call that is over before the lease is."""
        given = self.options.get("deadline", CALL_SECONDS)
        return {**self.options, "deadline": min(given, CALL_SECONDS)}
