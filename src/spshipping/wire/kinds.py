"""The kinds of values on the wire: one row for each, with everything that is done with it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from spshipping.named import NamedTuple
from spshipping.wire.numbers import (
    exact,
    read_decimal,
    read_money,
    repair_boolean,
    repair_decimal,
    repair_integer,
    repair_money,
    repair_text,
    write_money,
)
from spshipping.wire.odd_times import repair_date, repair_interval, repair_time
from spshipping.wire.text import bounded
from spshipping.wire.times import (
    DateTimeInterval,
    read_date,
    read_time,
    write_date,
    write_interval,
    write_time,
)


class Kind(NamedTuple):
    """One kind of value."""

    python: type | None = None
    """The type of a value in a model; None where the field names it, or where anything goes."""
    json: type | None = None
    """The type that a well-formed value has in parsed JSON; None where *read* refuses every other."""
    read: Callable[[Any], Any] | None = None
    """From a well-formed value in parsed JSON to the value in a model; None where both are the same."""
    repair: Callable[[Any], Any] | None = None
    """From an odd value to the value in a model, where nothing is lost; None where that cannot be."""
    write: Callable[[Any], Any] | None = None
    """From the value in a model to plain data, numbers still exact; None where both are the same."""
    text: str = "quote({})"
    """The expression that makes JSON text of plain data."""
    schema: Mapping[str, Any] = {}
    """What a JSON Schema says of it."""

    @property
    def is_plain(self) -> bool:
        """Whether a value is the same in JSON and in a model, and holds nothing else."""
        return self.python in (str, int, bool)

    def fits(self, value: Any) -> Any:
        """Read a well-formed value.

        Raises:
            Exception: it is not well-formed.
        """
        if self.json is not None and value.__class__ is not self.json:
            raise TypeError(f"no {self.json.__name__}")
        return self.read(value) if self.read else value


KINDS: Mapping[str, Kind] = {
    "str": Kind(str, str, repair=repair_text, schema={"type": "string"}),
    "int": Kind(int, int, repair=repair_integer, text="repr({})", schema={"type": "integer"}),
    "bool": Kind(
        bool,
        bool,
        repair=repair_boolean,
        text="('true' if {} else 'false')",
        schema={"type": "boolean"},
    ),
    "decimal": Kind(
        Decimal,
        None,
        read_decimal,
        repair_decimal,
        exact,
        text="str({})",
        schema={"type": "number"},
    ),
    "money": Kind(
        Decimal,
        None,
        read_money,
        repair_money,
        write_money,
        schema={"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    ),
    "time": Kind(
        datetime,
        None,
        read_time,
        repair_time,
        write_time,
        schema={"type": "string", "format": "date-time"},
    ),
    "date": Kind(
        date,
        None,
        read_date,
        repair_date,
        write_date,
        schema={"type": "string", "format": "date"},
    ),
    "interval": Kind(
        DateTimeInterval,
        None,
        DateTimeInterval.parse,
        repair_interval,
        write_interval,
        schema={"type": "string"},
    ),
    "enum": Kind(None, str, repair=repair_text, write=str, schema={"type": "string"}),
    "object": Kind(dict, dict, bounded, text="write({})", schema={"type": "object"}),
    "any": Kind(None, None, bounded, text="write({})"),
    "model": Kind(None, dict, schema={"type": "object"}),
    "list": Kind(list, list, schema={"type": "array"}),
    "map": Kind(dict, dict, schema={"type": "object"}),
}
