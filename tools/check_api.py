"""Compares the public names with those of the last version, which `tests/api` holds.

    python -m tools.check_api            # fails at a break that no entry of the changelog names
    python -m tools.check_api --write    # with a release: keeps the names as they are now

A break is a name that is gone, or that cannot be used as before: an argument that became required, another
default, another type of a field or of what is returned, a base class less. An entry of the changelog, of the
kind `changed` or `removed`, names it in backticks and without its module, as `Client.send`.
"""

import ast
import gc
import re
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import griffe

ROOT = Path(__file__).parents[1]
PACKAGE = "spshipping"
SNAPSHOT = ROOT / "tests" / "api"
FRAGMENTS = ROOT / "changelog.d"
ALSO = {
    "async_client": ("AsyncClientOptions",),
    "auth.consent": ("ConsentOptions",),
    "auth.stores": ("SecretStore", "StoredToken"),
    "auth.tokens": (
        "CREATE_RESTRICTED_DATA_TOKEN",
        "CreateRestrictedDataTokenRequest",
        "CreateRestrictedDataTokenResponse",
        "RestrictedMethod",
        "RestrictedResource",
        "TokensApi",
    ),
    "client": ("ClientOptions",),
    "facade": ("Api", "AsyncApi", "Context"),
    "frames": ("to_frame",),
    "orders.options": ("ConfirmOptions",),
    "otel": ("Telemetry",),
    "testing.factories": ("full", "minimal", "valid"),
    "testing.strategies": ("models", "values"),
}
"""What is public in modules without `__all__`."""
INTERNAL = ("sandbox.orders", "sandbox.vendor")
"""Packages that list names for this package alone."""
COMMON = (
    f"{PACKAGE}.wire.model.Model",
    f"{PACKAGE}.wire.enums.OpenEnum",
    f"{PACKAGE}.named.NamedTuple",
)
"""Bases of hundreds of classes, whose members are not repeated in each."""

_MODELS = ("camel", "pascal", "plain")
_KEPT = ("property", "classmethod", "staticmethod", "overload", "dataclass")


class Break(NamedTuple):
    """Something that cannot be used as before."""

    module: str
    name: str
    text: str


def public(package: griffe.Module) -> Mapping[str, list[str]]:
    """Return the public names of each public module."""
    found = {}
    for module in _modules(package):
        inner = module.path.removeprefix(f"{package.path}.")
        if module.exports is not None and inner not in INTERNAL:
            found[module.path] = [str(name) for name in module.exports if not str(name).startswith("__")]
        else:
            found[module.path] = [name for name in ALSO.get(inner, ()) if name in module.members]
    return {path: sorted(names) for path, names in sorted(found.items()) if names}


def _modules(module: griffe.Module) -> Iterator[griffe.Module]:
    yield module
    for inner in module.modules.values():
        if not inner.is_alias:
            yield from _modules(inner)


