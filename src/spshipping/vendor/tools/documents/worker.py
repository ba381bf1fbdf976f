"""Renders a template, or writes PDF, in a process of its own, which `isolation.py` starts.

It runs as a file, imports nothing of the package, reads its job from standard input as JSON and writes what
came of it to standard output as JSON. Once its libraries are loaded it takes its limits upon itself. Of what
goes wrong it reports the kind and the line, never a value.
"""

import base64
import importlib
import json
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Job = dict[str, Any]
Report = dict[str, Any]

_SPARE_BYTES = 64 << 20
"""Memory that is left for the report, after the limit was reached."""
_CLOSED = (
    "open",
    "import",
    "os.",
    "socket.",
    "subprocess.",
    "shutil.",
    "tempfile.",
    "ctypes.",
    "mmap.",
    "glob.",
    "urllib.",
    "pty.",
    "fcntl.",
    "signal.",
    "sqlite3.",
)
"""What a template's process may not do. Source: https://docs.python.org/3/library/audit_events.html"""
_CLOSED_TO_PDF = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "pty.",
)
"""The same for the process that writes PDF: it must open fonts."""
_NO_GLYPH, _FAILED = ".notdef glyph", ("Failed to load", "Relative URI")
"""How messages of WeasyPrint begin that are errors here."""
_QUOTED = re.compile(r"'([^']+)'")


class ClosedError(Exception):
    """What was tried is closed in this process; a template sees no difference to other errors."""


