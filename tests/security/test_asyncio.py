"""What asyncio says by itself shows nothing: lost tasks, their repr, slow callbacks, its debug mode."""

import asyncio
import gc
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from spshipping import dumps
from spshipping.async_client import AsyncClient
from spshipping.orders import v0
from spshipping.sandbox.faults import KINDS
from tests.onloop import Loop, OnLoop
from tests.security.canary import SECRETS, Catch, surfaces
from tests.security.order_calls import ELEMENTS
from tests.security.world import CLIENT_ID, World

pytestmark = pytest.mark.parametrize("here", ["tasks"], indirect=True)


async def lost(catch: Catch, work: Coroutine[Any, Any, Any]) -> None:
    """Run something in a task whose result nobody takes, and look at the task meanwhile."""
    task = asyncio.ensure_future(work)
    while not task.done():
        catch.say("repr", repr(task), str(task))
        await asyncio.sleep(0)
    catch.say("repr", repr(task))
    del task
    gc.collect()


async def left(catch: Catch, work: Coroutine[Any, Any, Any], steps: int) -> None:
    """Cancel a task in the midst of what it does."""
    task = asyncio.ensure_future(work)
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except BaseException as error:
        catch.caught(error)
    catch.say("repr", repr(task))


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_that_is_lost_shows_nothing(here: World, tmp_path: Path, kind: str) -> None:
    with surfaces(tmp_path) as catch, here.client() as client:
        assert isinstance(client, OnLoop)
        own: AsyncClient = client._target
        client.send(v0.GET_ORDER(path={"orderId": here.orders[0].id}), pii=ELEMENTS)
        for operation, work in (
            ("getRates", own.shipping.get_rates(here.order)),
            ("getOrder", own.orders.v0.get_order(here.orders[0].id, pii=ELEMENTS)),
            ("lwa", own.with_options(token_cache=type(here.tokens)()).shipping.get_rates(here.order)),
        ):
            here.box.add_fault(operation, kind, count=9, seconds=0.001)
            client._loop.run(lost(catch, work))
            here.box.faults.clear()
    assert any("took" in line for line in catch.said["log"])
    assert catch.leaks() == {}


@pytest.mark.parametrize("steps", [1, 2, 5, 20, 80])
def test_a_task_that_is_cancelled_shows_nothing(here: World, tmp_path: Path, steps: int) -> None:
    with surfaces(tmp_path) as catch, here.client() as client:
        own: AsyncClient = client._target
        fresh = own.with_options(token_cache=type(here.tokens)())
        for work in (own.shipping.get_rates(here.order), fresh.shipping.get_rates(here.order)):
            client._loop.run(left(catch, work, steps))
    assert catch.leaks() == {}


async def naive(here: World) -> None:
    """Do the same as it is usually written."""
    form = {
        "grant_type": "refresh_token",
        "client_id": CLIENT_ID,
        "client_secret": SECRETS["client secret"],
        "refresh_token": SECRETS["refresh token"],
    }
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        async with session.post(here.box.token_url, data=form) as answer:
            headers = {"x-amz-access-token": (await answer.json())["access_token"]}
        url = f"{here.box.url}/shipping/v2/shipments/rates"
        await session.post(url, headers=headers, json=json.loads(dumps(here.order)))


def test_a_task_as_usually_written_shows_secrets_and_people_when_it_is_lost(
    here: World, tmp_path: Path
) -> None:
    here.box.add_fault("getRates", "drop_after")
    loop = Loop(debug=True)
    with surfaces(tmp_path) as catch:
        loop.run(lost(catch, naive(here)))
        loop.close()
    found = set(catch.leaks())
    assert any("never retrieved" in line for line in catch.said["log"])
    assert {("traceback", "access token"), ("traceback", "buyer's name")} <= found
