"""A retry, a refresh and a mint while the first error is still referenced: nothing closes or hangs."""

import asyncio
import gc
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from spshipping import Client, Credentials, Marketplace, RetryPolicy, SpShippingError
from spshipping.async_client import AsyncClient
from spshipping.auth.cache import TokenCache
from spshipping.operation import Call, Effect, Operation, Quota
from spshipping.orders import v0
from spshipping.sandbox import Sandbox
from spshipping.sandbox.orders import OrderSupply
from spshipping.sandbox.tokens import Account
from tests.onloop import Loop, OnLoop

LOOK: Operation[dict[str, Any]] = Operation(
    "look", "GET /look", returns=dict[str, Any], quota=Quota(1000.0, burst=1000), effect=Effect.NONE
)


def alive() -> list[BaseException]:
    """Return every exception that something refers to."""
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, BaseException)]


class Keeper(logging.Handler):
    """Keeps each error that is being handled whenever something is logged or reported, as trackers do."""

    def __init__(self) -> None:
        super().__init__(level=1)
        self.errors: list[BaseException] = []
        self.others = alive()
        """What other tests have left behind."""

    def keep(self, *_: object) -> None:
        error = sys.exception()
        if error is not None:
            self.errors.append(error)

    def emit(self, record: logging.LogRecord) -> None:
        self.keep()
        if record.exc_info and record.exc_info[1]:
            self.errors.append(record.exc_info[1])


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    made, root = Keeper(), logging.getLogger()
    level = root.level
    root.addHandler(made)
    root.setLevel(1)
    yield made
    root.removeHandler(made)
    root.setLevel(level)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(quotas=False, orders=OrderSupply(1)) as made:
        made.add_operation(LOOK, {"seen": True})
        yield made


@pytest.fixture(params=["threads", "tasks"])
def client(request: pytest.FixtureRequest, box: Sandbox, keeper: Keeper) -> Iterator[Any]:
    options: dict[str, Any] = {
        "endpoint": box.url,
        "token_url": box.token_url,
        "token_cache": TokenCache(),
        "retry": RetryPolicy(base=0.001, throttled_base=0.001),
        "timeout": (2.0, 5.0),
        "on_reply": keeper.keep,
    }
    credentials = Credentials(**box.credentials)
    made: Any
    if request.param == "threads":
        made = Client(credentials, Marketplace.UK, **options)
    else:
        made = OnLoop(AsyncClient(credentials, Marketplace.UK, **options), Loop(debug=True), owns_loop=True)
    with made:
        yield made


def again(box: Sandbox) -> Call[Any]:
    """Have the first attempts fail on their connections, or be refused."""
    box.add_fault("look", "drop_after")
    box.add_fault("look", "status", status=503)
    return LOOK()


def refreshed(box: Sandbox) -> Call[Any]:
    """Have the token be refused once."""
    box.clock.advance(3700)
    return LOOK()


def minted(box: Sandbox) -> Call[Any]:
    """Have the mint that a restricted call needs fail at first, after a refused token."""
    box.clock.advance(3700)
    box.add_fault("createRestrictedDataToken", "drop_after")
    (order,) = box._orders.by_seller.of(Account().seller).orders()
    return v0.GET_ORDER_BUYER_INFO(path={"orderId": order.id})


WAYS: list[Callable[[Sandbox], Call[Any]]] = [again, refreshed, minted]


def shown(error: BaseException) -> Iterator[str]:
    """Yield what a tracker shows of the local variables of our frames, and of the libraries'."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if "/tests/" not in frame.f_code.co_filename:
            yield repr(frame.f_locals)


def shown_of(box: Sandbox, client: Any, keeper: Keeper) -> list[str]:
    """Return the secrets that the traceback of any exception of this test shows that something refers to."""
    others = set(map(id, keeper.others))
    errors = [one for one in alive() if id(one) not in others]
    texts = [text for error in errors for text in shown(error)]
    entries = client._parts.authorizer._cache._entries.values()
    words = [entry.held.token.reveal() for entry in entries if entry.held]
    assert words
    words += [box.credentials["client_secret"], box.credentials["refresh_token"], "Atza|", "Atz.sprdt|"]
    return [word for word in words if any(word in text for text in texts)]


@pytest.mark.long
@pytest.mark.parametrize("prepare", WAYS, ids=lambda way: way.__name__)
def test_the_answer_comes_while_the_first_error_is_kept(
    client: Any, box: Sandbox, keeper: Keeper, prepare: Callable[[Sandbox], Call[Any]]
) -> None:
    client.send(LOOK())  # signed in, with a connection
    box.add_fault("look", "status", status=400)
    try:
        client.send(LOOK())
    except SpShippingError as first:
        # handled around the second call, by the caller, by whoever logs, and by `on_reply`
        reply = client.send(prepare(box))
        handled = first
        is_kept = sys.exception() is handled and handled in keeper.errors
        found = shown_of(box, client, keeper)
    assert reply.value
    assert is_kept
    assert found == []
    assert client.send(LOOK()).value == {"seen": True}


@pytest.mark.long
@pytest.mark.parametrize("prepare", WAYS, ids=lambda way: way.__name__)
def test_the_answer_comes_while_another_task_keeps_the_first_error(
    box: Sandbox, keeper: Keeper, prepare: Callable[[Sandbox], Call[Any]]
) -> None:
    kept: list[BaseException] = []

    async def handles(client: AsyncClient, is_kept: asyncio.Event, goes_on: asyncio.Event) -> str:
        own = "still here"
        try:
            await client.send(LOOK())
        except SpShippingError as error:
            kept.append(error)
            is_kept.set()
            await goes_on.wait()  # suspended, in the traceback of what is kept
        return own

    async def main() -> None:
        client = AsyncClient(
            Credentials(**box.credentials),
            Marketplace.UK,
            endpoint=box.url,
            token_url=box.token_url,
            token_cache=TokenCache(),
            retry=RetryPolicy(base=0.001, throttled_base=0.001),
            timeout=(2.0, 5.0),
            on_reply=keeper.keep,
        )
        async with client:
            await client.send(LOOK())
            box.add_fault("look", "status", status=400)
            is_kept, goes_on = asyncio.Event(), asyncio.Event()
            other = asyncio.ensure_future(handles(client, is_kept, goes_on))
            await is_kept.wait()
            try:
                raise kept[0]
            except SpShippingError:
                assert (await client.send(prepare(box))).value
                assert shown_of(box, client, keeper) == []
            assert not other.done()
            goes_on.set()
            assert await asyncio.wait_for(other, 10) == "still here"

    asyncio.run(main())
