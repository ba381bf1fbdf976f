"""Checks the rules of the house that no other tool checks.

    python tools/check_house.py

- No two files of the package import each other, by a way of any length. Imports for type checkers and inside
  functions count.
- No file has more than 500 lines, no function more than 50.
- In `transport/` no attribute is looked up by its name, but where `EXCEPTIONS` says why.
- No file, page or other text holds the marks of a merge that was not finished.
- aiohttp is imported in `transport/` only, msgspec in `wire/` only. Neither `import spshipping` nor `Client`
  loads one of them, or asyncio.
- A file that `Client` loads does not evaluate its annotations: that takes a tenth of what loading it takes.
"""

import ast
import gc
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"
PACKAGE = "spshipping"
FOLDERS = ("src", "tests", "tools", "benchmarks", "examples")
TEXTS = ("*.md", "*.toml", "*.py", "*.json", "Makefile")
_MARKS = ("<" * 7 + " ", ">" * 7 + " ")
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 500, 50

_BY_NAME = ("getattr", "hasattr", "setattr", "delattr", "vars")
EXCEPTIONS = {
    "adapter.py: vars(each)": "the class that sends, of a session that is the caller's",
    "adapter.py: getattr(adapter, 'max_retries', 0)": "any adapter of requests; some have no such attribute",
    "adapter.py: getattr(retries, 'total', retries)": "a number, or urllib3's Retry",
    "connections.py: getattr(self, 'sock', None)": "an interrupt may leave urllib3's connection half made",
    "connections.py: vars(Response())": "the fields of requests' response, made once",
    "connections.py: vars(response)": "the same fields, without the cookie jar of its __init__",
    "unsettled.py: setattr(error, _ATTRIBUTE, call)": "an exception that is not ours gets the call attached",
    "unsettled.py: vars(each)": "the same exception, read again",
}
"""Every lookup by name in `transport/`, and why: all are about objects that are not ours."""

_HOMES = {"aiohttp": "transport", "msgspec": "wire"}
"""Where alone a library is imported."""

_LAZY = f"""
import sys
import {PACKAGE}
{PACKAGE}.Client({PACKAGE}.Credentials("id", "secret", "token"), {PACKAGE}.Marketplace.UK).close()
unwanted = {{"aiohttp", "asyncio", "msgspec"}}
print(*(name for name in sys.modules if name in unwanted or name.startswith("{PACKAGE}")))
"""
EVALUATED = {
    **dict.fromkeys(
        (f"{PACKAGE}.options", f"{PACKAGE}.operation.options"),
        "a TypedDict: to make references of its annotations takes longer",
    ),
    **{
        f"{PACKAGE}.{name}": "public named tuples: cattrs looks at their annotations as they are"
        for name in (
            *("meta", "operation.values", "transport.bucket", "transport.retry"),
            *("auth.stores", "wire.times"),
        )
    },
}
"""The files that `Client` loads, and that evaluate their annotations all the same, and why."""


@cache
def parsed(text: str) -> ast.Module:
    """Return the syntax tree of a file; most files are looked at more than once."""
    return ast.parse(text)


def modules(source: Path = SOURCE) -> dict[str, Path]:
    """Return the files of the package by the names that they are imported by."""
    found = {}
    for path in sorted((source / PACKAGE).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path) -> Iterator[str]:
    """Yield what a file imports, wherever in it: each module, and each name in a module."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(parsed(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(part for part in (start, node.module) if part)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def imports(files: Mapping[str, Path]) -> dict[str, set[str]]:
    """Return which files each file imports."""
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        names = imported(name, path)
        homes = (each if each in files else each.rpartition(".")[0] for each in names)
        graph[name] = {home for home in homes if home in files} - {name}
    return graph


def circles(graph: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Yield, for each file that imports itself by way of others, the shortest such way; each circle once."""
    reported: set[frozenset[str]] = set()
    for start in sorted(graph):
        ways, seen = [[start]], {start}
        for way in ways:
            if start in graph[way[-1]]:
                if frozenset(way) not in reported:
                    reported.add(frozenset(way))
                    yield [*way, start]
                break
            following = sorted(graph[way[-1]] - seen)
            seen |= set(following)
            ways += [[*way, each] for each in following]


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements of a file, without what they are made of, which is a tenth of all nodes."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            inside = getattr(node, name, None)
            waiting += reversed(inside) if isinstance(inside, list) else ()


