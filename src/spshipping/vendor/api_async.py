"""The facade of `spshipping.vendor.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from collections.abc import AsyncIterator, Callable, Collection
from datetime import timedelta
from os import PathLike
from typing import TYPE_CHECKING, Unpack

from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions

if TYPE_CHECKING:
    from spshipping.sync.passes import Stop
if TYPE_CHECKING:
    from spshipping.vendor.acknowledge import Acknowledgement, BackOrder, Submission
if TYPE_CHECKING:
    from spshipping.vendor.asn import Asn
if TYPE_CHECKING:
    from spshipping.vendor.ledger.protocol import SubmissionLedger
if TYPE_CHECKING:
    from spshipping.vendor.orders import AsyncVendorOrdersApi
if TYPE_CHECKING:
    from spshipping.vendor.routing import LabelOutcome, PickupState, RoutingRequest
if TYPE_CHECKING:
    from spshipping.vendor.rules import History
if TYPE_CHECKING:
    from spshipping.vendor.shipments import AsyncVendorShipmentsApi
if TYPE_CHECKING:
    from spshipping.vendor.transactions import AsyncVendorTransactionsApi


class AsyncVendorApi(AsyncApi):
    """What a vendor who sells to Amazon needs: purchase orders, shipments, and what became of submissions."""

    __slots__ = ()

    @property
    def orders(self) -> "AsyncVendorOrdersApi":
        """Read purchase orders and their state, and acknowledge them."""
        from spshipping.vendor.orders import AsyncVendorOrdersApi

        return AsyncVendorOrdersApi(self._context)

    @property
    def shipments(self) -> "AsyncVendorShipmentsApi":
        """Send shipment confirmations (ASN), request pickups, and fetch the carrier's labels."""
        from spshipping.vendor.shipments import AsyncVendorShipmentsApi

        return AsyncVendorShipmentsApi(self._context)

    @property
    def transactions(self) -> "AsyncVendorTransactionsApi":
        """Ask what became of a submission."""
        from spshipping.vendor.transactions import AsyncVendorTransactionsApi

        return AsyncVendorTransactionsApi(self._context)

    async def submit(
        self,
        document: "Acknowledgement | Asn | RoutingRequest",
        *,
        ledger: "SubmissionLedger",
        overrule: Collection[str] = (),
        raise_to_error: Collection[str] = (),
        **options: Unpack[CallOptions],
    ) -> "Submission":
        """Submit answers to an order, a shipment confirmation or a routing request, and keep it in a ledger.

        It is on the disk before it is sent. Amazon's answer says that it arrived, and no more: `check`,
        `wait` or `run` learn what has become of it, 15 to 30 minutes later. What was submitted before for the
        same order or shipment is replaced; the whole is sent each time.

        Args:
            document: `Acknowledgement.of(order)`, with every line answered; or what `AsnBuilder` or
                `RoutingBuilder` returned.
            ledger: where it is kept; all processes that work for this vendor share it.
            overrule: the ids of rules whose errors do not prevent it this time. What a builder refuses is
                overruled at the builder.
            raise_to_error: the ids of rules whose warnings prevent it. Other warnings are in `warnings` of
                the result.
            options: limits of time.

        Raises:
            InvalidRequestError: a line is not answered, or a rule forbids it; or the order is another vendor
                code's. Nothing was sent.
            LeaseLostError: another process submits something for the same order or shipment now.
            OutcomeUnknownError: it may have been sent; `run`, or the next `check`, sends it again: a shipment
                confirmation as a replacement, and as an original where Amazon does not know it then.
            BadRequestError: Amazon refused it at once.
        """
        from spshipping.vendor.acknowledge.rules import Wishes
        from spshipping.vendor.submit import submit

        wishes = Wishes(overrule, raise_to_error)
        return await submit(self._context, ledger, document, wishes, options)

    async def history(self, *, ledger: "SubmissionLedger") -> "History":
        """Return what Amazon may have taken, from a ledger, as `RuleContext` takes it. Sends nothing.

        A client with a vendor code has what was said for that code. Add what was said by other ways with
        `dataclasses.replace`.
        """
        from spshipping.vendor.history import history

        return await history(self._context, ledger)

    def submissions(
        self, *, ledger: "SubmissionLedger", open: bool | None = None
    ) -> AsyncIterator["Submission"]:
        """Iterate over what was submitted, the oldest first. Sends nothing.

        A client with a vendor code has those of that code; one without has all of its endpoint.

        Args:
            ledger: where they are kept.
            open: only those whose outcome can still change, or only the others; None means all.
        """
        from spshipping.vendor.acknowledge import workflow

        return workflow.submissions(self._context, ledger, open)

    async def check(
        self, submission: "Submission", *, ledger: "SubmissionLedger", **options: Unpack[CallOptions]
    ) -> "Submission":
        """Look once at what has become of a submission, and return it as it is now.

        Nothing is sent before it is 15 minutes old, and nothing once its outcome is known. One whose sending
        had no known outcome is sent again: acknowledgements and routing requests as they were, a shipment
        confirmation as a replacement, and as an original where Amazon does not know it then. Then it is that
        one which is returned.

        Raises:
            GatewayError: it is not in this ledger.
            SpShippingError: Amazon could not be asked.
        """
        from spshipping.vendor.acknowledge import workflow

        return await workflow.check(self._context, ledger, submission, options)

    async def wait(
        self,
        submission: "Submission",
        *,
        ledger: "SubmissionLedger",
        timeout: timedelta | float = timedelta(hours=1),
    ) -> "Submission":
        """Check a submission until its outcome is known, or the time is over; return it as it is then.

        Args:
            submission: what was submitted.
            ledger: where it is kept.
            timeout: how long to wait at most; seconds, if a number. The first look comes after 15 minutes.

        Raises:
            GatewayError: it is not in this ledger.
            SpShippingError: Amazon could not be asked.
        """
        from spshipping.vendor.acknowledge import follow

        return await follow.wait(self._context, ledger, submission, timeout)

    async def run(
        self,
        *,
        ledger: "SubmissionLedger",
        every: timedelta | float = timedelta(minutes=1),
        stop: "Stop | None" = None,
        on_outcome: "Callable[[Submission], object] | None" = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Follow all open submissions of the ledger, those of earlier processes too, until it is to stop.

        Several processes can do so: each submission is with one at a time. One that cannot be looked at is
        logged, put off, and stops no other.

        Args:
            ledger: where they are kept.
            every: how often the ledger is read while nothing is due; seconds, if a number.
            stop: ends it, within a second, or when the current call has ended; None means never.
            on_outcome: is called each time that something has become of a submission; under asyncio it may be
                a coroutine function.
            options: limits of time for each call.

        Raises:
            ConfigurationError: the ledger cannot be used.
        """
        from spshipping.vendor.acknowledge import follow

        return await follow.follow(self._context, ledger, every, stop, on_outcome, options)

    def back_orders(self, *, ledger: "SubmissionLedger") -> AsyncIterator["BackOrder"]:
        """Iterate over back orders, which no field of Amazon's answers lists. Sends nothing.

        It is what the last acknowledgement of each order says; an update that accepts it takes it away.
        """
        from spshipping.vendor.acknowledge import workflow

        return workflow.back_orders(self._context, ledger)

    async def pickup_state(self, identifier: str, **options: Unpack[CallOptions]) -> "PickupState | None":
        """Return how far a routing request is, with the ARN and, once there is one, the carrier.

        None where Amazon knows no such request: one that was just submitted is not yet known.

        Args:
            identifier: your own, `vendor_shipment_identifier`.
            options: limits of time for each call.
        """
        from spshipping.vendor.routing import workflow

        return await workflow.pickup_state(self._context, identifier, options)

    async def save_labels(
        self, identifier: str, folder: str | PathLike[str], **options: Unpack[CallOptions]
    ) -> "LabelOutcome":
        """Save the carrier's labels of a routing request as files, or return why there are none.

        Each label is one PDF, readable by its owner only; saving it again replaces the same file. Amazon
        makes labels for small parcels whose freight it pays, once a carrier is assigned.

        Args:
            identifier: your own, `vendor_shipment_identifier`.
            folder: where the files are put; it is made where it is missing.
            options: limits of time for each call.

        Raises:
            OSError: a file cannot be written.
        """
        from spshipping.vendor.routing import workflow

        return await workflow.save_labels(self._context, identifier, folder, options)
