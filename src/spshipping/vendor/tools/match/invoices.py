"""Reads what was invoiced, from CSV: no API of this package knows invoices."""

import os
from dataclasses import dataclass
from decimal import Decimal

from spshipping.vendor.tools.rows import Faults, Row, read_text, rows_of

COLUMNS = ("invoice", "purchase_order", "line", "asin", "product", "quantity", "price", "currency")
_NEEDED = ("invoice", "purchase_order", "quantity", "price", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """A line of an invoice."""

    invoice: str
    """Its number."""
    purchase_order: str
    quantity: int
    """In pieces."""
    price: Decimal
    """Of one piece."""
    currency: str
    line: int | None = None
    """The number of the line of the purchase order; without it, the product says which it is."""
    amazon_product_identifier: str | None = None
    vendor_product_identifier: str | None = None


def read_invoices(path: str | os.PathLike[str]) -> list[InvoiceLine]:
    """Read lines of invoices from a CSV file; see `invoices_from_csv`.

    Raises:
        InvalidRequestError: it cannot be read, or something in it is wrong; it names every row and column.
    """
    return invoices_from_csv(read_text(path), source=str(path))


def invoices_from_csv(text: str, *, source: str = "invoices") -> list[InvoiceLine]:
    """Read lines of invoices from CSV text.

    Columns are `invoice`, `purchase_order`, `quantity` (pieces), `price` (of one piece), `currency`, and
    `line`, `asin` or `product`, or several of these.

    Args:
        text: separated by commas, semicolons or tabs; the first row has the names of the columns.
        source: what errors call it.

    Raises:
        InvalidRequestError: something in it is wrong; it names every row and column.
    """
    faults = Faults(source)
    found = [_line(row) for row in rows_of(text, COLUMNS, _NEEDED, faults)]
    faults.refuse()
    return [line for line in found if line is not None]


def _line(row: Row) -> InvoiceLine | None:
    """Return a line; None, and the faults are noted, where it cannot be read."""
    invoice, order = row.text("invoice", is_needed=True), row.text("purchase_order", is_needed=True)
    line = row.whole("line", is_needed=False)
    asin, product = row.text("asin"), row.text("product")
    quantity, price, currency = row.whole("quantity"), row.price("price"), row.currency("currency")
    if line is None and asin is None and product is None:
        row.refuse("line", "is missing, and so are asin and product: one of the three is needed")
    if invoice is None or order is None or quantity is None or price is None or currency is None:
        return None
    return InvoiceLine(
        invoice=invoice,
        purchase_order=order,
        quantity=quantity,
        price=price,
        currency=currency,
        line=line,
        amazon_product_identifier=asin,
        vendor_product_identifier=product,
    )
