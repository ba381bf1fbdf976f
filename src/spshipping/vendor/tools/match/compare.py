"""Finds where the documents of a line differ: a pure function."""

from collections.abc import Iterator

from spshipping.vendor.tools.match.line import Difference, DifferenceKind, MatchedLine


def differences(line: MatchedLine, *, is_over: bool) -> Iterator[Difference]:
    """Yield where the documents of a line differ.

    Args:
        line: the line.
        is_over: whether nothing more will be sent.
    """
    yield from _shipped(line, is_over=is_over)
    yield from _received(line)
    yield from _invoiced(line)


def _shipped(line: MatchedLine, *, is_over: bool) -> Iterator[Difference]:
    shipped, accepted = line.shipped, line.accepted
    if shipped is None or accepted is None:
        return
    most = accepted + (line.back_ordered or 0)
    if is_over and shipped < accepted:
        yield Difference(
            DifferenceKind.SHORT_SHIPPED,
            accepted - shipped,
            f"{accepted} were accepted, and {shipped} were sent",
        )
    if shipped > most:
        yield Difference(
            DifferenceKind.OVER_SHIPPED, shipped - most, f"{most} were accepted, and {shipped} were sent"
        )


def _received(line: MatchedLine) -> Iterator[Difference]:
    shipped, received = line.shipped, line.received
    if shipped is None or received is None:
        return
    due = shipped - line.on_the_way
    if received < due:
        way = f", {line.on_the_way} of them may be on their way" if line.on_the_way else ""
        yield Difference(
            DifferenceKind.SHORT_RECEIVED,
            due - received,
            f"{shipped} were sent{way}, and {received} were received",
        )
    if received > shipped:
        yield Difference(
            DifferenceKind.OVER_RECEIVED,
            received - shipped,
            f"{shipped} were sent, and {received} were received",
        )


def _invoiced(line: MatchedLine) -> Iterator[Difference]:
    for invoice in line.invoices:
        if line.price is not None and (invoice.price, invoice.currency) != (line.price, line.currency):
            yield Difference(
                DifferenceKind.PRICE,
                invoice.quantity,
                f"invoice {invoice.invoice} has {invoice.price} {invoice.currency}, and"
                f" {line.price} {line.currency or 'without a currency'} was agreed",
            )
    invoiced, received = line.invoiced, line.received
    if invoiced is None or received is None or invoiced == received:
        return
    is_more = invoiced > received
    yield Difference(
        DifferenceKind.OVER_INVOICED if is_more else DifferenceKind.UNDER_INVOICED,
        abs(invoiced - received),
        f"{invoiced} were invoiced, and {received} were received",
    )
