"""The pages of a test set of labels: an index for a browser, which works offline, and the checklist."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from spshipping import disk
from spshipping.cli.label_set import USE_CASES, SampleLabel, UseCase
from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.shipping.paper import preview_zpl
from spshipping.shipping.paper.preview import DPI

INDEX, CHECKLIST = "index.html", "checklist.md"
_STYLE = (
    "body{font:16px/1.5 sans-serif;margin:2rem;max-width:70rem}"
    "table{border-collapse:collapse}td,th{border:1px solid #999;padding:.3rem .6rem;text-align:left}"
    "img{width:18rem;border:1px solid #999;display:block;margin:.5rem 0}"
)


def write_pages(folder: Path, labels: Sequence[SampleLabel], place: str) -> None:
    """Write index and checklist.

    Args:
        folder: where the labels are.
        labels: what was made.
        place: the environment, and the address of the API.

    Raises:
        OSError: the disk refused.
    """
    pictures = {name: _preview(folder, name, label.dpi) for label in labels for name in label.files}
    page = _index(labels, pictures, place)
    disk.replace(folder / INDEX, page.encode(), private=True, durable=True)
    disk.replace(folder / CHECKLIST, _checklist(labels, place).encode(), private=True, durable=True)


def _preview(folder: Path, name: str, dpi: int | None) -> str | None:
    """Return the file name of the picture of a label; None where it has no picture."""
    if name.endswith(".png"):
        return name
    if not name.endswith(".zpl"):
        return None
    try:
        (drawn, *_) = preview_zpl(folder / name, dpi=dpi or DPI)
    except (ConfigurationError, InvalidRequestError):  # without the extra, or a command that is not known
        return None
    disk.replace(folder / f"{name}.png", drawn.png, private=True, durable=True)
    return f"{name}.png"


def _index(labels: Sequence[SampleLabel], pictures: dict[str, str | None], place: str) -> str:
    parts = [
        "<!doctype html>",
        '<html lang="en"><meta charset="utf-8"><title>Test labels</title>',
        f"<style>{_STYLE}</style>",
        f"<h1>Test labels</h1><p>Made in {escape(place)}. They show addresses.</p>",
        "<h2>Checklist</h2>",
        _table(labels),
    ]
    for label in labels:
        joined = "files joined" if label.is_joined else "files apart"
        parts.append(f"<h2>{escape(label.business)}: {escape(label.format)}, {joined}</h2>")
        parts.append(
            f"<p>{escape(label.service)}, {escape(label.price)}; tracking id"
            f" {escape(label.tracking_id or 'none')}; {escape(label.state)}</p>"
        )
        for name in label.files:
            parts.append(f'<p><a href="{escape(name)}">{escape(name)}</a></p>')
            picture = pictures[name]
            if picture:
                parts.append(f'<img src="{escape(picture)}" alt="{escape(name)}">')
    return "\n".join([*parts, "</html>", ""])


def _table(labels: Sequence[SampleLabel]) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("Label", *USE_CASES))
    rows = [
        f"<tr><td>{escape(label.name)}</td>"
        + "".join(f"<td>{escape(_cell(label, name))}</td>" for name in USE_CASES)
        + "</tr>"
        for label in labels
    ]
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _checklist(labels: Sequence[SampleLabel], place: str) -> str:
    lines = [
        f"# Checklist of the four use cases ({place})",
        "",
        f"| Label | {' | '.join(USE_CASES)} |",
        f"|---|{'---|' * len(USE_CASES)}",
    ]
    for label in labels:
        cells = [_cell(label, name).replace("|", "/").replace("\n", " ") for name in USE_CASES]
        lines.append(f"| {label.name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _cell(label: SampleLabel, name: str) -> str:
    found: UseCase | None = next((each for each in reversed(label.use_cases) if each.name == name), None)
    if found is None:
        return "not done"
    request = f"request {found.request_id}" if found.request_id else "no request id"
    return f"done, {request}" if found.is_done else f"failed, {request}: {found.error}"
