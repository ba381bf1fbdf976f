"""A sender that is switched off refuses in every way of sending, and still says how the quota stands."""

from collections.abc import Callable

import pytest

from spshipping import SwitchedOffError
from spshipping.shipping import CANCEL_SHIPMENT
from spshipping.shipping.gateway.switched_off import context_of
from tests.drives import DRIVES, Drive, listed
from tests.kit import ScriptedTransport

CALL = CANCEL_SHIPMENT(path={"shipmentId": "1"}, headers={"x-amzn-shipping-business-id": "AmazonShipping_UK"})


@pytest.mark.parametrize("make", DRIVES)
def test_nothing_is_sent_in_any_way(make: Callable[[], Drive]) -> None:
    drive, network = make(), ScriptedTransport([])
    context = drive.context(network)
    sender = context_of(context, is_enabled=False).sender

    async def mapped() -> object:
        return await listed(sender.map(lambda _: CALL, [1]))

    for act in (
        lambda: sender.send(CALL),
        lambda: sender.resolve(CALL, {}),
        lambda: sender.unrepeated().send(CALL),
        mapped,
    ):
        with pytest.raises(SwitchedOffError):
            drive.run(act())
    assert network.requests == []
    state = drive.run(sender.quota(CANCEL_SHIPMENT))
    assert state == drive.run(context.sender.quota(CANCEL_SHIPMENT))
    assert context_of(context, is_enabled=True) is context
    drive.close()
