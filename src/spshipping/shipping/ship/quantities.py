"""The items of an order's parcels, which are no more than the order has."""

from collections import Counter
from collections.abc import Mapping, Sequence

from spshipping.errors import InvalidRequestError
from spshipping.shipping.models.rates import GetRatesRequest


def check_quantities(parcels: Sequence[GetRatesRequest], items: Mapping[str, int] | None) -> None:
    """Compare what all parcels hold with the order's quantities, by `item_identifier`.

    Raises:
        InvalidRequestError: the parcels hold more of an item than the order, or an item that the order does
            not have; names where it stands, and not the item.
    """
    if items is None:
        return
    _check_order(items)
    shipped: Counter[str] = Counter()
    for number, parcel in enumerate(parcels):
        for index, item in enumerate(parcel.packages[0].items):
            path = f"parcels[{number}].packages[0].items[{index}]"
            name = item.item_identifier
            if name is None or name not in items:
                raise InvalidRequestError(
                    "is not among the items of the order", path=f"{path}.item_identifier"
                )
            if item.quantity < 1:
                raise InvalidRequestError("must be a whole number above 0", path=f"{path}.quantity")
            shipped[name] += item.quantity
            if shipped[name] > items[name]:
                raise InvalidRequestError(
                    f"the parcels hold {shipped[name]} of this item by here, and the order has {items[name]}",
                    path=f"{path}.quantity",
                )


def _check_order(items: Mapping[str, int]) -> None:
    for index, quantity in enumerate(items.values()):
        if type(quantity) is not int or quantity < 0:
            raise InvalidRequestError(
                f"the quantity of item {index + 1} must be a whole number, 0 or more", path="items"
            )
