"""Receives a push: is it authentic, can it be read, write it down, answer; under threads and asyncio."""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from spshipping.errors import SpShippingError, WebhookError
from spshipping.journal.events import Appended, EventLog, NewEvent
from spshipping.secret import discreet
from spshipping.shipping.webhooks.checks import WebhookAuth
from spshipping.shipping.webhooks.exchange import WebhookRequest, WebhookResponse, answer
from spshipping.shipping.webhooks.logged import event_of, unreadable_event
from spshipping.shipping.webhooks.parsing import parse_pushes
from spshipping.shipping.webhooks.pushes import OtpPush, UnknownPush
from spshipping.transport.io import Io

_RETRY_AFTER = {"Retry-After": "30"}
_logger = logging.getLogger("spshipping")

Read = Callable[[int], Awaitable[bytes | None]]
"""Reads a body, and at most so many bytes of it; None where the client has gone, or the body is cut."""


class Door(NamedTuple):
    """What a receiver checks, and where it writes."""

    log: EventLog
    auth: WebhookAuth
    is_enabled: bool | Callable[[], bool]
    most_bytes: int


@discreet
async def received(
    door: Door, io: Io, request_of: Callable[[], WebhookRequest], read: Read
) -> WebhookResponse:
    """Return the answer to a request; no exception leaves this."""
    try:
        request = request_of()
        refusal = await _refused(door, io, request)
        response = refusal or await _accepted(door, io, request, read)
    except _NotNowError as error:
        _logger.error("a push was answered with 503, for %s", error)
        response = answer(503, "try again later", **_RETRY_AFTER)
    except Exception as error:
        _logger.error("a push was answered with 500, for %s", type(error).__name__)
        response = answer(500, "internal error")
    if 400 <= response.status < 500:
        _logger.info("a request to the webhook was answered with %d", response.status)
    return response


class _NotNowError(Exception):
    """Something of ours, or of the user's, fails; the push has to come again."""

    def __init__(self, what: str, error: Exception) -> None:
        # ours hold nothing personal; of others, only the name is sure not to
        shown = str(error) if isinstance(error, SpShippingError) else type(error).__name__
        super().__init__(f"{what}: {shown}")


async def _refused(door: Door, io: Io, request: WebhookRequest) -> WebhookResponse | None:
    """Return the refusal of a request whose body need not be read."""
    is_enabled = door.is_enabled
    if callable(is_enabled):
        try:
            is_enabled = await io.plugin(is_enabled)
        except Exception as error:
            raise _NotNowError("is_enabled failed", error) from None
    if not is_enabled:
        return answer(404, "not found")
    if request.method != "POST":
        refusal = answer(405, "only POST is allowed", Allow="POST")
        return refusal._replace(body=b"") if request.method == "HEAD" else refusal
    try:
        is_authentic = await door.auth.is_authentic(request, io)
    except Exception as error:
        raise _NotNowError("the check of authenticity failed", error) from None
    if not is_authentic:
        challenge = door.auth.challenge
        return answer(401, "not authentic", **({"WWW-Authenticate": challenge} if challenge else {}))
    return None


async def _accepted(door: Door, io: Io, request: WebhookRequest, read: Read) -> WebhookResponse:
    """Read the body of an authentic request, and write it down."""
    announced = request.header("content-length")
    if announced is not None and not (announced.isascii() and announced.isdigit()):
        return answer(400, "Content-Length is no number")
    # whatever is announced, no more is read than one byte too many
    is_too_large = announced is not None and _number(announced) > door.most_bytes
    body = b"" if is_too_large else await read(door.most_bytes + 1)
    if body is None:
        return answer(400, "the body is not complete")
    if is_too_large or len(body) > door.most_bytes:
        return answer(413, f"at most {door.most_bytes} bytes are accepted")
    if announced is not None and len(body) < _number(announced):
        return answer(400, "the body is not complete")
    try:
        await io.plugin(_append, door.log, _read(body))
    except Exception as error:
        raise _NotNowError("the journal failed", error) from None
    return answer(200, "accepted")


def _number(digits: str) -> int:
    """Return a number of bytes; more digits than any sensible one has are simply too many."""
    return int(digits[:20])


class _Body(NamedTuple):
    """The events of a body."""

    events: Sequence[NewEvent]
    needs_key: bool
    """Whether they are of little use without what may be personal."""


def _read(body: bytes) -> _Body:
    try:
        pushes = parse_pushes(body)
        needs_key = any(isinstance(push, OtpPush | UnknownPush) for push in pushes)
        return _Body([event_of(push) for push in pushes], needs_key)
    except WebhookError as error:
        problem = error.message
    except Exception as error:
        problem = f"reading it failed: {type(error).__name__}"
    _logger.warning("a push is in quarantine: %s", problem)
    return _Body([unreadable_event(body, problem)], needs_key=True)


def _append(log: EventLog, body: _Body) -> None:
    if body.needs_key and not log.keeps_personal:
        _logger.warning("a push loses its body, or its one-time code, for the journal has no key")
    for event in body.events:
        if log.append(event) is Appended.OTHER:
            # one id for two events: to hand over one too many does no harm, to drop one does
            digest = hashlib.sha256(event.text.encode()).hexdigest()
            log.append(event._replace(key=f"{event.key}#{digest[:16]}"))