class _Writer:
    """Writes what a stub file would say."""

    def __init__(self, package: griffe.Module) -> None:
        self._package = package
        self._public = public(package)
        self._trees: dict[Path, ast.Module] = {}
        self._exported = {
            self._found(path, name).path for path, names in self._public.items() for name in names
        }

    def write(self) -> Mapping[str, str]:
        """Return the text for each public module."""
        return {
            path: "\n".join(self._text(self._found(path, name), name) for name in names) + "\n"
            for path, names in self._public.items()
        }

    def _found(self, path: str, name: str) -> griffe.Object:
        inner = path.removeprefix(self._package.path).removeprefix(".")
        found = self._package[f"{inner}.{name}" if inner else name]
        return found.final_target if isinstance(found, griffe.Alias) else found

    def _nodes(self, found: griffe.Object) -> list[ast.stmt]:
        """Return the definitions of a name: several, where it is overloaded."""
        path = Path(str(found.filepath))
        if path not in self._trees:
            self._trees[path] = ast.parse(path.read_text("utf-8"))
        return [node for node in _statements(self._trees[path].body) if found.name in _names_of(node)]

    def _text(self, found: griffe.Object, name: str) -> str:
        if isinstance(found, griffe.Module):
            return f"import {found.path} as {name}"
        nodes = self._nodes(found)
        if isinstance(found, griffe.Class):
            nodes = [_class(self._definition(found), [*self._members(found)])]
        text = "\n".join(ast.unparse(ast.fix_missing_locations(_shown(node))) for node in nodes)
        return re.sub(r"\n\n+", "\n", re.sub(r":\n +\.\.\.$", ": ...", text, flags=re.MULTILINE))

    def _definition(self, cls: griffe.Class) -> ast.ClassDef:
        return next(node for node in self._nodes(cls) if isinstance(node, ast.ClassDef))

    def _members(self, cls: griffe.Class) -> Iterator[ast.stmt]:
        """Yield the members of a class, and those of bases that are not public themselves."""
        node = self._definition(cls)
        seen = {name for each in _statements(node.body) for name in _names_of(each)}
        yield from _statements(node.body)
        for base in cls.resolved_bases:
            if isinstance(base, griffe.Class) and base.path not in {*self._exported, *COMMON}:
                yield from (each for each in self._members(base) if not seen & set(_names_of(each)))


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements, and those under a condition."""
    for node in body:
        if isinstance(node, ast.If):
            yield from _statements(node.body)
        else:
            yield node


def _names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _is_public(name: str) -> bool:
    return not name.startswith("_") or name in ("__init__", "__call__")


def _class(node: ast.ClassDef, members: Sequence[ast.stmt]) -> ast.ClassDef:
    """Return a class with what is public in it, without text and code."""
    is_enum = any(ast.unparse(base).endswith("Enum") for base in node.bases)
    body: list[ast.stmt] = [
        member if is_enum and isinstance(member, ast.Assign) else _shown(member)
        for member in members
        if any(_is_public(name) for name in _names_of(member))
    ]
    decorators = [each for each in map(_decorator, node.decorator_list) if each is not None]
    return ast.ClassDef(
        node.name, node.bases, node.keywords, body or [ast.Expr(ast.Constant(...))], decorators
    )


def _decorator(node: ast.expr) -> ast.expr | None:
    """Return a decorator that matters to callers; models are built as dataclasses are."""
    called = node.func if isinstance(node, ast.Call) else node
    name = ast.unparse(called)
    if name in _MODELS:
        return ast.parse("dataclass(kw_only=True)", mode="eval").body
    return node if name in _KEPT or name.endswith(".setter") else None


def _shown(node: ast.stmt) -> ast.stmt:
    """Return a statement without the text and the code in it."""
    nothing: ast.expr = ast.Constant(...)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        decorators = [each for each in map(_decorator, node.decorator_list) if each is not None]
        make = type(node)
        return make(node.name, node.args, [ast.Expr(nothing)], decorators, node.returns)
    if isinstance(node, ast.AnnAssign):
        return ast.AnnAssign(node.target, node.annotation, nothing if node.value else None, node.simple)
    if isinstance(node, ast.Assign):
        return ast.Assign(node.targets, nothing)
    return node


def texts(source: Path) -> Mapping[str, str]:
    """Return what is public in the package under *source*, a text for each module."""
    return _Writer(_package(source)).write()


def _package(folder: Path) -> griffe.Module:
    found = griffe.load(PACKAGE, search_paths=[folder], resolve_aliases=True, resolve_external=False)
    if not isinstance(found, griffe.Module):
        raise TypeError(f"{folder} holds no package")
    return found


def kept(folder: Path = SNAPSHOT) -> Mapping[str, str]:
    """Return what was public in the last version."""
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.txt"))}


def _loaded(written: Mapping[str, str], folder: Path) -> griffe.Module:
    """Return the texts as a package."""
    for module, text in written.items():
        path = folder.joinpath(*module.split("."), "__init__.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"from dataclasses import dataclass\n{text}", "utf-8")
    for parent in [each for each in folder.rglob("*") if each.is_dir()]:
        (parent / "__init__.py").touch()
    return _package(folder)


def breaks(old: Mapping[str, str], new: Mapping[str, str]) -> list[Break]:
    """Return what of *old* cannot be used as before."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        before, after = _loaded(old, Path(one)), _loaded(new, Path(other))
        found = [(each.obj.path, _explained(each)) for each in griffe.find_breaking_changes(before, after)]
        found += _other_types(before, after)
    return sorted({Break(*_place(path, old), text) for path, text in found})


def _explained(found: griffe.Breakage) -> str:
    text = re.sub(r"\x1b\[\d+m", "", found.explain(griffe.ExplanationStyle.ONE_LINE))
    return text.partition(": ")[2]


def _other_types(before: griffe.Object, after: griffe.Object) -> Iterator[tuple[str, str]]:
    """Yield what has another type now, or a base class less, which griffe does not look at."""
    for name, old in before.members.items():
        new = after.members.get(name)
        if new is None or old.is_alias or new.is_alias:
            continue
        if isinstance(old, griffe.Class) and isinstance(new, griffe.Class):
            bases = [str(base) for base in old.bases if str(base) not in map(str, new.bases)]
            yield from ((old.path, f"{base} is no base class any more") for base in bases)
        types = [
            str(each.annotation)
            for each in (old, new)
            if isinstance(each, griffe.Attribute | griffe.Function)
        ]
        if len(set(types)) > 1:
            yield old.path, " became ".join(types)
        if isinstance(old, griffe.Object) and isinstance(new, griffe.Object):
            yield from _other_types(old, new)


def _place(path: str, modules: Collection[str]) -> tuple[str, str]:
    """Return a path as that of a public module, and the name in it."""
    module = max((each for each in modules if path == each or path.startswith(f"{each}.")), key=len)
    return module, path.removeprefix(module).removeprefix(".") or module


def named(folder: Path) -> set[str]:
    """Return the names in backticks in the entries about changes and removals."""
    pages = [
        path.read_text("utf-8") for kind in ("changed", "removed") for path in folder.glob(f"*.{kind}.md")
    ]
    return {name for page in pages for name in re.findall(r"`([\w.]+)(?:\(\))?`", page)}


def main(words: Sequence[str], source: Path = ROOT / "src", folder: Path = SNAPSHOT) -> int:
    """Compare, or write; print what nobody named."""
    new = texts(source)
    if "--write" in words:
        for path in folder.glob("*.txt"):
            path.unlink()
        for module, text in new.items():
            (folder / f"{module}.txt").write_text(text, "utf-8")
        return 0
    known = named(FRAGMENTS)
    found = [each for each in breaks(kept(folder), new) if each.name not in known]
    for each in found:
        print(f"{each.module} {each.name}: {each.text}")
    if found:
        print("A break needs an entry in changelog.d, changed or removed, that names it: `Client.send`")
    return int(bool(found))


if __name__ == "__main__":
    gc.disable()  # syntax trees live until the end: the collector would walk over them again and again
    sys.exit(main(sys.argv[1:]))
