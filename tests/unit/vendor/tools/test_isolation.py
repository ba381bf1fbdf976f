"""Templates that misbehave give one clear error, and leave nothing behind."""

import fcntl
import importlib
import io
import json
import os
import resource
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spshipping.errors import ConfigurationError, InvalidRequestError, SpShippingError
from spshipping.vendor.tools.documents import (
    DocumentKind,
    Limits,
    Packing,
    Template,
    html_document,
    isolation,
    pdf_document,
    rendering,
    worker,
)
from spshipping.vendor.tools.documents.data import document_data
from spshipping.vendor.tools.documents.isolation import render
from tests.unit.vendor.tools.goods import FONTS
from tests.unit.vendor.tools.test_documents import small

SVG = "http://www.w3.org/2000/svg"
PERSON = "Ada Lovelace"
QUICK = Limits(seconds=2, memory_mib=256)
MORE = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}"
ENDLESS = f"{MORE}{{% endfor %}}{{% endfor %}}{{% endfor %}}"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Note each process that is started, and see that all have ended and left no file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    begun: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def start(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        begun.append(real(*args, **options))
        return begun[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    yield begun
    for process in begun:
        assert process.returncode is not None
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
    assert list(tmp_path.iterdir()) == []


MISBEHAVING = {
    "a field that is missing": (
        "\n\n{{ shipment.identifer }}",
        r"line 3: reads a field that is not there: identifer",
    ),
    "a name that is missing": ("{{ nothing }}", r"line 1: reads a field that is not there: nothing"),
    "a field whose name is a person's": (
        "{{ shipment[ship_from.lines[0]] }}",
        r"line 1: reads a field that is not there$",
    ),
    "no template": ("{% for %}", r"line 1: is no template"),
    "a loop without end": (ENDLESS, r"takes more than 2 seconds of the processor, and was stopped"),
    "a call without end": (
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        r"nests too deep|\(RecursionError\)",
    ),
    "huge memory": ('{{ "x" * 2000000000 }}', r"needs more memory than 256 MiB"),
    "huge memory by a format": ('{{ "%1000000000d" % 1 }}', r"needs more memory than 256 MiB"),
    "huge output": (
        f"{MORE}{'x' * 999}{{% endfor %}}{{% endfor %}}{{% endfor %}}",
        r"makes more than 8 Mi characters",
    ),
    "a file": ('{% include "/etc/passwd" %}', r"line 1: includes a template that is not there"),
    "a file above": ('{% include "../worker.py" %}', r"line 1: includes a template that is not there"),
    "attributes of Python": (
        '{{ "".__class__.__mro__[1].__subclasses__() }}',
        r"line 1: does what templates may not do|reads a field",
    ),
    "attributes of a function": (
        "{{ range.__globals__ }}",
        r"line 1: does what templates may not do|reads a field",
    ),
    "attributes by a format": (
        '{{ "{0.__class__.__init__.__globals__}".format(shipment) }}',
        r"line 1: does what templates may not do|reads a field",
    ),
    "attributes by a filter": (
        '{{ shipment | attr("__class__") | attr("__mro__") }}',
        r"line 1: (does what templates may not do|reads a field)",
    ),
    "a change of what it is given": ("{{ cartons.clear() }}", r"line 1: does what templates may not do"),
    "something that fails": ("\n{{ 1 / 0 }}", r"line 2: cannot be rendered \(ZeroDivisionError\)"),
    "half a character": ('{{ "\\ud800" }}', r"cannot be rendered \(UnicodeEncodeError\)"),
    "a failure with a value in it": (
        "{{ ship_from.lines[0] | int(base=99) + ship_from.lines[0] }}",
        r"cannot be rendered \((Value|Type)Error\)",
    ),
}


@pytest.mark.sample(every=3)
@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("name", MISBEHAVING)
def test_a_template_that_misbehaves_gives_one_error(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    text, message = MISBEHAVING[name]
    with pytest.raises(InvalidRequestError, match=rf"^template: .*({message})") as caught:
        html_document(with_person(), Template("mine", text), limits=QUICK)
    assert PERSON not in str(caught.value)
    assert caught.value.__cause__ is None
    assert capfd.readouterr() == ("", "")
    # nothing of this process is changed: the next one works
    assert html_document(small(1), DocumentKind.DELIVERY_NOTE).data


def with_person() -> Packing:
    found = small(1)
    return replace(found, ship_from=replace(found.ship_from, lines=(PERSON,)))


@pytest.mark.long
@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(
    "address",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<link rel="stylesheet" href="https://127.0.0.1:9/x.css">',
        '<link rel="attachment" href="file:///etc/passwd">',
        "<style>@import url(file:///etc/passwd);</style>",
        '<img src="picture.png">',
        '<img src="data:image/png;base64,AAAA">',
        f'<svg xmlns="{SVG}" width="9" height="9"><image href="file:///etc/passwd"/></svg>',
    ],
)
def test_a_document_reads_nothing_from_elsewhere(address: str) -> None:
    with pytest.raises(
        InvalidRequestError, match=r"template: reads something from elsewhere: .* as data: addresses"
    ):
        pdf_document(small(1), Template("mine", address), paper="A6", fonts=FONTS)


@pytest.mark.long
@pytest.mark.usefixtures("started")
def test_a_document_may_have_pictures_in_itself() -> None:
    picture = f"<img src=\"data:image/svg+xml,%3Csvg xmlns='{SVG}' width='9' height='9'/%3E\">"
    assert pdf_document(small(1), Template("mine", picture), fonts=FONTS).data.startswith(b"%PDF-")


@pytest.mark.long
def test_the_environment_is_not_handed_on(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPSHIPPING_CLIENT_SECRET", "hidden")
    seen: list[dict[str, str]] = []
    real = subprocess.Popen

    def start(*args: Any, **options: Any) -> Any:
        seen.append(options["env"])
        return real(*args, **options)

    monkeypatch.setattr(subprocess, "Popen", start)
    pdf_document(small(1), Template("mine", "x"), fonts=FONTS)
    template, pdf = seen
    assert list(template) == ["TMPDIR"]
    assert "SPSHIPPING_CLIENT_SECRET" not in pdf
    assert len(started) == 2


def replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> None:
    """Have another program run in the place of the worker, as one that broke out of its template."""
    path = tmp_path / "other.py"
    path.write_text(f"import json, os, resource, signal, subprocess, sys\n{code}")
    monkeypatch.setattr(isolation, "_WORKER", path)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("signal.pause()", r"takes more than 0\.5 seconds, and was stopped"),
        ("sys.exit(3)", r"its process ended without a result \(exit code 3\)"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", r"without a result \(exit code -11\)"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "takes more than 60 seconds of the processor"),
        ("print('[1]')", "its process ended without a result"),
        ("print('{')", "its process ended without a result"),
        ("print('{}')", "its process ended without a result"),
    ],
)
def test_a_process_that_gives_no_result_is_one_error(
    code: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    replaced(monkeypatch, tmp_path, code)
    with pytest.raises(InvalidRequestError, match=message):
        render({}, "x", {}, Limits(wait=0.5 if "pause" in code else 60))


def test_what_the_process_has_started_ends_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    note = tmp_path / "lock"
    replaced(
        monkeypatch,
        tmp_path,
        f"import fcntl\nLOCK = {str(note)!r}\n"
        "file = open(LOCK, 'w')\nfcntl.flock(file, fcntl.LOCK_EX)\n"
        "wait = 'import signal; signal.pause()'\n"
        "subprocess.Popen([sys.executable, '-c', wait], pass_fds=[file.fileno()])\n"
        "print(json.dumps(dict(html='x')))",
    )
    assert render({}, "x", {}, Limits()) == "x"
    with note.open() as file:  # the lock is free once the last process that has the file is gone
        fcntl.flock(file, fcntl.LOCK_EX)


def test_an_interrupt_ends_the_process_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    replaced(monkeypatch, tmp_path, "signal.pause()")
    begun: list[subprocess.Popen[bytes]] = []

    class Interrupted(subprocess.Popen):  # type: ignore[type-arg]
        def wait(self, timeout: float | None = None) -> int:
            begun.append(self)
            if timeout is not None:
                raise KeyboardInterrupt
            return super().wait()

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        render({}, "x", {}, Limits())
    assert begun[0].returncode == -signal.SIGKILL


def told(fault: dict[str, Any]) -> SpShippingError:
    return isolation._error(fault, Limits())


def test_a_process_that_cannot_be_started_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ConfigurationError, match=r"no process can be started \(FileNotFoundError\)"):
        render({}, "x", {}, Limits())


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(told({"fault": "pango"}), ConfigurationError)
    assert "apt-get install libpango-1.0-0" in str(told({"fault": "pango"}))
    assert "render documents on Linux" in str(told({"fault": "limits"}))
    assert str(told({"fault": "pdf", "error": "KeyError"})) == "template: cannot be written (KeyError)"
    for name in ("jinja2", "weasyprint"):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(
            ConfigurationError, match=rf'need {name}: pip install "spshipping\[vendor-tools\]"'
        ):
            isolation.write_pdf("", "", (), Limits()) if name == "weasyprint" else render(
                {}, "", {}, Limits()
            )


# the worker, in this process: what it does is seen here, and its limits are not


def job(text: str, **more: Any) -> dict[str, Any]:
    data = document_data(small(1), None)
    return {"task": "html", "templates": {"mine": text}, "name": "mine", "data": data, "most": 99, **more}


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("{{ shipment.identifier }}", {"html": "S-1"}),
        ("{{ 'x' * 100 }}", {"fault": "large"}),
        ("{% if", {"fault": "syntax", "line": 1}),
        ("{{ [].__class__.__mro__ }}", {"fault": "security", "line": 1}),
        ("{% include 'gone' %}", {"fault": "template", "line": 1}),
        ("{{ gone }}", {"fault": "missing", "field": "gone", "line": 1}),
        ("{{ totals[ship_to.code] }}", {"fault": "missing", "field": None, "line": 1}),
        ("\n{{ 1 / 0 }}", {"fault": "raised", "error": "ZeroDivisionError", "line": 2}),
    ],
)
def test_the_worker_reports_what_came_of_a_template(text: str, report: dict[str, Any]) -> None:
    assert worker.rendered(job(text)) == report


