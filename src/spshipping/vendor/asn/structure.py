"""Which structure a load has, and which types of shipment go with it."""

from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn.packed import Content, Load, PackedCarton
from spshipping.vendor.shipments.models.confirmations import ShipmentStructure, ShipmentType


def check_type(given: object, path: str) -> None:
    """Check how goods travel, as the caller stated it.

    Raises:
        InvalidRequestError: Amazon has no such type.
    """
    if not isinstance(given, str) or not ShipmentType(given).is_known:
        raise InvalidRequestError(f"is one of {', '.join(each.value for each in ShipmentType)}", path=path)


def structure_of(load: Load, shipment_type: ShipmentType) -> ShipmentStructure:
    """Return the structure of a load.

    Raises:
        InvalidRequestError: Amazon has no structure for it, or not with this type; the message says how to
            divide it.
    """
    if not load.pallets and not load.cartons:
        raise InvalidRequestError("is empty: pack cartons or pallets first", path="load")
    if load.pallets and load.cartons:
        raise InvalidRequestError(
            "L-062: has cartons that are on no pallet beside pallets: make one confirmation for the pallets,"
            " and one for the other cartons; both may have the same bill of lading",
            path="load.cartons",
        )
    if not load.pallets:
        return _loose(load.cartons)
    if shipment_type == ShipmentType.SMALL_PARCEL:
        raise InvalidRequestError(
            "L-060: are in a shipment of parcels: ship them by truck, or the cartons alone",
            path="load.pallets",
        )
    return _palletised(load)


def _palletised(load: Load) -> ShipmentStructure:
    for index, pallet in enumerate(load.pallets):
        if pallet.cartons and pallet.contents:
            raise InvalidRequestError(
                "L-064: has cartons and, beside them, goods in none: put those into a carton",
                path=f"load.pallets[{index}]",
            )
        if not pallet.cartons and not pallet.contents:
            raise InvalidRequestError("L-064: is empty: leave it out", path=f"load.pallets[{index}]")
        if bool(pallet.cartons) is not bool(load.pallets[0].cartons):
            raise InvalidRequestError(
                "L-064: some pallets have cartons, and others goods in none: make one confirmation for each"
                " kind",
                path=f"load.pallets[{index}]",
            )
    if load.pallets[0].cartons:
        is_standard = _is_standard(tuple(load.all_cartons()))
        return (
            ShipmentStructure.PALLETIZED_STANDARD_CASE
            if is_standard
            else ShipmentStructure.PALLETIZED_ASSORTMENT_CASE
        )
    if any(_has_several_orders(pallet.contents) for pallet in load.pallets):
        return ShipmentStructure.MASTER_PALLET
    return ShipmentStructure.PALLET_OF_ITEMS


def _loose(cartons: tuple[PackedCarton, ...]) -> ShipmentStructure:
    if any(_has_several_orders(carton.contents) for carton in cartons):
        return ShipmentStructure.MASTER_CASE
    if _is_standard(cartons):
        return ShipmentStructure.LOOSE_STANDARD_CASE
    return ShipmentStructure.LOOSE_ASSORTMENT_CASE


def _has_several_orders(contents: tuple[Content, ...]) -> bool:
    return len({content.line.purchase_order_number.strip() for content in contents}) > 1


def _is_standard(cartons: tuple[PackedCarton, ...]) -> bool:
    """Say whether each carton holds one line, and all cartons of a line as much of it."""
    amounts: dict[object, int] = {}
    for carton in cartons:
        names = {content.line for content in carton.contents}
        amount = sum(content.amount for content in carton.contents)
        if len(names) != 1 or amounts.setdefault(names.pop(), amount) != amount:
            return False
    return True
