"""Turns a purchase order into the shop's words."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol, TypeVar

from spshipping.regions import Marketplace
from spshipping.vendor.orders.models.acknowledgements import OrderAcknowledgement
from spshipping.vendor.orders.models.purchase_orders import OrderDetails
from spshipping.vendor.orders.models.status import OrderItemStatus
from spshipping.vendor.rules.quantities import details, ordered, party
from spshipping.vendor.sync.imported import ImportedLine, ImportedOrder
from spshipping.vendor.tools.mappings.centres import FulfilmentCentres
from spshipping.vendor.tools.mappings.credits import credits_of
from spshipping.vendor.tools.mappings.order import (
    MappedAddress,
    MappedCredit,
    MappedLine,
    MappedOrder,
    Unmapped,
)
from spshipping.vendor.tools.mappings.table import StatusTable, StatusVocabulary, Table

T = TypeVar("T", str, Decimal)


class Tables(Protocol):
    """The tables of `Mappings`."""

    @property
    def order_status(self) -> StatusTable: ...
    @property
    def payment_status(self) -> Table[str]: ...
    @property
    def line_status(self) -> StatusTable | None: ...
    @property
    def ship_to(self) -> Table[str]: ...
    @property
    def credit_reason(self) -> Table[str]: ...
    @property
    def payment_type(self) -> Table[str]: ...
    @property
    def tax_rate(self) -> Table[Decimal]: ...
    @property
    def currency(self) -> str: ...


class Converter:
    """Turns purchase orders of one marketplace into the shop's words."""

    def __init__(self, tables: Tables, place: Marketplace, centres: FulfilmentCentres | None) -> None:
        self._tables = tables
        self._place = place
        self._centres = centres

    def order(self, imported: ImportedOrder, answers: OrderAcknowledgement | None) -> MappedOrder:
        """Return one purchase order; see `Mappings.order`."""
        tables, missed = self._tables, _Missed()
        known = details(imported.purchase_order)
        status = self._status(imported)
        method = known.payment_method if known else None
        centre = (party(known, "ship_to_party") or "").strip() or None
        lines = [self._line(line, missed) for line in imported.lines]
        return MappedOrder(
            number=imported.number,
            vendor_code=party(known, "selling_party"),
            # a required field that did not come is not there
            ordered_at=getattr(known, "purchase_order_date", None),
            deal_code=known.deal_code if known else None,
            amazon_status=status,
            main_status=missed.of("order_status", tables.order_status, status),
            payment_status=missed.of("payment_status", tables.payment_status, status),
            payment_type=missed.of("payment_type", tables.payment_type, method),
            ship_to_party=centre,
            ship_to_party_ref=missed.of("ship_to", tables.ship_to, centre),
            ship_to=self._address(known, centre),
            tax_rate=missed.of("tax_rate", tables.tax_rate, self._place.name),
            currency=tables.currency,
            foreign_currencies=tuple(
                dict.fromkeys(line.currency for line in lines if line.is_foreign and line.currency)
            ),
            lines=tuple(lines),
            credits=tuple(self._credits(imported, answers, missed)),
            unmapped=tuple(missed.found),
        )

    def _status(self, imported: ImportedOrder) -> str | None:
        if self._tables.order_status.vocabulary is StatusVocabulary.ORDER_STATE:
            state = imported.purchase_order.purchase_order_state
        else:
            state = getattr(imported.status, "purchase_order_status", None)
        return None if state is None else str(state)

    def _line(self, line: ImportedLine, missed: "_Missed") -> MappedLine:
        item, quantity = line.item, ordered(line.item)
        cost, number = item.net_cost, getattr(item, "item_sequence_number", "")
        currency = cost.currency_code if cost else None
        table = self._tables.line_status
        status = None
        if table is not None:
            status = missed.of("line_status", table, _line_status(table, line.status), f"line {number}")
        return MappedLine(
            number=number,
            amazon_product_identifier=item.amazon_product_identifier,
            vendor_product_identifier=item.vendor_product_identifier,
            quantity=quantity.amount,
            unit=quantity.unit_of_measure,
            unit_size=quantity.unit_size,
            price=cost.amount if cost else None,
            price_unit=cost.unit_of_measure if cost else None,
            currency=currency,
            is_foreign=currency is not None and currency != self._tables.currency,
            status=status,
        )

    def _credits(
        self, imported: ImportedOrder, answers: OrderAcknowledgement | None, missed: "_Missed"
    ) -> Iterator[MappedCredit]:
        for line in imported.lines:
            number = getattr(line.item, "item_sequence_number", "")
            for credit in credits_of(line.item, line.status, answers):
                yield MappedCredit(
                    line=number,
                    kind=credit.kind,
                    quantity=credit.quantity,
                    amazon_reason=credit.reason,
                    reason=missed.of(
                        "credit_reason", self._tables.credit_reason, credit.reason, f"line {number}"
                    ),
                )

    def _address(self, known: OrderDetails | None, centre: str | None) -> MappedAddress | None:
        shown = known.ship_to_party.address if known and known.ship_to_party else None
        found = self._centres.get(centre) if self._centres is not None and centre else None
        if shown is None and found is not None:
            shown = found.address
        return None if shown is None else MappedAddress.of(shown)


class _Missed:
    """Looks values up, and notes those that no rule covers."""

    def __init__(self) -> None:
        self.found: list[Unmapped] = []

    def of(self, name: str, table: Table[T], value: str | None, where: str = "") -> T:
        """Return what a value is in the shop."""
        result, has_rule = table.of(value)
        if not has_rule:
            self.found.append(Unmapped(name, None if value is None else str(value), where))
        return result


def _line_status(table: StatusTable, status: OrderItemStatus | None) -> str | None:
    if status is None:
        return None
    if table.vocabulary is StatusVocabulary.LINE_CONFIRMATION:
        noted = status.acknowledgement_status
        return noted.confirmation_status if noted else None
    received = status.receiving_status
    return received.receive_status if received else None
