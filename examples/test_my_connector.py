"""A connector and its tests, with no network, account or money. Run `pytest`, with `spshipping[testing]`."""

from spshipping import Client
from spshipping.sandbox import Sandbox, example_order
from spshipping.sandbox.clock import SandboxClock
from spshipping.shipping import GetRatesRequest, PurchaseShipmentResult
from spshipping.testing import NamedFaults


def buy_label(client: Client, parcel: GetRatesRequest) -> PurchaseShipmentResult:
    """Buy the cheapest label: what the connector is there for."""
    quote = client.shipping.get_rates(parcel)
    return client.shipping.purchase_shipment(quote.purchase_request(quote.cheapest(), format="PDF"))


def test_the_cheapest_label_is_bought(sp_sandbox: Sandbox, sp_client: Client) -> None:
    label = buy_label(sp_client, example_order())
    bought = sp_sandbox.bought.one(reference="ORDER-1001-1")
    assert (bought.shipment_id, f"{bought.cost:.2f} {bought.currency}") == (label.shipment_id, "3.75 GBP")
    assert (
        sp_sandbox.requests.one("purchaseShipment").body["requestedDocumentSpecification"]["format"] == "PDF"
    )


def test_a_lost_answer_buys_no_second_label(
    sp_sandbox: Sandbox, sp_client: Client, sp_faults: NamedFaults
) -> None:
    sp_faults("drop_after", "purchaseShipment")
    label = buy_label(sp_client, example_order())
    assert sp_sandbox.requests.count("purchaseShipment") == 2
    assert sp_sandbox.bought.one().shipment_id == label.shipment_id


def test_a_parcel_arrives(sp_client: Client, sp_clock: SandboxClock) -> None:
    label = buy_label(sp_client, example_order())
    sp_clock.advance(3 * 86400)
    tracked = sp_client.shipping.get_tracking(tracking_id=label.tracking_id or "", carrier_id="AMZN_UK")
    assert tracked.summary.status == "Delivered"
