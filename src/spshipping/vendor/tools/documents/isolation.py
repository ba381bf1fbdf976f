"""Starts the process that renders a template or writes PDF, and makes one error of what goes wrong there."""

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from spshipping.errors import ConfigurationError, InvalidRequestError, SpShippingError
from spshipping.vendor.tools.fonts import named, remedy
from spshipping.vendor.tools.libraries import loaded

MOST_BYTES, MOST_CHARACTERS = 96 << 20, 8 << 20
"""What a report may have at most, with the PDF in it; and what a document may have as HTML."""
_DAY = 86_400
_TOO_LATE = 256
"""No exit code: the process was stopped because it took too long by the clock."""
_WORKER = Path(__file__).with_name("worker.py")
_FOR_FONTS = (
    "HOME",
    "PATH",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
)
"""The variables that the libraries of the system look at for fonts; no other one is handed on."""
_FAULTS = {
    "syntax": "is no template",
    "missing": "reads a field that is not there",
    "security": "does what templates may not do",
    "template": "includes a template that is not there: it has those of this package, and no files",
    "closed": "does what templates may not do",
    "large": f"makes more than {MOST_CHARACTERS >> 20} Mi characters",
    "address": "reads something from elsewhere: put pictures, fonts and styles into it as data: addresses",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one document may need: once for the template, and once more for PDF."""

    seconds: int = 60
    """Time of the processor; PDF takes about one for ten pages."""
    wait: float = 300.0
    """Seconds by the clock, for a machine that has much else to do."""
    memory_mib: int = 1024
    """Address space of the process. It has the fonts too: Noto Sans CJK alone needs 100."""


def render(templates: Mapping[str, str], name: str, data: Mapping[str, Any], limits: Limits) -> str:
    """Render a template to HTML.

    Raises:
        InvalidRequestError: the template cannot be used; says why, and in which line.
        ConfigurationError: the extra is not installed, or this system has no limits.
    """
    loaded("jinja2")
    job = {"task": "html", "templates": templates, "name": name, "data": data, "most": MOST_CHARACTERS}
    return str(_run(job, limits, {})["html"])


def write_pdf(html: str, css: str, fonts: Sequence[str], limits: Limits) -> str:
    """Write HTML as PDF, and return it in base64.

    The style sheet names the files of fonts as `font:0` and so on.

    Raises:
        InvalidRequestError: the document cannot be written, or needs something from elsewhere.
        ConfigurationError: the extra or Pango is not installed, no font has a character, or this system
            has no limits.
    """
    if importlib.util.find_spec("weasyprint") is None:
        loaded("weasyprint")
    environment = {name: os.environ[name] for name in _FOR_FONTS if name in os.environ}
    return str(_run({"task": "pdf", "html": html, "css": css, "fonts": fonts}, limits, environment)["pdf"])


def _run(job: dict[str, Any], limits: Limits, environment: dict[str, str]) -> dict[str, Any]:
    if not (0 < limits.seconds < _DAY and 0 < limits.wait < _DAY and limits.memory_mib > 0):
        raise InvalidRequestError("are numbers above 0, and times less than a day", path="limits")
    job |= {
        "path": sys.path,
        "seconds": limits.seconds,
        "memory": limits.memory_mib << 20,
        "bytes": MOST_BYTES,
    }
    with (
        tempfile.TemporaryDirectory(prefix="spshipping-") as folder,
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as made,
    ):
        given.write(json.dumps(job).encode())
        given.seek(0)
        code = _waited(given, made, {**environment, "TMPDIR": folder}, limits)
        made.seek(0)
        report = _report(made.read(MOST_BYTES))
    if report is None:
        raise InvalidRequestError(_ended(code, limits), path="template")
    if "fault" in report:
        raise _error(report, limits)
    return report


def _waited(given: IO[bytes], made: IO[bytes], environment: dict[str, str], limits: Limits) -> int:
    """Run the process, and return its exit code; however this ends, the process has ended too."""
    try:
        process = subprocess.Popen(  # noqa: S603 - our own file, without a shell
            [sys.executable, "-I", str(_WORKER)],
            stdin=given,
            stdout=made,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise ConfigurationError(f"no process can be started ({type(error).__name__})") from None
    try:
        return process.wait(limits.wait)
    except subprocess.TimeoutExpired:
        return _TOO_LATE
    finally:
        # what it may have started has its session
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _report(text: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.keys() & {"html", "pdf", "fault"} else None


def _ended(code: int, limits: Limits) -> str:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"takes more than {limits.seconds:g} seconds of the processor, and was stopped"
    if code == _TOO_LATE:
        return f"takes more than {limits.wait:g} seconds, and was stopped"
    return f"its process ended without a result (exit code {code}): it may need more memory than it has"


def _error(report: dict[str, Any], limits: Limits) -> SpShippingError:
    fault = report["fault"]
    if fault == "limits":
        return ConfigurationError("this system cannot limit a process: render documents on Linux")
    if fault == "pango":
        return ConfigurationError(
            "PDF needs Pango, a library of the system: apt-get install libpango-1.0-0 libpangoft2-1.0-0"
            " libharfbuzz-subset0, or as WeasyPrint's documentation says for yours"
        )
    if fault == "glyph":
        char = chr(report["code"])
        return ConfigurationError(
            f"no font here has the character {named(char)}: install one that has it, or pass it as"
            f" fonts=[...], such as {remedy(char)}"
        )
    line = f"line {report['line']}: " if report.get("line") else ""
    if fault == "memory":
        told = f"needs more memory than {limits.memory_mib} MiB, or nests too deep"
    elif fault in ("raised", "pdf"):
        told = f"cannot be {'rendered' if fault == 'raised' else 'written'} ({report['error']})"
    else:
        told = _FAULTS[fault]
    field = f": {report['field']}" if report.get("field") else ""
    return InvalidRequestError(f"{line}{told}{field}", path="template")
