"""The sellers that a worker serves: the connections of the settings, or those of a table."""

import csv
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

import click

from spshipping.assembly import place_of
from spshipping.cli.choice import Choice
from spshipping.client import Client
from spshipping.errors import ConfigurationError, printable
from spshipping.options import ClientOptions
from spshipping.settings import Settings
from spshipping.sync.names import name_fault
from spshipping.transport.adapter import RequestsTransport

_COLUMNS = ("name", "refresh_token", "marketplace", "seller_id")
_TOKEN = re.compile(r"Atz[ra]\||amzn1\.oa2-cs", re.IGNORECASE)
"""How refresh tokens, access tokens and client secrets begin, wherever in a cell."""
_APPLICATION = "spshipping-worker/1.0"

OnReply = Callable[[Any], object]


class Seller(NamedTuple):
    """A seller of a table."""

    name: str
    reference: str
    """The name of the refresh token in the store of secrets."""
    marketplace: str | None
    seller_id: str | None


class Fleet(Protocol):
    """Who is served."""

    @property
    def names(self) -> Sequence[str]:
        """What the sellers are called."""
        ...

    @property
    def rows(self) -> Mapping[str, Sequence[str]]:
        """Their names, by the ids that Amazon gives them, as far as these are known.

        An account that sells in several marketplaces may have a name for each.
        """
        ...

    def make(self, name: str) -> Client:
        """Make the client of a seller, with the secrets as they are now."""
        ...

    def close(self) -> None:
        """Close the connections of all clients."""
        ...


class ConnectedFleet:
    """The connections of the settings that are enabled.

    Clients that send to the same hosts share a transport, and so its sockets: with one for each, hundreds of
    sellers would need more file descriptors than a process may have. Tokens and quotas they do not share.
    """

    def __init__(self, settings: Settings, on_reply: OnReply | None) -> None:
        self._settings = settings
        self._on_reply = on_reply
        self._made: dict[str, Client] = {}
        self._transports: dict[tuple[str, ...], RequestsTransport] = {}
        self._lock = threading.Lock()  # clients are made by several threads
        connections = [settings.connection(name) for name in settings.names]
        served = [one for one in connections if one.get("is_enabled") != "false"]
        self.names: Sequence[str] = [one.name for one in served]
        self.rows: Mapping[str, Sequence[str]] = _by_id((one.get("seller"), one.name) for one in served)

    def make(self, name: str) -> Client:
        """Make the client of a connection."""
        credentials, marketplace, found = self._settings.connection(name).client_options()
        options: dict[str, Any] = {"application": _APPLICATION, "on_reply": self._on_reply, **found}
        origins = place_of(marketplace, cast(ClientOptions, found)).origins
        with self._lock:
            if origins not in self._transports:
                self._transports[origins] = RequestsTransport(origins=origins)
            options["transport"] = self._transports[origins]
        before = self._made.get(name)
        if before is not None:  # nobody else serves this seller
            before.close()
        client = Client(credentials, marketplace, **options)
        with self._lock:
            self._made[name] = client
        return client

    def close(self) -> None:
        """Close the connections of all clients."""
        with self._lock:
            opened: list[Client | RequestsTransport] = [*self._made.values(), *self._transports.values()]
        for one in opened:
            one.close()


class TabledFleet:
    """The sellers of a table, who have all authorized the application of one connection."""

    def __init__(self, path: Path, choice: Choice, on_reply: OnReply | None) -> None:
        self._sellers = {seller.name: seller for seller in read_table(path)}
        self._store = choice.settings().store
        credentials, marketplace, found = choice.connection().client_options()
        options: dict[str, Any] = {"application": _APPLICATION, "on_reply": on_reply, **found}
        self._application = Client(credentials, marketplace, **options)
        self.names: Sequence[str] = list(self._sellers)
        self.rows: Mapping[str, Sequence[str]] = _by_id(
            (seller.seller_id, seller.name) for seller in self._sellers.values()
        )

    def make(self, name: str) -> Client:
        """Make the client of a seller.

        Raises:
            ConfigurationError: the store has no such refresh token.
        """
        seller = self._sellers[name]
        token = self._store.load_secret(seller.reference) if self._store is not None else None
        if token is None:
            # without the reference: it may be a secret that was pasted into the table
            raise ConfigurationError(
                f"the store of secrets has no refresh token for {printable(name)}, under the name that the"
                " table gives: save it there, or correct the column refresh_token"
            )
        return self._application.for_seller(token, seller.marketplace)

    def close(self) -> None:
        """Close the connections, which all clients share."""
        self._application.close()


