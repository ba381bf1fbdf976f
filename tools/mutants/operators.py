"""The operators that change code: for a node of the syntax tree, the texts that may stand in its place."""

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from tools.mutants.source import Source, is_text, name_of

_COMPARED: dict[type[ast.cmpop], tuple[str, str, str | None]] = {
    ast.Eq: ("==", "!=", None),
    ast.NotEq: ("!=", "==", None),
    ast.Lt: ("<", ">=", "<="),
    ast.LtE: ("<=", ">", "<"),
    ast.Gt: (">", "<=", ">="),
    ast.GtE: (">=", "<", ">"),
    ast.Is: ("is", "is not", None),
    ast.IsNot: ("is not", "is", None),
    ast.In: ("in", "not in", None),
    ast.NotIn: ("not in", "in", None),
}
"""What is written for each comparison, for its opposite, and for the one with the other boundary."""
_COMPUTED: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
    ast.BitXor: ("^", "&"),
}
_KEPT_DECORATORS = frozenset({"overload", "abstractmethod", "final", "override", "runtime_checkable"})
"""These say something to readers and type checkers only."""
_OTHER_ERROR = "ZeroDivisionError"


class Change(NamedTuple):
    """A text that stands in the place of another one."""

    operator: str
    start: int
    """In bytes, as `end`."""
    end: int
    new: str


def changes(source: Source, node: ast.AST) -> Iterator[Change]:
    """Yield every change of *node* itself, none of what is inside it."""
    for kinds, way in _WAYS:
        if isinstance(node, kinds):
            yield from way(source, node)


def constant(source: Source, node: ast.Constant, *, is_words: bool) -> Iterator[Change]:
    """Yield another value for a constant; a text that *is_words* is for people, and stays."""
    value = node.value
    if isinstance(value, bool):
        new = repr(not value)
    elif isinstance(value, int):
        new = repr(value + 1)
    elif isinstance(value, float):
        new = repr(value * 2 or 1.0)
    elif isinstance(value, str) and not is_words and not is_sentence(value):
        new = repr(f"{value}X")
    elif isinstance(value, bytes):
        new = repr(value + b"X")
    else:
        return
    yield Change("constant", *source.span(node), new)


def is_sentence(text: str) -> bool:
    """Say whether a text has more words than one: such are for people, or SQL, which a letter breaks."""
    return len(text.split()) > 1


def statement(source: Source, node: ast.stmt) -> Iterator[Change]:
    """Yield the removal of a statement whose absence the rest of the function can bear."""
    if isinstance(node, ast.Assign):
        is_removed = all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
    elif isinstance(node, ast.AnnAssign):
        is_removed = node.value is not None and not isinstance(node.target, ast.Name)
    elif isinstance(node, ast.Return):
        is_removed = node.value is None
    elif isinstance(node, ast.Expr):
        is_removed = not isinstance(node.value, ast.Constant)
    else:
        is_removed = isinstance(node, ast.AugAssign | ast.Raise | ast.Continue | ast.Break | ast.Delete)
    if is_removed:
        yield Change("statement removed", *source.span(node), "pass")


def decorator(source: Source, node: ast.expr) -> Iterator[Change]:
    """Yield the removal of a decorator."""
    if name_of(node) not in _KEPT_DECORATORS:
        start, end = source.span(node)
        yield Change("decorator removed", start - 1, end, "")


def negated(source: Source, test: ast.expr) -> Iterator[Change]:
    """Yield the opposite of a condition that no other operator turns round."""
    is_simple = isinstance(test, ast.BoolOp | ast.Constant) or (
        isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    )
    if not is_simple and not (isinstance(test, ast.Compare) and len(test.ops) == 1):
        yield Change("condition", *source.span(test), f"(not ({source.text(test)}))")


def _comparison(source: Source, node: ast.Compare) -> Iterator[Change]:
    before: ast.expr = node.left
    for operator, after in zip(node.ops, node.comparators, strict=True):
        old, opposite, boundary = _COMPARED[type(operator)]
        yield _between(source, "comparison", before, after, old, opposite)
        if boundary:
            yield _between(source, "boundary", before, after, old, boundary)
        before = after


