"""Writes the facades of `AsyncClient` from those of `Client`: `api_async.py` beside each `api.py`.

    python tools/make_async.py            # writes them
    python tools/make_async.py --check    # fails if one is not as it would be written

A facade derives from `Api`, or from facades in files beside it. Its method is one line, so that the other
form follows from it: `return self._run(...)` is awaited, `return run(workflow(...))` becomes
`return await workflow(...)`, `return iterate(workflow(...))` becomes `return workflow(...)`, and an
`Iterator` an `AsyncIterator`.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"
_OTHER_FACADES = ("Purchases",)
"""Facades from which others derive, and whose names do not end in `Api`."""
_MARK = "# Made by tools/make_async.py from {name}: change that file, and run the tool."


def sources() -> list[Path]:
    """Return the files that define a facade of `Client`."""
    return [path for path in sorted(SOURCE.rglob("*.py")) if _facades(ast.parse(path.read_text("utf-8")))]


def target_of(path: Path) -> Path:
    """Return where the asynchronous form of *path* is written."""
    return path.with_name(f"{path.stem}_async.py")


def converted(path: Path) -> str:
    """Return the asynchronous form of the facades in a file.

    Raises:
        ValueError: a method is not one line of a known form.
    """
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    facades = _facades(tree)
    names = {node.name for node in facades}
    classes = "\n\n\n".join(_class(text, node) for node in facades)
    doc = f'"""The facade{"s" if len(facades) > 1 else ""} of `{_module(path)}` for `AsyncClient`."""'
    imports = _imports(tree, path, classes, names)
    parts = [doc, _MARK.format(name=path.name), imports, classes]
    return _formatted("\n\n".join(parts) + "\n")


def _facades(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in tree.body if isinstance(node, ast.ClassDef) and _is_facade(node)]


def _is_facade(node: ast.ClassDef) -> bool:
    names = [base.id for base in node.bases if isinstance(base, ast.Name)]
    return any(_names_facade(name) and not name.startswith("Async") for name in names)


def _names_facade(name: str) -> bool:
    return name.endswith("Api") or name in _OTHER_FACADES


def _module(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


def _class(text: str, node: ast.ClassDef) -> str:
    lines = text.splitlines()
    bases = ", ".join(f"Async{ast.unparse(base)}" for base in node.bases)
    parts = [f"class Async{node.name}({bases}):"]
    for index, member in enumerate(node.body):
        first = member.lineno
        if isinstance(member, ast.FunctionDef) and member.decorator_list:
            first = member.decorator_list[0].lineno
        source = "\n".join(lines[first - 1 : member.end_lineno])
        if isinstance(member, ast.FunctionDef):
            source = _method(source, member)
        parts.append(("" if index in (0, 1) and not isinstance(member, ast.FunctionDef) else "\n") + source)
    return re.sub(r"\b(?!Async)([A-Z]\w*Api)\b", r"Async\1", "\n".join(parts)).replace("AsyncAsync", "Async")


def _method(source: str, node: ast.FunctionDef) -> str:
    if any(isinstance(each, ast.Name) and each.id == "property" for each in node.decorator_list):
        return source
    body = node.body[-1]
    if not isinstance(body, ast.Return) or not isinstance(body.value, ast.Call):
        if node.name.startswith("__"):
            return source
        raise ValueError(f"{node.name}: its last line is no `return` of a call")
    head, _, last = source.rpartition("return ")
    function = ast.unparse(body.value.func)
    if function == "self._run":
        return _async(head) + "return await " + last
    if function in ("self._pages", "self._iter"):
        return head.replace("Iterator[", "AsyncIterator[") + "return " + last
    inner = last[last.index("(") + 1 : last.rindex(")")].strip().rstrip(",")
    if function == "run":
        return _async(head) + "return await " + inner
    if function == "iterate":
        return head.replace("Iterator[", "AsyncIterator[") + "return " + inner
    raise ValueError(f"{node.name}: {function}() is none of run, iterate, self._run, self._iter, self._pages")


def _async(head: str) -> str:
    return re.sub(r"(?m)^    def ", "    async def ", head, count=1)


def _imports(tree: ast.Module, path: Path, classes: str, facades: set[str]) -> str:
    used = set(re.findall(r"\b[A-Za-z_]\w*\b", classes))
    lines: list[str] = []
    for node in tree.body:
        guarded = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for each in node.body if isinstance(node, ast.If) and guarded else [node]:
            line = _import_line(each, used)
            if line:
                lines.append(f"if TYPE_CHECKING:\n    {line}" if guarded else line)
    own = sorted(_defined(tree) & used - facades - {name.replace("Async", "", 1) for name in facades})
    if own:
        lines.append(f"from {_module(path)} import {', '.join(own)}")
    lines.append("from spshipping.facade import AsyncApi")
    if "AsyncIterator[" in classes:
        lines.append("from collections.abc import AsyncIterator")
    if any("TYPE_CHECKING" in line for line in lines):
        lines.append("from typing import TYPE_CHECKING")
    return "\n".join(sorted(lines, key=lambda line: line.startswith("if ")))


def _import_line(node: ast.stmt, used: set[str]) -> str | None:
    if isinstance(node, ast.ImportFrom):
        skipped = {"Api", "run", "iterate", "Iterator", "TYPE_CHECKING"}
        names = []
        for alias in node.names:
            shown = alias.asname or alias.name
            wanted = f"Async{shown}" if _names_facade(shown) else shown
            if shown in skipped or wanted not in used:
                continue
            names.append(f"Async{alias.name}" if _names_facade(shown) else ast.unparse(alias))
        module = node.module or ""
        # a package exports both forms of a facade; a file has the other form beside it
        is_file = SOURCE.joinpath(*module.split(".")).with_suffix(".py").exists()
        if is_file and any(_names_facade(name.removeprefix("Async")) for name in names):
            module += "_async"
        return f"from {module} import {', '.join(names)}" if names else None
    if isinstance(node, ast.Import):
        names = [ast.unparse(alias) for alias in node.names if (alias.asname or alias.name) in used]
        return f"import {', '.join(names)}" if names else None
    return None


def _defined(tree: ast.Module) -> set[str]:
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def _formatted(text: str) -> str:
    for arguments in (["check", "--select", "I,F401", "--fix", "-q"], ["format", "-q"]):
        ruff = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", "src/spshipping/made.py", "-"]
        done = subprocess.run(ruff, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ValueError(done.stderr or done.stdout)
        text = done.stdout
    return text


def main(arguments: list[str]) -> int:
    """Write the files, or compare them."""
    wrong = []
    for path in sources():
        text = converted(path)
        target = target_of(path)
        if "--check" in arguments:
            if not target.exists() or target.read_text("utf-8") != text:
                wrong.append(str(target.relative_to(SOURCE)))
        else:
            target.write_text(text, "utf-8")
    if wrong:
        print(f"not as tools/make_async.py writes them: {', '.join(wrong)}; run python tools/make_async.py")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
