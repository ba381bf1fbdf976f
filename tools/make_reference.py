"""Writes docs/reference: the public names on a page for each family of classes, and the list of the pages.

    python -m tools.make_reference            # writes them
    python -m tools.make_reference --check    # fails if they are not as they would be written

All of it is read from the source, as it is written there. Each class is described once, on the first page
that has it; other pages link there.
"""

import ast
import gc
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from spshipping.operation import Operation
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model
from tools.operation_files import file_of
from tools.reference_markdown import cell, paragraphs, typed
from tools.reference_pages import GROUPS, Page, Part
from tools.reference_source import Function, Member, definition, made_by, members, origin, signature
from tools.tables import differing_lines, first_sentence, with_table

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "reference"
INDEX = ROOT / "docs" / "api.md"
PACKAGE = "spshipping"


class Named(NamedTuple):
    """A public name, and what is said of it."""

    name: str
    value: Any
    source: str
    """The module that defines it."""
    text: str

    @property
    def is_documented(self) -> bool:
        """Whether it is a class or a function, which has a section of its own."""
        return inspect.isclass(self.value) or inspect.isroutine(self.value)


def module_of(part: Part) -> str:
    """Return the module of a part by its whole name."""
    return f"{PACKAGE}.{part.module}".rstrip(".")


def public(part: Part) -> list[str]:
    """Return the names of the module of a part."""
    module = importlib.import_module(module_of(part))
    exported: list[str] | None = getattr(module, "__all__", None)
    if part.names:
        return list(part.names)
    if exported is not None:
        return exported
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    ]


def _parts() -> Iterator[tuple[Page, Part]]:
    for pages in GROUPS.values():
        for page in pages:
            yield from ((page, part) for part in page.parts)


def _length(sources: tuple[str, ...], source: str) -> int:
    """Return how much of where a name is defined the longest of *sources* states; -1 if none fits."""
    fitting = [each for each in sources if not each or f"{source}.".startswith(f"{each}.")]
    return max(map(len, fitting), default=-1)


def names_of(part: Part) -> list[Named]:
    """Return the names of a part, in the order in which the module exports them."""
    module = importlib.import_module(module_of(part))
    rivals = [other for _, other in _parts() if other.module == part.module]
    found = []
    for name in public(part):
        value = getattr(module, name)
        if isinstance(value, ModuleType | Operation) or name == "__version__":
            continue
        home, text = origin(module.__name__, name)
        lengths = {other: _length(other.sources, home.removeprefix(f"{PACKAGE}.")) for other in rivals}
        if lengths[part] < 0 or lengths[part] < max(lengths.values()):
            continue
        is_documented = inspect.isclass(value) or inspect.isroutine(value)
        found.append(Named(name, value, home, (inspect.getdoc(value) or "") if is_documented else text))
    return found


@cache
def homes() -> Mapping[int, tuple[str, Part]]:
    """Return, for each class and function, the page and the part that describe it."""
    found: dict[int, tuple[str, Part]] = {}
    for page, part in _parts():
        for named in names_of(part):
            if named.is_documented:
                found.setdefault(id(named.value), (page.name, part))
    return found


@cache
def _by_source() -> Mapping[tuple[str, str], str]:
    """Return where each class and function is described, by the module that defines it, and its name."""
    return {
        (named.source, named.name): f"{homes()[id(named.value)][0]}.md#{named.name.lower()}"
        for _, part in _parts()
        for named in names_of(part)
        if named.is_documented
    }


def _linker(module: str) -> Callable[[str], str | None]:
    return lambda name: _by_source().get((origin(module, name)[0], name))


def operations_of(part: Part) -> list[str]:
    """Return links to the pages of the operations that the module of a part exports."""
    module = importlib.import_module(module_of(part))
    found = [getattr(module, name) for name in public(part)]
    return [
        f"[`{each.reference.constant}`](../operations/{file_of(each)})"
        for each in found
        if isinstance(each, Operation) and each.reference
    ]


def _row(named: Named) -> str:
    what = cell(first_sentence(named.text))
    if not named.is_documented:
        return f"| `{named.name}` | {what} |"
    return f"| [`{named.name}`]({_by_source()[named.source, named.name]}) | {what} |"


def _is_first(part: Part) -> bool:
    return next(other for _, other in _parts() if other.module == part.module) is part


