"""The matrix itself: every fault, and what each kind of call comes to when it happens once, or always."""

from collections.abc import Callable, Iterator

from tests.matrix import faults as f
from tests.matrix.arrange import (
    at_connection,
    at_request,
    in_silence,
    in_the_sandbox,
    nobody_listens,
    on_a_kept_line,
    redirected,
    slowly,
    too_slowly,
    while_idle,
    with_tls,
)
from tests.matrix.expected import (
    EITHER,
    Row,
    answer,
    lost,
    lost_always,
    stopped,
    with_cancelled,
)
from tests.matrix.proxy import Fault, spoken
from tests.matrix.stage import MOST_BYTES, Arrange


def undone(what: str, arrange: Arrange, error: str = "TransportError") -> Row:
    """The request left, nothing was done, and no answer came."""
    return Row(what, arrange, lost(error, 0), lost_always(error, 0))


def done(what: str, arrange: Arrange, error: str = "TransportError") -> Row:
    """It was carried out, and the answer is lost."""
    return Row(what, arrange, lost(error, 1), lost_always(error, 1))


def broken(what: str, fault: Fault) -> Row:
    """It was carried out, and the answer breaks off."""
    return done(what, at_request(fault))


def unreadable(what: str, fault: Fault) -> Row:
    """It was carried out, and the answer is whole and makes no sense."""
    return done(what, at_request(fault), "DecodeError")


def odd(what: str, fault: Fault) -> Row:
    """It was carried out, and the answer is whole JSON, and something else than was asked for."""
    return unreadable(what, fault)._replace(always=lost_always("DecodeError", 1, reads=2))


def empty(what: str, fault: Fault) -> Row:
    """It was carried out, and the answer is whole and empty, which is all that a cancellation has to say."""
    row, taken = unreadable(what, fault), answer(1).idempotent
    return row._replace(
        once=with_cancelled(row.once, taken),
        always=with_cancelled(lost_always("DecodeError", 1, reads=2), taken),
    )


def fine(what: str, fault: Fault) -> Row:
    """It is odd, and read as it is."""
    return Row(what, at_request(fault), answer(1), None)


def refused(what: str, fault: Fault, error: str) -> Row:
    """Amazon says no, and would again."""
    return Row(what, at_request(fault), stopped(error), None)


def put_off(what: str, fault: Fault, error: str, tries: int) -> Row:
    """Amazon says no before it does any work, and may say yes to a repeat."""
    return Row(what, at_request(fault), answer(2), stopped(error, tries))


def failed(what: str, fault: Fault, times_done: int) -> Row:
    """Amazon, or a proxy, answers 5xx."""
    return Row(
        what, at_request(fault), lost("ServerError", times_done), lost_always("ServerError", times_done)
    )


def both_ends(what: str, make: Callable[..., Fault], **more: f.Cut) -> Iterator[Row]:
    """Yield one row for a plain end of the line, and one for a reset."""
    for how, with_reset in (("ends (FIN)", False), ("is reset (RST)", True)):
        yield broken(what.format(how), make(**more, with_reset=with_reset))


GROUPS: dict[str, list[Row]] = {}


def group(title: str) -> Callable[[Callable[[], Iterator[Row]]], None]:
    """Add rows to the matrix under a title."""

    def add(rows: Callable[[], Iterator[Row]]) -> None:
        GROUPS[title] = list(rows())

    return add


@group("Before anything is done")
def _before() -> Iterator[Row]:
    yield Row("The connection is refused", nobody_listens, answer(2), stopped("TransportError", tries=4))
    yield Row(
        "The certificate is one that nobody vouches for",
        with_tls(None, is_trusted=False),
        stopped("TransportError"),
        None,
    )
    for what, with_reset in (("ends (FIN)", False), ("is reset (RST)", True)):
        ends = f.ends(with_reset=with_reset)
        half = f.reads_half(with_reset=with_reset)
        idle = while_idle(with_reset=with_reset)
        yield Row(f"The line {what} while it is idle, before the call", idle, answer(1), None)
        if not with_reset:
            # a reset may come before the first byte leaves, or after: both outcomes are right then
            yield undone(f"The line {what} as soon as it is there", at_connection(ends))
        yield undone(f"The line {what} when half of the request was read", at_connection(half))
        yield undone(f"The line {what} when the request was read", at_request(ends))
        yield undone(f"The line {what} when a request was read on a kept connection", on_a_kept_line(ends))
    yield undone("Silence after the request", in_silence(f.says_nothing))


