"""What the checkers know about an asynchronous client. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, assert_type, reveal_type

import requests

from spshipping import AsyncClient, Attempt, Client, Credentials, Marketplace, OutcomeUnknownError, Reply
from spshipping.async_client import AsyncMap
from spshipping.auth.tokens import CreateRestrictedDataTokenRequest, CreateRestrictedDataTokenResponse
from spshipping.auth.tokens_async import AsyncTokensApi
from spshipping.facade import Context
from spshipping.notifications import Destination
from spshipping.notifications.api_async import AsyncNotificationsApi
from spshipping.operation import Call
from spshipping.orders import AsyncOrdersApi
from spshipping.sellers import MarketplaceParticipation
from spshipping.sellers.api_async import AsyncSellersApi
from spshipping.shipping import (
    GET_RATES,
    CancelShipmentResult,
    GetRatesRequest,
    GetRatesResult,
    GetTrackingResult,
    PurchaseShipmentRequest,
    PurchaseShipmentResult,
)
from spshipping.shipping.api_async import AsyncShippingApi
from spshipping.transport.bucket import QuotaState
from spshipping.transport.bulk import Mapped
from spshipping.transport.unsettled import Unsettled


def the_facades(client: AsyncClient) -> None:
    assert_type(client.shipping, AsyncShippingApi)
    assert_type(client.orders, AsyncOrdersApi)
    assert_type(client.notifications, AsyncNotificationsApi)
    assert_type(client.sellers, AsyncSellersApi)
    assert_type(client.tokens, AsyncTokensApi)
    assert_type(client.context, Context)


async def the_methods(
    client: AsyncClient,
    order: GetRatesRequest,
    purchase: PurchaseShipmentRequest,
    mint: CreateRestrictedDataTokenRequest,
) -> None:
    quote = await client.shipping.get_rates(order, timeout=(1.0, 5))
    assert_type(quote, GetRatesResult)
    assert_type(
        await client.shipping.purchase_shipment(purchase, idempotency_key="key"), PurchaseShipmentResult
    )
    assert_type(await client.shipping.get_tracking(tracking_id="T", carrier_id="C"), GetTrackingResult)
    assert_type(await client.shipping.cancel_shipment("S", deadline=30.0), CancelShipmentResult)
    assert_type(await client.sellers.get_marketplace_participations(), list[MarketplaceParticipation])
    assert_type(await client.notifications.get_destinations(), list[Destination])
    assert_type(await client.tokens.create_restricted_data_token(mint), CreateRestrictedDataTokenResponse)
    str(quote.raets)  # type: ignore[attr-defined]
    quote.rates[0].total_charge.valeu = 1  # type: ignore[attr-defined]


async def what_is_refused(
    client: AsyncClient, order: GetRatesRequest, purchase: PurchaseShipmentRequest
) -> None:
    await client.shipping.get_rates(purchase)  # type: ignore[arg-type]
    await client.shipping.get_rates({"shipFrom": {}})  # type: ignore[arg-type]
    await client.shipping.get_rates(order, max_wiat=1.0)  # type: ignore[call-arg]
    await client.shipping.get_rates(order, deadline="soon")  # type: ignore[arg-type]
    await client.shipping.cancel_shipment(7)  # type: ignore[arg-type]
    str(client.shipping.get_rates(order).rates)  # type: ignore[attr-defined]
    await client.send(GET_RATES)  # type: ignore[arg-type]
    for _ in client.map(rates_of, [order]):  # type: ignore[attr-defined]
        pass
    with client:  # type: ignore[attr-defined]
        pass


async def the_other_client(client: Client, order: GetRatesRequest) -> None:
    """What is synchronous cannot be awaited."""
    await client.shipping.get_rates(order)  # type: ignore[misc]
    await client.send(GET_RATES(body=order))  # type: ignore[misc]
    async for _ in client.map(rates_of, [order]):  # type: ignore[attr-defined]
        pass


def rates_of(order: GetRatesRequest) -> Call[GetRatesResult]:
    """Return the call for an item."""
    return GET_RATES(body=order)


async def calls_and_replies(client: AsyncClient, order: GetRatesRequest, error: OutcomeUnknownError) -> None:
    reply = await client.send(GET_RATES(body=order), max_wait=0)
    assert_type(reply, Reply[GetRatesResult])
    assert_type(reply.next_call, Call[GetRatesResult] | None)
    assert_type(await client.resolve(error), Reply[Any])
    assert_type(client.unsettled(), tuple[Unsettled, ...])
    assert_type(await client.quota(GET_RATES), QuotaState)
    mapping = client.map(rates_of, [order], concurrency=4)
    assert_type(mapping, AsyncMap[GetRatesRequest, GetRatesResult])
    async with mapping as results:
        assert_type(results, AsyncGenerator[Mapped[GetRatesRequest, GetRatesResult], None])
        async for result in results:
            assert_type(result.item, GetRatesRequest)
            assert_type(result.value, GetRatesResult)
    client.map(rates_of, ["1"])  # type: ignore[arg-type]


async def watch(attempt: Attempt) -> None:
    assert_type(attempt.status, int | None)


async def watch_text(text: str) -> None:
    """Not what `on_reply` calls."""


async def making_clients(credentials: Credentials, kept: list[Attempt]) -> None:
    assert_type(AsyncClient(credentials, Marketplace.UK, on_reply=watch), AsyncClient)
    client = AsyncClient(credentials, Marketplace.UK, on_reply=kept.append, timeout=5)
    assert_type(AsyncClient.from_env(strict=True), AsyncClient)
    assert_type(client.with_options(max_wait=0.0), AsyncClient)
    assert_type(client.for_seller("Atzr|other"), AsyncClient)
    async with client as same:
        assert_type(same, AsyncClient)
    AsyncClient(credentials, Marketplace.UK, session=requests.Session())  # type: ignore[call-arg]
    AsyncClient(credentials, Marketplace.UK, adapter=requests.adapters.HTTPAdapter())  # type: ignore[call-arg]
    AsyncClient(credentials, Marketplace.UK, tiemout=5)  # type: ignore[call-arg]
    AsyncClient(credentials, Marketplace.UK, on_reply=watch_text)  # type: ignore[arg-type]
    AsyncClient(credentials, "UK", region="EU", shipping_business="UK").for_seller("Atzr|x", "DE")
    client.with_options(sesion=None)  # type: ignore[call-arg]


async def within_a_workflow(context: Context, order: GetRatesRequest) -> None:
    """A workflow of one's own is typed to the last value, and serves either client."""
    reply = await context.sender.send(GET_RATES(body=order))
    assert_type(reply.value, GetRatesResult)
    found: AsyncIterator[Mapped[GetRatesRequest, GetRatesResult]] = context.sender.map(rates_of, [order])
    async for result in found:
        reveal_type(result.value)
        assert_type(result.value.cheapest().rate_id, str)
        str(result.value.cheapest().rateid)  # type: ignore[attr-defined]
    await context.sender.send(rates_of)  # type: ignore[arg-type]
