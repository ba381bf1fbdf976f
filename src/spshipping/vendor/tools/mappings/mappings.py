"""`Mappings`: all tables of a connection, as one value that never changes."""

import os
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

from spshipping import disk
from spshipping.errors import ConfigurationError, DecodeError
from spshipping.regions import Marketplace
from spshipping.settings import file
from spshipping.settings.fields import nearest
from spshipping.vendor.orders.models.acknowledgements import OrderAcknowledgement
from spshipping.vendor.sync.imported import ImportedOrder
from spshipping.vendor.tools.mappings import reading
from spshipping.vendor.tools.mappings.centres import FulfilmentCentres
from spshipping.vendor.tools.mappings.convert import Converter
from spshipping.vendor.tools.mappings.order import MappedOrder
from spshipping.vendor.tools.mappings.table import StatusTable, Table
from spshipping.vendor.tools.mappings.tables import KINDS, PAYMENT_STATUS, SHIP_TO, TAX_RATE, TableKind
from spshipping.wire.text import parse, write

_KNOWN: Mapping[str, TableKind] = {kind.name: kind for kind in KINDS}


class Gap(NamedTuple):
    """Where tables and Amazon's values differ."""

    table: str
    value: str
    kind: Literal["not covered", "not known"]
    """`not covered`: Amazon has the value, and no rule says what it is. `not known`: there is a rule for a
    value that Amazon does not have, as far as this version knows: a slip, or a value that is new."""
    nearest: str | None = None
    """For a value that is not known, the known one that is most like it."""

    def __str__(self) -> str:
        hint = f"; is {self.nearest} meant?" if self.nearest else ""
        return f"{self.table}: {self.value} is {self.kind}{hint}"


