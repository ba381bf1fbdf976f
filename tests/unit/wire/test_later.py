"""A model is an attrs class as soon as somebody looks: each test is the first, with a class of its own."""

import copy
import inspect
import pickle
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import attrs
import cattrs
import pydantic
import pytest

from spshipping import converter, extra, from_dict, replace, set_extra, to_dict
from spshipping.wire.later import Later
from spshipping.wire.model import Model, camel


def fresh() -> Any:
    """Return a class that nobody has used: with a personal field, methods with super(), a class variable."""

    @camel(personal=("owner",), local=("seen",))
    class Parcel(Model):
        """A parcel."""

        kind: ClassVar[str] = "parcel"

        owner: str
        count: int = 1
        note: str | None = None
        seen: bool | None = None

        def __repr__(self) -> str:
            return f"<{super().__repr__()}>"

        @property
        def size(self) -> int:
            return super().__sizeof__()

        @classmethod
        def named(cls, owner: str) -> Any:
            assert super().__init_subclass__ is not None
            return cls(owner=owner)

    assert isinstance(vars(Parcel)["__init__"], Later), "somebody has used it"
    return Parcel


@camel
class Kept(Model):
    """A class that a pickle finds by its name."""

    owner: str
    count: int | None = None


def test_reading_and_writing_leave_it_to_whoever_needs_attrs() -> None:
    cls = fresh()
    read = from_dict({"owner": "Ada", "count": 2}, cls)
    assert to_dict(replace(read, count=3)) == {"owner": "Ada", "count": 3}
    assert repr(copy.deepcopy(read)) == "<Parcel(owner=…, count=2)>"
    assert (read.size > 0, cls.kind) == (True, "parcel")
    assert isinstance(vars(cls)["__init__"], Later)
    made = cls(owner="Ada", count=2)
    assert not isinstance(vars(cls)["__init__"], Later)
    assert made == read
    assert extra(made) == {}
    assert cls.named("Ada").count == 1
    with pytest.raises(TypeError, match="'ownr'"):
        cls(ownr="Ada")
    with pytest.raises(TypeError):
        cls("Ada")
    with pytest.raises(AttributeError):
        made.ownr = "Ada"


