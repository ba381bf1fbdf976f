"""What a command prints of the log: standard error that cannot be written ends nothing."""

import io
import logging
import sys
from typing import Any

import pytest

from spshipping.cli.progress import Faults, Progress, Waits
from spshipping.transport.log import WAITS
from tests.cli.test_root import answered


class Full(io.StringIO):
    """Standard error on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [Full(), closed(), None])
@pytest.mark.parametrize("handler", [Faults(), Waits(), Progress("searchOrders")])
def test_standard_error_that_cannot_be_written_fails_nothing_that_logs(
    monkeypatch: pytest.MonkeyPatch, handler: Any, stream: Any
) -> None:
    record = logging.LogRecord("spshipping", logging.ERROR, "", 0, WAITS, ("a", 1.0, "because", None), None)
    monkeypatch.setattr(sys, "stderr", stream)
    assert handler.handle(record)


def test_what_cannot_be_printed_for_another_reason_is_said_as_logging_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Faults().handle(logging.LogRecord("spshipping", logging.ERROR, "", 0, "%d failed", ("a",), None))
    assert "--- Logging error ---" in capsys.readouterr().err


def test_a_page_is_counted_though_its_line_cannot_be_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    progress = Progress("searchOrders")
    monkeypatch.setattr(sys, "stderr", Full())
    for _ in range(3):
        progress.on_reply(answered(1))
    assert progress.pages == 3
