"""Changes that notifications name: each is fetched by its id, with one call and without a search."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

from spshipping.errors import (
    AccessDeniedError,
    BadRequestError,
    DecodeError,
    InvalidRequestError,
    NotFoundError,
    QuotaError,
    SpShippingError,
    ThrottledError,
)
from spshipping.sync.page import Change

T = TypeVar("T")

_THROTTLED_SECONDS = 60.0
"""So long none is fetched after a 429 that does not say how long."""
_OF_ONE = (AccessDeniedError, BadRequestError, DecodeError, InvalidRequestError, NotFoundError)
"""What may be about one item, and say nothing of the others."""


@runtime_checkable
class NamingFeed(Protocol):
    """A feed that can fetch an item by its id."""

    async def change(self, item_id: str) -> Change[Any] | None:
        """Return an item as it is now, or None where the search would not find it.

        It is one call, which does not wait for the quota.

        Raises:
            QuotaError: the quota allows no call now.
        """
        ...


class StepOfChanges(NamedTuple):
    """What came of a step with items that notifications named. What it does not name was not fetched yet."""

    delivered: Sequence[str] = ()
    """The ids of what was delivered, now or by an earlier search, and committed; or not this sync's."""
    failed: Mapping[str, SpShippingError] = {}
    """Why these could not be fetched; the others could."""
    wait: float = 0.0
    """Seconds until the quota allows the next call; 0 where that is not why it ended."""
    error: SpShippingError | None = None
    """Why it ended before all were fetched, where that need not be about a single item."""
    met_by: str | None = None
    """The id of the item at which it ended with *error*."""


class Found(NamedTuple, Generic[T]):
    """What was fetched."""

    changes: Sequence[Change[T]]
    step: StepOfChanges


async def fetch(feed: NamingFeed, item_ids: Iterable[str], is_over: Callable[[], bool]) -> Found[Any]:
    """Fetch one item after the other, for as long as the quota allows, and until it *is_over*."""
    changes: list[Change[Any]] = []
    delivered: list[str] = []
    failed: dict[str, SpShippingError] = {}
    wait, end, met_by = 0.0, None, None
    for item_id in dict.fromkeys(item_ids):
        if is_over():
            break
        try:
            change = await feed.change(item_id)
        except QuotaError as error:
            wait = error.wait
            break
        except ThrottledError as error:
            wait = error.retry_after or _THROTTLED_SECONDS
            break
        except _OF_ONE as error:
            failed[item_id] = error
        except SpShippingError as error:
            end, met_by = error, item_id
            break
        else:
            delivered.append(item_id)
            if change is not None:
                changes.append(change)
    return Found(changes, StepOfChanges(delivered, failed, wait, end, met_by))
