"""What is known about an answer beside its value."""

from datetime import datetime

from spshipping.named import NamedTuple


class Deviation(NamedTuple):
    """One place where an answer differs from Amazon's own contract, and what was done about it.

    *kind* is `missing`, `null`, `converted` or `unreadable`. The value is never kept here: it may be
    personal.
    """

    path: str
    kind: str


class ErrorDetail(NamedTuple):
    """One entry of Amazon's `errors`; each part may be missing."""

    code: str | None
    message: str | None
    details: str | None


class ReplyMeta(NamedTuple):
    """About an answer: what a support case needs, and what was repaired in it."""

    status: int
    request_id: str | None
    attempts: int
    elapsed: float
    """Seconds from the start of the call, waits included."""
    received_at: datetime
    rate_limit: str | None
    """`x-amzn-RateLimit-Limit` as Amazon sent it, in requests per second."""
    deviations: tuple[Deviation, ...] = ()
    errors: tuple[ErrorDetail, ...] = ()
    """Entries of `errors` that came beside a successful payload."""
    was_settled: bool = False
    """This client knew already that a call with the same idempotency key was carried out: this is the same
    purchase, and not another one."""


class Attempt(NamedTuple):
    """One attempt of one call, as `Client(on_reply=...)` sees it. No header, no query, no body, no person."""

    operation: str
    route: str
    """Verb and path, as a template, so that it names no order and no person."""
    endpoint: str
    """Scheme and host that it went to."""
    number: int
    """1 for the first attempt."""
    outcome: str
    """`answered`, or why not: `refused`, `throttled`, `unsent`, `untrusted`, `broken` (5xx), `lost`, or
    `interrupted`."""
    status: int | None
    """The HTTP status, or None if no usable answer came."""
    failure: str | None
    """Why there is no usable answer: `connect`, `tls`, `timeout`, `cut`, `too_large`, `deadline`,
    `unreadable`."""
    was_sent: bool
    request_id: str | None
    waited: float
    """Seconds that it waited for the quota before."""
    elapsed: float
    """Seconds for this attempt alone, the waiting before it not included."""
    wait: float | None
    """Seconds until the next attempt, the wait for the quota not included; None if this was the last."""
    quota_left: float
    """Requests that the quota allowed at once after this one; below zero, how many calls waited."""