def _logic(source: Source, node: ast.BoolOp) -> Iterator[Change]:
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for before, after in zip(node.values, node.values[1:], strict=False):
        yield _between(source, "logic", before, after, old, new)


def _sign(source: Source, node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Not):
        yield Change("not removed", *source.span(node), f"({source.text(node.operand)})")
    elif isinstance(node.op, ast.USub):
        yield Change("sign removed", *source.span(node), source.text(node.operand))


def _arithmetic(source: Source, node: ast.BinOp) -> Iterator[Change]:
    if not any(is_text(side) or isinstance(side, ast.JoinedStr) for side in (node.left, node.right)):
        old, new = _COMPUTED[type(node.op)]
        yield _between(source, "arithmetic", node.left, node.right, old, new)


def _assigned(source: Source, node: ast.AugAssign) -> Iterator[Change]:
    if not (is_text(node.value) or isinstance(node.value, ast.JoinedStr)):
        old, new = _COMPUTED[type(node.op)]
        yield _between(source, "arithmetic", node.target, node.value, f"{old}=", f"{new}=")


def _between(source: Source, operator: str, before: ast.expr, after: ast.expr, old: str, new: str) -> Change:
    """Return the change of the one operator that stands between two expressions."""
    start, end = source.span(before)[1], source.span(after)[0]
    text = source.bytes[start:end].decode()
    pattern = r"\s+".join(re.escape(word) for word in old.split())
    found = re.search(rf"\b{pattern}\b" if old[0].isalpha() else pattern, re.sub(r"#[^\n]*", _blank, text))
    if found is None:
        raise ValueError(f"{source.path}: there is no {old!r} in {text!r}")
    return Change(operator, start, end, text[: found.start()] + new + text[found.end() :])


def _blank(comment: re.Match[str]) -> str:
    return " " * len(comment.group())


def _returned(source: Source, node: ast.Return) -> Iterator[Change]:
    if node.value is not None and not isinstance(node.value, ast.Constant):
        yield Change("return value", *source.span(node.value), "None")


def _arguments(source: Source, node: ast.Call) -> Iterator[Change]:
    """Yield the call without each of its named arguments."""
    parts: list[Any] = sorted([*node.args, *node.keywords], key=source.span)
    for number, part in enumerate(parts):
        # strict= of zip() asserts what is never otherwise, as `assert` does
        if not isinstance(part, ast.keyword) or part.arg is None or name_of(node.func) == "zip":
            continue
        start, end = source.span(part)
        if number + 1 < len(parts):
            end = source.span(parts[number + 1])[0]
        elif number:
            start = source.span(parts[number - 1])[1]
        dropped = source.bytes[start:end]
        if dropped.count(b"(") == dropped.count(b")"):
            yield Change("argument dropped", start, end, "")


def _caught(source: Source, node: ast.ExceptHandler) -> Iterator[Change]:
    if isinstance(node.type, ast.Tuple):
        for dropped in node.type.elts:
            kept = ", ".join(source.text(each) for each in node.type.elts if each is not dropped)
            yield Change("exception", *source.span(node.type), f"({kept},)")
    elif node.type is not None:
        yield Change("exception", *source.span(node.type), _OTHER_ERROR)


def _raised(source: Source, node: ast.Raise) -> Iterator[Change]:
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    if raised is not None and name_of(raised)[:1].isupper():
        yield Change("exception", *source.span(raised), _OTHER_ERROR)


_WAYS: tuple[tuple[Any, Any], ...] = (
    (ast.Compare, _comparison),
    (ast.BoolOp, _logic),
    (ast.UnaryOp, _sign),
    (ast.BinOp, _arithmetic),
    (ast.AugAssign, _assigned),
    (ast.Return, _returned),
    (ast.Call, _arguments),
    (ast.ExceptHandler, _caught),
    (ast.Raise, _raised),
    (ast.stmt, statement),
)
