"""A sender that sends nothing: the connection is switched off."""

from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any, NoReturn, TypeVar, Unpack

from spshipping.errors import SwitchedOffError
from spshipping.facade import Context, Sender
from spshipping.operation import Call, CallOptions, Operation, Reply
from spshipping.transport.bucket import QuotaState
from spshipping.transport.bulk import Mapped
from spshipping.transport.io import DEFAULT_CONCURRENCY

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - the item of a page


def refuse() -> NoReturn:
    """Refuse to send anything.

    Raises:
        SwitchedOffError: always.
    """
    raise SwitchedOffError(
        "this connection is switched off, and nothing is sent: switch it on with is_enabled in its settings"
    )


class SwitchedOffSender:
    """Refuses every call before anything is sent."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def send(self, call: Call[T], **options: Unpack[CallOptions]) -> Reply[T]:  # noqa: ARG002 - as `Sender`
        """Refuse."""
        refuse()

    def map(
        self,
        call_factory: Callable[[I], Call[T]],  # noqa: ARG002 - as `Sender`
        items: Iterable[I],  # noqa: ARG002 - as `Sender`
        *,
        concurrency: int = DEFAULT_CONCURRENCY,  # noqa: ARG002 - as `Sender`
        **options: Unpack[CallOptions],  # noqa: ARG002 - as `Sender`
    ) -> AsyncGenerator[Mapped[I, T], None]:
        """Refuse."""
        refuse()

    async def resolve(self, call: Call[Any], options: CallOptions, /) -> Reply[Any]:  # noqa: ARG002 - as `Sender`
        """Refuse."""
        refuse()

    async def quota(self, operation: Operation[Any]) -> QuotaState:
        """Return how the quota of *operation* stands. Sends nothing."""
        return await self._sender.quota(operation)

    def unrepeated(self) -> "SwitchedOffSender":
        """Return the same: nothing is repeated."""
        return self


def context_of(context: Context, *, is_enabled: bool) -> Context:
    """Return a context that sends nothing where the connection is switched off."""
    return context if is_enabled else context._replace(sender=SwitchedOffSender(context.sender))
