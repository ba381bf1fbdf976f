"""Labels at a printer: a real loopback socket, and a program that is called lp."""

import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spshipping.errors import (
    ConfigurationError,
    InvalidRequestError,
    OutcomeUnknownError,
    SpShippingError,
    TransportError,
)
from spshipping.shipping import DocumentFormat
from spshipping.shipping.paper import LabelFile, PrintJob, print_by_lp, print_zpl, printing
from tests.paper.printed import STREET, label
from tests.paper.test_merge import shipment
from tests.unit.shipping.build import document

LOCAL = "127.0.0.1"


class Printer:
    """Listens on loopback, and keeps what it is sent."""

    def __init__(self) -> None:
        self._server = socket.create_server((LOCAL, 0))
        self._server.settimeout(5)
        self.port: int = self._server.getsockname()[1]
        self.received = b""
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        connection, _ = self._server.accept()
        with connection:
            while part := connection.recv(65_536):
                self.received += part

    def close(self) -> None:
        self._thread.join(5)
        self._server.close()


@pytest.fixture
def printer() -> Iterator[Printer]:
    made = Printer()
    yield made
    made.close()


def test_zpl_is_sent_whole_to_a_socket(printer: Printer) -> None:
    data = label(1, "ZPL") + label(2, "ZPL")
    assert print_zpl(LabelFile(data), LOCAL, port=printer.port) == 2
    printer.close()
    assert printer.received == data


def test_all_labels_of_a_shipment_are_sent(printer: Printer) -> None:
    parts = [label(1, "ZPL"), label(2, "ZPL")]
    found = shipment(*(document(part, format=DocumentFormat.ZPL) for part in parts))
    assert print_zpl(found, LOCAL, port=printer.port) == 2
    printer.close()
    assert printer.received == b"\n".join(parts)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (label(1), "label: is PDF, and this prints ZPL only: use print_by_lp"),
        (b"^XA^FD12 Analytical Row", "label: has a label .* without an end"),
        (b"12 Analytical Row", "label: is neither PDF, PNG nor ZPL"),
    ],
)
def test_nothing_but_zpl_goes_to_a_socket(data: bytes, message: str) -> None:
    def connect(*_: Any) -> Any:
        raise AssertionError("nothing is sent")

    with pytest.raises(InvalidRequestError, match=message) as caught:
        print_zpl(LabelFile(data), LOCAL, connect=connect)
    assert STREET not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        *(({"host": host}, "host") for host in ("", " ", "a..b", "x" * 300, "é" * 70, "zebra\0")),
        *(({"port": port}, "port") for port in (0, -1, 65_536, 9100.0)),
        *(({"timeout": seconds}, "timeout") for seconds in (0, -1, float("nan"), float("inf"))),
    ],
)
def test_an_address_or_a_time_that_no_socket_takes_is_refused(wrong: dict[str, Any], path: str) -> None:
    def connect(*_: Any) -> Any:
        raise AssertionError("nothing is sent")

    given: dict[str, Any] = {"host": LOCAL, "connect": connect, **wrong}
    with pytest.raises(InvalidRequestError, match=f"^{path}: is ") as caught:
        print_zpl(LabelFile(label(1, "ZPL")), **given)
    assert caught.value.path == path


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_lp_is_given_a_time_above_zero(seconds: float) -> None:
    with pytest.raises(InvalidRequestError, match="timeout: is a number of seconds above 0"):
        print_by_lp(LabelFile(label(1)), timeout=seconds)


