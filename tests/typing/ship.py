"""What the checkers know about shipping. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from pathlib import Path
from typing import assert_type

from spshipping import AsyncClient, Client
from spshipping.journal import Charge, MemoryJournal, PurchaseJournal, SqliteJournal
from spshipping.shipping import (
    AsyncPurchases,
    GetRatesRequest,
    PackageDocument,
    Purchase,
    Purchases,
    Resumed,
    Shipment,
)


def journals(path: Path) -> list[PurchaseJournal]:
    return [MemoryJournal(), SqliteJournal(path)]


def ship(client: Client, parcel: GetRatesRequest, journal: PurchaseJournal) -> None:
    shipment = client.shipping.ship(parcel, reference="1001", journal=journal, choose="fastest", format="ZPL")
    assert_type(shipment, Shipment)
    assert_type(shipment.labels, tuple[PackageDocument, ...])
    assert_type(shipment.files, tuple[Path, ...])
    assert_type(shipment.charge, Charge | None)
    client.shipping.ship(parcel, reference="1001", journal=journal, choose=lambda quote: quote.cheapest())
    client.shipping.ship(parcel, reference="1001", journal=journal, choose="dearest")  # type: ignore[arg-type]
    client.shipping.ship(parcel, reference="1001", journal=journal, colour="red")  # type: ignore[call-arg]
    client.shipping.ship(parcel, reference="1001")  # type: ignore[call-arg]


def after(client: Client, journal: PurchaseJournal) -> None:
    purchases = Purchases(client.context, journal, seller="my shop")
    assert_type(purchases.resume(), Resumed)
    assert_type(purchases.unsettled(), list[Purchase])
    assert_type(purchases.find("1001"), Purchase | None)
    assert_type(purchases.settle("1001", not_bought=True), Purchase)


async def asynchronous(client: AsyncClient, parcel: GetRatesRequest, journal: PurchaseJournal) -> None:
    assert_type(await client.shipping.ship(parcel, reference="1001", journal=journal), Shipment)
    purchases = AsyncPurchases(client.context, journal)
    assert_type(await purchases.resume(), Resumed)
    assert_type(await purchases.cancel("1001"), Purchase)