def test_threads_that_are_the_first_together_all_get_it_whole() -> None:
    read = {"owner": "Eve", "count": 1}
    uses: list[Callable[[Any], object]] = [
        lambda cls: cls(owner="Ada").owner,
        lambda cls: attrs.fields(cls)[0].name.replace("owner", "Ada"),
        lambda cls: attrs.evolve(from_dict(read, cls), owner="Ada").owner,
        lambda cls: attrs.asdict(from_dict(read, cls))["owner"].replace("Eve", "Ada"),
    ]
    for _ in range(20):
        cls, barrier = fresh(), threading.Barrier(len(uses) * 2)
        seen: list[object] = []

        def use(
            how: Any, cls: Any = cls, seen: list[object] = seen, barrier: threading.Barrier = barrier
        ) -> None:
            barrier.wait()
            seen.append(how(cls))

        threads = [threading.Thread(target=use, args=(how,)) for how in uses * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == ["Ada"] * len(threads)


def test_attrs_has_it_and_knows_its_fields() -> None:
    assert attrs.has(fresh())
    assert attrs.has(Model)
    fields = attrs.fields(fresh())
    assert [(field.name, field.default, field.type, field.repr) for field in fields] == [
        ("owner", attrs.NOTHING, str, False),
        ("count", 1, int, True),
        ("note", None, str | None, True),
        ("seen", None, bool | None, True),
    ]
    assert all(field.kw_only for field in fields)
    assert attrs.fields_dict(fresh()).keys() == {"owner", "count", "note", "seen"}
    assert attrs.asdict(from_dict({"owner": "Ada", "count": 2}, fresh()))["owner"] == "Ada"


def test_evolve_is_the_first_to_use_it() -> None:
    read = from_dict({"owner": "Ada", "count": 2}, fresh())
    assert attrs.evolve(read, note="fragile").note == "fragile"
    assert (read.note, attrs.evolve(read).count) == (None, 2)


def test_copy_replace_is_the_first_to_use_it() -> None:
    read = from_dict({"owner": "Ada", "count": 2}, fresh())
    # what copy.replace calls, from Python 3.13 on
    assert type(read).__replace__(read, count=3).count == 3
    assert type(read).__replace__(type(read)(owner="Eve")).owner == "Eve"


@pytest.mark.parametrize("is_complete", [False, True])
def test_copy_replace_keeps_unknown_fields_of_its_own(
    monkeypatch: pytest.MonkeyPatch, *, is_complete: bool
) -> None:
    # where attrs adds a method of its own
    monkeypatch.setattr("attr._make.PY_3_13_PLUS", True, raising=False)
    read = from_dict({"owner": "Ada", "count": 2, "new": [7]}, fresh())
    if is_complete:
        attrs.fields(type(read))
    changed = type(read).__replace__(read, count=3)
    assert to_dict(changed) == {"owner": "Ada", "count": 3, "new": [7]}
    set_extra(changed, {})
    assert extra(read) == {"new": [7]}


def test_the_signature_names_the_fields() -> None:
    for shown in (inspect.signature(fresh()), inspect.signature(fresh().__init__)):
        fields = [each for each in shown.parameters.values() if each.name != "self"]
        assert [each.name for each in fields] == ["owner", "count", "note", "seen"]
        assert {each.kind for each in fields} == {inspect.Parameter.KEYWORD_ONLY}
        assert fields[1].default == 1
    assert str(inspect.signature(Model)) in ("()", "() -> None")


def test_a_subclass_of_a_user_has_the_fields_and_may_have_an_init() -> None:
    @camel
    class Base(Model):
        owner: str
        count: int = 1

    class Mine(Base):
        def __init__(self, count: int) -> None:
            super().__init__(owner="Ada", count=count)
            self.more = 5

    made = Mine(4)
    assert (made.owner, made.count, made.more) == ("Ada", 4, 5)
    assert attrs.fields(Mine) == attrs.fields(Base)


def test_a_subclass_that_attrs_defines_has_the_fields_and_its_own() -> None:
    @camel
    class Base(Model):
        owner: str
        count: int = 1

    @attrs.define(kw_only=True)
    class Mine(Base):
        more: int = 5

    assert [field.name for field in attrs.fields(Mine)] == ["owner", "count", "more"]
    assert Mine(owner="Ada").more == 5  # type: ignore[call-arg]  # mypy does not see the bases' fields


def test_a_model_of_a_model_has_the_fields_and_its_own() -> None:
    @camel(personal=("owner",))
    class Base(Model):
        owner: str
        count: int = 1

    @camel
    class Mine(Base):
        count: int = 7
        is_big: bool | None = None

    read = from_dict({"owner": "Ada", "count": 2, "isBig": True}, Mine)
    assert read == Mine(owner="Ada", count=2, is_big=True)
    assert Mine(owner="Ada").count == 7
    assert to_dict(read) == {"owner": "Ada", "count": 2, "isBig": True}
    assert [field.name for field in attrs.fields(Mine)] == ["owner", "count", "is_big"]


def test_a_class_with_an_init_of_its_own_keeps_it() -> None:
    @camel
    class Own(Model):
        owner: str

        def __init__(self, owner: str) -> None:
            self._extra = None
            self.owner = owner

    assert Own("Ada") == from_dict({"owner": "Ada"}, Own)
    assert [field.name for field in attrs.fields(Own)] == ["owner"]
    assert Own("Eve").owner == "Eve"


def test_a_pickle_is_by_reference_and_does_not_need_attrs() -> None:
    read = from_dict({"owner": "Ada", "newField": 7}, Kept)
    found = pickle.loads(pickle.dumps(read))
    assert (found, type(found), extra(found)) == (read, Kept, {"newField": 7})
    assert isinstance(vars(Kept)["__init__"], Later)
    assert pickle.loads(pickle.dumps(Kept)) is Kept
    assert pickle.loads(pickle.dumps(Kept(owner="Ada"))) == replace(read)


def test_cattrs_reads_and_writes_it() -> None:
    cls = fresh()
    assert cattrs.structure({"owner": "Ada", "count": 2}, cls) == cls(owner="Ada", count=2)
    assert cattrs.unstructure(from_dict({"owner": "Ada", "count": 2}, fresh()))["owner"] == "Ada"
    Box: Any = attrs.make_class("Box", {"parcel": attrs.field(type=fresh())})  # noqa: N806 - a class
    box = converter().structure({"parcel": {"owner": "Ada", "count": 2}}, Box)
    assert box.parcel.count == 2
    assert converter().unstructure(box) == {"parcel": {"owner": "Ada", "count": 2}}


def test_pydantic_reads_and_writes_it() -> None:
    adapter: Any = pydantic.TypeAdapter(fresh())
    read = adapter.validate_python({"owner": "Ada", "count": 2})
    assert read.count == 2
    assert adapter.dump_python(read, mode="json") == {"owner": "Ada", "count": 2}


def test_a_pattern_is_the_first_to_use_it() -> None:
    cls = fresh()
    assert cls.__match_args__ == ()
    match from_dict({"owner": "Ada", "count": 2}, cls):
        case cls(owner="Ada", count=count):
            assert count == 2
        case _:
            pytest.fail("it does not match")


def test_super_in_a_property_alone_or_in_a_class_method_alone_means_the_class() -> None:
    class Base(Model):
        @property
        def size(self) -> str:
            return "small"

        @classmethod
        def named(cls) -> str:
            return cls.__name__

    @camel
    class Sized(Base):
        @property
        def size(self) -> str:
            return f"very {super().size}"

    @camel
    class Named(Base):
        @classmethod
        def named(cls) -> str:
            return f"a {super().named()}"

    assert Sized().size == "very small"
    assert Named.named() == "a Named"


def test_a_pickle_that_lacks_one_field_is_filled() -> None:
    parcel = fresh()
    made = object.__new__(parcel)
    made.__setstate__((None, {"_extra": None, "owner": "Ada", "count": 2, "note": None}))
    assert made.seen is None
    assert made == parcel(owner="Ada", count=2)
