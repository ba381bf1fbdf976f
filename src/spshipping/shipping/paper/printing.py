"""Sends labels to a printer: ZPL to a socket, and any label to the system's `lp`."""

import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from spshipping.errors import (
    ConfigurationError,
    InvalidRequestError,
    OutcomeUnknownError,
    TransportError,
)
from spshipping.secret import discreet
from spshipping.shipping.models.documents import DocumentFormat
from spshipping.shipping.paper.documents import Label, UnfitLabelError, read, sources
from spshipping.shipping.paper.zpl import count_labels

RAW_PORT = 9100
"""Where printers listen for what they print as it comes."""
_LOOK = "look at what the printer has printed before you print again"
_JOB = re.compile(r"request id is (\S+)")


class Connection(Protocol):
    """What is needed of a socket."""

    def sendall(self, data: bytes, /) -> None:
        """Send all of *data*."""
        ...

    def shutdown(self, how: int, /) -> None:
        """End one direction."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


Connect = Callable[[tuple[str, int], float], Connection]


@discreet
def print_zpl(
    label: Label,
    host: str,
    *,
    port: int = RAW_PORT,
    timeout: float = 10.0,
    connect: Connect = socket.create_connection,
) -> int:
    """Send ZPL to a thermal printer, and return how many labels it has.

    The printer acknowledges nothing: on return the label has left this machine. It blocks; under asyncio,
    call it by `asyncio.to_thread`.

    Args:
        label: a document, a shipment, a path, or bytes. Anything but ZPL is refused, for a thermal printer
            would print it as text, over many labels.
        host: the printer's name or address.
        port: where it listens.
        timeout: seconds for the connection, and for each piece that is sent.
        connect: makes the connection.

    Raises:
        InvalidRequestError: it is no ZPL, or an argument cannot be used; nothing was sent.
        TransportError: the printer cannot be connected to; nothing was sent.
        OutcomeUnknownError: the connection broke; labels may have been printed.
    """
    _check_printer(host, port, timeout)
    format, data = _whole(label)
    if format != DocumentFormat.ZPL:
        raise InvalidRequestError(f"is {format}, and this prints ZPL only: use print_by_lp", path="label")
    try:
        count = count_labels(data)
    except UnfitLabelError as error:
        raise InvalidRequestError(str(error), path="label") from None
    try:
        connection = connect((host, port), timeout)
    except OSError as error:
        raise TransportError(
            f"the printer cannot be connected to ({type(error).__name__}); nothing was printed",
            failure="connect",
            host=f"{host}:{port}",
        ) from None
    try:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
    except OSError as error:
        raise OutcomeUnknownError(f"the connection broke ({type(error).__name__}): {_LOOK}") from None
    finally:
        connection.close()
    return count


def _check_printer(host: str, port: int, timeout: float) -> None:
    try:
        is_named = bool(host.strip()) and "\0" not in host and host.encode("idna")
    except UnicodeError:
        is_named = False
    if not is_named:
        raise InvalidRequestError("is the name or the address of the printer", path="host")
    if type(port) is not int or not 0 < port < 65536:
        raise InvalidRequestError("is a whole number from 1 to 65535", path="port")
    _check_timeout(timeout)


def _check_timeout(seconds: float) -> None:
    if not 0 < seconds <= threading.TIMEOUT_MAX:
        raise InvalidRequestError("is a number of seconds above 0", path="timeout")


class PrintJob(NamedTuple):
    """What the system's print queue took."""

    id: str | None
    """The job, such as `zebra-12`, where `lp` said it."""


@discreet
def print_by_lp(
    label: Label,
    printer: str | None = None,
    *,
    copies: int = 1,
    options: Sequence[str] = (),
    timeout: float = 30.0,
) -> PrintJob:
    """Print a label by the system's `lp`, as macOS and Linux have it.

    ZPL is handed on as it is (`-o raw`); PDF and PNG are printed unscaled (`-o print-scaling=none`). It
    blocks; under asyncio, call it by `asyncio.to_thread`.

    Source: https://www.cups.org/doc/options.html

    Args:
        label: a document, a shipment with one label, a path, or bytes.
        printer: the name of the queue, as `lpstat -p` lists it; None for the system's default.
        copies: how often it is printed.
        options: more options for `-o`, such as `media=Custom.4x6in`.
        timeout: seconds that `lp` may take.

    Raises:
        InvalidRequestError: the label, or an argument, cannot be used; nothing was printed.
        ConfigurationError: there is no `lp`, or it refused.
        OutcomeUnknownError: `lp` took too long; the label may be printed.
    """
    _check_timeout(timeout)
    format, data = _whole(label)
    program = shutil.which("lp")
    if program is None:
        raise ConfigurationError("there is no lp on PATH: install CUPS, or use print_zpl")
    command = [program, *_arguments(format, printer, copies, options)]
    try:
        # the label goes in as standard input: no file is left, and no list of processes shows it
        done = subprocess.run(  # noqa: S603 - a list of arguments, without a shell
            command, input=data, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise OutcomeUnknownError(f"lp took more than {timeout:g} seconds: {_LOOK}") from None
    except OSError as error:
        raise ConfigurationError(f"lp cannot be run ({type(error).__name__})") from None
    if done.returncode:
        # not what lp wrote: a filter's message may quote the label
        raise ConfigurationError(
            f"lp refused (exit code {done.returncode}); lpstat -p lists the printers and whether they accept"
        )
    found = _JOB.search(done.stdout.decode(errors="replace"))
    return PrintJob(found[1] if found else None)


def _arguments(format: DocumentFormat, printer: str | None, copies: int, options: Sequence[str]) -> list[str]:
    if printer is not None and not (printer and printer.isprintable() and not printer.startswith("-")):
        raise InvalidRequestError("is the name of a queue; lpstat -p lists them", path="printer")
    if type(copies) is not int or copies < 1:
        raise InvalidRequestError("is a whole number above 0", path="copies")
    if not all(option.isprintable() and option for option in options):
        raise InvalidRequestError("are names, or name=value", path="options")
    first = "raw" if format == DocumentFormat.ZPL else "print-scaling=none"
    chosen = [] if printer is None else ["-d", printer]
    each = [part for option in (first, *options) for part in ("-o", option)]
    return [*chosen, "-n", str(copies), "-t", "label", *each]


def _whole(label: Label) -> tuple[DocumentFormat, bytes]:
    """Return the format and the content of one label.

    Raises:
        InvalidRequestError: it cannot be read, or there are several that cannot be one.
    """
    try:
        found = [read(source) for source in sources([label])]
    except UnfitLabelError as error:
        raise InvalidRequestError(str(error), path="label") from None
    formats = {format for format, _ in found}
    if len(found) == 1 or formats == {DocumentFormat.ZPL}:
        return found[0][0], b"\n".join(data for _, data in found)
    raise InvalidRequestError("has several labels: merge them first, with merge_labels", path="label")
