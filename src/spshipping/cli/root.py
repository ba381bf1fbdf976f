"""How every command ends: with an exit code, and a message that says what to do, in words or in JSON."""

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NoReturn

import click

from spshipping.cli.console import HelpContext, fail, fail_with
from spshipping.cli.interrupt import exit_code_of
from spshipping.errors import InvalidRequestError, SpShippingError
from spshipping.transport.unsettled import calls_of

_AS_JSON = "spshipping.as_json"
_RUNS_A_PROGRAM = ("record",)
"""Commands that run a program of the user's, whose errors are its own."""


class Root(click.Group):
    """The command `spshipping`: none of its commands ends with a traceback, and each can fail in JSON."""

    context_class: type[click.Context] = HelpContext

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the options before the command."""
        as_json = "--json" in args  # parsing takes them away
        with _failing(as_json=as_json):
            context = super().make_context(info_name, args, parent, **extra)
        context.meta[_AS_JSON] = as_json
        return context

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        as_json = ctx.meta[_AS_JSON]
        with _failing(as_json=as_json):
            try:
                return super().invoke(ctx)
            except (click.ClickException, click.exceptions.Exit, click.Abort, SpShippingError, OSError):
                raise
            except UnicodeEncodeError:
                raise InvalidRequestError("an argument of the command is not UTF-8") from None
            except Exception as error:
                if ctx.invoked_subcommand in _RUNS_A_PROGRAM:
                    raise
                raise _mistake(error) from None


@contextmanager
def _failing(*, as_json: bool) -> Iterator[None]:
    """End the command where the block fails."""
    try:
        yield
    except SpShippingError as error:
        fail(error, as_json=as_json)
    except click.ClickException as error:
        if not as_json:
            raise
        fail_with(type(error).__name__, error.format_message(), as_json=True, code=error.exit_code)
    except click.Abort as error:
        if isinstance(error.__context__, KeyboardInterrupt):  # at a question
            _interrupted(error.__context__, as_json=as_json)
        if not as_json:
            raise
        fail_with("Abort", "nobody agreed", as_json=True)
    except OSError as error:
        if error.filename is None:
            raise  # about standard output
        fail(error, as_json=as_json)
    except KeyboardInterrupt as interrupt:
        _interrupted(interrupt, as_json=as_json)


def _interrupted(interrupt: KeyboardInterrupt, *, as_json: bool) -> NoReturn:
    if not as_json:
        click.echo(err=True)  # after the ^C of the terminal
    fail_with("Interrupted", _advice(interrupt), as_json=as_json, code=exit_code_of(interrupt))


def _advice(interrupt: KeyboardInterrupt) -> str:
    """Say what may have been carried out, and what to do."""
    calls = calls_of(interrupt)
    if not calls:
        return "it was stopped before its end"
    said = [f"{call.operation.name}, key {call.key}" if call.key else call.operation.name for call in calls]
    return (
        f"this may have been carried out: {'; '.join(said)}. Repeat the same command where it buys for a"
        " reference, as `spshipping ship` does; else look it up at Amazon first"
    )


def _mistake(error: Exception) -> SpShippingError:
    # its text may hold personal data
    return SpShippingError(
        f"{type(error).__name__} inside the command, which is a mistake of this package: please report it,"
        " with the command, and without your data"
    )


class Commands(MutableMapping[str, click.Command]):
    """The commands by name; each is imported when it is first needed: a command starts quicker so."""

    def __init__(self, places: Mapping[str, str]) -> None:
        """Hold where each is: its file in this package, and its name there, with a colon between."""
        self._places = dict(places)
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            module, _, attribute = self._places[name].partition(":")
            self[name] = getattr(import_module(f"{__package__}.{module}"), attribute)
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        _dress(command)
        self._places.setdefault(name, "")
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._places[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _dress(command: click.Command) -> None:
    """Give the help of a command, and of all below it, the same form."""
    command.context_class = HelpContext
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _dress(each)