@group("After it was carried out: the line")
def _line() -> Iterator[Row]:
    yield from both_ends("The line {} without a byte", f.does_and_ends)
    yield done("The answer is no TLS record", with_tls(f.does_and_garbles, is_trusted=True))
    yield done("Silence without a byte", in_silence(f.does_and_says_nothing))
    yield from both_ends("The line {} within the status line", f.cut, where=f.in_the_status_line)
    for what, where in (
        ("after the status line", f.after_the_status_line),
        ("within the headers", f.in_the_headers),
    ):
        yield from both_ends(f"The line {{}} {what}", f.cut, where=where)
    yield from both_ends("The line {} after the headers", f.cut, where=f.after_the_headers)
    yield from both_ends("The line {} within the body", f.cut, where=f.in_the_body)
    yield from both_ends("The line {} before the last byte", f.cut, where=f.before_the_last_byte)
    yield fine("The line ends (FIN) after the answer", f.cut(f.after_the_last_byte, with_reset=False))
    yield fine("The line is reset (RST) after the answer", f.cut(f.after_the_last_byte, with_reset=True))
    yield done("Silence within the headers", in_silence(f.stalls(f.in_the_headers)))
    yield done("Silence within the body", in_silence(f.stalls(f.in_the_body)))
    yield Row("The answer comes a few bytes at a time", slowly, answer(1), None)
    late = lost_always("TransportError", 1, tries=1)
    yield Row("The deadline passes within the headers", too_slowly(f.in_the_headers), late, None)
    yield Row("The deadline passes within the body", too_slowly(f.in_the_body), late, None)


@group("After it was carried out: the headers")
def _headers() -> Iterator[Row]:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    yield fine("100 Continue comes first", f.led_by(b"HTTP/1.1 100 Continue\r\n\r\n"))
    yield fine("103 Early Hints come first", f.led_by(early))
    yield unreadable("101 Switching Protocols", f.does_and_says(b"HTTP/1.1 101 Switching\r\n\r\n"))
    yield broken("No status line at all", f.with_head(lambda _head: b"hello\r\n"))
    yield broken("A status that is no number", f.with_head(lambda h: b"HTTP/1.1 abc" + h[12:]))
    yield broken("A version of HTTP that there is not", f.with_head(lambda h: b"HTTP/3.7" + h[8:]))
    yield broken("1,000 headers", f.with_head(lambda h: h[:-2] + b"x: y\r\n" * 1000 + b"\r\n"))
    yield broken("A header of 70 kB", f.with_head(lambda h: h[:-2] + b"x: " + b"y" * 70_000 + b"\r\n\r\n"))
    garbage = b"\xff\x00 no header\r\n\r\n"
    yield broken("A line that is no header, behind the others", f.with_head(lambda h: h[:-2] + garbage))
    yield fine(
        "Lines that end without a carriage return",
        f.with_head(lambda h: h.replace(b"\r\n", b"\n")),
    )
    yield fine("HTTP/1.0", f.with_head(lambda h: b"HTTP/1.0" + h[8:]))
    twice = "Content-Length: 7"
    yield broken("Two lengths that differ", f.announced(lambda body: str(len(body)), twice))
    yield broken("Two lengths that agree", f.announced(lambda body: f"{len(body)}, {len(body)}"))
    # what comes behind the end makes the answer broken, if aiohttp has it already when it reads the answer
    short = f.announced(lambda body: str(len(body) - 1))
    yield done("A length that is too short", at_request(short), EITHER)
    yield broken("A negative length", f.with_length("-1"))
    yield broken("A length that is no number", f.with_length("many"))
    yield fine("No length, and the line ends after the body", f.without_length(bytes))
    yield unreadable("No length, and the line ends within the body", f.without_length(f.half))
    yield fine("Bytes that nobody asked for, behind the answer", f.followed_by(spoken(b'{"payload":{}}')))