def test_a_printer_that_is_not_there_has_printed_nothing() -> None:
    with socket.create_server((LOCAL, 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TransportError, match=r"cannot be connected to .*; nothing was printed") as caught:
        print_zpl(LabelFile(label(1, "ZPL")), LOCAL, port=port)
    assert caught.value.host == f"{LOCAL}:{port}"


class Breaking:
    """A connection that breaks after some bytes, as an error that quotes them says."""

    def __init__(self) -> None:
        self.is_closed = False

    def sendall(self, data: bytes, /) -> None:
        raise ConnectionResetError(f"after {data[:2000]!r}")

    def shutdown(self, how: int, /) -> None:
        raise AssertionError("it is broken")

    def close(self) -> None:
        self.is_closed = True


def test_a_connection_that_breaks_leaves_open_what_was_printed_and_shows_nothing_of_the_label(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    connection, asked = Breaking(), []

    def connect(address: tuple[str, int], timeout: float) -> Breaking:
        asked.append((address, timeout))
        return connection

    with pytest.raises(OutcomeUnknownError, match="look at what the printer has printed") as caught:
        print_zpl(LabelFile(label(1, "ZPL")), "zebra", timeout=3, connect=connect)
    assert (asked, connection.is_closed) == ([(("zebra", 9100), 3)], True)
    assert hides_the_label(caught.value)
    assert STREET not in caplog.text


def hides_the_label(error: BaseException) -> bool:
    """Say that neither the error nor the local variables of its frames show the label."""
    texts = [repr(error), str(error)]
    trace = error.__traceback__
    while trace is not None:
        if "spshipping" in trace.tb_frame.f_code.co_filename:
            texts += [repr(value) for value in trace.tb_frame.f_locals.values()]
        trace = trace.tb_next
    return STREET not in "".join(texts)


PROGRAM = """#!{python}
import json, sys
from pathlib import Path
data = sys.stdin.buffer.read()
folder = Path(__file__).parent
(folder / "asked.json").write_text(json.dumps(sys.argv[1:]))
(folder / "data").write_bytes(data)
{then}
"""


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder on PATH with a program lp that takes every job."""
    monkeypatch.setenv("PATH", str(tmp_path))
    lp(tmp_path, 'print("request id is zebra-12 (0 file(s))")')
    return tmp_path


def lp(folder: Path, then: str) -> None:
    path = folder / "lp"
    path.write_text(PROGRAM.format(python=sys.executable, then=then))
    path.chmod(0o700)


def test_zpl_goes_to_the_queue_as_it_is(queue: Path) -> None:
    job = print_by_lp(LabelFile(label(1, "ZPL")), "zebra", copies=2, options=["media=Custom.4x6in"])
    assert job == PrintJob("zebra-12")
    assert json.loads((queue / "asked.json").read_text()) == [
        *("-d", "zebra", "-n", "2", "-t", "label", "-o", "raw", "-o", "media=Custom.4x6in")
    ]
    assert (queue / "data").read_bytes() == label(1, "ZPL")


@pytest.mark.parametrize("format", ["PDF", "PNG"])
def test_pages_and_pictures_go_to_the_default_queue_unscaled(queue: Path, format: str) -> None:
    path = queue / "label.bin"
    path.write_bytes(label(1, format))
    print_by_lp(path)
    assert json.loads((queue / "asked.json").read_text()) == [
        *("-n", "1", "-t", "label", "-o", "print-scaling=none")
    ]
    assert (queue / "data").read_bytes() == label(1, format)


def test_a_queue_that_names_no_job_is_believed(queue: Path) -> None:
    lp(queue, "print('ok')")
    assert print_by_lp(LabelFile(label(1))) == PrintJob(None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"printer": "-o"}, "printer: is the name of a queue"),
        ({"printer": ""}, "printer: is the name of a queue"),
        ({"copies": 0}, "copies: is a whole number above 0"),
        ({"options": ["a\nb"]}, "options: are names"),
    ],
)
def test_arguments_that_are_none_are_refused(queue: Path, arguments: Any, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        print_by_lp(LabelFile(label(1)), **arguments)
    assert not (queue / "asked.json").exists()


def test_several_labels_that_are_no_zpl_are_merged_first(queue: Path) -> None:
    with pytest.raises(InvalidRequestError, match="merge them first"):
        print_by_lp(shipment(document(label(1)), document(label(2))))
    assert not (queue / "asked.json").exists()


def test_a_refusal_of_the_queue_shows_nothing_of_the_label(queue: Path) -> None:
    lp(queue, "sys.stderr.buffer.write(data); sys.exit(3)")
    with pytest.raises(ConfigurationError, match=r"lp refused \(exit code 3\)") as caught:
        print_by_lp(LabelFile(label(1, "ZPL")))
    assert hides_the_label(caught.value)


def test_a_queue_that_takes_too_long_leaves_open_what_was_printed(queue: Path) -> None:
    lp(queue, "import signal; signal.pause()")
    with pytest.raises(OutcomeUnknownError, match=r"lp took more than 0.2 seconds") as caught:
        print_by_lp(LabelFile(label(1, "ZPL")), timeout=0.2)
    assert hides_the_label(caught.value)


def test_without_lp_it_is_said_what_else_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match="there is no lp on PATH: install CUPS, or use print_zpl"):
        print_by_lp(LabelFile(label(1)))


def test_a_program_that_cannot_be_run_is_an_error_of_ours(queue: Path) -> None:
    (queue / "lp").write_text("#!/none\n")
    with pytest.raises(SpShippingError, match="lp cannot be run"):
        print_by_lp(LabelFile(label(1)))


def test_the_port_is_the_one_of_printers() -> None:
    assert printing.RAW_PORT == 9100