def _written(part: Part) -> str:
    named = names_of(part)
    lines = [f"## {module_of(part)}", ""]
    links = operations_of(part) if _is_first(part) else []
    if links:
        lines += [f"Its operations are constants, each with a page: {', '.join(links)}.", ""]
    lines += ["| Name | What |", "|---|---|", *map(_row, named)]
    here = [each for each in named if each.is_documented and homes()[id(each.value)][1] is part]
    return "\n\n".join(["\n".join(lines), *(_section(each, part) for each in here)])


def _section(named: Named, part: Part) -> str:
    """Return all about a class or a function."""
    lines = [f"### {named.name}", ""]
    if not inspect.isclass(named.value):
        function = definition(named.source, named.name)
        assert isinstance(function, Function)  # noqa: S101 - it is a function
        return "\n".join([*lines, *_code(signature(function)), "", paragraphs(named.text)])
    twin = _twin(named, part)
    made = made_by(named.value)
    if made and not twin and not issubclass(named.value, Model):
        lines += [*_code(signature(made, named.name)), ""]
    lines.append(paragraphs(named.text))
    if made and not twin and (text := ast.get_docstring(made)):
        lines += ["", paragraphs(text)]
    public_bases = [base for base in named.value.__mro__[1:] if id(base) in homes()]
    if public_bases:
        links = [
            f"[`{base.__name__}`]({homes()[id(base)][0]}.md#{base.__name__.lower()})" for base in public_bases
        ]
        lines += ["", f"Derives from {', '.join(links)}."]
    leave_out = (*public_bases, *({Model, OpenEnum} - {named.value}))
    found = members(named.value, private=part.private, leave_out=leave_out)
    if twin:
        lines += [
            "",
            f"It has the members of [`{twin.__name__}`](#{twin.__name__.lower()}); its methods are awaited.",
        ]
        has = {each.name for each in members(twin, private=(), leave_out=())}
        found = [each for each in found if each.name not in has]
    return "\n".join([*lines, *_members(found)])


def _twin(named: Named, part: Part) -> type | None:
    """Return the class for threads of a class for asyncio, if both are on this page."""
    if not named.name.startswith("Async"):
        return None
    found = [each for each in names_of(part) if each.name == named.name.removeprefix("Async")]
    return found[0].value if found else None


def _code(text: str) -> list[str]:
    return ["```python", text, "```"]


def _members(found: list[Member]) -> Iterator[str]:
    fields = [each for each in found if not each.is_method]
    if fields:
        yield from ("", "| Member | Type or value | What |", "|---|---|---|")
    for field in fields:
        written = typed(field.written, _linker(field.module))
        yield f"| `{field.name}` | {written} | {cell(paragraphs(field.text))} |"
    for method in found:
        if method.is_method:
            yield from ("", f"#### {method.name}", "", *_code(method.written))
            yield from (("", paragraphs(method.text)) if method.text else ())


def written(page: Page) -> str:
    """Return a page."""
    body = "\n\n".join(_written(part) for part in page.parts)
    return f"# {page.title}\n\n<!-- made by tools/make_reference.py -->\n\n{page.intro}\n\n{body}\n"


def index() -> str:
    """Return the list of the pages."""
    lines = []
    for title, pages in GROUPS.items():
        lines += [f"### {title}", "", "| Page | Modules |", "|---|---|"]
        for page in pages:
            modules = dict.fromkeys(f"`{module_of(part)}`" for part in page.parts)
            lines.append(f"| [{page.title}](reference/{page.name}.md) | {', '.join(modules)} |")
        lines.append("")
    return "\n".join(lines).strip()


def all_written() -> dict[Path, str]:
    """Return the text of every file."""
    found = {FOLDER / f"{page.name}.md": written(page) for pages in GROUPS.values() for page in pages}
    found[INDEX] = with_table(INDEX.read_text("utf-8"), "pages", index(), tool="make_reference")
    return found


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    texts = all_written()
    strangers = sorted(set(FOLDER.glob("*.md")) - set(texts))
    if "--check" in arguments:
        stale = [path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text]
        for path in [*stale, *strangers]:
            print(
                f"{path.relative_to(ROOT)} is not as it would be written: run python -m tools.make_reference"
            )
            print(differing_lines(path.read_text("utf-8") if path.exists() else "", texts.get(path, "")))
        return int(bool(stale or strangers))
    for path in strangers:
        path.unlink()
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    gc.disable()  # syntax trees live until the end: the collector would walk over them again and again
    sys.exit(main(sys.argv[1:]))
