"""Operations made for the tests: one of each effect, and a paged one."""

from typing import Annotated, Any

from spshipping.operation import Effect, Operation, PagedOperation, Paging, Parameter, Quota
from spshipping.wire.limits import Length
from spshipping.wire.model import Model, camel

KEY = Parameter("x-key", is_key=True)
BUSINESS = Parameter("x-amzn-shipping-business-id", from_client=True)


@camel
class Wish(Model):
    """A request."""

    text: Annotated[str, Length(1, 10)]


@camel
class Gift(Model):
    """An answer."""

    gift_id: str
    notes: list[str] | None = None


@camel
class Cursor(Model):
    """Where the next page is."""

    next_token: str | None = None


@camel
class Page(Model):
    """A page of gifts."""

    gifts: list[Gift]
    pagination: Cursor | None = None


SLOW = Quota(2.0, burst=10)

LOOK = Operation(
    "look",
    "GET /gifts/{giftId}",
    returns=Gift,
    quota=SLOW,
    effect=Effect.NONE,
    query=(
        Parameter("since", "time"),
        Parameter("kinds", "list"),
        Parameter("deep", "boolean"),
        Parameter("most", "integer"),
        Parameter("word"),
    ),
    headers=(BUSINESS,),
    envelope=True,
)
BUY = Operation(
    "buy",
    "POST /gifts",
    body=Wish,
    returns=Gift,
    quota=SLOW,
    effect=Effect.KEYED,
    headers=(KEY,),
    envelope=True,
)
GRAB = Operation("grab", "POST /grab", body=Wish, returns=Gift, quota=SLOW, effect=Effect.ONCE)
DROP = Operation("drop", "PUT /gifts/{giftId}/drop", returns=type(None), quota=SLOW, effect=Effect.IDEMPOTENT)
FETCH = Operation("fetch", "GET /raw", returns=bytes, quota=SLOW, effect=Effect.NONE)
FREE = Operation("free", "GET /free", returns=dict[str, Any], quota=SLOW, effect=Effect.NONE, envelope=True)
LIST: PagedOperation[Page, Gift] = PagedOperation(
    "list",
    "GET /gifts",
    pages=Paging(
        token="page",
        items_of=lambda page: page.gifts,
        next_of=lambda page: page.pagination.next_token if page.pagination else None,
    ),
    returns=Page,
    quota=SLOW,
    effect=Effect.NONE,
    query=(
        Parameter("kind", is_required=True),
        Parameter("page"),
        Parameter("until", "time", is_before=True),
    ),
)