class Met(NamedTuple):
    """A value that no rule covers, and how often it was met."""

    table: str
    value: str | None
    """None where Amazon's answer has no value."""
    times: int
    example: str
    """The number of a purchase order that has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mappings:
    """What Amazon's words are in the shop.

    Example:
        ```python
        mappings = Mappings.load("mappings.toml")
        for one in batch:
            mapped = mappings.order(one, marketplace="US")
        ```
    """

    order_status: StatusTable
    """The shop's main status; its vocabulary says which status of Amazon's is mapped."""
    payment_status: Table[str]
    """The shop's payment status, from the same status of Amazon's."""
    ship_to: Table[str]
    """The shop's reference of each fulfilment centre."""
    credit_reason: Table[str]
    payment_type: Table[str]
    tax_rate: Table[Decimal]
    """By the name of the marketplace, in percent."""
    currency: str
    """The shop's. A price in another one is flagged, and never converted."""
    line_status: StatusTable | None = None
    """The shop's status of a line; None where it keeps none."""

    def __post_init__(self) -> None:
        """Check what was given, as when it is read from a file.

        Raises:
            ConfigurationError: something in it is wrong; it names every table and key.
        """
        reading.read(self.to_dict(), "mappings")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, source: str = "mappings") -> Self:
        """Read plain data, as TOML and JSON have it.

        Args:
            data: the currency, and the tables by their names.
            source: what errors call it.

        Raises:
            ConfigurationError: something in it is missing or wrong; it names every table and key.
        """
        found = reading.read(data, source)
        tables: dict[str, Any] = dict(found.tables)
        return cls(currency=found.currency, **tables)

    @classmethod
    def from_toml(cls, text: str, *, source: str = "mappings") -> Self:
        """Read TOML text.

        Raises:
            ConfigurationError: it is no TOML, or something in it is missing or wrong.
        """
        try:
            data = tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{source}: is no TOML: {error}") from None
        except RecursionError:
            raise ConfigurationError(f"{source}: is no TOML: it nests too deep") from None
        return cls.from_dict(data, source=source)

    @classmethod
    def from_json(cls, text: str, *, source: str = "mappings") -> Self:
        """Read JSON text.

        Raises:
            ConfigurationError: it is no JSON, or something in it is missing or wrong.
        """
        try:
            data = parse(text.encode("utf-8", "surrogatepass"))
        except DecodeError:
            raise ConfigurationError(f"{source}: is no JSON") from None
        return cls.from_dict(data, source=source)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a file: JSON where its name ends so, else TOML.

        Raises:
            ConfigurationError: it cannot be read, or something in it is missing or wrong.
        """
        where = Path(path).expanduser()
        try:
            text = disk.read(where).decode("utf-8-sig")
        except OSError as error:
            raise ConfigurationError(f"{where}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            raise ConfigurationError(f"{where}: is not UTF-8") from None
        read = cls.from_json if where.suffix.lower() == ".json" else cls.from_toml
        return read(text, source=str(where))

    def to_dict(self) -> dict[str, Any]:
        """Return them as plain data; tax rates are Decimals."""
        return reading.written(self.currency, self._tables())

    def to_toml(self) -> str:
        """Return them as TOML text.

        Raises:
            ConfigurationError: the extra `settings` is not installed.
        """
        return file.rendered(self.to_dict()).decode()

    def to_json(self) -> str:
        """Return them as JSON text."""
        return write(self.to_dict())

    def gaps(
        self,
        *,
        marketplaces: Iterable[Marketplace | str] = (),
        centres: Iterable[str] = (),
    ) -> list[Gap]:
        """Return where the tables and Amazon's values differ; the defaults do not count as rules.

        Args:
            marketplaces: those that you sell in: each needs a tax rate.
            centres: codes of fulfilment centres, such as `FulfilmentCentres`: each needs a reference.
        """
        places = [Marketplace.find(place).name for place in marketplaces]
        found: list[Gap] = []
        for name, table in self._tables():
            known = self._known_values(name, table)
            wanted = {TAX_RATE.name: places, SHIP_TO.name: list(centres)}.get(name, list(known))
            found += [Gap(name, value, "not covered") for value in wanted if value not in table.rules]
            found += [
                Gap(name, value, "not known", nearest(value, known))
                for value in table.rules
                if name != SHIP_TO.name and value not in known
            ]
        return found

    def order(
        self,
        imported: ImportedOrder,
        *,
        marketplace: Marketplace | str,
        answers: OrderAcknowledgement | None = None,
        centres: FulfilmentCentres | None = None,
    ) -> MappedOrder:
        """Return a purchase order in the shop's words. Nothing is refused: what has no rule gets the default.

        Args:
            imported: what the import has delivered.
            marketplace: that of the connection, for the tax rate: an order does not name it.
            answers: what you have answered last (`submission.acknowledgement`): it alone knows why lines
                were rejected.
            centres: what was learned of fulfilment centres, for the address where this order shows none.

        Raises:
            ConfigurationError: there is no such marketplace.
        """
        place = Marketplace.find(marketplace)
        return Converter(self, place, centres).order(imported, answers)

    def _tables(self) -> Iterator[tuple[str, Table[Any]]]:
        for kind in KINDS:
            table: Table[Any] | None = getattr(self, kind.name)
            if table is not None:
                yield kind.name, table

    def _known_values(self, name: str, table: Table[Any]) -> tuple[str, ...]:
        if name == PAYMENT_STATUS.name:
            return self.order_status.vocabulary.values
        return table.vocabulary.values if isinstance(table, StatusTable) else _KNOWN[name].values


def met(orders: Iterable[MappedOrder]) -> list[Met]:
    """Return the values in orders that no rule covers, the most frequent first."""
    counts: Counter[tuple[str, str | None]] = Counter()
    examples: dict[tuple[str, str | None], str] = {}
    for order in orders:
        for one in order.unmapped:
            counts[one.table, one.value] += 1
            examples.setdefault((one.table, one.value), order.number)
    return [Met(*key, count, examples[key]) for key, count in counts.most_common()]
