"""Reads what the pages of names show: members, signatures and types as the source has them."""

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef
_MOST = 88
"""Longer heads have a line for each argument."""
_PACKAGE = "spshipping"


class Member(NamedTuple):
    """One field, property, enum member or method of a class."""

    name: str
    written: str
    """Its type, or its signature."""
    text: str
    """Its docstring, or the text below it."""
    module: str
    """Where the names in its type come from."""
    is_method: bool = False


@cache
def tree(module: str) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(inspect.getsource(importlib.import_module(module)))


def statements(module: str) -> Iterator[ast.stmt]:
    """Yield the statements of a module, those for type checkers too."""
    for node in tree(module).body:
        yield node
        if isinstance(node, ast.If):
            yield from node.body


def text_of(node: ast.stmt | None) -> str:
    """Return the text that a statement consists of, if it does."""
    value = node.value if isinstance(node, ast.Expr) else None
    return inspect.cleandoc(str(value.value)) if isinstance(value, ast.Constant) else ""


@cache
def origin(module: str, name: str) -> tuple[str, str]:
    """Return the module that defines a name which *module* has, and the text below a constant."""
    nodes = list(statements(module))
    for node, after in zip(nodes, [*nodes[1:], None], strict=True):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_PACKAGE):
            for alias in node.names:
                if name == (alias.asname or alias.name):
                    return origin(node.module or "", alias.name)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return module, text_of(after)
    return module, ""


def definition(module: str, name: str) -> ast.stmt:
    """Return the class or function of that name."""
    for node in statements(module):
        if isinstance(node, ast.ClassDef | Function) and node.name == name:
            return node
    raise SystemExit(f"{module} defines no {name}")


def signature(function: Function, name: str = "") -> str:
    """Return the head of a function without `self`; a long one with a line for each argument."""
    parts = list(_arguments(function.args))
    start = "async def" if isinstance(function, ast.AsyncFunctionDef) else "def"
    start = "" if name else f"{start} "
    end = f" -> {_type(function.returns)}" if function.returns and not name else ""
    line = f"{start}{name or function.name}({', '.join(parts)}){end}"
    if len(line) <= _MOST:
        return line
    lines = "".join(f"    {part},\n" for part in parts)
    return f"{start}{name or function.name}(\n{lines}){end}"


class _Unquoted(ast.NodeTransformer):
    """Takes the quotes off the names of classes that are imported for type checkers only."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return node if ast.unparse(node.value).endswith("Literal") else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.parse(node.value, mode="eval").body if isinstance(node.value, str) else node


def _type(annotation: ast.expr) -> str:
    # of a copy: the tree is kept
    return ast.unparse(_Unquoted().visit(ast.parse(ast.unparse(annotation), mode="eval")))


def _arguments(arguments: ast.arguments) -> Iterator[str]:
    """Yield each argument with its type and its default, but for `self`."""
    by_place = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(by_place) - len(arguments.defaults)) + arguments.defaults
    for argument, default in zip(by_place, defaults, strict=True):
        if argument.arg not in ("self", "cls"):
            yield _argument(argument, default)
        if arguments.posonlyargs and argument is arguments.posonlyargs[-1]:
            yield "/"
    if arguments.vararg or arguments.kwonlyargs:
        yield f"*{_argument(arguments.vararg, None)}" if arguments.vararg else "*"
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _argument(argument, default)
    if arguments.kwarg:
        yield f"**{_argument(arguments.kwarg, None)}"


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    written = _type(argument.annotation) if argument.annotation else ""
    typed = f"{argument.arg}: {written}" if written else argument.arg
    return f"{typed} = {ast.unparse(default)}" if default else typed


def is_decorated(function: Function, *names: str) -> bool:
    """Say whether a function has one of these decorators."""
    return any(ast.unparse(each).rpartition(".")[2] in names for each in function.decorator_list)


def _members(node: ast.ClassDef, module: str) -> Iterator[Member]:
    is_enum = any("Enum" in ast.unparse(base) for base in node.bases)
    for each, after in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            written = _type(each.annotation)
            if not written.startswith("ClassVar"):
                yield Member(each.target.id, written, text_of(after), module)
        elif isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name) and is_enum:
            yield Member(each.targets[0].id, ast.unparse(each.value), text_of(after), module)
        elif isinstance(each, Function) and not is_decorated(each, "overload", "setter"):
            text = ast.get_docstring(each) or ""
            if is_decorated(each, "property", "cached_property"):
                written = _type(each.returns) if each.returns else ""
                yield Member(each.name, written, text, module)
            else:
                yield Member(each.name, signature(each), text, module, is_method=True)


def _bases(cls: type) -> Iterator[type]:
    """Yield a class and its bases, those of a TypedDict too, which has none once it is made."""
    yield cls
    if not issubclass(cls, dict):
        yield from (base for base in cls.__mro__[1:] if base.__module__.startswith(_PACKAGE))
        return
    node = definition(cls.__module__, cls.__name__)
    for written in node.bases if isinstance(node, ast.ClassDef) else ():
        base = vars(sys.modules[cls.__module__]).get(ast.unparse(written))
        if inspect.isclass(base) and base.__module__.startswith(_PACKAGE):
            yield from _bases(base)


def members(cls: type, *, private: tuple[str, ...], leave_out: tuple[type, ...]) -> list[Member]:
    """Return the members of a class and of its bases, but for *leave_out* and what these are made of."""
    found: dict[str, Member] = {}
    hidden = {base for other in leave_out for base in other.__mro__}
    for base in _bases(cls):
        if base is cls or base not in hidden:
            node = definition(base.__module__, base.__name__)
            assert isinstance(node, ast.ClassDef)  # noqa: S101 - it is a class
            for member in _members(node, base.__module__):
                if not member.name.startswith("_") or member.name in private:
                    found.setdefault(member.name, member)
    return list(found.values())


def made_by(cls: type) -> Function | None:
    """Return how a class is made, if it says so itself."""
    for base in _bases(cls):
        node = definition(base.__module__, base.__name__)
        for each in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(each, ast.FunctionDef) and each.name == "__init__":
                return each
    return None
