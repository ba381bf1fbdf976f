"""How commands print: in any encoding, without colours where none are wanted, and never breaking a word."""

import codecs
import contextlib
import io
import json
import os
import sys
import textwrap
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.text import Text

_ERRORS = "spshipping.plain"
_PLAIN = {"✓": "+", "✗": "x", "▸": ">", "→": "->", "–": "-", "·": "-", "…": "...", "£": "GBP ", "€": "EUR "}
"""What is printed where the encoding does not have the character; `?` for any other."""

_GAP = 2
"""Spaces between the columns of a table."""


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - it is only used for encoding
    return "".join(_PLAIN.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


def has_terminal() -> bool:
    """Return whether a question can be answered: whether standard input is a terminal."""
    return sys.stdin.isatty()


def accept_any_character() -> None:
    """Make standard output and standard error replace a character that they cannot encode.

    Otherwise, a command ends with a UnicodeEncodeError on a console of Windows, or in a pipe there.
    """
    codecs.register_error(_ERRORS, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


INPUT_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
"""A file that is read; - is standard input."""


_MOST_BYTES = 64 << 20


def read_input(path: Path) -> bytes:
    """Return what a file holds; - is standard input.

    Raises:
        click.UsageError: it is larger than any request.
    """
    if str(path) == "-":
        data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    else:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise click.UsageError(f"{path} is larger than {_MOST_BYTES >> 20} MB: give a file with one request")
    return data


def abandon_output() -> None:
    """Drop what standard output still holds, so that Python does not try to write it once more at its end."""
    with contextlib.suppress(OSError, ValueError):  # it is closed, or no file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, sys.stdout.fileno())
        finally:
            os.close(nowhere)


def new_console(*, on_stderr: bool = False) -> Console:
    """Return a console for standard output, or error. With NO_COLOR, it prints no escape codes at all."""
    return Console(
        stderr=on_stderr, highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto"
    )


def fail(error: Exception, *, as_json: bool = False) -> NoReturn:
    """End the command with exit code 1 and the error: on standard error, or as JSON on standard output."""
    name, message = type(error).__name__, str(error)
    if isinstance(error, OSError):
        name = "OSError"
        message = f"{error.filename}: {error.strerror}; choose another path, or change who may use it"
    fail_with(name, message, as_json=as_json)


def fail_with(name: str, message: str, *, as_json: bool, code: int = 1) -> NoReturn:
    """End the command with an exit code and an error, given as its name and its message; see `fail`."""
    if as_json:
        click.echo(json.dumps({"error": name, "message": message}))
    else:
        click.echo(f"Error: {name}: {message}", err=True)
    raise click.exceptions.Exit(code) from None


class _HelpFormatter(click.HelpFormatter):
    """Gives the explanations of options enough room on a narrow terminal: longer than any variable's name."""

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write options and their explanations."""
        super().write_dl(rows, min(col_max, self.width // 3), col_spacing)


class HelpContext(click.Context):
    """The context of every command."""

    formatter_class: type[click.HelpFormatter] = _HelpFormatter


def print_paragraph(console: Console, text: str, *, indent: int = 0, style: str = "") -> None:
    """Print *text*: on a terminal, in lines that end between words; elsewhere, as one line."""
    margin = " " * indent
    lines = [margin + text]
    if console.is_terminal:
        lines = textwrap.wrap(
            text,
            max(console.width, indent + 1),
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
    for line in lines:
        console.print(Text(line, style), soft_wrap=True)


def print_table(
    console: Console,
    columns: Sequence[str],
    rows: Sequence[Sequence[str | Text]],
    *,
    right: Collection[str] = (),
    indent: int = 0,
) -> None:
    """Print a table. On a terminal that is too narrow for it, print each cell as a paragraph.

    Args:
        console: where to.
        columns: their titles.
        rows: a cell for each column.
        right: the columns that are aligned at the right.
        indent: spaces before each line.
    """
    cells = [[Text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    head = [Text(title, "dim") for title in columns]
    widths = [max(cell.cell_len for cell in column) for column in zip(head, *cells, strict=True)]
    if console.is_terminal and indent + sum(widths) + _GAP * (len(widths) - 1) > console.width:
        for row in cells:
            for title, cell in zip(columns, row, strict=True):
                if cell.plain:
                    lead = f"{title}: " if title else ""
                    print_paragraph(console, f"{lead}{cell.plain}", indent=indent)
            console.print()
        return
    for row in (head, *cells):
        for title, width, cell in zip(columns, widths, row, strict=True):
            cell.align("right" if title in right else "left", width)
        line = Text(" " * indent) + Text(" " * _GAP).join(row)
        line.rstrip()
        console.print(line, soft_wrap=True)
