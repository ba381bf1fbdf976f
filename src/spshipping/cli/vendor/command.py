"""How the commands of `spshipping vendor` end: with an exit code, in words, or in JSON."""

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

import click

from spshipping.cli.console import HelpContext, fail
from spshipping.errors import InvalidRequestError, SpShippingError
from spshipping.wire.text import write

DONE, FAILED, UNKNOWN, REFUSED = 0, 1, 3, 4
"""The exit codes beside click's own 2, which says that a command was called wrongly."""

as_json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: one document, or one a line for each of several."
)


def print_json(value: Any) -> None:
    """Print one document on one line: decimals digit for digit, and what is not ASCII as escapes."""
    click.echo(re.sub(r"[^\x00-\x7f]", lambda letter: json.dumps(letter[0])[1:-1], write(value)))


class VendorCommand(click.Command):
    """A command that ends without a traceback, and with JSON in every case where it was asked for."""

    context_class: type[click.Context] = HelpContext

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the words of the command line."""
        as_json = "--json" in args  # parsing takes them away
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            _refuse_usage(error, as_json=as_json)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        as_json = bool(ctx.params.get("as_json"))
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            _refuse_usage(error, as_json=as_json)
        except SpShippingError as error:
            fail(error, as_json=as_json)
        except UnicodeEncodeError:
            fail(InvalidRequestError("an argument of the command is not UTF-8"), as_json=as_json)
        # an OSError is about the output: those of files were made errors of ours before
        except (click.ClickException, click.exceptions.Exit, click.Abort, OSError):
            raise
        except Exception as error:
            fail(_mistake(error), as_json=as_json)


def _refuse_usage(error: click.UsageError, *, as_json: bool) -> NoReturn:
    if not as_json:
        raise error
    print_json({"error": type(error).__name__, "message": error.format_message()})
    raise click.exceptions.Exit(error.exit_code)


def _mistake(error: Exception) -> SpShippingError:
    # its text may hold personal data
    return SpShippingError(
        f"{type(error).__name__} inside the command, which is a mistake of this package: please report it,"
        " with the command, and without your data"
    )