def _by_id(sellers: Iterable[tuple[str | None, str]]) -> dict[str, list[str]]:
    """Return the names of sellers by their ids; those without an id are left out."""
    found: dict[str, list[str]] = {}
    for seller_id, name in sellers:
        if seller_id:
            found.setdefault(seller_id, []).append(name)
    return found


class Clients:
    """The clients of a fleet; one that failed is made again, for its secrets may have changed since.

    Making one may take long, where a store of secrets hangs: no other seller waits for it.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._clients: dict[str, Client] = {}
        self._lock, self._under_way = threading.Lock(), set[str]()  # whose client is being made

    def of(self, name: str, *, is_anew: bool) -> Client:
        """Return the client of a seller.

        Raises:
            ConfigurationError: it is being made already, for an owner whose lease has ended meanwhile.
        """
        with self._lock:
            client = None if is_anew else self._clients.get(name)
            if client is not None:
                return client
            if name in self._under_way:
                raise ConfigurationError(
                    f"the secrets of {printable(name)} have been waited for since an earlier step: the store"
                    " of secrets does not answer"
                )
            self._under_way.add(name)
        try:
            client = self._clients[name] = self._fleet.make(name)
        finally:
            with self._lock:
                self._under_way.remove(name)
        return client


def read_table(path: Path) -> list[Seller]:
    """Read a table of sellers: CSV, with a line of titles.

    Raises:
        click.BadParameter: it is none, lacks something, or holds a token.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong(path, "is not UTF-8") from None
    rows = _rows_of(path, text)
    _, titles = next(rows, (1, []))
    for column in _COLUMNS[:2]:
        if column not in titles:
            raise _wrong(path, f"lacks the column {column}: it has {', '.join(_COLUMNS)}")
    for column in _COLUMNS:
        if titles.count(column) > 1:
            raise _wrong(path, f"line 1, has the column {column} more than once")
    found: dict[str, Seller] = {}
    for number, cells in rows:
        row = dict(zip(titles, cells, strict=False))
        name, reference, marketplace, seller_id = (row.get(one, "") for one in _COLUMNS)
        fault = None
        if not name or not reference:
            fault = "lacks a name, or the name of a refresh token"
        elif len(cells) > len(titles):
            fault = 'has more cells than there are columns: write a cell that holds a comma in quotes, "a, b"'
        elif why := name_fault(name):
            fault = f"the name {why}"
        elif name in found:
            fault = f"names {printable(name)} once more"
        if fault is not None:
            raise _wrong(path, f"line {number}, {fault}")
        found[name] = Seller(name, reference, marketplace or None, seller_id or None)
    return list(found.values())


def _rows_of(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the number of the line in which it begins."""
    reader = csv.reader(StringIO(text, newline=""), strict=True, skipinitialspace=True)
    while True:
        number, fault, cells = reader.line_num + 1, None, list[str]()
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:  # its text holds nothing of the table
            fault = f"is no CSV: {error}"
        for cell in cells:
            if _TOKEN.search(cell):
                fault = "holds a token: save it in the store of secrets, and write its name here"
            elif "\n" in cell or "\r" in cell:
                fault = (
                    "has a cell with a line break: a quote is missing, or the cell needs to be on one line"
                )
            elif "\0" in cell:
                fault = "holds a NUL character: save the table as CSV, in UTF-8"
            if fault is not None:
                break
        if fault is not None:
            raise _wrong(path, f"line {number}, {fault}")
        if cells:
            yield number, cells


def _wrong(path: Path, fault: str) -> click.BadParameter:
    return click.BadParameter(f"{printable(str(path))}, {fault}", param_hint="--sellers")
