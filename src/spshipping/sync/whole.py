"""Pages that must be read whole: what is lost in one of them would never be searched for again."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from spshipping.errors import DecodeError, PaginationError, first_detail
from spshipping.facade import Context
from spshipping.operation import Call, CallOptions, Reply
from spshipping.secret import discreet
from spshipping.sync.page import Page
from spshipping.transport.bucket import QuotaState
from spshipping.transport.log import log_wait

T = TypeVar("T")


async def whole_page(
    context: Context,
    call: Call[T],
    limits: CallOptions,
    *,
    vital: re.Pattern[str],
    items: str,
) -> Reply[T]:
    """Return one page of which nothing was lost in reading it, or left out by Amazon.

    Args:
        context: the client's.
        call: the page.
        limits: the options of the call.
        vital: where a repair that lost something means that an item may be lost.
        items: what is on a page, for the errors: `order`.

    Raises:
        DecodeError: something may have been lost.
        QuotaError: the call would have to wait longer than *limits* allow.
    """
    reply = await context.sender.send(call, **limits)
    _check(reply, vital, items)
    return reply


def _check(reply: Reply[T], vital: re.Pattern[str], items: str) -> None:
    meta, operation = reply.meta, reply.call.operation.name
    if meta.errors:
        first = first_detail(meta.errors)
        raise DecodeError(
            f"errors came beside the {items}s, so that {items}s may be missing",
            operation=operation,
            status=meta.status,
            code=first.code,
            details=first.message,
            errors=meta.errors,
            request_id=meta.request_id,
        )
    lost = [found for found in meta.deviations if found.kind != "converted" and vital.match(found.path)]
    if lost:
        raise DecodeError(
            f"the answer's {lost[0].path} is {lost[0].kind}, so that an {items} may be lost",
            operation=operation,
            status=meta.status,
            request_id=meta.request_id,
            deviations=tuple(lost),
        )


@discreet
async def pages(
    context: Context,
    fetch: Callable[[str | None], Awaitable[Page[T]]],
    quota: Callable[[], Awaitable[QuotaState]],
    name: str,
) -> AsyncGenerator[Page[T], None]:
    """Yield page after page, each when the quota allows; no checkpoint is involved.

    Args:
        context: the client's.
        fetch: returns the page of a cursor; the first for None.
        quota: returns how the quota of the search stands.
        name: of the search, for the log.

    Raises:
        PaginationError: an answer names a page again.
    """
    cursor: str | None = None
    seen: set[str | None] = {cursor}
    while True:
        while wait := (await quota()).wait:
            log_wait(name, "for the quota", wait, context.clock.now())
            await context.io.sleep(wait)
        page = await fetch(cursor)
        yield page
        cursor = page.cursor
        if cursor is None:
            return
        if cursor in seen:
            raise PaginationError("the answer names a page again; stopped", cursor=cursor)
        seen.add(cursor)
