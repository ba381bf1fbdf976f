"""How commands end where nothing of theirs says it: mistakes, interrupts, files, words that are no text."""

import json
import logging
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner, Result

from spshipping.cli.interrupt import Terminated, terminable
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


@pytest.fixture
def default_signal() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("default_signal")
def test_sigterm_ends_a_block_as_ctrl_c_does() -> None:
    with pytest.raises(Terminated), terminable():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.usefixtures("default_signal")
def test_sigterm_that_is_ignored_stays_so() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with terminable():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
