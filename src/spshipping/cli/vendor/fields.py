"""One object of a file, read field by field; what is wrong is named by its path."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from spshipping.errors import InvalidRequestError
from spshipping.settings.fields import nearest
from spshipping.wire.convert import structure
from spshipping.wire.model import Model
from spshipping.wire.times import read_date, read_time

M = TypeVar("M", bound=Model)


def read_model(value: Any, type_: type[M], path: str) -> M:
    """Return what is spelled as Amazon spells it. Nothing that cannot be read is left out.

    Raises:
        InvalidRequestError: something in it is missing, or is of another kind.
    """
    found, deviations = structure(value, type_)
    faults = [each for each in deviations if each.kind != "converted"]
    if faults or not isinstance(found, type_):
        where, kind = faults[0] if faults else ("", "unreadable")
        raise InvalidRequestError(f"is not as Amazon has it: {where or 'all of it'} is {kind}", path=path)
    return found


class Fields:
    """An object; it refuses fields that are not known."""

    def __init__(self, value: Any, path: str, known: tuple[str, ...]) -> None:
        """Read *value*.

        Raises:
            InvalidRequestError: it is no object, or has a field that is not known.
        """
        self.path = path
        if not isinstance(value, Mapping):
            raise InvalidRequestError("must be an object", path=path)
        for name in value:
            if name not in known:
                like = nearest(str(name), known)
                hint = f"is {like} meant?" if like else f"known are {', '.join(known)}"
                raise InvalidRequestError(f"is no field of it: {hint}", path=self.at(str(name)))
        self._values = {name: each for name, each in value.items() if each is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def at(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str) -> str | None:
        """Return a text; None where there is none."""
        found = self._values.get(name)
        if found is not None and (not isinstance(found, str) or not found.strip()):
            raise InvalidRequestError("must be text", path=self.at(name))
        return found.strip() if found else None

    def needed(self, name: str, what: str) -> str:
        """Return a text that must be there; *what* says what it is."""
        found = self.text(name)
        if found is None:
            raise InvalidRequestError(f"is missing: {what}", path=self.at(name))
        return found

    def whole(self, name: str) -> int | None:
        """Return a whole number above 0."""
        found = self._values.get(name)
        if found is not None and (type(found) is not int or found < 1):
            raise InvalidRequestError("must be a whole number above 0", path=self.at(name))
        return found

    def number(self, name: str) -> Decimal:
        """Return a number, which must be there."""
        found = self._values.get(name)
        if type(found) is int or isinstance(found, Decimal):
            return Decimal(found)
        raise InvalidRequestError("must be a number", path=self.at(name))

    def flag(self, name: str) -> bool:
        """Return a boolean; false where there is none."""
        found = self._values.get(name, False)
        if not isinstance(found, bool):
            raise InvalidRequestError("must be true or false", path=self.at(name))
        return found

    def time(self, name: str) -> datetime | None:
        """Return a time with its offset."""
        text = self.text(name)
        try:
            return None if text is None else read_time(text)
        except ValueError:
            raise InvalidRequestError(
                "must be a time with its offset, such as 2026-12-04T12:00:00Z", path=self.at(name)
            ) from None

    def day(self, name: str) -> date | None:
        """Return a day."""
        text = self.text(name)
        try:
            return None if text is None else read_date(text)
        except ValueError:
            raise InvalidRequestError("must be a day, such as 2026-12-04", path=self.at(name)) from None

    def model(self, name: str, type_: type[M]) -> M | None:
        """Return an object that is spelled as Amazon spells it."""
        found = self._values.get(name)
        return None if found is None else read_model(found, type_, self.at(name))

    def inside(self, name: str, known: tuple[str, ...]) -> "Fields | None":
        """Return an object in a field."""
        found = self._values.get(name)
        return None if found is None else Fields(found, self.at(name), known)

    def each(self, name: str, known: tuple[str, ...]) -> Iterator["Fields"]:
        """Yield the objects of a list in a field."""
        for index, found in enumerate(self._list(name)):
            yield Fields(found, f"{self.at(name)}[{index}]", known)

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list in a field."""
        found = self._list(name)
        if not all(isinstance(each, str) and each.strip() for each in found):
            raise InvalidRequestError("must be a list of texts", path=self.at(name))
        return [each.strip() for each in found]

    def names(self, name: str, known: tuple[str, ...]) -> Iterator[tuple[str, "Fields"]]:
        """Yield the objects that an object in a field has, by their names."""
        found = self._values.get(name, {})
        if not isinstance(found, Mapping):
            raise InvalidRequestError("must be an object", path=self.at(name))
        for key, each in found.items():
            yield key, Fields(each, f"{self.at(name)}.{key}", known)

    def _list(self, name: str) -> list[Any]:
        found = self._values.get(name, [])
        if not isinstance(found, list):
            raise InvalidRequestError("must be a list", path=self.at(name))
        return found
