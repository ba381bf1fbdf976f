"""`spshipping worker`: what changes at many sellers, handed to a function of the user's."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spshipping import disk
from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import fail
from spshipping.cli.database import Database, database_of
from spshipping.cli.fleet import Clients, ConnectedFleet, Fleet, TabledFleet
from spshipping.cli.health import Health, OneLook, counts_of
from spshipping.cli.interrupt import Interrupt
from spshipping.cli.progress import Faults
from spshipping.cli.queue import QueueThread, queue_url
from spshipping.cli.sync import checkpoint_name, span
from spshipping.environment import refuse_second_machine
from spshipping.errors import ConfigurationError, SpShippingError, printable
from spshipping.settings import Settings
from spshipping.settings.file import default_path
from spshipping.sync import FileCheckpoint, MemoryLeases, SellerLease, SyncLeases, Worker
from spshipping.sync.begin import check_function

if TYPE_CHECKING:
    from spshipping.orders import OrderSync
    from spshipping.otel import Telemetry

_SEARCHES, _BACKSTOP = timedelta(minutes=5), timedelta(hours=6)
_GRACE_SECONDS = 8.0
"""So long steps under way may go on: the process ends within ten, after which Docker would kill it."""
_LAST_PORT = 65_535


def function_at(place: str) -> Callable[..., object]:
    """Return the function at `package.module:name`; modules of the present folder are found too.

    Raises:
        click.BadParameter: there is none, or its module cannot be imported.
    """
    module, _, name = place.partition(":")
    if not (name and all(part.isidentifier() for part in module.split("."))):
        raise _wrong(f"{place!r} names no function: write package.module:function")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        raise _wrong(f"there is no module {error.name}, for {place}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # it is the user's, and may end with sys.exit()
        raise _wrong(
            f"the module {module} cannot be imported ({type(error).__name__}): to see why, run"
            f" python -c 'import {module}'"
        ) from None
    function: Callable[..., object] | None = getattr(found, name, None)
    if not callable(function):
        raise _wrong(f"the module {module} has no function {printable(name)}")
    try:
        check_function(place, function)
    except ConfigurationError as error:
        raise _wrong(str(error)) from None
    return function


def _wrong(fault: str) -> click.BadParameter:
    return click.BadParameter(fault, param_hint="--deliver")


def address_of(value: str) -> tuple[str, int] | None:
    """Read where something is answered: `127.0.0.1:8917`; None for `off`."""
    if value == "off":
        return None
    found = re.fullmatch(r"([\w.-]+):(\d{1,5})", value, re.ASCII)
    if not found or int(found[2]) > _LAST_PORT:
        raise click.BadParameter(f"{value!r} is not like 127.0.0.1:8917, or off")
    return found[1], int(found[2])


def telemetry() -> "Telemetry":
    """Return what reports to OpenTelemetry."""
    from spshipping.otel import Telemetry

    return Telemetry()


def queue_of(url: str | None, leases: SyncLeases, fleet: Fleet) -> QueueThread | None:
    """Return what notes the changes in a queue of SQS, if there is one."""
    if url is None:
        return None
    from spshipping.notifications.sqs import SqsConsumer

    return QueueThread(SqsConsumer(url, leases, fleet.rows))


def leases_of(
    choice: Choice, given: str | None, measures: "Telemetry | None" = None
) -> AbstractContextManager[SyncLeases]:
    """Return the leases in the database that is named, or else in the settings; else those of a process.

    Raises:
        click.BadParameter: what is named is no URL, or holds a password, which everybody on the machine could
            see.
        ConfigurationError: there is no database, and more than one machine.
    """
    engines = choice.settings().engines
    database = database_of(given, engines)
    if database is not None:
        return shared_leases(database, measures=measures)
    remedy = "Name a database, by --database or as postgres_url in the settings."
    refuse_second_machine("the checkpoints of a worker in files", remedy, engines.machines)
    return own_leases(choice)


@contextmanager
def shared_leases(database: Database, *, measures: "Telemetry | None" = None) -> Iterator[SyncLeases]:
    """Give the leases in a PostgreSQL database, and report the open purchases in its journal."""
    from spshipping.journal import PostgresJournal
    from spshipping.sync.postgres import PostgresLeases

    with database.opened() as opened:
        if measures is not None:
            measures.watch_purchases(PostgresJournal(opened).open_count)
        yield PostgresLeases(opened)


@contextmanager
def own_leases(choice: Choice) -> Iterator[SyncLeases]:
    """Give the leases of this process, with the checkpoints that `spshipping sync` uses too.

    Raises:
        ConfigurationError: another worker uses them.
    """
    folder = (choice.path or default_path()).parent
    lock = folder / "worker.lock"
    descriptor = disk.lock(lock)
    if descriptor is None:
        raise ConfigurationError(
            f"another worker uses the checkpoints in {folder}: several need --database, or raise --threads"
        )
    try:
        yield MemoryLeases(checkpoints=lambda name: FileCheckpoint(folder / checkpoint_name(name)))
    finally:
        disk.unlock(lock, descriptor)


@click.command()
@click.option("--deliver", "place", required=True, metavar="MODULE:FUNCTION", help="What stores a batch.")
@click.option("--connection", "name", help="The connection whose client those of --sellers authorized.")
@click.option(
    "--sellers",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A table of sellers: CSV with name, refresh_token (its name in the store), marketplace, seller_id.",
)
@click.option(
    "--database", metavar="URL", help="A PostgreSQL database that workers share, if not the settings'."
)
@click.option(
    "--queue",
    "queue_at",
    metavar="URL",
    type=queue_url,
    help="A queue of SQS with ORDER_CHANGE: then searches are rare.",
)
@click.option("--every", type=span, help="How often a seller is searched.  [default: 5m; with --queue 6h]")
@click.option("--since", type=span, default="1d", show_default=True, help="How far back a new seller begins.")
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Steps at once.")
@click.option("--lease", type=span, default="5m", show_default=True, help="How long a step may take.")
@click.option("--pii", multiple=True, help="Personal data to request: buyerInfo, shippingAddress.")
@click.option(
    "--health",
    "address",
    metavar="HOST:PORT",
    type=address_of,
    default="127.0.0.1:8917",
    show_default=True,
    help="Where GET /health is answered; port 0 is any that is free. Or off.",
)
@click.option("--otel", is_flag=True, help="Report spans and measurements to OpenTelemetry.")
@click.option("--json", "as_json", is_flag=True, help="Print begin and end as lines of JSON.")
@pass_choice
def worker(
    choice: Choice,
    place: str,
    name: str | None,
    sellers: Path | None,
    database: str | None,
    queue_at: str | None,
    every: timedelta | None,
    since: timedelta,
    threads: int,
    lease: timedelta,
    pii: tuple[str, ...],
    address: tuple[str, int] | None,
    *,
    otel: bool,
    as_json: bool,
) -> None:
    """Hand the orders that change at many sellers to a function, until SIGTERM or Ctrl-C.

    The function gets the name of a seller and a batch: deliver(seller, batch). When it returns, the batch is
    committed. It is called by several threads, and may get a batch twice. The sellers are, as it begins, the
    connections of the settings, or those of --sellers, who have all authorized the client of --connection.

    The exit code is 0 if it was stopped, 1 if it could not begin or failed, 2 if it was called wrongly.
    """
    try:
        with ExitStack() as stack:
            deliver = function_at(place)
            measures = telemetry() if otel else None
            choice = Choice(choice.path, name or choice.name)
            fleet = stack.enter_context(closing(_fleet(choice, sellers, measures)))
            leases = stack.enter_context(leases_of(choice, database, measures))
            if measures is not None:
                measures.watch_leases(leases)
            leases.add(fleet.names)
            sync_of = partial(_sync, Clients(fleet), since, pii)
            interval = every or (_BACKSTOP if queue_at else _SEARCHES)
            made = Worker(
                leases, sync_of, deliver, sellers=fleet.names, every=interval, lease=lease, threads=threads
            )
            queue = queue_of(queue_at, leases, fleet)
            counts = partial(counts_of, OneLook(leases), made, queue)
            url = stack.enter_context(Health(*address, counts)).url if address else None
            interrupt = stack.enter_context(_running())
            _say("started", {"sellers": len(fleet.names), "health": url}, as_json=as_json)
            has_ended = _run(made, queue, interrupt)
            _say("stopped", {"has_ended": has_ended, **made.status._asdict()}, as_json=as_json)
    except SpShippingError as error:
        fail(error, as_json=as_json)


def _run(worker: Worker[Any], queue: QueueThread | None, stop: Interrupt) -> bool:
    """Serve sellers, and note what a queue names, until *stop* is set; return whether all steps have ended.

    Raises:
        SpShippingError: an error has ended a thread.
    """
    if queue is None:
        return worker.run(stop=stop, grace=_GRACE_SECONDS)
    queue.start(stop)
    has_ended = worker.run(stop=queue, grace=_GRACE_SECONDS)
    queue.check()
    return has_ended


def _fleet(choice: Choice, sellers: Path | None, measures: "Telemetry | None") -> Fleet:
    fleet: Fleet
    if sellers is not None:
        fleet = TabledFleet(sellers, choice, measures)
    elif choice.name is not None:
        raise click.UsageError("--connection names the client of --sellers: give both, or neither")
    else:
        settings = choice.settings()
        if not settings.names and choice.of_environment() is not None:
            settings = Settings.from_env()
        fleet = ConnectedFleet(settings, measures)
    if not fleet.names:
        raise ConfigurationError("there is no seller: no connection that is enabled, or no line in the table")
    return fleet


@contextmanager
def _running() -> Iterator[Interrupt]:
    """Print what goes wrong, and give what a signal sets; it ends no step, and is seen between two."""
    interrupt = Interrupt()
    interrupt.is_busy = True
    with Faults().shown(), interrupt.watch():
        yield interrupt


def _sync(
    clients: Clients, since: timedelta, pii: tuple[str, ...], name: str, row: SellerLease
) -> "OrderSync":
    from spshipping.orders import OrderSync

    client = clients.of(name, is_anew=row.failures > 0)
    return OrderSync(client.orders, row, since=since, pii=pii or None)


def _say(event: str, facts: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"event": event, **facts}))
    else:
        words = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
        click.echo(f"{event}: {words}", err=True)
