"""A shop with its gateway on the local SP-API, under threads and under asyncio."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spshipping.sandbox import Sandbox
from spshipping.settings import Settings, ShopSettings
from spshipping.shipping import Address
from spshipping.shipping.gateway import (
    AsyncShipmentGateway,
    ItemToShip,
    OrderToShip,
    ShipmentGateway,
)
from tests.onloop import OnLoop
from tests.ship.conftest import Stage

PAGE: dict[str, Any] = {
    "ClientId": "amzn1.application-oa2-client.sandbox",
    "ClientSecret": "s",
    "RefreshToken": "t",
    "MarketPlaceId": "A1F83G8C2ARO7P",
    "SellerName": "harbour-lane",
    "EnableOrderCreation": True,
    "ShipFromName": "Harbour Lane Ceramics",
    "ShipFromStreet": "Unit 4",
    "ShipFromCity": "Liverpool",
    "ShipFromZipCode": "L3 4AF",
    "ShipFromCountryCode": "GB",
    "LengthAttribute": "length",
    "DefaultLength": 30,
    "DefaultWidth": 20,
    "DefaultHeight": 10,
    "WeightAttribute": "weight",
    "DefaultWeight": Decimal("0.5"),
}
ADDRESS = Address(
    name="Ada Example",
    address_line1="12 Orchard Row",
    city="Bristol",
    state_or_region="Avon",
    postal_code="BS1 5TR",
    country_code="GB",
)
BOWL = ItemToShip("BOWL-24", 2, {"weight": Decimal("0.55")}, value=Decimal("24.00"))
OUTSIDE = OrderToShip("1001", (BOWL,), ADDRESS)
AMAZONS = OrderToShip(
    "902-3159896-1390916", (BOWL._replace(item_id="item-7", product=None),), channel="AMAZON"
)


def shop(**changes: Any) -> ShopSettings:
    """Return the settings of a shop's page."""
    return Settings.from_mapping({"connections": {"uk": {**PAGE, **changes}}}).connection("uk").shop()


class Shop(Stage):
    """A stage with a gateway."""

    def gateway(self, page: ShopSettings | None = None, client: Any = None, **options: Any) -> Any:
        """Return a gateway with the methods of `ShipmentGateway`."""
        context = (client or self.client).context
        settings = page or shop()
        if self.loop is None:
            return ShipmentGateway(context, settings, self.journal, **options)
        return OnLoop(AsyncShipmentGateway(context, settings, self.journal, **options), self.loop)


@pytest.fixture(params=["threads", "asyncio"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with Sandbox() as sandbox:
        made = Shop(sandbox, request.param, tmp_path)
        yield made
        made.close()
