"""How commands end where nothing of theirs says it: mistakes, interrupts, files, words that are no text."""

import json
import logging
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from spshipping.cli import console
from spshipping.cli.console import read_input
from spshipping.cli.interrupt import Interrupt, Terminated, exit_code_of, terminable
from spshipping.cli.progress import Progress, Waits
from spshipping.cli.root import Commands, Root
from spshipping.meta import Attempt
from spshipping.transport.log import log_wait


def ending(error: BaseException, *words: str, name: str = "fail") -> Result:
    """Run a command that ends so."""

    @click.group(cls=Root)
    def root() -> None: ...

    @root.command(name)
    @click.option("--json", "as_json", is_flag=True)
    def fail(*, as_json: bool) -> None:
        raise error

    return CliRunner().invoke(root, [name, *words])


def test_a_mistake_of_the_package_is_called_one_and_shows_nothing_of_its_text() -> None:
    result = ending(KeyError("1 Personal Street"), "--json")
    assert result.exit_code == 1
    assert "KeyError inside the command, which is a mistake of this package" in result.stdout
    assert "Personal" not in result.output


def test_an_error_of_a_program_that_is_recorded_is_its_own() -> None:
    assert isinstance(ending(KeyError("mine"), name="record").exception, KeyError)


@pytest.mark.parametrize(
    ("interrupt", "code"), [(KeyboardInterrupt(), 130), (Terminated(), 143)], ids=["ctrl-c", "sigterm"]
)
def test_an_interrupt_has_the_exit_code_that_shells_know(interrupt: KeyboardInterrupt, code: int) -> None:
    result = ending(interrupt)
    assert (result.exit_code, result.stderr) == (
        code,
        "\nError: Interrupted: it was stopped before its end\n",
    )
    as_json = ending(interrupt, "--json")
    assert as_json.exit_code == code
    assert json.loads(as_json.stdout) == {"error": "Interrupted", "message": "it was stopped before its end"}


def test_nobody_who_agrees_is_an_error_as_json() -> None:
    assert ending(click.Abort()).stderr == "Aborted!\n"
    result = ending(click.Abort(), "--json")
    assert (result.exit_code, json.loads(result.stdout)["error"]) == (1, "Abort")


def test_a_file_that_cannot_be_used_is_named_and_an_output_that_cannot_is_left_to_the_process() -> None:
    result = ending(FileNotFoundError(2, "No such file or directory", "labels/1.pdf"))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: OSError: labels/1.pdf: No such file or directory; choose another")
    assert isinstance(ending(OSError(28, "No space left on device")).exception, OSError)


def test_words_that_are_no_text_are_refused() -> None:
    result = ending(UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), "--json")
    assert json.loads(result.stdout)["message"] == "an argument of the command is not UTF-8"


def test_commands_are_imported_when_they_are_needed() -> None:
    commands = Commands({"track": "shipping:track", "rates": "shipping:rates"})
    assert (len(commands), list(commands)) == (2, ["track", "rates"])
    assert commands["track"].name == "track"
    commands["other"] = click.Command("other")
    del commands["track"], commands["other"]
    assert list(commands) == ["rates"]


def answered(number: int, operation: str = "searchOrders", outcome: str = "answered") -> Attempt:
    facts = (True, None, 0.0, 0.1, None, 3.0)
    return Attempt(operation, "GET /", "https://example.com", number, outcome, 200, None, *facts)


def test_each_page_is_a_line_whether_the_next_one_waits_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("searchOrders")
    logger = logging.getLogger("spshipping")
    with progress.shown():
        for page in (1, 2, 3):
            progress.on_reply(answered(1, outcome="throttled"))
            progress.on_reply(answered(2))
            progress.on_reply(answered(1, operation="getOrderItems"))
            progress.orders = 100 * page
            if page == 2:
                log_wait("getOrderItems", "before the next attempt", 20.0, datetime(2026, 3, 2, tzinfo=UTC))
                log_wait("searchOrders", "for the quota", 178.4, datetime(2026, 3, 2, tzinfo=UTC))
        logger.info("something else")
    log_wait("searchOrders", "for the quota", 178.4, datetime(2026, 3, 2, tzinfo=UTC))
    assert capsys.readouterr().err.splitlines() == [
        "page 1, 100 orders",
        "getOrderItems waits 20 s before the next attempt",
        "page 2, 200 orders; next in 178 s",
    ]
    assert progress.pages == 3


def test_a_wait_is_printed_by_one_handler_only(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    with Waits().shown():
        with Progress("searchOrders").shown():
            log_wait("searchOrders", "for the quota", 9.0, at)
        log_wait("searchOrders", "for the quota", 8.0, at)
    assert capsys.readouterr().err.splitlines() == [
        "page 0, 0 orders; next in 9 s",
        "searchOrders waits 8 s for the quota",
    ]


ENDS = [
    "SIGTERM",
    pytest.param("SIGHUP", marks=pytest.mark.skipif(sys.platform == "win32", reason="no SIGHUP")),
]


@pytest.fixture
def default_signals() -> Iterator[None]:
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, signal.SIG_DFL) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("default_signals")
@pytest.mark.parametrize("name", ENDS)
def test_what_ends_a_process_ends_a_block_as_ctrl_c_does(name: str) -> None:
    number = getattr(signal, name)
    with pytest.raises(Terminated) as ended, terminable():
        signal.raise_signal(number)
    assert exit_code_of(ended.value) == 128 + number
    assert signal.getsignal(number) is signal.SIG_DFL


@pytest.mark.usefixtures("default_signals")
@pytest.mark.parametrize("name", ENDS)
def test_what_is_ignored_stays_so(name: str) -> None:
    number = getattr(signal, name)
    signal.signal(number, signal.SIG_IGN)
    with terminable():
        assert signal.getsignal(number) is signal.SIG_IGN
    assert signal.getsignal(number) is signal.SIG_IGN


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
@pytest.mark.usefixtures("default_signals")
@pytest.mark.parametrize(("handler", "is_set"), [(signal.SIG_DFL, True), (signal.SIG_IGN, False)])
def test_the_end_of_the_terminal_ends_a_watched_command_unless_it_is_ignored(
    handler: signal.Handlers, is_set: bool
) -> None:
    interrupt = Interrupt()
    signal.signal(signal.SIGHUP, handler)
    with interrupt.watch():
        signal.raise_signal(signal.SIGHUP)
    assert (interrupt.is_set(), interrupt.exit_code) == (is_set, 129 if is_set else 0)
    assert signal.getsignal(signal.SIGHUP) is handler


def test_ctrl_c_at_a_question_is_an_interrupt() -> None:
    abort = click.Abort()
    abort.__context__ = KeyboardInterrupt()
    assert ending(abort).exit_code == 130
    result = ending(abort, "--json")
    assert (result.exit_code, json.loads(result.stdout)["error"]) == (130, "Interrupted")


def test_an_input_that_does_not_end_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(console, "_MOST_BYTES", 3 << 20)
    file = tmp_path / "parcel.json"
    file.write_bytes(b" " * (3 << 20))
    assert len(read_input(file)) == 3 << 20
    file.write_bytes(b" " * (3 << 20) + b" ")
    with pytest.raises(click.UsageError, match="larger than 3 MB"):
        read_input(file)
