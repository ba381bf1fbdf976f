"""Writes docs/reference: the public names on a page for each family of classes, and the list of the pages.

    python -m tools.make_reference            # writes them
    python -m tools.make_reference --check    # fails if they are not as they would be written

A page has a table that can be read as it is, and directives from which Sphinx makes the rest. Each class is
described once, on the first page that has it; other pages link there.
"""

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from spshipping.operation import Operation
from tools.operation_files import file_of
from tools.reference_pages import GROUPS, Page, Part
from tools.tables import first_sentence, with_table

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "reference"
INDEX = ROOT / "docs" / "api.md"
PACKAGE = "spshipping"


class Named(NamedTuple):
    """A public name, and what is said of it."""

    name: str
    target: str
    """The name by which Sphinx knows it."""
    value: Any
    what: str

    @property
    def directive(self) -> str:
        """The directive of autodoc that describes it; empty for a constant."""
        if inspect.isclass(self.value):
            return "autoexception" if issubclass(self.value, BaseException) else "autoclass"
        return "autofunction" if inspect.isroutine(self.value) else ""


def module_of(part: Part) -> str:
    """Return the module of a part by its whole name."""
    return f"{PACKAGE}.{part.module}".rstrip(".")


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(importlib.import_module(module)))


def _statements(module: str) -> Iterator[ast.stmt]:
    """Yield the statements of a module, those for type checkers too."""
    for node in _tree(module).body:
        yield node
        if isinstance(node, ast.If):
            yield from node.body


@cache
def origin(module: str, name: str) -> tuple[str, str]:
    """Return the module that defines a name which *module* has, and the text below a constant."""
    nodes = list(_statements(module))
    for node, after in zip(nodes, [*nodes[1:], None], strict=True):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if name == (alias.asname or alias.name):
                    return origin(node.module, alias.name)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            value = after.value if isinstance(after, ast.Expr) else None
            text = value.value if isinstance(value, ast.Constant) else ""
            return module, str(text)
    return module, ""


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
        what = first_sentence((inspect.getdoc(value) or "") if is_documented else text)
        found.append(Named(name, f"{module.__name__}.{name}", value, what))
    return found


@cache
def homes() -> Mapping[int, tuple[str, str]]:
    """Return, for each class and function, its page and its target."""
    found: dict[int, tuple[str, str]] = {}
    for page, part in _parts():
        for named in names_of(part):
            if named.directive:
                found.setdefault(id(named.value), (page.name, named.target))
    return found


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
    what = named.what.replace("|", "\\|")
    if not named.directive:
        return f"| `{named.name}` | {what} |"
    return f"| [`{named.name}`](#{homes()[id(named.value)][1]}) | {what} |"


def _is_first(part: Part) -> bool:
    return next(other for _, other in _parts() if other.module == part.module) is part


def _written(part: Part) -> str:
    named = names_of(part)
    lines = [f"## {module_of(part)}", ""]
    links = operations_of(part) if _is_first(part) else []
    if links:
        lines += [f"Its operations are constants, each with a page: {', '.join(links)}.", ""]
    lines += ["| Name | What |", "|---|---|", *map(_row, named)]
    here = [each for each in named if each.directive and homes()[id(each.value)][1] == each.target]
    if not here:
        return "\n".join(lines)
    lines += ["", "```{eval-rst}"]
    if _is_first(part):
        lines += [f".. py:module:: {module_of(part)}", ""]
    for each in here:
        lines.append(f".. {each.directive}:: {each.target}")
        if part.options and inspect.isclass(each.value):
            lines.append(f"   {part.options}")
    return "\n".join([*lines, "```"])


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
            print(f"{path.relative_to(ROOT)} is not as it would be written; run python -m tools.make_reference")
        return int(bool(stale or strangers))
    for path in strangers:
        path.unlink()
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
