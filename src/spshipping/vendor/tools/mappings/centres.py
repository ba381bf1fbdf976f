"""Amazon's fulfilment centres: a few codes with their sources, and what your own purchase orders show."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from spshipping.errors import ConfigurationError, DecodeError
from spshipping.vendor.orders.models.parties import Address
from spshipping.vendor.orders.models.purchase_orders import Order
from spshipping.vendor.rules.quantities import details
from spshipping.wire.convert import from_dict, to_dict
from spshipping.wire.text import parse, write

_MODELS = "https://github.com/amzn/selling-partner-api-models/tree/main/models"
_LABELS = f"{_MODELS}/vendor-shipments-api-model"
_SAMPLES = "https://github.com/amzn/selling-partner-api-samples"
_VERSION = 1

STARTER: Mapping[str, str] = {
    "IND1": f"an example of GetShipmentLabels: {_LABELS}",
    **dict.fromkeys(
        ("ABE2", "YYZ5", "YYZ14", "MKC6", "TUS1", "RNO1"),
        f"examples of Amazon's inbound and outbound fulfilment: {_MODELS}",
    ),
    "PHX3": f"Amazon's code samples for vendors: {_SAMPLES}",
}
"""Codes that Amazon itself has published, each with its source. No address goes with them: Amazon publishes
addresses in Vendor Central only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilmentCentre:
    """A warehouse of Amazon's."""

    code: str
    source: str
    """Where the code comes from: a purchase order of yours, or a text that Amazon has published."""
    address: Address | None = None
    """None unless one of your purchase orders shows it."""


class FulfilmentCentres(Mapping[str, FulfilmentCentre]):
    """The fulfilment centres that are known, by their codes. It never changes: `learn` returns another one.

    Example:
        ```python
        centres = FulfilmentCentres().learn(batch_of_orders)
        Path("centres.json").write_text(centres.to_json(), "utf-8")
        ```
    """

    __slots__ = ("_centres",)

    def __init__(self, centres: Iterable[FulfilmentCentre] | None = None) -> None:
        """Begin with these; None means the few whose codes Amazon has published."""
        if centres is None:
            centres = [FulfilmentCentre(code=code, source=source) for code, source in STARTER.items()]
        self._centres = {centre.code: centre for centre in centres}

    def __getitem__(self, code: str) -> FulfilmentCentre:
        return self._centres[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._centres)

    def __len__(self) -> int:
        return len(self._centres)

    def __repr__(self) -> str:
        return f"<FulfilmentCentres {', '.join(self._centres)}>"

    def learn(self, orders: Iterable[Order]) -> Self:
        """Return them with those that purchase orders go to; an address that is shown replaces an older one.

        In North America Amazon shows the code alone.
        """
        found = dict(self._centres)
        for order in orders:
            known = details(order)
            party = known.ship_to_party if known else None
            # a required field that did not come is not there
            code = str(getattr(party, "party_id", None) or "").strip()
            if party is None or not code:
                continue
            address = party.address or (found[code].address if code in found else None)
            source = f"purchase order {order.purchase_order_number.strip()}"
            is_published = code in found and found[code].source == STARTER.get(code)
            if code not in found or party.address is not None or is_published:
                found[code] = FulfilmentCentre(code=code, source=source, address=address)
        return type(self)(found.values())

    def to_json(self) -> str:
        """Return them as JSON text, with their addresses: store it where such data may be."""
        rows = [
            {
                "code": centre.code,
                "source": centre.source,
                **({"address": to_dict(centre.address)} if centre.address else {}),
            }
            for centre in self._centres.values()
        ]
        return write({"version": _VERSION, "centres": rows})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` returned.

        Raises:
            ConfigurationError: it is something else.
        """
        try:
            saved: Any = parse(text.encode("utf-8", "surrogatepass"))
            if saved["version"] != _VERSION:
                raise ValueError("another version")
            return cls(
                FulfilmentCentre(
                    code=str(row["code"]),
                    source=str(row["source"]),
                    address=from_dict(row["address"], Address) if "address" in row else None,
                )
                for row in saved["centres"]
            )
        except (DecodeError, LookupError, TypeError, ValueError):
            pass
        raise ConfigurationError("these are no fulfilment centres as to_json() writes them")
