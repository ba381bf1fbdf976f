"""The contents of a label, whatever its format."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple


class LabelContents(NamedTuple):
    """What the label and the packing slip of one parcel print."""

    sender: Mapping[str, Any]
    recipient: Mapping[str, Any]
    package: Mapping[str, Any]
    service_name: str
    service_letter: str
    tracking_id: str
    kilograms: Decimal
    bought_at: datetime
    notes: tuple[str, ...]
    """Further lines that the seller requested."""

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return the small print: names and values."""
        return (
            ("WEIGHT", f"{self.kilograms:.2f} kg"),
            ("SHIPPED", f"{self.bought_at:%d %b %Y}"),
            ("PARCEL", "1 of 1"),
        )

    def items(self) -> list[str]:
        """Return the lines of the packing slip."""
        return [f"{item['quantity']} x {item.get('description') or 'Item'}" for item in self.package["items"]]


def printable(text: str) -> str:
    """Return *text* without characters that cannot be printed."""
    return "".join(mark for mark in text if mark.isprintable())


def address_lines(address: Mapping[str, Any]) -> list[str]:
    """Return the lines of *address*."""
    names = ("name", "companyName", "addressLine1", "addressLine2", "addressLine3")
    lines = [address[name] for name in names if address.get(name)]
    region = "" if address["stateOrRegion"] == address["city"] else f", {address['stateOrRegion']}"
    return [*lines, f"{address['city']}{region}", f"{address['postalCode']} {address['countryCode']}"]


def notes_of(package: Mapping[str, Any], requested: list[str], cash: str | None) -> tuple[str, ...]:
    """Return the lines of the *requested* label attributes."""
    texts = {
        "PACKAGE_CLIENT_REFERENCE_ID": f"Ref {package['packageClientReferenceId']}",
        "SELLER_DISPLAY_NAME": package.get("sellerDisplayName"),
        "COLLECT_ON_DELIVERY_AMOUNT": cash,
    }
    return tuple(text for name in requested if (text := texts[name]))
