"""The words that strangers read are true: examples run, commands and links exist, lists are complete."""

import code
import contextlib
import doctest
import importlib
import io
import itertools
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import click
import pytest

import spshipping
import spshipping.errors
from spshipping import Client, Effect, RetryPolicy, SpShippingError
from spshipping.cli.app import app
from spshipping.environment import ENGINES, OTHERS, PREFIX
from spshipping.sandbox import Sandbox, control
from spshipping.sandbox.faults import KINDS
from spshipping.settings.fields import FIELDS
from spshipping.transport.retry import MAY_HAVE_HAPPENED, Facts, Outcome

ROOT = Path(__file__).parents[1]
DOCS = sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "operations").glob("*.md")])
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")] + DOCS
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

_BLOCK = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_RUN = re.compile(r"<!-- not run: \S.* -->\n+\Z")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """One fenced block of a page."""

    language: str
    text: str
    line: int
    is_run: bool


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> Iterator[Block]:
    text = text_of(page)
    for found in _BLOCK.finditer(text):
        before = text[: found.start()]
        yield Block(found[1], found[2], before.count("\n") + 1, is_run=not _NOT_RUN.search(before))


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def with_blocks(*languages: str) -> list[Path]:
    return [page for page in PAGES if any(block.language in languages for block in blocks(page))]


SLOW_PAGES = {"vendor-documents.md"}
"""Makes a dozen documents with all fonts."""


def where_it_runs(page: Path) -> Any:
    """Return the page as a parameter: `make tools` has the packages that some pages are about."""
    is_about_others = "<!-- make tools runs this page -->" in text_of(page)
    if page.name in SLOW_PAGES:
        return pytest.param(page, marks=pytest.mark.long)
    return pytest.param(page, marks=pytest.mark.tools if is_about_others else ())


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Be where a reader is: in a folder, with a sandbox running."""
    monkeypatch.chdir(tmp_path)
    with Sandbox() as sandbox:
        facts = {**sandbox.credentials, "endpoint": sandbox.url, "token_url": sandbox.token_url}
        for name, value in {**facts, "marketplace": "UK"}.items():
            monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)
        yield


def prints(block: Block, page: Path, namespace: dict[str, Any]) -> str:
    """Run *block* and return what it prints; a traceback shows the page's own lines."""
    printed = io.StringIO()
    compiled = compile("\n" * block.line + block.text, name_of(page), "exec")
    with contextlib.redirect_stdout(printed):
        exec(compiled, namespace)
    return printed.getvalue()


def not_ignored(folder: Path) -> set[str]:
    """Return what lies in *folder* and would lie unignored in a checkout."""
    patterns = [line.rstrip("/") for line in text_of(ROOT / ".gitignore").splitlines()]
    names = {path.name for path in folder.iterdir()}
    return {name for name in names if not any(fnmatch(f"/{name}", pattern) for pattern in patterns)}


@pytest.mark.dates
@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("page", [*map(where_it_runs, with_blocks("python"))], ids=name_of)
def test_the_examples_of_a_page_run_and_print_what_it_says(page: Path, tmp_path: Path) -> None:
    """D1: on any date. G4: what they write is ignored in a checkout, since labels show addresses."""
    same = doctest.OutputChecker().check_output
    namespace: dict[str, Any] = {"__name__": "example"}
    printed = ""
    for block in blocks(page):
        if block.language == "python" and block.is_run:
            printed = prints(block, page, namespace)
        elif block.language == "output":
            assert same(block.text, printed, doctest.ELLIPSIS), f"line {block.line} prints:\n{printed}"
    for value in namespace.values():
        if isinstance(value, Client):
            value.close()
    assert not_ignored(tmp_path) == set()


class Prompt(code.InteractiveConsole):
    """Python's prompt, in which an error ends the test."""

    def showsyntaxerror(self, *_: Any, **__: Any) -> None:
        raise sys.exception() or SystemError

    def showtraceback(self) -> None:
        raise sys.exception() or SystemError


