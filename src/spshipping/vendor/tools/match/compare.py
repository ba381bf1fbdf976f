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
    # what Amazon has cancelled since is not wanted any more
    wanted = accepted if line.ordered is None else min(accepted, line.ordered)
    if is_over and shipped < wanted:
        cancelled = f", {accepted - wanted} of them cancelled" if wanted < accepted else ""
        yield Difference(
            DifferenceKind.SHORT_SHIPPED,
            wanted - shipped,
            f"{accepted} were accepted{cancelled}, and {shipped} were sent",
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
    if invoiced is None or received is None:
        return
    # what is on its way may be received yet, and was rightly invoiced
    coming = min(line.on_the_way, max((line.shipped or 0) - received, 0))
    if invoiced > received + coming:
        way = f", {coming} may be on their way" if coming else ""
        yield Difference(
            DifferenceKind.OVER_INVOICED,
            invoiced - received - coming,
            f"{invoiced} were invoiced{way}, and {received} were received",
        )
    if invoiced < received:
        yield Difference(
            DifferenceKind.UNDER_INVOICED,
            received - invoiced,
            f"{invoiced} were invoiced, and {received} were received",
        )
