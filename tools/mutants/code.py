"""Every change of the code that the sample may hold, with what tells it apart from the others.

Left alone is what no test should be about: docstrings, annotations, `TYPE_CHECKING` blocks, assertions, and
the words of errors, warnings and logs. A file that tools/make_async.py writes is left alone too, and its
source changed: `make_async.py --check` holds the one to the other.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tools.mutants import operators
from tools.mutants.operators import Change
from tools.mutants.source import Identity, Mutant, Source, name_of

_PACKAGE = "src/spshipping"
AREAS = ("wire", "transport", "auth", "journal")
_MADE = "# Made by tools/make_async.py"
_ENGINES = frozenset({"redis.py", "postgres.py"})
"""Files whose tests need servers, which no mutant waits for."""
_TYPES = frozenset({"TypeVar", "ParamSpec", "NewType", "cast"})
"""Calls that say something to type checkers only."""
_WORDS = frozenset({"warn", "log", "debug", "info", "warning", "error", "exception"})
"""Calls whose texts are for people."""
_NAMES = frozenset({"__all__", "__slots__", "__match_args__"})


def area_of(path: str) -> str:
    """Return the area to which a file belongs."""
    return path.removeprefix(f"{_PACKAGE}/").partition("/")[0]


def mutants(root: Path, stated: Sequence[Mutant] = ()) -> list[Mutant]:
    """Return every change of the code, without those of the facts that are *stated*."""
    found: list[Mutant] = []
    for area in AREAS:
        for path in sorted((root / _PACKAGE / area).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if path.name not in _ENGINES and _MADE not in path.read_text("utf-8"):
                facts = [(fact.start, fact.end) for fact in stated if fact.path == name]
                found += _of_file(Source(root, name), facts)
    return found


def _of_file(source: Source, facts: list[tuple[int, int]]) -> Iterator[Mutant]:
    walk = _Walk(source)
    walk.visit(source.tree)
    seen: Counter[Identity] = Counter()
    for function, change, lines in sorted(walk.found, key=lambda each: each[1]):
        if any(change.start < end and start < change.end for start, end in facts):
            continue
        before, after = _shown(source.bytes, change)
        first = Identity(source.path, function, change.operator, before, after, 1)
        seen[first] += 1
        identity = first._replace(number=seen[first])
        what = f"{function or 'the module'}, {change.operator}: {before} -> {after}"
        yield Mutant(source.path, change.start, change.end, change.new, what, (), (), (), identity, lines)


def _shown(text: bytes, change: Change) -> tuple[str, str]:
    """Return the lines that a change touches, before and after it, each as one line."""
    begin = text.rfind(b"\n", 0, change.start) + 1
    stop = text.find(b"\n", change.end)
    before = text[begin : stop if stop >= 0 else None]
    after = text[begin : change.start] + change.new.encode() + text[change.end : stop if stop >= 0 else None]
    return " ".join(before.decode().split()), " ".join(after.decode().split())


class _Walk(ast.NodeVisitor):
    """Finds the changes of a file, and in which function each is."""

    def __init__(self, source: Source) -> None:
        self.found: list[tuple[str, Change, tuple[int, int]]] = []
        self._source = source
        self._scope: list[str] = []
        self._lines: tuple[int, int] = (0, 0)
        """Of the statement that is being looked at: that of them a test must reach."""
        self._is_words = False

    def visit(self, node: ast.AST) -> None:
        """Look at a node, and at what is inside it."""
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno
            self._lines = (node.lineno, end or node.lineno)
        if isinstance(node, ast.ExceptHandler):
            self._lines = (node.lineno, node.lineno)
        super().visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        """Yield to the operators, then go on inside the node."""
        self._note(operators.changes(self._source, node))
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            self._note(operators.negated(self._source, node.test))
        if isinstance(node, ast.comprehension):
            for test in node.ifs:
                self._note(operators.negated(self._source, test))
        lines = self._lines
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.stmt | ast.ExceptHandler):
                self._lines = lines
            self.visit(child)

    def _note(self, changes: Iterator[Change]) -> None:
        self.found += [(".".join(self._scope), change, self._lines) for change in changes]

    def _visit_all(self, nodes: Sequence[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def _visit_definition(self, node: Any) -> None:
        names = {name_of(each) for each in node.decorator_list}
        if "overload" in names:
            return
        self._scope.append(node.name)
        for each in node.decorator_list:
            self._note(operators.decorator(self._source, each))
            self.visit(each)
        if isinstance(node, ast.ClassDef):
            self._visit_all(node.keywords)
        else:
            self._visit_all([*node.args.defaults, *node.args.kw_defaults])
        self._visit_all(node.body)
        self._scope.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Look at its decorators, defaults and statements."""
        self._visit_definition(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Look at its decorators, defaults and statements."""
        self._visit_definition(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Look at its decorators and statements."""
        self._visit_definition(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Look at the values."""
        self._visit_all([*node.args.defaults, *node.args.kw_defaults, node.body])

    def visit_Constant(self, node: ast.Constant) -> None:
        """Change the value."""
        self._note(operators.constant(self._source, node, is_words=self._is_words))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave it: Python 3.11 does not know the places of what is inside."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """Leave it."""

    def visit_Import(self, node: ast.Import) -> None:
        """Leave it."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Leave it."""

    def visit_If(self, node: ast.If) -> None:
        """Leave what is for type checkers."""
        test = node.test.operand if isinstance(node.test, ast.UnaryOp) else node.test
        if name_of(test) == "TYPE_CHECKING":
            self._visit_all(node.orelse if test is node.test else node.body)
        else:
            self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Leave docstrings, and bodies that are not there."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Leave the names of types, and lists of names."""
        name = name_of(node.targets[0]) if isinstance(node.targets[0], ast.Name) else ""
        is_alias = not isinstance(node.value, ast.Call) and name != name.upper() and name[:1].isupper()
        if name not in _NAMES and not is_alias:
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Look at the value."""
        if ast.unparse(node.annotation) != "TypeAlias":
            self._note(operators.statement(self._source, node))
            self._visit_all([node.value])

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Leave the names of literal types."""
        if name_of(node.value) != "Literal":
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Leave the words."""
        self._as_words(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Leave the words, and what is for type checkers."""
        name = name_of(node.func)
        if name in _WORDS:
            self._as_words(node)
        elif name == "isinstance":
            self._visit_all(node.args[:1])
        elif name == "zip":
            self._visit_all(node.args)
        elif name in _TYPES:
            self._visit_all(node.args[1:] if name == "cast" else ())
        else:
            self.generic_visit(node)

    def _as_words(self, node: ast.AST) -> None:
        was, self._is_words = self._is_words, True
        self.generic_visit(node)
        self._is_words = was
