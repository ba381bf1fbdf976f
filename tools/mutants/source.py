"""A fact that the source states, and the text that stands in its place once it is changed."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Identity(NamedTuple):
    """What tells a change of code apart from the others, wherever its lines move."""

    path: str
    function: str
    """With its class; empty where it is in none."""
    operator: str
    before: str
    """The lines that are changed, as one line."""
    after: str
    number: int = 1
    """Which it is of those in the function that are alike so far, from 1."""


class Mutant(NamedTuple):
    """One fact, or one place of the code, changed."""

    path: str
    """From the root of the repository."""
    start: int
    """Where the fact begins, in bytes."""
    end: int
    new: str
    what: str
    """What was changed, for people."""
    names: tuple[str, ...]
    """The failure must name one of these: the operation, the model, the place, the default."""
    facts: tuple[str, ...]
    """And one of these: what of it was changed."""
    tests: tuple[str, ...]
    """The files whose tests must find it; of code, those are known that reach it."""
    identity: Identity | None = None
    """Of code; of a fact, `what` tells it apart."""
    lines: tuple[int, int] = (0, 0)
    """Of code: the first and the last line of the statement in which it is."""

    def applied(self, source: bytes) -> bytes:
        """Return the source with the fact changed."""
        return source[: self.start] + self.new.encode() + source[self.end :]


class Source:
    """A file of Python, with the places of its parts."""

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self.bytes = (root / path).read_bytes()
        self.tree = ast.parse(self.bytes)
        self._lines = [0]
        for line in self.bytes.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def span(self, node: Any) -> tuple[int, int]:
        """Return where *node* begins and ends, in bytes."""
        start = self._lines[node.lineno - 1] + node.col_offset
        return start, self._lines[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: Any) -> str:
        """Return the source of *node*."""
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def constants(self) -> dict[str, ast.expr]:
        """Return the values of the module's constants by their names."""
        found: dict[str, ast.expr] = {}
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign):
                found[name_of(statement.targets[0])] = statement.value
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                found[name_of(statement.target)] = statement.value
        return found

    def imported(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the modules from which something is imported, and the names of that."""
        for node in self.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module:
                yield node.module, [alias.name for alias in node.names]

    def classes(self) -> Iterator[ast.ClassDef]:
        """Yield the module's classes."""
        yield from (node for node in self.tree.body if isinstance(node, ast.ClassDef))


def name_of(node: ast.expr) -> str:
    """Return the name that is called or referred to, without what it is an attribute of."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    if isinstance(node, ast.Subscript):
        return name_of(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def keywords(call: ast.Call) -> dict[str, ast.expr]:
    """Return the named arguments of a call."""
    return {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}


def is_text(node: ast.expr) -> bool:
    """Say whether *node* is a text as it stands."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_number(node: ast.expr) -> bool:
    """Say whether *node* is a number as it stands."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    )


def other_text(node: ast.expr, suffix: str = "X") -> str:
    """Return another text than *node* is, as source."""
    text: str = ast.literal_eval(node)
    return repr(f"{text}{suffix}")


def other_number(node: ast.expr) -> str:
    """Return another number than *node* is, as source."""
    value: Any = ast.literal_eval(node)
    return repr(value * 2 if isinstance(value, float) else value + 1)
