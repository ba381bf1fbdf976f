"""The facade of vendors: acknowledge and know; each API by itself is behind it."""

from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from os import PathLike
from typing import TYPE_CHECKING, Unpack

from spshipping.facade import Api
from spshipping.operation import CallOptions
from spshipping.transport.io import iterate, run

if TYPE_CHECKING:
    from spshipping.sync.passes import Stop
    from spshipping.vendor.acknowledge import Acknowledgement, BackOrder, Submission
    from spshipping.vendor.asn import Asn
    from spshipping.vendor.ledger.protocol import SubmissionLedger
    from spshipping.vendor.orders import VendorOrdersApi
    from spshipping.vendor.routing import LabelOutcome, PickupState, RoutingRequest
    from spshipping.vendor.rules import History
    from spshipping.vendor.shipments import VendorShipmentsApi
    from spshipping.vendor.transactions import VendorTransactionsApi


class VendorApi(Api):
    """What a vendor who sells to Amazon needs: purchase orders, shipments, and what became of submissions."""

    __slots__ = ()

    @property
    def orders(self) -> "VendorOrdersApi":
        """Read purchase orders and their state, and acknowledge them."""
        from spshipping.vendor.orders import VendorOrdersApi

        return VendorOrdersApi(self._context)

    @property
    def shipments(self) -> "VendorShipmentsApi":
        """Send shipment confirmations (ASN), request pickups, and fetch the carrier's labels."""
        from spshipping.vendor.shipments import VendorShipmentsApi

        return VendorShipmentsApi(self._context)

    @property
    def transactions(self) -> "VendorTransactionsApi":
        """Ask what became of a submission."""
        from spshipping.vendor.transactions import VendorTransactionsApi

        return VendorTransactionsApi(self._context)

    def submit(
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
        return run(submit(self._context, ledger, document, wishes, options))

    def history(self, *, ledger: "SubmissionLedger") -> "History":
        """Return what Amazon may have taken, from a ledger, as `RuleContext` takes it. Sends nothing.

        A client with a vendor code has what was said for that code. Add what was said by other ways with
        `dataclasses.replace`.
        """
        from spshipping.vendor.history import history

        return run(history(self._context, ledger))

    def submissions(self, *, ledger: "SubmissionLedger", open: bool | None = None) -> Iterator["Submission"]:
        """Iterate over what was submitted, the oldest first. Sends nothing.

        A client with a vendor code has those of that code; one without has all of its endpoint.

        Args:
            ledger: where they are kept.
            open: only those whose outcome can still change, or only the others; None means all.
        """
        from spshipping.vendor.acknowledge import workflow

        return iterate(workflow.submissions(self._context, ledger, open))

    def check(
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

        return run(workflow.check(self._context, ledger, submission, options))

    def wait(
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

        return run(follow.wait(self._context, ledger, submission, timeout))

    def run(
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

        return run(follow.follow(self._context, ledger, every, stop, on_outcome, options))

    def back_orders(self, *, ledger: "SubmissionLedger") -> Iterator["BackOrder"]:
        """Iterate over back orders, which no field of Amazon's answers lists. Sends nothing.

        It is what the last acknowledgement of each order says; an update that accepts it takes it away.
        """
        from spshipping.vendor.acknowledge import workflow

        return iterate(workflow.back_orders(self._context, ledger))

    def pickup_state(self, identifier: str, **options: Unpack[CallOptions]) -> "PickupState | None":
        """Return how far a routing request is, with the ARN and, once there is one, the carrier.

        None where Amazon knows no such request: one that was just submitted is not yet known.

        Args:
            identifier: your own, `vendor_shipment_identifier`.
            options: limits of time for each call.
        """
        from spshipping.vendor.routing import workflow

        return run(workflow.pickup_state(self._context, identifier, options))

    def save_labels(
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

        return run(workflow.save_labels(self._context, identifier, folder, options))