@group("After it was carried out: the encoding")
def _encoding() -> Iterator[Row]:
    yield fine("Good chunks", f.in_chunks(f.good_chunks, ends_line=False))
    yield broken("A chunk's size is no number", f.in_chunks(f.bad_chunk_size))
    yield broken("A chunk's size is negative", f.in_chunks(f.negative_chunk_size))
    yield broken("A chunk is shorter than it says", f.in_chunks(f.long_chunk))
    yield broken("The line ends before the last, empty chunk", f.in_chunks(f.chunks_without_end))
    yield broken("The line ends between two chunks", f.in_chunks(f.half_in_chunks))
    yield fine("Good gzip", f.changed(f.zipped, f.GZIP))
    yield fine("gzip without its check sum", f.changed(f.zipped_without_end, f.GZIP))
    yield unreadable("gzip that is cut", f.changed(lambda body: f.half(f.zipped(body)), f.GZIP))
    yield broken("gzip with a wrong byte", f.changed(lambda body: f.corrupt(f.zipped(body)), f.GZIP))
    yield broken("Plain text that says it is gzip", f.changed(bytes, f.GZIP))
    yield unreadable("gzip that does not say so", f.changed(f.zipped))
    six = "Content-Encoding: " + ", ".join(["gzip"] * 6)
    yield broken("gzip in gzip, six deep", f.changed(f.zipped_six_times, six))
    yield fine("An encoding that nobody knows, and none", f.changed(bytes, "Content-Encoding: x-none"))
    yield broken("A bomb: gzip of more than is allowed", f.changed(lambda _: f.bomb(8 * MOST_BYTES), f.GZIP))
    yield broken("More than is allowed, plainly", f.changed(lambda _: b" " * (2 * MOST_BYTES)))


@group("After it was carried out: what the answer says")
def _content() -> Iterator[Row]:
    yield unreadable("A 200 of HTML", f.changed(lambda _: f.PAGE))
    for what, body in {'`"ok"`': b'"ok"', "`7`": b"7"}.items():
        yield odd(what, f.changed(lambda _, body=body: body))  # type: ignore[misc]  # a default binds it
    nothing = {
        "An empty 200": b"",
        "A 200 of blanks": b"  \n",
        "`null`": b"null",
        "`[]`": b"[]",
        "`{}`": b"{}",
    }
    nothing |= {
        f'`{{"payload": {value}}}`': f'{{"payload":{value}}}'.encode() for value in ("null", "[]", "{}")
    }
    for what, body in nothing.items():
        yield empty(what, f.changed(lambda _, body=body: body))  # type: ignore[misc]  # a default binds it
    yield empty("204 without a body", f.does_and_says(b"HTTP/1.1 204 No Content\r\n\r\n"))
    bad: dict[str, Callable[[bytes], bytes]] = {
        "Bytes that are no UTF-8": f.with_member(b'"x":"\xff\xfe"'),
        "UTF-16": lambda body: body.decode().encode("utf-16"),
        "Half of the JSON, at its right length": f.half,
        "Something behind the JSON": lambda body: body + b"}",
        "A number that is none (`NaN`)": f.with_member(b'"x":NaN'),
        "A number of 5,000 digits": f.with_member(b'"x":' + b"9" * 5000),
        "Lists in lists, 100,000 deep": f.with_member(b'"x":' + b"[" * 100_000 + b"]" * 100_000),
    }
    for what, change in bad.items():
        yield unreadable(what, f.changed(change))
    yield fine("A byte order mark", f.changed(lambda body: b"\xef\xbb\xbf" + body))
    yield fine("Half of a surrogate pair", f.changed(f.with_member(b'"x":"\\ud800"')))
    yield fine("A member that is there twice", f.changed(f.with_member(b'"payload":null')))
    beside = "Errors beside the payload", f.changed(f.with_member(f.refusal("W")[1:-1]))
    # a cancellation answers with no payload, so that its errors are all there is
    yield fine(*beside)._replace(
        once=with_cancelled(answer(1), unreadable(*beside).once.idempotent),
        always=with_cancelled(answer(1), lost_always("DecodeError", 1).idempotent),
    )
    yield fine("A content type of HTML", f.changed(bytes, "Content-Type: text/html"))
    yield failed("503 after all", f.does_and_says(spoken(f.refusal("InternalFailure"), status="503 No")), 1)
    yield failed("A 502 of HTML after all", f.does_and_says(spoken(f.PAGE, status="502 Bad Gateway")), 1)


