"""Our `NamedTuple` makes what that of `typing` makes: each test does the same with both."""

import copy
import inspect
import pickle
import types
import typing
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import cattrs
import pydantic
import pytest
from cattrs.preconf.json import make_converter

import spshipping
from spshipping import Quota
from spshipping.auth.stores import StoredToken
from spshipping.named import NamedTuple
from spshipping.transport.http import HttpFailure, Trouble
from spshipping.wire.times import DateTimeInterval

T = TypeVar("T")


class Ours(NamedTuple):
    """A point."""

    x: int
    """How far right."""
    y: int | None = None
    name: str = "point"

    @property
    def is_flat(self) -> bool:
        """Say whether it has no height."""
        return not self.y


class Theirs(typing.NamedTuple):
    """A point."""

    x: int
    """How far right."""
    y: int | None = None
    name: str = "point"

    @property
    def is_flat(self) -> bool:
        """Say whether it has no height."""
        return not self.y


class Bare(NamedTuple):
    only: int


class OurPage(NamedTuple, Generic[T]):
    """A page."""

    items: "list[T]"

    def __len__(self) -> int:
        return 7

    def __iter__(self) -> Iterator[Any]:
        return super().__iter__()


class More(Ours):
    """A subclass, as every class can have."""

    def __repr__(self) -> str:
        return f"more than {super().__repr__()}"


BOTH = pytest.mark.parametrize("cls", [Ours, Theirs])
USES: list[Callable[[Any], object]] = [
    lambda cls: cls(1),
    lambda cls: cls(1, 2) == (1, 2, "point"),
    lambda cls: hash(cls(1)) == hash((1, None, "point")),
    lambda cls: cls(x=1, name="corner"),
    lambda cls: (cls(1).x, cls(1, 2).y, cls(1).name, cls(1).is_flat),
    lambda cls: cls(1)._replace(y=2),
    lambda cls: cls(1)._asdict(),
    lambda cls: cls._make([1, 2, "corner"]),
    lambda cls: (cls._fields, cls._field_defaults, cls.__match_args__, cls.__slots__),
    lambda cls: (cls.__bases__, cls.__orig_bases__, cls.__doc__, cls.__mro__[1:]),
    lambda cls: (cls.x.__doc__, cls.name.__doc__),
    lambda cls: typing.get_type_hints(cls),
    lambda cls: inspect.signature(cls),
    lambda cls: cls.__new__.__qualname__.partition(".")[2],
    lambda cls: (copy.copy(cls(1)), copy.deepcopy(cls(1)), pickle.loads(pickle.dumps(cls(1)))),
    lambda cls: (sorted([cls(2), cls(1)]), [*cls(1)], cls(1)[0], len(cls(1)), 1 in cls(1)),
    lambda cls: cattrs.structure([1, 2, "corner"], cls),
    lambda cls: pydantic.TypeAdapter(cls).validate_python([1, 2, "corner"]),
    lambda cls: isinstance(cls(1), tuple),
    lambda cls: types.new_class("Plain", (cls,)).__mro__[2:],
]
WRONG: list[Callable[[Any], object]] = [
    lambda cls: cls(),
    lambda cls: cls(1, z=2),
    lambda cls: cls(1, 2, "corner", 4),
    lambda cls: cls._make([1]),
    lambda cls: setattr(cls(1), "x", 2),
    lambda cls: setattr(cls(1), "z", 2),
]


@pytest.mark.parametrize("use", USES)
def test_it_is_used_as_that_of_typing(use: Callable[[Any], object]) -> None:
    shown = repr(use(Theirs)).replace("Theirs", "Ours")
    assert repr(use(Ours)) == shown


@pytest.mark.parametrize("use", WRONG)
def test_it_is_as_strict_as_that_of_typing(use: Callable[[Any], object]) -> None:
    with pytest.raises(Exception) as theirs:
        use(Theirs)
    with pytest.raises(theirs.type) as ours:
        use(Ours)
    assert str(ours.value) == str(theirs.value).replace("Theirs", "Ours")


def test_a_field_that_it_does_not_have_cannot_be_replaced() -> None:
    with pytest.raises(TypeError, match="z"):
        Ours(1)._replace(z=2)  # type: ignore[call-arg]  # the point of the test


def test_a_pattern_finds_the_fields_by_place_and_by_name() -> None:
    match Ours(1, 2):
        case Ours(1, y, name="point"):
            assert y == 2
        case _:
            pytest.fail("it does not match")


def test_a_generic_one_can_be_subscripted() -> None:
    made = OurPage[int]([1])
    assert (made.items, len(made), [*made]) == ([1], 7, [[1]])
    assert typing.get_args(OurPage[int]) == (int,)
    assert repr(typing.get_type_hints(OurPage)) == "{'items': list[~T]}"


def test_a_subclass_keeps_its_class() -> None:
    made = More(1)._replace(y=2)
    assert (type(made), repr(made)) == (More, "more than More(x=1, y=2, name='point')")
    assert type(pickle.loads(pickle.dumps(made))) is More
    assert Bare.__doc__ == "Bare(only)"


def test_annotations_may_be_a_function_as_from_python_3_14_on() -> None:
    asked: list[int] = []

    def annotate(form: int) -> dict[str, Any]:
        asked.append(form)
        return {"x": int, "y": str}

    members = {"__module__": __name__, "__annotate_func__": annotate, "y": "up"}
    maker: Any = type(NamedTuple)
    point = maker("Point", (NamedTuple,), members)
    assert asked == [1]
    assert (point._fields, point(1), point(x=2, y="left").y) == (("x", "y"), (1, "up"), "left")
    assert point.__new__.__annotations__ == {"x": int, "y": str}


PUBLIC = [
    cls
    for name in spshipping.__all__
    if isinstance(cls := getattr(spshipping, name), type) and issubclass(cls, tuple)
]


@pytest.mark.parametrize("cls", [*PUBLIC, DateTimeInterval, StoredToken], ids=lambda cls: cls.__name__)
def test_who_reads_the_annotations_of_a_public_one_finds_types(cls: Any) -> None:
    assert not [each for each in cls.__annotations__.values() if isinstance(each, str)]


def test_cattrs_reads_and_writes_public_ones() -> None:
    interval = DateTimeInterval(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    stock = make_converter()
    assert stock.loads(stock.dumps(interval), DateTimeInterval) == interval
    for convert in (stock, spshipping.converter()):
        assert convert.structure(convert.unstructure(Quota(2.0, 4)), Quota) == Quota(2.0, 4)


def test_a_signature_whose_annotations_are_texts_can_be_evaluated() -> None:
    found = inspect.signature(HttpFailure, eval_str=True).parameters
    assert (found["kind"].annotation, found["trouble"].annotation) == (str, Trouble | None)
