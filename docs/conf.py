"""How these pages are built: Sphinx reads Markdown pages; what they show of the code is written by tools."""

import gc
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
html_title = f"spshipping {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_search_scorer = str(Path(__file__).parent / "_static" / "search_scorer.js")
html_show_sourcelink = False
html_use_index = False  # the search finds every name
html_domain_indices = False


def leave_out_of_sidebar(app: Any, _tree: nodes.document) -> None:
    """Let the pages of operations and of names stand in no table of contents: their lists lead to them."""
    if app.env.docname.startswith(("operations/", "reference/")):
        app.env.metadata[app.env.docname]["orphan"] = True


def note_names(app: Any, tree: nodes.document) -> None:
    """Make the names of the reference known, for the search and for the documentation of other projects."""
    if not app.env.docname.startswith("reference/"):
        return
    for module in tree.findall(nodes.section):
        title = module[0].astext()
        if title.startswith("spshipping"):
            for part in module.findall(nodes.section):
                if part.parent is module:
                    name = part[0].astext()
                    kind = "class" if name[0].isupper() else "function"
                    app.env.domains.python_domain.note_object(f"{title}.{name}", kind, part["ids"][0], location=part)


def setup(app: Any) -> None:
    """Tell Sphinx about the functions above."""
    app.connect("doctree-read", leave_out_of_sidebar)
    app.connect("doctree-read", note_names)
