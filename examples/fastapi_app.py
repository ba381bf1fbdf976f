"""A web service that quotes and buys labels, with FastAPI and `AsyncClient`.

    uvicorn --factory examples.fastapi_app:create_app
    curl --json @examples/order.json http://127.0.0.1:8000/labels/ORDER-1001

It takes its connection from the environment; `spshipping sandbox` prints what to set for a trial.

A label has a reference, which the shop gives it. The same reference again returns the same label, whatever
happened to the first request: its client may have hung up, or Amazon's answer may have been lost.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, TypeVar, Unpack

from fastapi import Body, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from spshipping import (
    AsyncClient,
    Call,
    InvalidRequestError,
    OutcomeUnknownError,
    QuotaError,
    SpShippingError,
    Unsettled,
    call_from_json,
    call_to_json,
)
from spshipping.async_client import AsyncClientOptions
from spshipping.shipping import PURCHASE_SHIPMENT, GetRatesRequest, PurchaseShipmentResult

T = TypeVar("T")
logger = logging.getLogger("labels")


class Label(BaseModel):
    """A label that was bought."""

    reference: str
    shipment_id: str
    tracking_id: str | None


class HungUpError(Exception):
    """The client of the HTTP request has closed its connection."""


class Shop:
    """Buys labels. The dictionaries stand for tables of a database; each change is committed at once."""

    def __init__(self, **options: Unpack[AsyncClientOptions]) -> None:
        self.calls: dict[str, str] = {}
        """What was begun, by reference: the purchase with its key, as text."""
        self.labels: dict[str, Label] = {}
        """What was bought, by reference."""
        self._unsettled: asyncio.Queue[Unsettled] = asyncio.Queue()
        options["on_unsettled"] = self._unsettled.put_nowait
        self.client = AsyncClient.from_env(**options)

    async def buy(self, reference: str, order: GetRatesRequest) -> Label:
        """Return the label of *reference*; it is bought if it was not before.

        Raises:
            OutcomeUnknownError: it may have been bought; the same reference again settles it.
            SpShippingError: it was not bought.
        """
        if reference in self.labels:
            return self.labels[reference]
        if reference in self.calls:
            return await self._settle(reference, call_from_json(self.calls[reference]))
        quote = await self.client.shipping.get_rates(order)
        request = quote.purchase_request(quote.cheapest(), format="PDF")
        call = PURCHASE_SHIPMENT(body=request).with_key()
        text = call_to_json(call)
        # stored before it is sent; another request may have been quicker since
        if self.calls.setdefault(reference, text) is not text:
            return await self._settle(reference, call_from_json(self.calls[reference]))
        try:
            return self._bought(reference, (await self.client.send(call)).value)
        except OutcomeUnknownError:
            raise
        except SpShippingError:
            del self.calls[reference]  # nothing was bought
            raise

    async def _settle(self, reference: str, begun: Call[Any] | Unsettled) -> Label:
        return self._bought(reference, (await self.client.resolve(begun)).value)

    def _bought(self, reference: str, result: PurchaseShipmentResult) -> Label:
        label = Label(reference=reference, shipment_id=result.shipment_id, tracking_id=result.tracking_id)
        return self.labels.setdefault(reference, label)

    async def settle_interrupted(self) -> None:
        """Settle, for ever, each purchase whose request was interrupted, so that its label is there."""
        while True:
            unsettled = await self._unsettled.get()
            logger.warning("%r", unsettled)
            key = unsettled.call.key
            reference = next(each for each, text in self.calls.items() if call_from_json(text).key == key)
            with suppress(SpShippingError):  # the next request with this reference tries it again
                await self._settle(reference, unsettled)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the shop and close it. Closing waits for purchases that were interrupted."""
    shop: Shop = app.state.shop
    async with shop.client:
        settling = asyncio.create_task(shop.settle_interrupted())
        yield
        settling.cancel()


async def until_hung_up(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return the result of *work*, which is cancelled when the client of *request* hangs up.

    Raises:
        HungUpError: it has.
    """
    task = asyncio.ensure_future(work)

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        task.cancel()

    watcher = asyncio.create_task(watch())
    try:
        return await task
    except asyncio.CancelledError:
        if watcher.done():
            raise HungUpError from None
        raise
    finally:
        watcher.cancel()


async def refused(_request: Request, error: Exception) -> Response:
    """Answer with what went wrong: whose fault it was, and when to come again."""
    headers, status = {}, 502
    if isinstance(error, InvalidRequestError):
        status = 422
    elif isinstance(error, QuotaError | OutcomeUnknownError):
        status = 503
        headers["retry-after"] = str(int(error.wait) + 1 if isinstance(error, QuotaError) else 5)
    return JSONResponse({"error": str(error)}, status, headers)


async def hung_up(_request: Request, _error: Exception) -> Response:
    """Answer with the status that proxies log for a client that has gone."""
    return Response(status_code=499)


def create_app(**options: Unpack[AsyncClientOptions]) -> FastAPI:
    """Make the web service; *options* are those of its client."""
    app = FastAPI(title="Labels", lifespan=lifespan)
    options.setdefault("max_wait", 5.0)
    options.setdefault("deadline", 30.0)
    app.state.shop = shop = Shop(**options)
    app.add_exception_handler(SpShippingError, refused)
    app.add_exception_handler(HungUpError, hung_up)

    @app.post("/labels/{reference}")
    async def buy(reference: str, order: Annotated[GetRatesRequest, Body()], request: Request) -> Label:
        """Buy the cheapest label for a request for rates."""
        return await until_hung_up(request, shop.buy(reference, order))

    @app.get("/labels/{reference}")
    async def show(reference: str) -> Label | None:
        """Show a label, if it is bought."""
        return shop.labels.get(reference)

    return app
