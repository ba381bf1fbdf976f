"""How these pages are built: Sphinx reads Markdown pages; what they show of the code is written by tools."""

import gc
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes

from spshipping import __version__

# the nodes of all pages live until the end: the collector would walk over them again and again
gc.set_threshold(100_000, 20, 20)

project = "spshipping"
author = "the spshipping authors"
version = release = __version__

extensions = ["myst_parser", "sphinx_copybutton"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3

html_theme = "furo"
html_show_copyright = False
html_title = f"spshipping {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_search_scorer = str(Path(__file__).parent / "_static" / "search_scorer.js")
html_show_sourcelink = False
html_use_index = False  # the search finds every name
html_domain_indices = False

_MANY = 5
"""With so many columns a table does not fit a narrow screen."""


def leave_out_of_sidebar(app: Any, _tree: nodes.document) -> None:
    """Let the pages of operations and of names stand in no table of contents: their lists lead to them."""
    if app.env.docname.startswith(("operations/", "reference/")):
        app.env.metadata[app.env.docname]["orphan"] = True


def note_names(app: Any, tree: nodes.document) -> None:
    """Make the names of the reference known, for the search and for the documentation of other projects."""
    if not app.env.docname.startswith("reference/"):
        return
    note = app.env.domains.python_domain.note_object
    for module in tree.findall(nodes.section):
        title = module[0].astext()
        if title.startswith("spshipping"):
            for part in module.findall(nodes.section):
                if part.parent is module:
                    name = part[0].astext()
                    kind = "class" if name[0].isupper() else "function"
                    note(f"{title}.{name}", kind, part["ids"][0], location=part)


def label_cells(_app: Any, tree: nodes.document, _page: str) -> None:
    """Put the column's title into each cell of a wide table: narrow screens stack its cells."""
    for table in tree.findall(nodes.table):
        heads = [entry.astext() for head in table.findall(nodes.thead) for entry in head.findall(nodes.entry)]
        if len(heads) < _MANY:
            continue
        table["classes"].append("many-columns")
        for row in (row for body in table.findall(nodes.tbody) for row in body.findall(nodes.row)):
            for title, entry in zip(heads, row.findall(nodes.entry), strict=True):
                entry.insert(0, nodes.paragraph("", title, classes=["column-title"]))


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the captions of the landing page's tables of contents, with the pages below each."""
    for block in re.findall(r"^```{toctree}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        lines = [line for line in block.splitlines() if line]
        caption = next(line.partition("caption: ")[2] for line in lines if "caption: " in line)
        yield caption, [line for line in lines if not line.startswith(":")]


def _listed(folder: Path, page: str) -> str:
    """Return a line of llms.txt: the title of a page, and its first sentence."""
    text = (folder / f"{page}.md").read_text("utf-8")
    title = text.partition("\n")[0].removeprefix("# ")
    prose = [part for part in text.split("\n\n")[1:] if part[:1].isalnum() or part[:1] in "`*["]
    sentence = re.split(r"(?<=[.:])\s", " ".join(prose[0].split()))[0] if prose else ""
    what = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", sentence)
    return f"- [{title}]({page}.md): {what}" if what else f"- [{title}]({page}.md)"


def write_markdown(app: Any, exception: Exception | None) -> None:
    """Write the Markdown of every page beside it, and llms.txt, which lists them."""
    if exception or app.builder.name != "html":
        return
    source, target = Path(app.srcdir), Path(app.outdir)
    for page in sorted(app.env.found_docs):
        path = source / f"{page}.md"
        text = re.sub(
            r"^```{include} (\S+)\n(?::.*\n)*```$",
            lambda found, path=path: (path.parent / found[1]).read_text("utf-8"),
            path.read_text("utf-8"),
            flags=re.MULTILINE,
        )
        text = re.sub(r"^```{toctree}\n.*?^```\n*", "", text, flags=re.MULTILINE | re.DOTALL)
        (target / f"{page}.md").write_text(text, "utf-8")
    lines = [f"# {project} {release}", "", "> A typed Python client for Amazon's Selling Partner API.", ""]
    sections = dict(_sections((source / "index.md").read_text("utf-8")))
    for folder, title in (("operations", "Operations"), ("reference", "Public names")):
        sections[title] = sorted(page for page in app.env.found_docs if page.startswith(f"{folder}/"))
    for title, pages in {"Overview": ["index"], **sections}.items():
        lines += [f"## {title}", "", *(_listed(source, page) for page in pages), ""]
    (target / "llms.txt").write_text("\n".join(lines), "utf-8")


def setup(app: Any) -> None:
    """Tell Sphinx about the functions above."""
    app.connect("doctree-read", leave_out_of_sidebar)
    app.connect("doctree-read", note_names)
    app.connect("doctree-resolved", label_cells)
    app.connect("build-finished", write_markdown)
