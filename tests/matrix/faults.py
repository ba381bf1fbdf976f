"""What can go wrong on a line, written down as the functions that do it."""

import gzip
import threading
import zlib
from collections.abc import Callable

from tests.matrix.proxy import Answer, Fault, Line, chunked, passed_on, spoken

JSON = "Content-Type: application/json"
CHUNKED = "Transfer-Encoding: chunked"
GZIP = "Content-Encoding: gzip"
PAGE = b"<html><head><title>Service</title></head><body><h1>Unavailable</h1></body></html>"

Cut = Callable[[Answer], int]
"""Says after how many bytes of the answer the line ends."""


def refusal(code: str, message: str = "no", details: str = "") -> bytes:
    """Write Amazon's body of an error."""
    return f'{{"errors":[{{"code":"{code}","message":"{message}","details":"{details}"}}]}}'.encode()


# ends of the line


def ends(*, with_reset: bool) -> Fault:
    """End the line, with nothing done: before a request is read, or after it."""
    return lambda line: line.end(with_reset=with_reset)


def reads_half(*, with_reset: bool) -> Fault:
    """Take the headers of the request, and end the line."""

    def fault(line: Line) -> None:
        line.read_head()
        line.end(with_reset=with_reset)

    return fault


def says_nothing(line: Line) -> None:
    """Stay silent, with nothing done."""
    line.wait_for_end()


def does_and_ends(*, with_reset: bool) -> Fault:
    """Carry it out, and end the line without a byte."""

    def fault(line: Line) -> None:
        line.ask()
        line.end(with_reset=with_reset)

    return fault


def does_and_says_nothing(line: Line) -> None:
    """Carry it out, and stay silent."""
    line.ask()
    line.wait_for_end()


def does_and_garbles(line: Line) -> None:
    """Carry it out, and send what is no TLS record."""
    line.ask()
    line.garble()


# connections that are reused


def drops_reused(*, every: int = 2, with_reset: bool) -> Fault:
    """Close the connection, with nothing done, on every second request that comes on a reused connection.

    It is made for `Proxy.for_ever`: first requests on a connection are passed on, and so are the other ones.
    A client that never repeats by itself fails as often as `Proxy.dropped` says.
    """
    lock, reused = threading.Lock(), 0

    def fault(line: Line) -> None:
        nonlocal reused
        if line.requests_read > 1:
            with lock:
                reused += 1
                is_dropped = reused % every == 0
            if is_dropped:
                line.drop(with_reset=with_reset)
                return
        passed_on(line)

    return fault


def closes_when_idle(*, seconds: float, with_reset: bool) -> Fault:
    """Answer, and close the connection when no request follows in time, without a `Connection: close`."""

    def fault(line: Line) -> None:
        passed_on(line)
        if not line.has_request(seconds):
            line.end(with_reset=with_reset)

    return fault


def closes_at_next_request(*, with_reset: bool) -> Fault:
    """Answer, and close the connection as the next request arrives, which is never carried out."""

    def fault(line: Line) -> None:
        passed_on(line)
        line.has_request(None)
        line.end_unread(with_reset=with_reset)

    return fault


def cut(where: Cut, *, with_reset: bool) -> Fault:
    """Carry it out, and end the line in the middle of the answer."""

    def fault(line: Line) -> None:
        answer = line.ask()
        line.say(answer.whole[: where(answer)])
        line.end(with_reset=with_reset)

    return fault


def stalls(where: Cut) -> Fault:
    """Carry it out, and stay silent from the middle of the answer on."""

    def fault(line: Line) -> None:
        answer = line.ask()
        line.say(answer.whole[: where(answer)])
        line.wait_for_end()

    return fault


def in_the_status_line(_answer: Answer) -> int:
    return len("HTTP/1.1 2")


def after_the_status_line(answer: Answer) -> int:
    return answer.head.index(b"\r\n") + 2


def in_the_headers(answer: Answer) -> int:
    return len(answer.head) // 2


def after_the_headers(answer: Answer) -> int:
    return len(answer.head)


def in_the_body(answer: Answer) -> int:
    return len(answer.head) + len(answer.body) // 2


def before_the_last_byte(answer: Answer) -> int:
    return len(answer.whole) - 1


def after_the_last_byte(answer: Answer) -> int:
    return len(answer.whole)


# answers that are not the server's


def says(*parts: bytes) -> Fault:
    """Answer by hand, with nothing done."""
    return lambda line: line.say(*parts)


