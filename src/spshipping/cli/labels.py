"""`spshipping label`: merges, previews and prints labels, and makes the test set for a sign-off."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import click

from spshipping import disk
from spshipping.cli.console import fail, new_console, print_paragraph
from spshipping.cli.label_command import sample_set
from spshipping.errors import SpShippingError
from spshipping.shipping.paper import (
    Merged,
    PaperName,
    merge_labels,
    merge_zpl,
    preview_zpl,
    print_by_lp,
    print_zpl,
)
from spshipping.shipping.paper.merge import MOST_LABELS
from spshipping.shipping.paper.preview import DPI
from spshipping.shipping.paper.printing import RAW_PORT

# one that is not there is refused like any other label that cannot be read
_FILES = click.Path(dir_okay=False, path_type=Path)
_ENDINGS = (".pdf", ".png", ".zpl")
"""What the name of a file of labels ends with."""
_FOLDER = click.Path(file_okay=False, path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON.")


@click.group()
def label() -> None:
    """Put labels on paper, and make test labels."""


label.add_command(sample_set)


@label.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILES)
@click.option("--to", "folder", required=True, type=_FOLDER, help="The folder for the merged files.")
@click.option("--name", default="labels", show_default=True, help="What the files are called.")
@click.option("--most", default=MOST_LABELS, show_default=True, help="How many labels go into one file.")
@click.option("--zpl", "is_zpl", is_flag=True, help="Put ZPL together; without it, PDF and PNG are merged.")
@click.option("--paper", type=click.Choice(get_args(PaperName)), help="Else pages as large as the labels.")
@click.option("--per-sheet", default=1, show_default=True, help="Labels on a sheet: 1, 2, 4, 6, 8 or 9.")
@click.option(
    "--rotate",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "0", "90", "180", "270"]),
    help="How far labels are turned, clockwise.",
)
@click.option("--scale", default=1.0, show_default=True, help="1, or smaller; then --module-width is needed.")
@click.option("--module-width", type=float, help="The narrowest bar of the labels, in millimetres.")
@click.option("--dpi", type=int, help="The resolution of PNGs that do not say theirs.")
@_JSON
def merge(
    files: Sequence[Path],
    folder: Path,
    name: str,
    most: int,
    paper: PaperName | None,
    per_sheet: int,
    rotate: str,
    scale: float,
    module_width: float | None,
    dpi: int | None,
    *,
    is_zpl: bool,
    as_json: bool,
) -> None:
    """Merge the labels in FILE... in this order.

    The exit code is 0 if all are merged; 1 if one was refused, or nothing could be written.
    """
    if folder.suffix.lower() in _ENDINGS and not folder.is_dir():
        raise click.UsageError(f"--to takes a folder: give --to {folder.parent} --name {folder.stem}")
    try:
        if is_zpl:
            merged = merge_zpl(files, folder, most=most, name=name)
        else:
            turn: Any = rotate if rotate == "auto" else int(rotate)
            merged = merge_labels(
                files,
                folder,
                most=most,
                paper=paper,
                per_sheet=per_sheet,
                rotate=turn,
                scale=scale,
                module_width_mm=module_width,
                dpi=dpi,
                name=name,
            )
    except (SpShippingError, OSError) as error:
        fail(error, as_json=as_json)
    _show(merged, as_json=as_json)
    click.get_current_context().exit(1 if merged.refused else 0)


def _show(merged: Merged, *, as_json: bool) -> None:
    if as_json:
        facts = {
            "files": [{**file._asdict(), "path": str(file.path)} for file in merged.files],
            "refused": [
                {"index": each.index, "name": each.name, "reason": each.reason} for each in merged.refused
            ],
        }
        click.echo(json.dumps(facts))
        return
    console = new_console()
    for file in merged.files:
        print_paragraph(console, f"✓ {file.path}: {file.labels} labels on {file.pages} pages")
    for refused in merged.refused:
        print_paragraph(console, f"✗ {refused.name}: {refused.reason}")


@label.command()
@click.argument("file", type=_FILES)
@click.option("--to", "folder", required=True, type=_FOLDER, help="The folder for the pictures.")
@click.option("--dpi", default=DPI, show_default=True, help="The resolution of the printer it is made for.")
@_JSON
def preview(file: Path, folder: Path, dpi: int, *, as_json: bool) -> None:
    """Draw the ZPL in FILE as pictures.

    The exit code is 0 if it was drawn, else 1.
    """
    try:
        drawn = preview_zpl(file, dpi=dpi)
        paths = [folder / f"{file.stem}-{number:03}.png" for number in range(1, len(drawn) + 1)]
        for path, each in zip(paths, drawn, strict=True):
            disk.replace(path, each.png, private=True, durable=False)
    except (SpShippingError, OSError) as error:
        fail(error, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"files": [str(path) for path in paths]}))
        return
    for path in paths:
        click.echo(str(path))


@label.command("print")
@click.argument("file", type=_FILES)
@click.option("--host", help="A thermal printer, which takes ZPL; else the system's queue is used.")
@click.option("--port", default=RAW_PORT, show_default=True, help="Where that printer listens.")
@click.option("--timeout", default=10.0, show_default=True, help="Seconds for that printer, or for lp.")
@click.option("--printer", help="The queue, as lpstat -p lists it; else the system's default.")
@click.option("--copies", default=1, show_default=True, help="How often the queue prints it.")
@click.option("--option", "options", multiple=True, help="Another -o of lp, such as media=Custom.4x6in.")
@_JSON
def print_label(
    file: Path,
    host: str | None,
    port: int,
    timeout: float,
    printer: str | None,
    copies: int,
    options: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Print the label in FILE: ZPL on a thermal printer (--host), or any by the system's lp.

    The exit code is 0 if the printer, or the queue, has it; else 1.
    """
    if host is not None and (printer is not None or copies != 1 or options):
        raise click.UsageError("--printer, --copies and --option are for lp, and not for --host")
    try:
        if host is not None:
            facts: dict[str, Any] = {"labels": print_zpl(file, host, port=port, timeout=timeout)}
        else:
            job = print_by_lp(file, printer, copies=copies, options=options, timeout=timeout)
            facts = {"job": job.id}
    except SpShippingError as error:
        fail(error, as_json=as_json)
    if as_json:
        click.echo(json.dumps(facts))
    elif host is not None:
        click.echo(f"sent to {host}: {facts['labels']} labels")
    else:
        click.echo(f"taken by the queue: {facts['job'] or 'no job was named'}")
