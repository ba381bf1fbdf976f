"""`spshipping record`: runs a program and writes scrubbed fixtures of what it exchanged with Amazon."""

import json
import runpy
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from spshipping import disk
from spshipping.cli.console import fail
from spshipping.errors import ConfigurationError, SpShippingError
from spshipping.secret import Secret
from spshipping.testing.record import Recording, import_cassette, recording

_SHORTEST_KEY = 16
_SIGNALS = (signal.SIGTERM, *((signal.SIGHUP,) if sys.platform != "win32" else ()))
_BY_SIGNAL = 128
"""With the number of a signal, the exit code of a program that it has ended, as in a shell."""
# one that is not there is refused like any other that cannot be read
_FILE = click.Path(dir_okay=False, path_type=Path)
_AS_GIVEN = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command(context_settings=_AS_GIVEN)
@click.option(
    "--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder."
)
@click.option("-m", "module", help="Run a module, such as pytest, in place of a script.")
@click.option("--cassette", type=_FILE, help="Run nothing: read what a cassette of vcrpy holds.")
@click.option(
    "--key-file", type=_FILE, help="A secret of your own: equal texts get equal pseudonyms with it."
)
@click.option("--any", "fits_any", is_flag=True, help="What the program brings along fits anything later.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as one line of JSON.")
@click.argument("command", metavar="[SCRIPT] [ARGUMENT]...", nargs=-1, type=click.UNPROCESSED)
def record(
    folder: Path,
    module: str | None,
    cassette: Path | None,
    key_file: Path | None,
    command: tuple[str, ...],
    *,
    fits_any: bool,
    as_json: bool,
) -> None:
    """Run a program, and write what it exchanges with Amazon as fixtures, scrubbed.

    The program runs as it always does: its requests go to Amazon, and what it buys is paid for. Names,
    addresses, ids, tokens and documents are replaced before anything is written; what is not known to be
    harmless counts as personal. The exit code is the program's own, or 1 if nothing could be written.
    """
    code = 0
    try:
        key = _key(key_file)
        if cassette is None:
            _check(module, command)
            with recording(folder, key=key, fits_any=fits_any) as made:
                code = _run(module, command)
        elif module or command:
            raise ConfigurationError("--cassette runs nothing: leave the program out")
        else:
            made = import_cassette(cassette, folder, key=key, fits_any=fits_any)
    except SpShippingError as error:
        fail(error, as_json=as_json)
    _show(made, as_json=as_json)
    click.get_current_context().exit(code)


def _key(path: Path | None) -> Secret | None:
    if path is None:
        return None
    try:
        text = disk.read(path).decode("utf-8", "replace").strip()
    except OSError as error:
        raise ConfigurationError(f"--key-file cannot be read: {error.strerror}") from None
    if len(text) < _SHORTEST_KEY:
        del text
        raise ConfigurationError(f"--key-file holds less than {_SHORTEST_KEY} characters")
    return Secret(text)


def _check(module: str | None, command: tuple[str, ...]) -> None:
    """Make sure that there is something to run, before anything is patched."""
    if module:
        return
    if not command:
        raise ConfigurationError("name a script, or a module with -m, or a cassette with --cassette")
    if not Path(command[0]).is_file():
        raise ConfigurationError(f"there is no file {command[0]}")


def _run(module: str | None, command: tuple[str, ...]) -> int:
    """Run the program in this process, and return its exit code."""
    try:
        with _ended_by_signals():
            if module:
                with _arguments((module, *command), str(Path.cwd())):
                    runpy.run_module(module, run_name="__main__", alter_sys=True)
            else:
                with _arguments(command, str(Path(command[0]).parent)):
                    runpy.run_path(command[0], run_name="__main__")
    except SystemExit as end:
        return _code(end.code)
    return 0


def _code(code: object) -> int:
    """Return the exit code that Python would end with."""
    if code is None or isinstance(code, int):
        return int(code or 0)
    click.echo(str(code), err=True)
    return 1


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM, and the end of the terminal, end the program as `sys.exit` does.

    What it exchanged until then is written: it may have been paid for. A program may have its own handlers,
    and a signal that is ignored, as `nohup` does, stays so.
    """
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    ours = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in ours:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(_BY_SIGNAL + number)


@contextmanager
def _arguments(arguments: tuple[str, ...], folder: str) -> Iterator[None]:
    """Set `sys.argv` and `sys.path` as Python sets them for a script."""
    before, path = sys.argv, list(sys.path)
    sys.argv = list(arguments)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.argv = before
        sys.path[:] = path


def _show(made: Recording, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"files": [str(path) for path in made.files], "left_out": made.left_out}))
        return
    for path in made.files:
        click.echo(str(path))
    click.echo(
        f"{len(made.files)} fixtures; {made.left_out} other exchanges, such as signing in, were dropped."
    )
