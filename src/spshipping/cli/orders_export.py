"""`spshipping orders export`: orders in a file, written page by page."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import fail, new_console, print_paragraph
from spshipping.cli.interrupt import Interrupt
from spshipping.cli.orders_filters import Filters, order_dict, with_filters
from spshipping.cli.progress import Progress
from spshipping.csv_text import csv_rows
from spshipping.disk import Draft
from spshipping.errors import SpShippingError
from spshipping.orders import AmazonOrder

_FORMATS = ("csv", "json", "jsonl")
_PART = ".part"
Place = tuple[str, ...]


class Table:
    """Orders as rows of CSV: one for each order, or for each item."""

    between: str = ""
    tail: str = ""

    def __init__(self, *, has_items: bool, has_pii: bool) -> None:
        """Choose the columns; without personal data there are none for it."""
        schema = AmazonOrder.json_schema()
        self._order = [path for path in _leaves(schema, has_pii=has_pii) if path != ("items",)]
        items = schema["properties"]["items"]["items"]
        self._item = list(_leaves(items, has_pii=has_pii)) if has_items else None
        names = [".".join(path) for path in self._order]
        names += [".".join(("item", *path)) for path in self._item or ()]
        self.head: str = csv_rows([names])

    def text(self, order: Mapping[str, Any]) -> str:
        """Return the rows of an order."""
        cells = [_cell(order, path) for path in self._order]
        if self._item is None:
            return csv_rows([cells])
        items: Sequence[Mapping[str, Any]] = order["items"] or ({},)
        return csv_rows([[*cells, *(_cell(item, path) for path in self._item)] for item in items])


class Lines(NamedTuple):
    """Orders as JSON: one a line, or one document."""

    head: str = ""
    between: str = "\n"
    tail: str = "\n"

    def text(self, order: Mapping[str, Any]) -> str:
        """Return an order."""
        return json.dumps(order)


def _leaves(schema: Mapping[str, Any], above: Place = (), *, has_pii: bool) -> Iterator[Place]:
    """Yield the paths of what fits into a cell."""
    for name, part in schema["properties"].items():
        if part.get("x-personal") and not has_pii:
            continue
        if "properties" in part:
            yield from _leaves(part, (*above, name), has_pii=has_pii)
        else:
            yield (*above, name)


def _cell(values: Mapping[str, Any], path: Place) -> object:
    found: Any = values
    for name in path:
        found = found.get(name) if found else None
    return json.dumps(found) if isinstance(found, list | bool) else found


class Export:
    """Writes orders into a draft."""

    def __init__(self, draft: Draft, form: Table | Lines, interrupt: Interrupt) -> None:
        self._draft = draft
        self._form = form
        self._interrupt = interrupt
        self.count: int = 0
        self.file: Path | None = None
        """Where they are."""
        self.is_whole: bool = False

    def run(self, orders: Iterable[AmazonOrder], progress: Progress, *, has_pii: bool) -> None:
        """Write all, and put the file in its place. What ends it early leaves what it has written."""
        self._write(self._form.head)
        for order in orders:
            text = self._form.text(order_dict(order, has_pii=has_pii))
            with self._interrupt.hold():  # a signal leaves no half of an order
                self._write(f"{self._form.between if self.count else ''}{text}")
                self.count += 1
                progress.orders = self.count
        with self._interrupt.hold():
            self._write(self._form.tail)
            self._draft.finish()
            self.file, self.is_whole = self._draft.path, True

    def keep(self) -> None:
        """Put what was written beside the place of the file, where anything was."""
        if self.count:
            self._write(self._form.tail)
            path = self._draft.path
            self.file = path.with_name(f"{path.name}{_PART}")
            self._draft.keep(self.file)

    def _write(self, text: str) -> None:
        self._draft.write(text.encode("utf-8", "surrogatepass"))


def _form(path: Path, given: str | None, filters: Filters) -> Table | Lines:
    name = given or path.suffix.removeprefix(".").lower()
    if name == "csv":
        return Table(has_items=filters.has_items, has_pii=filters.has_pii)
    if name == "json":
        return Lines("[\n", ",\n", "\n]\n")
    if name == "jsonl":
        return Lines()
    raise click.UsageError(f"{path} does not end in {', '.join(_FORMATS)}: give --format")


@click.command("export")
@click.option(
    "--to",
    "path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file; an older one there is replaced at the end.",
)
@click.option("--format", "form", type=click.Choice(_FORMATS), help="Else as the file's name ends.")
@with_filters
@click.option("--json", "as_json", is_flag=True, help="Print what was written as one line of JSON.")
@pass_choice
def export_orders(choice: Choice, /, path: Path, form: str | None, *, as_json: bool, **given: Any) -> None:
    """Write the orders of a span of time into a file, as CSV, as JSON, or as one line of JSON each.

    Only its owner may read it. CSV has a row for each order, or with --items for each item. Progress is
    printed on standard error. What stops it leaves the orders until then in a file beside it, whose name
    ends in .part.
    The exit code is 0 if the file is whole, 1 if an error stopped it, 130 if Ctrl-C did, 143 if SIGTERM did.
    """
    filters = Filters(**given)
    interrupt, progress = Interrupt(), Progress(filters.page)
    chosen = _form(path, form, filters)
    error: SpShippingError | None = None
    with Draft(path, private=True) as draft:
        export = Export(draft, chosen, interrupt)
        try:
            with interrupt.watch(), choice.client(on_reply=progress.on_reply) as client, progress.shown():
                export.run(filters.search(client), progress, has_pii=filters.has_pii)
        except SpShippingError as failure:
            error = failure
        if not export.is_whole:
            export.keep()
    if error is not None:
        _note(export)
        fail(error, as_json=as_json)
    _end(export, progress, interrupt, as_json=as_json)


def _end(export: Export, progress: Progress, interrupt: Interrupt, *, as_json: bool) -> None:
    if as_json:
        facts: dict[str, Any] = {
            "file": str(export.file) if export.file else None,
            "orders": export.count,
            "pages": progress.pages,
            "is_whole": export.is_whole,
        }
        stopped = {} if export.is_whole else {"error": "Interrupted", "message": "not all orders were read"}
        click.echo(json.dumps({**stopped, **facts}))
    elif export.is_whole:
        print_paragraph(new_console(), f"✓ {export.count} orders on {progress.pages} pages: {export.file}")
    else:
        click.echo("\nError: Interrupted: not all orders were read.", err=True)
        _note(export)
    click.get_current_context().exit(0 if export.is_whole else interrupt.exit_code)


def _note(export: Export) -> None:
    """Print where the orders are that were read before it was stopped."""
    if export.file is not None:
        click.echo(f"The {export.count} orders until then are in {export.file}.", err=True)
