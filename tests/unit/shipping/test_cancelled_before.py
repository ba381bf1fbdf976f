"""G11: a second cancellation is a ConflictError; whatever else Amazon refuses stays what it is."""

from collections.abc import Callable

import pytest

from spshipping import BadRequestError, ConflictError
from spshipping.operation import Effect, Operation, Quota
from spshipping.sandbox import Sandbox
from tests.drives import DRIVES, Drive
from tests.kit import ScriptedTransport, refusal
from tests.unit.shipping.build import rates_request


@pytest.fixture(params=DRIVES)
def drive(request: pytest.FixtureRequest) -> Drive:
    make: Callable[[], Drive] = request.param
    return make()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("The shipment is already cancelled", ConflictError),
        ("Shipment S1 has ALREADY BEEN CANCELED.", ConflictError),
        ("The shipment has been picked up and can no longer be cancelled", BadRequestError),
        ("", BadRequestError),
    ],
)
def test_g11_a_second_cancellation_has_a_class_of_its_own(
    drive: Drive, message: str, expected: type[Exception]
) -> None:
    client = drive.client(ScriptedTransport([refusal(400, "InvalidInput", message)]))
    with pytest.raises(expected) as caught:
        client.shipping.cancel_shipment("S1")
    drive.close()
    assert type(caught.value) is expected
    assert isinstance(caught.value, ConflictError | BadRequestError)
    assert (caught.value.status, caught.value.code) == (400, "InvalidInput")


def test_g11_the_sandbox_refuses_a_second_cancellation_as_amazon_does() -> None:
    with Sandbox() as sandbox, sandbox.client() as client:
        quote = client.shipping.get_rates(rates_request())
        request = quote.purchase_request(quote.cheapest(), format="PNG")
        bought = client.shipping.purchase_shipment(request)
        client.shipping.cancel_shipment(bought.shipment_id)
        with pytest.raises(ConflictError, match="already cancelled"):
            client.shipping.cancel_shipment(bought.shipment_id)


def test_g11_an_operation_of_your_own_declares_its_words() -> None:
    undo = Operation(
        name="undo",
        route="DELETE /gifts",
        returns=type(None),
        quota=Quota(1, burst=1),
        effect=Effect.IDEMPOTENT,
        errors={"gone already": ConflictError},
    )
    assert undo.errors == {"gone already": ConflictError}