@pytest.mark.dates
@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "tutorial.md"], ids=name_of)
def test_g4_a_block_can_be_pasted_into_a_prompt_line_by_line(page: Path) -> None:
    prompt = Prompt()
    for block in blocks(page):
        if block.language == "python":
            for line in [*block.text.splitlines(), ""]:
                is_more_due = prompt.push(line)
            assert not is_more_due, f"line {block.line}"


def test_hardly_an_example_is_left_out() -> None:
    left_out = [block for page in PAGES for block in blocks(page) if not block.is_run]
    assert len(left_out) <= 2


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield where each command of the shell blocks stands, and its words."""
    for page in with_blocks("sh"):
        for block in blocks(page):
            for line in block.text.splitlines() if block.language == "sh" else ():
                yield f"{name_of(page)}: {line.strip()}", shlex.split(line, comments=True)


COMMANDS = dict(commands())
HEALTH = "http://127.0.0.1:8917/health"


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))


def check_make(words: list[str]) -> None:
    target, *settings = words
    assert target in make_targets()
    for setting in settings:
        assert f"$({setting.partition('=')[0]})" in text_of(ROOT / "Makefile")


def check_spshipping(words: list[str]) -> None:
    command: click.Command = app
    name = "spshipping"
    while isinstance(command, click.Group) and not words[0].startswith("-"):
        name, *words = words
        command = command.commands[name]
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options
    with click.Context(app) as context, contextlib.suppress(click.exceptions.Exit):
        command.make_context(name, words, parent=context)


def check_pip(words: list[str]) -> None:
    verb, what = words
    assert verb == "install"
    name, _, extras = what.rstrip("]").partition("[")
    assert name == PROJECT["project"]["name"]
    assert {extra for extra in extras.split(",") if extra} <= set(PROJECT["project"]["optional-dependencies"])


def check_uvicorn(words: list[str]) -> None:
    factory, target = words
    assert factory == "--factory"
    module, _, name = target.partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def check_curl(words: list[str]) -> None:
    """Send the same to a sandbox: it takes what it knows, and nothing else. A worker has its health."""
    data = next((after for word, after in itertools.pairwise(words) if word == "-d"), None)
    method = "POST" if data or "POST" in words else "GET"
    if words == [HEALTH]:
        return
    address, route = words[-1].split(control.PREFIX)
    port = next(parameter.default for parameter in app.commands["sandbox"].params if parameter.name == "port")
    assert address == f"http://127.0.0.1:{port}"
    with Sandbox() as sandbox:
        url = f"{sandbox.url}{control.PREFIX}{route}"
        with urlopen(Request(url, data.encode() if data else None, method=method)) as answer:
            assert answer.status == 200


def check_typed(_: list[str]) -> None:
    """Do nothing: tests/engines/test_scale_page.py types these."""


def check_pytest(words: list[str]) -> None:
    assert words == ["-q"]


CHECKS = {
    "make": check_make,
    "spshipping": check_spshipping,
    "pip": check_pip,
    "curl": check_curl,
    "pytest": check_pytest,
    "uvicorn": check_uvicorn,
    **dict.fromkeys(("chmod", "export", "psql", "redis-server"), check_typed),
}


def test_programs_of_the_system_stand_on_the_page_that_is_typed() -> None:
    typed = [name for name, words in COMMANDS.items() if CHECKS.get(words[0]) is check_typed]
    assert typed
    assert {name.partition(":")[0] for name in typed} == {"docs/scale.md"}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_command_that_a_page_shows_exists(words: list[str]) -> None:
    program = words[0].removeprefix(".venv/bin/")
    if program == "python":
        # a bare prompt, a module of Python's own, or a script that is there
        is_module = words[1:3] == ["-m", "venv"]
        assert is_module or all((ROOT / word).is_file() for word in words[1:2])
    else:
        CHECKS[program](words[1:])


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        prose = _BLOCK.sub("", text_of(page))
        for target in _LINK.findall(prose):
            if "://" not in target:
                yield page, target


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", _BLOCK.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("page", "target"), list(links()), ids=lambda value: getattr(value, "name", value))
def test_a_link_leads_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    found = page.parent / path if path else page
    assert found.exists()
    assert not anchor or anchor in anchors(found)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_fault_is_explained(kind: str) -> None:
    assert f"| `{kind}` |" in text_of(ROOT / "docs" / "sandbox.md")


def test_every_control_route_is_explained() -> None:
    page = text_of(ROOT / "docs" / "sandbox.md")
    assert all(f"| `{route}` |" in page for route in control.ROUTES)


def tree(cls: type[SpShippingError]) -> Iterator[str]:
    yield cls.__name__
    for child in cls.__subclasses__():
        if child.__module__ == spshipping.errors.__name__:
            yield from tree(child)


def test_the_tree_of_errors_is_the_one_on_the_page() -> None:
    drawn = next(block.text for block in blocks(ROOT / "docs" / "errors.md") if block.language == "text")
    depths = {name: len(lead) // 4 for lead, name in re.findall(r"^(\W*)(\w+)", drawn, re.MULTILINE)}
    assert sorted(depths) == sorted(tree(SpShippingError))
    for name, depth in depths.items():
        ancestors = [base for base in getattr(spshipping.errors, name).__mro__[1:] if base.__name__ in depths]
        assert depth == len(ancestors), name


ATTEMPTS = {
    "Nothing was sent: no connection": Outcome.UNSENT,
    "Nothing was sent: the certificate is not valid": Outcome.UNTRUSTED,
    "429": Outcome.THROTTLED,
    "3xx, or any other 4xx": Outcome.REFUSED,
    "5xx": Outcome.BROKEN,
    "Sent, then cut, timed out, too large, or out of time": Outcome.LOST,
    "A 2xx that cannot be read at all, or a 1xx": Outcome.LOST,
}


@pytest.mark.parametrize("ended_in", ATTEMPTS)
def test_the_table_of_repeats_says_what_the_policy_does(ended_in: str) -> None:
    page = text_of(ROOT / "docs" / "errors.md")
    (row,) = re.findall(rf"^\| {re.escape(ended_in)} \| (.*) \|$", page.split("*Remember*")[0], re.MULTILINE)
    none, keyed, once = row.split(" | ")
    cells = {Effect.NONE: none, Effect.KEYED: keyed, Effect.IDEMPOTENT: keyed, Effect.ONCE: once}
    for effect, cell in cells.items():
        wait = RetryPolicy().decide(Facts(1, ATTEMPTS[ended_in], effect, chance=0.5, remaining=600.0))
        is_remembered = ATTEMPTS[ended_in] in MAY_HAVE_HAPPENED and effect is not Effect.NONE
        assert cell == f"{'stop' if wait is None else 'repeat'}{', and remember' if is_remembered else ''}"


@pytest.mark.parametrize("name", [name for name in spshipping.__all__ if name.endswith("Error")])
def test_every_public_error_is_explained(name: str) -> None:
    assert f"`{name}`" in "".join(map(text_of, DOCS)) or f"── {name}" in text_of(ROOT / "docs" / "errors.md")


def test_every_variable_of_the_environment_is_explained() -> None:
    page = text_of(ROOT / "docs" / "auth.md")
    rows = re.findall(r"^\| (`SPSHIPPING_[^|]+) \|", page, re.MULTILINE)
    fields = {field.variable for field in FIELDS if field.variable and field.name != "name"}
    others = {f"{PREFIX}{name}" for name in (*ENGINES, *OTHERS)}
    of_tests = {f"{PREFIX}MODELS", f"{PREFIX}SOAK"}
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == (fields | others) - of_tests
    assert all(f"`{name}`" in page for name in of_tests)


def test_every_floor_is_explained() -> None:
    (floors,) = (c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["id"] == "floors")
    rooms = [room.strip() for layer in floors["layers"] for room in layer.split("|")]
    page = text_of(ROOT / "docs" / "design.md")
    assert [room for room in rooms if f"`{room}`" not in page] == []


def test_the_transcript_shows_steps_that_the_demo_has() -> None:
    shown = re.findall(r"^▸ (.*)$", text_of(ROOT / "README.md"), re.MULTILINE)
    demo = text_of(ROOT / "src" / "spshipping" / "cli" / "demo.py")
    assert shown
    assert all(f'self.step("{title}")' in demo for title in shown)
