"""How the commands of `spshipping vendor` end: with an exit code, in words, or in JSON."""

import json
import re
from collections.abc import Callable
from typing import Any

import click

from spshipping.wire.text import write

DONE, FAILED, UNKNOWN, REFUSED = 0, 1, 3, 4
"""The exit codes beside click's own 2, which says that a command was called wrongly."""

as_json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: one document, or one a line for each of several."
)


def print_json(value: Any) -> None:
    """Print one document on one line: decimals digit for digit, and what is not ASCII as escapes."""
    click.echo(re.sub(r"[^\x00-\x7f]", lambda letter: json.dumps(letter[0])[1:-1], write(value)))