def too_long(path: Path) -> Iterator[str]:
    """Yield what is too long in a file."""
    text = path.read_text("utf-8")
    lines = text.count("\n")
    if lines > MOST_LINES:
        yield f"has {lines} lines; at most {MOST_LINES} are allowed"
    for node in statements(parsed(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_LINES_OF_A_FUNCTION:
                yield f"{node.name}() has {lines} lines; at most {MOST_LINES_OF_A_FUNCTION} are allowed"


def unmerged(path: Path) -> Iterator[str]:
    """Yield where a file has the marks of a merge that was not finished."""
    text = path.read_text("utf-8")
    if not any(mark in text for mark in _MARKS):
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(_MARKS):
            yield f"line {number} is left of a merge that was not finished"


def lookups(path: Path) -> Iterator[str]:
    """Yield where a file looks up an attribute by its name."""
    for node in ast.walk(parsed(path.read_text("utf-8"))):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _BY_NAME
        if is_call or (isinstance(node, ast.Attribute) and node.attr == "__dict__"):
            yield f"{path.name}: {ast.unparse(node)}"


def faults_of_imports(files: Mapping[str, Path]) -> Iterator[str]:
    """Yield circles, and imports of a library outside its home."""
    for way in circles(imports(files)):
        yield f"files import each other: {' -> '.join(way)}"
    for name, path in files.items():
        used = {each.partition(".")[0] for each in imported(name, path)}
        for library, home in _HOMES.items():
            if library in used and not name.startswith(f"{PACKAGE}.{home}."):
                yield f"{name} imports {library}, which is for {home}/ only"


def faults_of_lookups(paths: list[Path], exceptions: Mapping[str, str] = EXCEPTIONS) -> Iterator[str]:
    """Yield lookups by name that no exception allows, and exceptions that nothing needs."""
    found = {each for path in paths for each in lookups(path)}
    for each in sorted(found - set(exceptions)):
        yield f"transport/{each} looks up an attribute by its name; use the type, or list it with its reason"
    for each in sorted(set(exceptions) - found):
        yield f"tools/check_house.py allows `{each}`, which is not there any more"


def evaluates_annotations(path: Path) -> bool:
    """Return whether a file has functions or classes, and their annotations are evaluated."""
    body = parsed(path.read_text("utf-8")).body
    has_any = any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in body)
    return has_any and not any(
        isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in body
    )


def faults_of_start(loaded: Iterable[str], files: Mapping[str, Path]) -> Iterator[str]:
    """Yield what is wrong with the modules that a client for threads loads."""
    for name in loaded:
        if name not in files:
            yield f"`import {PACKAGE}; Client(...)` loads {name}"
        elif evaluates_annotations(files[name]) is not (name in EVALUATED):
            yield f"{name}, which Client loads, evaluates annotations; import them from __future__"


def loaded_by_client() -> list[str]:
    """Return which of these a client for threads loads: our modules, and those that it must not load."""
    run = [sys.executable, "-c", _LAZY]
    return subprocess.run(run, capture_output=True, text=True, check=True, cwd=SOURCE).stdout.split()


def faults() -> Iterator[str]:
    """Yield every fault of the house."""
    yield from faults_of_imports(modules())
    yield from faults_of_lookups(sorted((SOURCE / PACKAGE / "transport").glob("*.py")))
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from (f"{path.relative_to(ROOT)}: {fault}" for fault in too_long(path))
    for place in (*(ROOT / folder for folder in (*FOLDERS, "docs", "changelog.d")), ROOT):
        for pattern in TEXTS:
            for path in place.glob(pattern) if place == ROOT else place.rglob(pattern):
                yield from (f"{path.relative_to(ROOT)}: {fault}" for fault in unmerged(path))
    yield from faults_of_start(loaded_by_client(), modules())


def main() -> int:
    """Print the faults, if there are any."""
    found = list(faults())
    print(*found, sep="\n", end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    gc.disable()  # syntax trees live until the end: the collector would walk over them again and again
    sys.exit(main())
