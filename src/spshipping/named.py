"""`NamedTuple` as in `typing`, made in a third of the time: a client loads four dozen such classes."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    import sys
    import typing
    from functools import cache
    from types import FunctionType
    from urllib.parse import DefragResult

    # a field of any named tuple: to make one for this would take longer
    _Getter = type(DefragResult.url)

    new = tuple.__new__

    def _written_out(new):
        """Return `__new__` of one field and more: compiling one takes as long as the rest of a class."""
        return (
            lambda _, a: new(_, (a,)),
            lambda _, a, b: new(_, (a, b)),
            lambda _, a, b, c: new(_, (a, b, c)),
            lambda _, a, b, c, d: new(_, (a, b, c, d)),
            lambda _, a, b, c, d, e: new(_, (a, b, c, d, e)),
            lambda _, a, b, c, d, e, f: new(_, (a, b, c, d, e, f)),
            lambda _, a, b, c, d, e, f, g: new(_, (a, b, c, d, e, f, g)),
            lambda _, a, b, c, d, e, f, g, h: new(_, (a, b, c, d, e, f, g, h)),
            lambda _, a, b, c, d, e, f, g, h, i: new(_, (a, b, c, d, e, f, g, h, i)),
            lambda _, a, b, c, d, e, f, g, h, i, j: new(_, (a, b, c, d, e, f, g, h, i, j)),
            lambda _, a, b, c, d, e, f, g, h, i, j, k: new(_, (a, b, c, d, e, f, g, h, i, j, k)),
            lambda _, a, b, c, d, e, f, g, h, i, j, k, m: new(_, (a, b, c, d, e, f, g, h, i, j, k, m)),
            lambda _, a, b, c, d, e, f, g, h, i, j, k, m, n: new(_, (a, b, c, d, e, f, g, h, i, j, k, m, n)),
        )

    _TEMPLATES = _written_out(new)

    @cache
    def _template(count):
        """Return a `__new__` of so many fields, of which only the names are missing."""
        if 0 < count <= len(_TEMPLATES):
            return _TEMPLATES[count - 1]
        fields = ", ".join(f"_{place}" for place in range(count))
        return eval(f"lambda new: lambda _, {fields}: new(_, ({fields},))")(new)  # noqa: S307 - no foreign text

    @cache
    def _getter(place):
        return _Getter(place, f"Alias for field number {place}")

    def _new(name, module, fields, defaults):
        template = _template(len(fields))
        code = template.__code__.replace(
            co_name="__new__", co_qualname=f"{name}.__new__", co_varnames=("_cls", *fields)
        )
        # in its module, where the names of its annotations are found
        return FunctionType(code, sys.modules[module].__dict__, None, defaults, template.__closure__)

    def _make(cls, iterable):
        """Make an instance of the values of an iterable."""
        made = new(cls, iterable)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self, /, **changes):
        """Return a copy in which some fields have other values."""
        made = self._make(map(changes.pop, self._fields, self))
        if changes:
            raise TypeError(f"Got unexpected field names: {list(changes)!r}")
        return made

    def _asdict(self):
        """Return the values by the names of their fields."""
        return dict(zip(self._fields, self, strict=True))

    def _repr(self):
        shown = [f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True)]
        return f"{type(self).__name__}({', '.join(shown)})"

    def _getnewargs(self):
        return tuple(self)

    def _annotations(members):
        stated = members.get("__annotations__")
        # from Python 3.14 on there is a function instead; 1 asks it for the values
        return members["__annotate_func__"](1) if stated is None else stated

    class _Maker(type):
        """Makes tuples of classes with annotations."""

        def __new__(cls, name, bases, members):
            if not bases:
                return super().__new__(cls, name, bases, members)
            annotations = _annotations(members)
            fields = tuple(annotations)
            defaults = {field: members[field] for field in fields if field in members}
            new = _new(name, members["__module__"], fields, tuple(defaults.values()))
            new.__annotations__ = annotations
            stated = {
                "__doc__": f"{name}({', '.join(fields)})",
                "__slots__": (),
                "__repr__": _repr,
                "__getnewargs__": _getnewargs,
                "__replace__": _replace,
                "__match_args__": fields,
                "_fields": fields,
                "_field_defaults": defaults,
                "_make": classmethod(_make),
                "_replace": _replace,
                "_asdict": _asdict,
                **members,
                "__new__": new,
                # by which other libraries know it
                "__orig_bases__": (typing.NamedTuple, *members.get("__orig_bases__", bases)[1:]),
            }
            for place, field in enumerate(fields):
                stated[field] = _getter(place)
            return type(name, (tuple, *bases[1:]), stated)

    class NamedTuple(metaclass=_Maker):
        """The base of tuples with named fields."""
