"""`spshipping sync`: the orders that change, one a line, for as long as it runs."""

import errno
import json
import os
import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import fail
from spshipping.cli.interrupt import Interrupt
from spshipping.errors import SpShippingError
from spshipping.settings.file import default_path
from spshipping.sync import Batch, FileCheckpoint, SyncProgress, SyncStatus
from spshipping.wire.times import write_time

if TYPE_CHECKING:
    from spshipping.orders import AmazonOrder

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NOT_IN_NAMES = r'[\x00-\x1f"%*/:<>?|\\]'
_SPAN = re.compile(r"(\d{1,6})([smhd])", re.ASCII)


def span(value: str) -> timedelta:
    """Read how long: `90s`, `5m`, `2h`, `7d`."""
    found = _SPAN.fullmatch(value)
    if not found or not int(found[1]):
        raise click.BadParameter(f"{value!r} is not like 90s, 5m, 2h or 7d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


class _ReaderGoneError(BaseException):
    """The reader of standard output has closed it; a repeat would fail as well."""


class Printer:
    """Prints orders on standard output, and progress and errors on standard error."""

    def __init__(self, interrupt: Interrupt, *, as_json: bool) -> None:
        self._interrupt = interrupt
        self._as_json = as_json
        self._failures = 0
        self._advice: str | None = None

    def deliver(self, batch: "Batch[AmazonOrder]") -> None:
        """Print the orders of a batch, and commit it."""
        with self._interrupt.hold():
            try:
                for order in batch:
                    click.echo(self._line(order))
                batch.commit()
            except BrokenPipeError as error:
                raise _ReaderGoneError from error

    def deliver_all(self, batches: "Iterable[Batch[AmazonOrder]]") -> None:
        """Print the orders of all batches, until a signal comes."""
        for batch in batches:
            self.deliver(batch)
            if self._interrupt.is_set():  # while it was printed
                return

    def _line(self, order: "AmazonOrder") -> str:
        if self._as_json:
            return json.dumps(order.to_dict())
        status = order.order_status.value if order.order_status else None
        updated = write_time(order.last_update_date) if order.last_update_date else None
        return f"{order.amazon_order_id}  {updated or '–'}  {status or '–'}"

    def progress(self, progress: SyncProgress) -> None:
        """Print when a long pass will be over, and that the sync falls behind."""
        if progress.advice and not self._advice:
            click.echo(f"warning: {progress.advice}", err=True)
        self._advice = progress.advice
        if progress.pages_left and progress.done_at:
            click.echo(
                f"page {progress.pages}, {progress.items} orders; about {progress.pages_left} more pages,"
                f" until {write_time(progress.done_at.replace(microsecond=0))}",
                err=True,
            )

    def status(self, status: SyncStatus) -> None:
        """Print that a run failed."""
        if status.failures > self._failures:
            click.echo(f"failed: {error_text(status.last_error)}", err=True)
        self._failures = status.failures


def checkpoint_name(connection: str) -> str:
    """Return the name of a connection's checkpoint."""
    return f"sync-{file_name(connection)}.json"


def file_name(text: str) -> str:
    """Return a text as a part of a file's name: what no such name may have is escaped."""
    return re.sub(_NOT_IN_NAMES, lambda found: f"%{ord(found[0]):02x}", text)


def error_text(error: Exception | None) -> str:
    """Return the text of an error; of those that are not ours, the name, and what the system says."""
    name = type(error).__name__
    if isinstance(error, OSError) and isinstance(error.errno, int):
        return f"{name}: {os.strerror(error.errno)}"
    return f"{name}: {error}" if isinstance(error, SpShippingError) else name


@click.command()
@click.option("--connection", "name", help="The connection to use, by name.")
@click.option("--every", type=span, default="5m", show_default=True, help="How often to look.")
@click.option(
    "--checkpoint",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file of the checkpoint; else one beside the settings, named by the connection.",
)
@click.option("--since", type=span, help="How far back it begins without a checkpoint.  [default: 1d]")
@click.option("--rewind", type=span, help="Go back so far first, and print again what has changed since.")
@click.option("--once", is_flag=True, help="Catch up with now, and end.")
@click.option("--json", "as_json", is_flag=True, help="Print each order, whole, as a line of JSON.")
@pass_choice
def sync(
    choice: Choice,
    name: str | None,
    every: timedelta,
    path: Path | None,
    since: timedelta | None,
    rewind: timedelta | None,
    *,
    once: bool,
    as_json: bool,
) -> None:
    """Print every order that changes: its id, when, and its status, until Ctrl-C.

    Started again, it continues where it was; --rewind goes back. With --json, a line holds the whole order
    with its items; personal data is not requested. A line may come twice, where it was killed.
    Progress and errors are printed on standard error; after a failure, the next run tries again, and with
    --once there is none. A checkpoint is used by one sync at a time.

    The exit code is 0 if it was stopped or has caught up, 1 if it could not begin or, with --once, failed.
    """
    from spshipping.orders import OrderSync

    choice = Choice(choice.path, name or choice.name)
    interrupt = Interrupt()
    printer = Printer(interrupt, as_json=as_json)
    try:
        connection = choice.connection()
        place = path or (choice.path or default_path()).with_name(checkpoint_name(connection.name))
        with interrupt.watch(), choice.client() as client:
            choice.refuse_second_machine("a checkpoint in a file")
            store = FileCheckpoint(place)
            known = store.load()  # what is wrong with it, no later run mends
            if known and since and not rewind:
                begins = write_time(known.until)
                click.echo(
                    f"--since does not count: it goes on from {begins}; to go back, give --rewind", err=True
                )
            start = since or timedelta(days=1)
            orders = OrderSync(client.orders, store, since=start, pii=None, on_progress=printer.progress)
            if rewind:
                orders.rewind(rewind)
            if once:
                printer.deliver_all(orders.batches())
            else:
                orders.run(printer.deliver, every=every, stop=interrupt, on_status=printer.status)
    except SpShippingError as error:
        fail(error, as_json=as_json)
    except _ReaderGoneError as gone:
        raise BrokenPipeError(errno.EPIPE, "the reader is gone") from gone  # click ends quietly then
