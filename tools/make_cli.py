"""Writes docs/cli.md: every command of `spshipping` with its options, from the code.

python -m tools.make_cli            # writes it
python -m tools.make_cli --check    # fails if it is not as it would be written
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from spshipping.cli.app import app
from tools.tables import first_sentence

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "cli.md"
_INTRO = """# Every command

<!-- made by tools/make_cli.py -->

What `spshipping COMMAND --help` prints, on one page. [The command line](command-line.md) shows how to use
them."""


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """Yield a command and all below it, each with the context that knows its whole name."""
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below and not below.hidden:
                yield from commands(below, click.Context(below, info_name=name, parent=context))


def _help(command: click.Command) -> str:
    """Return the help of a command as Markdown; what click leaves as it is becomes a block."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(command.help or "")):
        if paragraph.startswith("\b\n"):
            paragraphs.append(f"```text\n{paragraph.removeprefix(chr(8)).strip()}\n```")
        else:
            paragraphs.append(_with_code(" ".join(paragraph.split())))
    return "\n\n".join(paragraphs).partition("\f")[0].strip()


def _with_code(text: str) -> str:
    """Return a text in which options are marked as code."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"(?<![\w-])(--?[a-z][\w-]*)", r"`\1`", part) for part in parts[::2]]
    return "`".join(parts)


def _cell(text: str) -> str:
    text = _with_code(text)
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    rows = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record and "--help" not in parameter.opts:
            rows.append(f"| `{record[0].replace('|', chr(92) + '|')}` | {_cell(record[1])} |")
    if rows:
        yield from ("", "| Option | What |", "|---|---|", *rows)


def _section(command: click.Command, context: click.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    lines = [f"## {context.command_path}", "", _help(command), "", f"```text\n{usage}\n```"]
    if isinstance(command, click.Group):
        lines += ["", "| Command | What |", "|---|---|"]
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below and not below.hidden:
                anchor = f"{context.command_path} {name}".replace(" ", "-")
                what = _cell(first_sentence(below.help or ""))
                lines.append(f"| [`{name}`](#{anchor}) | {what} |")
    return "\n".join([*lines, *_options(command, context)])


def written() -> str:
    """Return the page."""
    context = click.Context(app, info_name="spshipping", terminal_width=100)
    return "\n\n".join([_INTRO, *(_section(*each) for each in commands(app, context))]) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or compare it."""
    page = written()
    if "--check" not in arguments:
        PAGE.write_text(page, "utf-8")
        return 0
    if not PAGE.exists() or PAGE.read_text("utf-8") != page:
        print("docs/cli.md is not as it would be written; run python -m tools.make_cli")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