def test_memory_that_runs_out_is_no_fault_of_the_templates_values(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("jinja2.sandbox.ImmutableSandboxedEnvironment.get_template", full)
    with pytest.raises(MemoryError):
        worker.rendered(job("x"))


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[str, tuple[Any, ...]], None]]:
    """Keep audit hooks from being added: they could never be taken away."""
    found: list[Callable[[str, tuple[Any, ...]], None]] = []
    monkeypatch.setattr(sys, "addaudithook", found.append)
    return found


def test_what_is_closed_is_refused_and_nothing_else(
    hooks: list[Callable[[str, tuple[Any, ...]], None]],
) -> None:
    worker.close(worker._CLOSED)
    (hook,) = hooks
    for event in ("compile", "exec", "object.__getattr__"):
        hook(event, ())
    for event in ("open", "import", "os.system", "socket.connect", "subprocess.Popen"):
        with pytest.raises(worker.ClosedError):
            hook(event, ())
    assert worker._fault(worker.ClosedError(), __import__("jinja2").exceptions, {}) == {
        "fault": "closed",
        "line": None,
    }


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>x", None),
        (f"<img src=\"data:image/svg+xml,%3Csvg xmlns='{SVG}' width='9' height='9'/%3E\">", None),
        ('<p style="font-family: gone">x', None),
        ("<p>\U0010fffd\U0010fffe", {"fault": "glyph", "code": 0x10FFFD}),
        ('<img src="file:///x">', {"fault": "address"}),
        ('<img src="x.png"><img src="y.png">', {"fault": "address"}),
    ],
)
def test_the_worker_writes_pdf(
    html: str, fault: dict[str, Any] | None, hooks: list[Callable[[str, tuple[Any, ...]], None]]
) -> None:
    style = rendering._style(1, "A6")
    report = worker.written({"html": html, "css": style, "fonts": [FONTS[0]]})
    assert len(hooks) == 1
    assert report == fault if fault else report["pdf"].startswith("JVBERi0")  # %PDF-, in base64


