"""What the commands for vendors work with: a client, and the folder with all that must outlive a command."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Concatenate, NamedTuple, ParamSpec, Protocol, Self, TypeVar

import click

from spshipping import disk
from spshipping.auth.cache import TokenCache
from spshipping.cli.choice import Choice
from spshipping.cli.sync import file_name
from spshipping.cli.vendor.store import OrderStore, StoredOrder
from spshipping.client import Client
from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError, InvalidRequestError, LeaseLostError
from spshipping.settings.file import default_path
from spshipping.settings.vendor import VendorSettings
from spshipping.sync import FileCheckpoint, SyncProgress
from spshipping.vendor.acknowledge.rules import rule_region
from spshipping.vendor.acknowledge.submission import Submission, submission_of
from spshipping.vendor.ledger import SqliteLedger
from spshipping.vendor.ledger.entry import Entry, Scope, SubmissionKind
from spshipping.vendor.rules import RuleRegion
from spshipping.vendor.sync import ImportedOrder, PurchaseOrderImport
from spshipping.vendor.sync.feed import HORIZON

P = ParamSpec("P")
R = TypeVar("R")


class Closable(Protocol):
    """What is to be closed."""

    def close(self) -> None:
        """Close it."""
        ...


C = TypeVar("C", bound=Closable)


class Where(NamedTuple):
    """What the options of the group say."""

    choice: Choice
    folder: Path | None


class Subject(NamedTuple):
    """What a submission is about."""

    kind: SubmissionKind
    vendor_code: str
    reference: str


def last_said(history: Sequence[Entry]) -> Submission | None:
    """Return the last submission that may be with Amazon, or None."""
    said = [entry for entry in history if entry.is_said]
    return submission_of(said[-1]) if said else None


def new_clock() -> Clock:
    """Return the clock of a command; tests put another in its place."""
    return SystemClock()


class Office:
    """One vendor's connection, and its folder: purchase orders, checkpoint, ledger, serial numbers."""

    def __init__(self, where: Where) -> None:
        """Open it. Nothing is sent yet, and no file is made."""
        self.clock: Clock = new_clock()
        choice = where.choice
        choice.refuse_second_machine("the folder of a vendor")
        connection = choice.connection()
        self.settings: VendorSettings = connection.vendor()
        self.folder: Path = where.folder or (choice.path or default_path()).with_name(
            f"vendor-{file_name(connection.name)}"
        )
        self._stack = ExitStack()
        self.client: Client = self._stack.enter_context(
            choice.client(clock=self.clock, token_cache=TokenCache(self.clock))
        )
        self.place: str = self.client.context.origin.endpoint
        self.store: OrderStore = self._stack.enter_context(OrderStore(self.folder / "orders.db", self.place))
        self.ledger: SqliteLedger = self._stack.enter_context(
            SqliteLedger(self.folder / "ledger.db", clock=self.clock)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def now(self) -> datetime:
        """The time, as far as Amazon's answers have stated it."""
        return self.client.context.clock.now()

    @property
    def region(self) -> RuleRegion | None:
        """Where the rules of the vendor code are those of; None where that is not known."""
        return rule_region(self.client.context.marketplace_id)

    def imports(
        self, since: timedelta = HORIZON, on_progress: Callable[[SyncProgress], object] | None = None
    ) -> PurchaseOrderImport:
        """Return the import of purchase orders, by the switches of the connection."""
        return PurchaseOrderImport(
            self.client.vendor,
            FileCheckpoint(self.folder / "checkpoint.json"),
            settings=self.settings,
            known=self.store.known,
            since=since,
            on_progress=on_progress,
        )

    def fresh(self, number: str, *, has_status: bool = False) -> ImportedOrder:
        """Read a purchase order from Amazon, which may have changed it, and store it.

        Args:
            number: its number.
            has_status: also what was acknowledged and received of it, where the import does not read that.

        Raises:
            SpShippingError: there is none of that number, or it cannot be read.
        """
        found = self.imports().get(number)
        if has_status and found.status is None:
            orders = self.client.vendor.orders
            states = orders.get_purchase_orders_status(purchase_order_number=found.number).orders_status
            found = found._replace(status=next(iter(states or ()), None))
        self.store.put([found], self.now)
        return found

    def stored(self, number: str) -> StoredOrder:
        """Return a purchase order that was imported.

        Raises:
            InvalidRequestError: none of that number was.
        """
        found = self.store.find(number.strip())
        if found is None:
            raise InvalidRequestError(
                "was not imported: run `spshipping vendor import`, or read it with --fetch", path=number
            )
        return found

    def history(self, subject: Subject) -> Sequence[Entry]:
        """Return what was submitted for an order or a shipment, the oldest first."""
        return self.ledger.history(Scope(self.place, subject.vendor_code, subject.kind, subject.reference))

    def chosen(self, numbers: Sequence[str]) -> list[StoredOrder]:
        """Return the purchase orders that were imported: those with these numbers, or all without any.

        Raises:
            InvalidRequestError: one of them was not imported.
        """
        return [self.stored(number) for number in numbers] if numbers else list(self.store.all())

    def opened(self, resource: C) -> C:
        """Return what is closed together with the office."""
        return self._stack.enter_context(closing(resource))

    def write(self, path: Path, text: str) -> None:
        """Write a report, all or nothing, for its owner only.

        Raises:
            ConfigurationError: it cannot be written.
        """
        with failing_on(path):
            disk.replace(path, text.encode("utf-8", "surrogatepass"), private=True, durable=False)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other commands from submitting anything meanwhile.

        Raises:
            LeaseLostError: one does so now.
        """
        path = self.folder / "submitting.lock"
        with failing_on(path):
            descriptor = disk.lock(path)
        if descriptor is None:
            raise LeaseLostError(
                f"another command submits something for {self.folder} now: repeat this one when it has ended"
            )
        try:
            yield
        finally:
            disk.unlock(path, descriptor)


def with_office(command: Callable[Concatenate[Office, P], R]) -> Callable[P, R]:
    """Pass an open office to a command as its first argument."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        where = click.get_current_context().find_object(Where)
        assert where is not None  # noqa: S101 - the group has made it
        with Office(where) as office:
            return command(office, *args, **kwargs)

    return run


@contextmanager
def failing_on(path: Path) -> Iterator[None]:
    """Make an error of a file one that names it.

    Raises:
        ConfigurationError: the system says that it cannot be used.
    """
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be used: {error.strerror or type(error).__name__}") from None


def read_file(path: Path) -> bytes:
    """Return what a file holds.

    Raises:
        ConfigurationError: it cannot be read.
    """
    with failing_on(path):
        return disk.read(path)
