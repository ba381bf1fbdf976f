"""Writes docstrings and types as Markdown."""

import re
from collections.abc import Callable, Iterator

_SECTIONS = ("Args", "Returns", "Yields", "Raises")
_ENTRY = re.compile(r"^(?:\*{0,2}\w[\w., *]*|`[^`]+`): ")


def paragraphs(text: str) -> str:
    """Return a docstring with its sections as lists."""
    lines: list[str] = []
    section, is_code = "", False
    for line in text.splitlines():
        name = line.strip().removesuffix(":")
        if line.strip().startswith("```"):
            is_code = not is_code
        if not is_code and line == f"{name}:" and name in _SECTIONS:
            section = name
            lines += [f"**{name}**", ""]
        elif section and line.startswith("    "):
            lines.append(_entry(line[4:], section))
        else:
            section = section if not line.strip() else ""
            lines.append(line)
    return "\n".join(lines).strip()


def _entry(line: str, section: str) -> str:
    """Return a line of a section: the start of an entry, or what follows it."""
    if section in ("Returns", "Yields"):
        return line
    if _ENTRY.match(line):
        name, _, rest = line.partition(": ")
        return f"- `{name.strip('`')}`: {rest}"
    return f"  {line.strip()}" if line.strip() else line


def cell(text: str) -> str:
    """Return a text as the cell of a table."""
    return " ".join(text.replace("|", "\\|").split())


def typed(written: str, link: Callable[[str], str | None]) -> str:
    """Return a type as code, with links where *link* knows a name."""
    return "".join(_pieces(written, link))


def _pieces(written: str, link: Callable[[str], str | None]) -> Iterator[str]:
    code = ""
    for piece in re.split(r"(\b[A-Z]\w+\b)", " ".join(written.split())):
        target = link(piece) if piece[:1].isupper() else None
        if target is None:
            code += piece
            continue
        yield from _code(code)
        yield f"[`{piece}`]({target})"
        code = ""
    yield from _code(code)


def _code(code: str) -> Iterator[str]:
    text = code.strip()
    if text:
        before, after = code[: len(code) - len(code.lstrip())], code[len(code.rstrip()) :]
        yield f"{before}`{text}`{after}".replace("|", "\\|")