@group("Refusals, with nothing done")
def _refusals() -> Iterator[Row]:
    def says(status: str, body: bytes = b"", *headers: str) -> Fault:
        return f.says(spoken(body, *headers, status=status))

    throttled = f.refusal("QuotaExceeded")
    yield put_off("429", says("429 Too Many", throttled), "ThrottledError", 10)
    yield put_off(
        "429 with `Retry-After: 3`", says("429 No", throttled, "Retry-After: 3"), "ThrottledError", 10
    )
    yield put_off(
        "429 with a `Retry-After` that is none",
        says("429 No", throttled, "Retry-After: soon"),
        "ThrottledError",
        10,
    )
    yield refused(
        "429 with a `Retry-After` past the deadline",
        says("429 No", throttled, "Retry-After: 99999999"),
        "ThrottledError",
    )
    expired = f.refusal("Unauthorized", details="The access token you provided has expired.")
    yield put_off("403 about the access token", says("403 No", expired), "AccessDeniedError", 2)
    yield put_off("401", says("401 No", f.refusal("Unauthorized")), "AccessDeniedError", 2)
    yield refused("403 about anything else", says("403 No", f.refusal("Unauthorized")), "AccessDeniedError")
    for status in ("301", "302", "303", "307", "308"):
        yield Row(
            f"{status} to another host",
            redirected(f"{status} Moved"),
            stopped("ApiError"),
            None,
        )
    yield refused("304", says("304 Not Modified"), "ApiError")
    yield refused("400", says("400 Bad", f.refusal("InvalidInput")), "BadRequestError")
    yield refused("A 400 of HTML", says("400 Bad", f.PAGE), "BadRequestError")
    yield refused("404", says("404 No", f.refusal("NotFound")), "NotFoundError")
    yield refused("409", says("409 No", f.refusal("Conflict")), "ConflictError")
    yield refused("413", says("413 No", f.refusal("RequestTooLarge")), "BadRequestError")
    yield refused("418", says("418 No"), "ApiError")
    for status in ("500", "503"):
        yield failed(status, says(f"{status} No", f.refusal("InternalFailure")), 0)
    for status in ("502", "503", "504"):
        yield failed(f"A {status} of HTML", says(f"{status} No", f.PAGE), 0)
    yield failed("503 with a bare list of errors", says("503 No", b'[{"code":"X","message":null}]'), 0)
    yield failed("999", says("999 What"), 0)
    late = lost_always("ServerError", 0, tries=1)
    far = at_request(says("503 No", b"", "Retry-After: 99999999"))
    yield Row("503 with a `Retry-After` past the deadline", far, late, None)


@group("The sandbox's own kinds")
def _kinds() -> Iterator[Row]:
    def kind(name: str, **more: object) -> tuple[str, Arrange]:
        words = ", ".join(f"{key}={value!r}" for key, value in more.items() if key != "is_odd")
        return f"`{name}`" + (f" ({words})" if words else ""), in_the_sandbox(name, **more)  # type: ignore[arg-type]  # its own

    for reset in ({}, {"reset": True}):
        yield undone(*kind("drop_before", **reset))
        yield done(*kind("drop_after", **reset))
    yield done(*kind("cut_headers"))
    yield done(*kind("cut_headers", at=5))
    yield done(*kind("cut_body"))
    yield done(*kind("cut_body", at=0))
    yield undone(*kind("status", status=500), "ServerError")
    yield Row(*kind("status", status=429), answer(2), stopped("ThrottledError", 10))
    yield done(*kind("status_after", status=502), "ServerError")
    yield undone(*kind("html"), "ServerError")
    yield done(*kind("delay", seconds=0.4))
    yield Row(*kind("expire_token"), answer(2), stopped("AccessDeniedError", 2))
    yield done(*kind("wrong_length"))
    yield done(*kind("bad_chunk"))
    yield done(*kind("bad_gzip"))
    null = done(*kind("null_field", path="payload"), "DecodeError")
    taken = answer(1).idempotent
    always = with_cancelled(lost_always("DecodeError", 1, reads=2), taken)
    yield null._replace(once=with_cancelled(null.once, taken), always=always)
    yield Row(*kind("null_field", path="payload.promise", is_odd=True), answer(1), None)
    for name in ("unknown_enum", "unknown_field", "number_as_text"):
        yield Row(*kind(name, is_odd=True), answer(1), None)