def rendered(job: Job) -> Report:
    """Render a template: `templates`, the `name` of one of them, `data`, and `most` characters of output."""
    jinja2, sandbox = importlib.import_module("jinja2"), importlib.import_module("jinja2.sandbox")
    environment = sandbox.ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        loader=jinja2.DictLoader(job["templates"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for each in ("lipsum", "cycler", "joiner"):
        del environment.globals[each]
    try:
        parts, length = [], 0
        for part in environment.get_template(job["name"]).generate(job["data"]):
            parts.append(part)
            length += len(part)
            if length > job["most"]:
                return {"fault": "large"}
        html = "".join(parts)
        html.encode()  # half a character, which a template can make, is in no file
        return {"html": html}
    except MemoryError:
        raise
    except Exception as error:  # whatever a template makes of its data
        return _fault(error, jinja2.exceptions, job["templates"])


def _fault(error: Exception, kinds: Any, templates: dict[str, str]) -> Report:
    if isinstance(error, kinds.TemplateSyntaxError):
        return {"fault": "syntax", "line": error.lineno}
    where = {"line": _line(error)}
    if isinstance(error, kinds.SecurityError):
        return {"fault": "security", **where}
    if isinstance(error, kinds.TemplateNotFound):
        return {"fault": "template", **where}
    if isinstance(error, kinds.UndefinedError):
        # a name out of the template itself may be told; one out of the data may not
        names = [name for name in _QUOTED.findall(str(error)) if name != "dict object"]
        source = "\n".join(templates.values())
        return {"fault": "missing", "field": next((name for name in names if name in source), None), **where}
    if isinstance(error, ClosedError):
        return {"fault": "closed", **where}
    return {"fault": "raised", "error": type(error).__name__, **where}


def _line(error: BaseException) -> int | None:
    found, step = None, error.__traceback__
    while step is not None:
        # where Jinja2 has put the template's own lines into the traceback
        if step.tb_frame.f_code.co_filename == "<template>":
            found = step.tb_lineno
        step = step.tb_next
    return found


def written(job: Job) -> Report:
    """Write `html` as PDF, with the sheet `css`, which names the files `fonts` as `font:0` and so on."""
    try:
        weasyprint = importlib.import_module("weasyprint")
        urls = importlib.import_module("weasyprint.urls")
        configuration = importlib.import_module("weasyprint.text.fonts").FontConfiguration()
    except OSError:  # WeasyPrint is here, and a library of the system is not
        return {"fault": "pango"}
    fonts = {f"font:{number}": path for number, path in enumerate(job["fonts"])}
    close(_CLOSED_TO_PDF)
    notes = Notes()
    weasyprint.LOGGER.handlers = [notes]
    weasyprint.LOGGER.propagate = False

    class Fetcher(urls.URLFetcher):  # type: ignore[misc, name-defined]
        """Fetches what a document has in itself and the fonts of the job, and nothing else."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url in fonts:
                return urls.URLFetcherResponse(url, Path(fonts[url]).read_bytes())
            if not url.lower().startswith("data:"):
                # said here too, for pictures in SVG are left out without a word
                notes.fault = notes.fault or {"fault": "address"}
                raise urls.FatalURLFetchingError("closed")
            return super().fetch(url, headers)

    fetcher = Fetcher()
    try:
        style = weasyprint.CSS(string=job["css"], url_fetcher=fetcher, font_config=configuration)
        page = weasyprint.HTML(string=job["html"], url_fetcher=fetcher)
        pdf = page.write_pdf(stylesheets=[style], font_config=configuration)
    except MemoryError:
        raise
    except (
        Exception,
        urls.FatalURLFetchingError,
    ) as error:  # of WeasyPrint, which a document of a user's can bring to anything
        return notes.fault or {"fault": "pdf", "error": type(error).__name__}
    return notes.fault or {"pdf": base64.b64encode(pdf).decode()}


class Notes(logging.Handler):
    """Keeps the first of WeasyPrint's messages that makes a document useless."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: Report | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one message."""
        message = str(record.msg)
        if self.fault is None and message.startswith(_FAILED):
            self.fault = {"fault": "address"}
        elif self.fault is None and message.startswith(_NO_GLYPH) and isinstance(record.args, tuple):
            self.fault = {"fault": "glyph", "code": record.args[-1]}


def close(events: tuple[str, ...]) -> None:
    """Refuse events from now on, for as long as the process lives."""

    def refuse(event: str, _: tuple[Any, ...]) -> None:
        if event.startswith(events):
            raise ClosedError

    sys.addaudithook(refuse)


def limit(job: Job, resource: Any) -> None:
    """Take limits of memory, time and output upon this process: `memory`, `seconds`, `bytes`."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + job["seconds"]) + 1
    _set(resource, "RLIMIT_AS", job["memory"], job["memory"] + _SPARE_BYTES)
    _set(resource, "RLIMIT_CPU", seconds, seconds)
    _set(resource, "RLIMIT_FSIZE", job["bytes"], job["bytes"])
    _set(resource, "RLIMIT_CORE", 0, 0)


def _set(resource: Any, name: str, soft: int, hard: int) -> None:
    number = getattr(resource, name)
    most = resource.getrlimit(number)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(number, (soft, hard))


def warm_up() -> None:
    """Load what rendering loads when it needs it, before everything is closed."""
    for module in ("jinja2.debug", "jinja2.ext", "html", "pprint"):
        importlib.import_module(module)
    for text in ('{{ "\\n\\u00e4" | tojson | urlencode }}{{ data.gone }}', "{% if"):
        rendered({"templates": {"warm": text}, "name": "warm", "data": {"data": {}}, "most": 99})


def done(job: Job, resource: Any, finish: Callable[[tuple[str, ...]], None] = close) -> Report:
    """Do one job within its limits."""
    is_template = job["task"] == "html"
    if is_template:
        warm_up()
    try:
        limit(job, resource)
        if is_template:
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    except (AttributeError, ValueError, OSError):  # as on macOS
        return {"fault": "limits"}
    try:
        if not is_template:
            return written(job)
        finish(_CLOSED)
        return rendered(job)
    except (MemoryError, RecursionError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
        return {"fault": "memory"}


def main() -> None:
    """Read a job, and write its report."""
    job = json.load(sys.stdin.buffer)
    sys.path[:] = job["path"]
    try:
        resource = importlib.import_module("resource")
    except ImportError:  # a system without limits
        report: Report = {"fault": "limits"}
    else:
        report = done(job, resource)
    sys.stdout.buffer.write(json.dumps(report).encode())


if __name__ == "__main__":
    main()