def does_and_says(*parts: bytes) -> Fault:
    """Carry it out, and answer something else."""

    def fault(line: Line) -> None:
        line.ask()
        line.say(*parts)

    return fault


def changed(change: Callable[[bytes], bytes], *headers: str, length: int | str | None = None) -> Fault:
    """Carry it out, and answer 200 with another body, headers, or length."""

    def fault(line: Line) -> None:
        body = change(line.ask().body)
        line.say(spoken(body, JSON, *headers, length=length))

    return fault


def announced(length: Callable[[bytes], str], *headers: str) -> Fault:
    """Carry it out, and answer the true body under a wrong length; the line stays open."""

    def fault(line: Line) -> None:
        body = line.ask().body
        line.say(spoken(body, JSON, *headers, length=length(body)))

    return fault


def with_length(length: str) -> Fault:
    """Carry it out, and answer the true body under a length that says nothing; the line ends behind it."""

    def fault(line: Line) -> None:
        line.say(spoken(line.ask().body, JSON, length=length))
        line.end()

    return fault


def without_length(change: Callable[[bytes], bytes]) -> Fault:
    """Carry it out, and answer without a length: the end of the line is the end of the body."""

    def fault(line: Line) -> None:
        line.say(spoken(change(line.ask().body), JSON, "Connection: close", length=""))
        line.end()

    return fault


def in_chunks(write: Callable[[bytes], bytes], *, ends_line: bool = True) -> Fault:
    """Carry it out, and answer in chunks, as *write* writes them."""

    def fault(line: Line) -> None:
        line.say(spoken(write(line.ask().body), JSON, CHUNKED, length=""))
        if ends_line:
            line.end()

    return fault


def led_by(*interim: bytes) -> Fault:
    """Carry it out, and answer truly, after interim answers."""

    def fault(line: Line) -> None:
        answer = line.ask()
        line.say(*interim, answer.whole)

    return fault


def followed_by(rest: bytes) -> Fault:
    """Carry it out, and answer truly, with something more behind that nobody asked for."""
    return lambda line: line.say(line.ask().whole + rest)


def with_head(write: Callable[[bytes], bytes]) -> Fault:
    """Carry it out, and answer truly under other headers."""

    def fault(line: Line) -> None:
        answer = line.ask()
        line.say(write(answer.head) + answer.body)
        line.end()

    return fault


def drips(line: Line) -> None:
    """Carry it out, and answer a few bytes at a time."""
    whole = line.ask().whole
    line.say(*(whole[start : start + 40] for start in range(0, len(whole), 40)))


def pauses(where: Cut, tick: Callable[[], None]) -> Fault:
    """Carry it out, let time pass in the middle of the answer, say one byte more, and then nothing."""

    def fault(line: Line) -> None:
        answer = line.ask()
        middle = where(answer)
        line.say(answer.whole[:middle])
        tick()
        line.say(answer.whole[middle : middle + 1])
        line.wait_for_end()

    return fault


# bodies


def half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def with_member(member: bytes) -> Callable[[bytes], bytes]:
    """Put a member more in front of those that a JSON object has."""
    return lambda body: b"{" + member + b"," + body[1:]


def corrupt(packed: bytes) -> bytes:
    """Turn every bit of the middle byte."""
    middle = len(packed) // 2
    return packed[:middle] + bytes([packed[middle] ^ 0xFF]) + packed[middle + 1 :]


def zipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def zipped_six_times(body: bytes) -> bytes:
    for _ in range(6):
        body = zipped(body)
    return body


def zipped_without_end(body: bytes) -> bytes:
    """Leave out the check sum and the length at the end of the gzip."""
    return zipped(body)[:-8]


def bomb(size: int) -> bytes:
    """Make a gzip of zeros that is a thousandth of what comes out of it."""
    packer = zlib.compressobj(9, wbits=31)
    piece = b"\0" * 1_000_000
    return b"".join([*(packer.compress(piece) for _ in range(size // len(piece))), packer.flush()])


def bad_chunk_size(body: bytes) -> bytes:
    return chunked(half(body)) + b"-size-\r\n" + body


def negative_chunk_size(body: bytes) -> bytes:
    return b"-5\r\n" + body


def long_chunk(body: bytes) -> bytes:
    """Announce more than there is."""
    return b"%x\r\n%b" % (len(body) + 16, body)


def good_chunks(body: bytes) -> bytes:
    return chunked(half(body), body[len(half(body)) :]) + b"0\r\n\r\n"


def chunks_without_end(body: bytes) -> bytes:
    return chunked(body)


def half_in_chunks(body: bytes) -> bytes:
    return chunked(half(body))
