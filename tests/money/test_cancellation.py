"""A purchase that is cancelled at every step, in every way: nothing is lost, nothing is bought twice."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from spshipping import AsyncClient, Unsettled
from spshipping.shipping import ONE_CLICK_SHIPMENT, PURCHASE_SHIPMENT
from tests.matrix.stage import Stage
from tests.money.scene import (
    ANSWERED,
    CANCELLATIONS,
    NOT_SENT,
    UNANSWERED,
    Buy,
    Scene,
    Step,
    shown,
    sleeping_before_a_retry,
)

Cancel = Callable[[Scene, Buy], Awaitable[BaseException]]
CASES = [
    (step, operation)
    for step in (*NOT_SENT, *UNANSWERED, *ANSWERED)
    for operation in (PURCHASE_SHIPMENT.name, ONE_CLICK_SHIPMENT.name)
    # what has no key is not repeated
    if not (step is sleeping_before_a_retry and operation == ONE_CLICK_SHIPMENT.name)
]


@pytest.mark.parametrize("cancel", CANCELLATIONS, ids=lambda cancel: cancel.__name__)
@pytest.mark.parametrize(("step", "operation"), CASES, ids=lambda case: getattr(case, "__name__", case))
def test_a2_of_a_purchase_that_is_cancelled_nothing_is_lost(
    stage: Stage, step: Step, operation: str, cancel: Cancel
) -> None:
    call = stage.call(operation)
    heard: list[Unsettled] = []

    async def buy() -> AsyncClient:
        scene = Scene(stage, proxy)
        scene.options["on_unsettled"] = heard.append
        step(scene)
        async with scene.client() as client:
            await cancel(scene, lambda: client.send(call))
            scene.release()
        return client

    with shown(stage) as proxy:
        client = asyncio.run(buy())
    labels, unsettled = stage.sandbox.ledger.labels, client.unsettled()
    assert list(unsettled) == heard
    assert len(labels) == (step in ANSWERED or step is sleeping_before_a_retry)
    assert len(unsettled) == (step not in NOT_SENT)
    if unsettled:
        assert (unsettled[0].call.operation.name, unsettled[0].call.key) == (operation, call.key)
        reply = unsettled[0].reply
        assert (reply is not None) == (step in ANSWERED)
        assert reply is None or reply.value.shipment_id == labels[0].shipment_id
    if unsettled and call.key:
        assert resolved(stage, client, unsettled[0]) == stage.sandbox.ledger.labels[0].shipment_id
    assert len(stage.sandbox.ledger.labels) == (1 if unsettled and call.key else len(labels))


def resolved(stage: Stage, client: AsyncClient, unsettled: Unsettled) -> str:
    """Return the shipment that `resolve` finds, on another event loop."""

    async def resolve() -> str:
        async with client.with_options(endpoint=stage.sandbox.url, on_reply=lambda _: None) as other:
            reply = await other.resolve(unsettled)
            assert other.unsettled() == ()
        await client.close()
        shipment_id: str = reply.value.shipment_id
        return shipment_id

    return asyncio.run(resolve())
