"""The two forms of a facade: the same methods with the same parameters, and the same calls."""

import asyncio
import inspect
import typing
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, NoReturn

import pytest

from spshipping.applications import ApplicationsApi
from spshipping.applications.api_async import AsyncApplicationsApi
from spshipping.auth.tokens import TokensApi
from spshipping.auth.tokens_async import AsyncTokensApi
from spshipping.facade import Api, AsyncApi, Context
from spshipping.notifications import NotificationsApi
from spshipping.notifications.api_async import AsyncNotificationsApi
from spshipping.operation import Call, CallOptions, Operation
from spshipping.orders import OrdersApi
from spshipping.orders.api_async import AsyncOrdersApi
from spshipping.orders.v0 import OrdersV0Api
from spshipping.orders.v0.api_async import AsyncOrdersV0Api
from spshipping.orders.v2026_01_01 import OrdersV20260101Api
from spshipping.orders.v2026_01_01.api_async import AsyncOrdersV20260101Api
from spshipping.sellers import SellersApi
from spshipping.sellers.api_async import AsyncSellersApi
from spshipping.shipping import AsyncPurchases, Purchases, ShippingApi
from spshipping.shipping.api_async import AsyncShippingApi
from spshipping.transport.bucket import QuotaState
from spshipping.transport.tasks import AsyncioIo
from spshipping.transport.threads import ThreadIo
from spshipping.wire.model import Model
from tests.contract.drawn import drawn
from tests.kit import START, FakeClock, ScriptedTransport

FACADES: tuple[tuple[type[Api], type[AsyncApi]], ...] = (
    (ShippingApi, AsyncShippingApi),
    (OrdersV0Api, AsyncOrdersV0Api),
    (OrdersV20260101Api, AsyncOrdersV20260101Api),
    (NotificationsApi, AsyncNotificationsApi),
    (SellersApi, AsyncSellersApi),
    (ApplicationsApi, AsyncApplicationsApi),
    (TokensApi, AsyncTokensApi),
)
WORKFLOWS: tuple[tuple[type[Api], type[AsyncApi]], ...] = (
    (OrdersApi, AsyncOrdersApi),
    (Purchases, AsyncPurchases),
)
CHECKED = {"queue": "arn:aws:sqs:eu-west-1:123456789012:orders"}
"""Arguments of workflows that are checked before the first call."""
WITH_TESTS_OF_THEIR_OWN = (
    "resume_order_pages",
    "ship",
    "ship_direct",
    "ship_one_click",
    "ship_parcels",
    "track_many",
    "collect",
)
"""One takes what only a page can give, some a journal, one sends many calls, and one needs a seller."""


def methods(facade: type[Any]) -> dict[str, Callable[..., Any]]:
    """Return the public methods of a facade and of its parts, without the door before them."""
    classes = reversed(facade.__mro__)
    found = {name: value for cls in classes for name, value in vars(cls).items() if inspect.isfunction(value)}
    return {name: inspect.unwrap(value) for name, value in found.items() if not name.startswith("_")}


def parameters(method: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    return [(each.name, each.kind, each.default) for each in inspect.signature(method).parameters.values()]


@pytest.mark.parametrize(("sync", "other"), [*FACADES, *WORKFLOWS])
def test_both_forms_have_the_same_methods_with_the_same_parameters(
    sync: type[Api], other: type[AsyncApi]
) -> None:
    assert other.__name__ == f"Async{sync.__name__}"
    mine, theirs = methods(sync), methods(other)
    assert mine
    assert list(mine) == list(theirs)
    for name, method in mine.items():
        assert parameters(theirs[name]) == parameters(method), name
        assert theirs[name].__doc__ == method.__doc__, name
        returns, async_returns = (
            inspect.signature(each).return_annotation for each in (method, theirs[name])
        )
        if typing.get_origin(returns) is Iterator:
            assert typing.get_origin(async_returns) is AsyncIterator, name
            assert typing.get_args(async_returns) == typing.get_args(returns), name
        else:
            assert inspect.iscoroutinefunction(theirs[name]), name
            assert async_returns == returns, name


class SentError(Exception):
    """Carries the call that a facade sends."""

    def __init__(self, call: Call[Any], options: dict[str, Any]) -> None:
        super().__init__()
        self.sent = (call, options)


class Catcher:
    """A sender that sends nothing."""

    async def send(self, call: Call[Any], **options: Any) -> NoReturn:
        raise SentError(call, options)

    async def resolve(self, call: Call[Any], options: CallOptions, /) -> NoReturn:
        raise NotImplementedError

    def map(self, *_: Any, **options: Any) -> AsyncGenerator[Any, None]:
        raise NotImplementedError

    async def quota(self, operation: Operation[Any]) -> QuotaState:
        raise NotImplementedError

    def unrepeated(self) -> "Catcher":
        return self


def context(*, is_async: bool) -> Context:
    clock = FakeClock()
    io: Any = AsyncioIo(ScriptedTransport(), clock) if is_async else ThreadIo(ScriptedTransport(), clock)  # type: ignore[arg-type]  # nothing is sent
    return Context(Catcher(), io, clock, "A1F83G8C2ARO7P")


def example(annotation: Any) -> Any:
    """Return some value of a type."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Required, typing.Annotated):
        return example(inner[0])
    if origin is not None and issubclass(origin, Sequence):
        return [example(inner[0])]
    if inner:
        return example(next(each for each in inner if each is not type(None)))
    if issubclass(annotation, Model):
        return drawn(annotation, 1)[0]
    if issubclass(annotation, Enum):
        return next(iter(annotation))
    if issubclass(annotation, datetime):
        return START.astimezone(UTC) - timedelta(days=1)
    return annotation("1")


def arguments(method: Callable[..., Any]) -> dict[str, Any]:
    """Return values for what a method cannot do without."""
    hints = typing.get_type_hints(method, include_extras=True)
    found: dict[str, Any] = {"deadline": 7.0}
    for each in list(inspect.signature(method).parameters.values())[1:]:
        if each.kind is each.VAR_KEYWORD:
            given = typing.get_args(hints[each.name])[0]
            types = typing.get_type_hints(given, include_extras=True)
            found |= {name: example(types[name]) for name in given.__required_keys__}
            if not given.__required_keys__ and "created_after" in types:
                found["created_after"] = example(types["created_after"])  # one span of time is needed
        elif each.default is each.empty:
            found[each.name] = CHECKED.get(each.name) or example(hints[each.name])
    return found


CALLS = [
    pytest.param(sync, other, name, id=f"{sync.__name__}.{name}")
    for sync, other in FACADES
    for name in methods(sync)
    if name not in WITH_TESTS_OF_THEIR_OWN
]


@pytest.mark.parametrize(("sync", "other", "name"), CALLS)
def test_both_forms_send_the_same_call(sync: type[Api], other: type[AsyncApi], name: str) -> None:
    given = arguments(methods(sync)[name])

    def first() -> object:
        made = getattr(sync(context(is_async=False)), name)(**given)
        return next(made)

    async def second() -> object:
        made = getattr(other(context(is_async=True)), name)(**given)
        return await (anext(made) if hasattr(made, "__anext__") else made)

    with pytest.raises(SentError) as mine:
        first()
    with pytest.raises(SentError) as theirs:
        asyncio.run(second())
    assert theirs.value.sent == mine.value.sent
    assert mine.value.sent[1] == {"deadline": 7.0}