@pytest.mark.usefixtures("hooks")
def test_what_goes_wrong_in_weasyprint_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    for error, report in ((KeyError, {"fault": "pdf", "error": "KeyError"}), (MemoryError, None)):

        def fail(*args: object, error: type[Exception] = error, **options: object) -> None:
            raise error

        monkeypatch.setattr("weasyprint.CSS", fail)
        if report is None:
            with pytest.raises(MemoryError):
                worker.written({"html": "", "css": "", "fonts": []})
        else:
            assert worker.written({"html": "", "css": "", "fonts": []}) == report

    def missing(name: str) -> None:
        raise OSError(f"cannot load library 'libpango-1.0-0' for {name}")

    monkeypatch.setattr(importlib, "import_module", missing)
    assert worker.written({"html": "", "css": "", "fonts": []}) == {"fault": "pango"}


class Limited:
    """Stands for the module `resource`, and notes what is asked of it."""

    RLIM_INFINITY = resource.RLIM_INFINITY
    RUSAGE_SELF = resource.RUSAGE_SELF
    RLIMIT_AS, RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_NOFILE = range(5)

    def __init__(self, most: int = resource.RLIM_INFINITY) -> None:
        self.most = most
        self.set: list[tuple[int, tuple[int, int]]] = []

    def getrusage(self, who: int) -> Any:
        return SimpleNamespace(ru_utime=1.5, ru_stime=0.25)

    def getrlimit(self, number: int) -> tuple[int, int]:
        return (0, self.most)

    def setrlimit(self, number: int, limits: tuple[int, int]) -> None:
        self.set.append((number, limits))


