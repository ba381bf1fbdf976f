"""A shop with accounts of two carriers on the local SP-API, under threads and under asyncio."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spshipping import Credentials, loads
from spshipping.sandbox import Sandbox
from spshipping.shipping import (
    CarrierAccountAttribute,
    Collected,
    CollectionFormsHistoryRecord,
    GetCollectionFormHistoryRequest,
    GetRatesRequest,
    LinkCarrierAccountRequest,
)
from tests.ship.conftest import ORDER, Stage

SELLER = "A2SELLER"
STEP = 10.0
"""Seconds of the sandbox that pass while the client sleeps."""
ACCOUNTS = {
    "FEDEX": ("SHIPPER_ACCOUNT", {"accountNumber": "510087", "password": "hunter2"}),
    "UPS": (
        "SHIPPER_ACCOUNT_WITH_INVOICE",
        {"accountNumber": "1Z99", "invoiceNumber": "7", "password": "hunter2"},
    ),
}


class Shop(Stage):
    """A seller who ships with other carriers, too."""

    def __init__(self, sandbox: Sandbox, way: str, folder: Path) -> None:
        super().__init__(sandbox, way, folder)
        self.clock.on_sleep = lambda: sandbox.clock.advance(STEP)
        self.client = self.make_client(
            credentials=Credentials(**sandbox.credentials, selling_partner_id=SELLER)
        )
        for carrier, (kind, answers) in ACCOUNTS.items():
            attributes = [
                CarrierAccountAttribute(attribute_name=name, value=value) for name, value in answers.items()
            ]
            self.client.shipping.link_carrier_account(
                carrier,
                LinkCarrierAccountRequest(carrier_account_type=kind, carrier_account_attributes=attributes),
            )

    def buy(self, carrier: str = "FEDEX", street: str = "1 Dorset Street") -> None:
        """Buy a shipment with a carrier, from a place."""
        order = loads(ORDER.read_bytes(), GetRatesRequest)
        order.ship_from.address_line1 = street
        quote = self.client.shipping.get_rates(order)
        rate = next(rate for rate in quote.rates if rate.carrier_id.startswith(carrier))
        self.client.shipping.purchase_shipment(quote.purchase_request(rate, format="PDF"))

    def collect(self, **options: Any) -> list[Collected]:
        """Collect into the folder of the shop."""
        found: list[Collected] = self.client.shipping.collect(self.folder, **options)
        return found

    @property
    def forms(self) -> int:
        """How many forms there are at Amazon."""
        return len(self.history)

    @property
    def history(self) -> list[CollectionFormsHistoryRecord]:
        """The history at Amazon."""
        answer = self.client.shipping.get_collection_form_history(GetCollectionFormHistoryRequest())
        found: list[CollectionFormsHistoryRecord] = answer.collection_forms_history_record_list
        return found


@pytest.fixture(params=["threads", "asyncio"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with Sandbox() as sandbox:
        made = Shop(sandbox, request.param, tmp_path / "forms")
        yield made
        made.close()