ASKED = {"memory": 100, "seconds": 3, "bytes": 50}


def test_limits_count_what_was_used_and_never_exceed_those_that_are_there() -> None:
    free, bound = Limited(), Limited(40)
    worker.limit(ASKED, free)
    worker.limit(ASKED, bound)
    assert free.set == [(0, (100, 100 + (64 << 20))), (1, (5, 5)), (2, (50, 50)), (3, (0, 0))]
    assert bound.set == [(0, (40, 40)), (1, (5, 5)), (2, (40, 40)), (3, (0, 0))]


def test_a_template_is_rendered_after_everything_is_closed() -> None:
    order: list[Any] = []
    limited = Limited()
    report = worker.done(job("x", **ASKED), limited, lambda events: order.append((events, len(limited.set))))
    assert report == {"html": "x"}
    assert order == [(worker._CLOSED, 5)]
    assert limited.set[-1] == (Limited.RLIMIT_NOFILE, (3, 3))


def test_the_report_of_used_up_memory_has_memory_of_its_own() -> None:
    def full(events: object) -> None:
        raise MemoryError

    limited = Limited(99)
    assert worker.done(job("x", **ASKED), limited, full) == {"fault": "memory"}
    assert limited.set[-1] == (Limited.RLIMIT_AS, (99, 99))


@pytest.mark.parametrize("error", [ValueError, OSError, AttributeError])
def test_a_system_that_takes_no_limits_is_reported(error: type[Exception]) -> None:
    class Refusing(Limited):
        def setrlimit(self, number: int, limits: tuple[int, int]) -> None:
            raise error

    for asked in (job("x", **ASKED), {"task": "pdf", **ASKED}):
        assert worker.done(asked, Refusing()) == {"fault": "limits"}


def test_the_worker_runs_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    made = io.BytesIO()
    given = io.BytesIO(json.dumps({**job("x"), "path": sys.path}).encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=given))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=made))
    monkeypatch.setitem(sys.modules, "resource", None)
    runpy.run_path(worker.__file__, run_name="__main__")
    assert json.loads(made.getvalue()) == {"fault": "limits"}


@pytest.mark.usefixtures("hooks")
def test_the_worker_takes_its_job_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(asked: dict[str, Any]) -> dict[str, Any]:
        made = io.BytesIO()
        given = io.BytesIO(json.dumps({**asked, **ASKED, "path": sys.path}).encode())
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=given))
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=made))
        worker.main()
        found: dict[str, Any] = json.loads(made.getvalue())
        return found

    monkeypatch.setitem(sys.modules, "resource", Limited())
    assert "pdf" in run({"task": "pdf", "html": "x", "css": rendering._style(1, "A6"), "fonts": [FONTS[0]]})
    monkeypatch.setitem(sys.modules, "resource", None)
    assert run(job("x")) == {"fault": "limits"}
