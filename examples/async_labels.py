"""Buys a label for each order, as many at a time as Amazon's quota allows, with `AsyncClient`.

    python examples/async_labels.py orders/*.json --out labels
    python examples/async_labels.py --settle --out labels

It takes its connection from the environment; `spshipping sandbox` prints what to set for a trial. An order is
a request for rates in Amazon's JSON, such as `examples/order.json`. The cheapest service is bought.

Ctrl-C may be pressed at any time. A purchase that may have been made, and whose label was not written, is
kept in the file `unsettled.jsonl` of the output folder. With `--settle` each of them is sent again with its
key, which returns the label that was bought, and never buys a second one.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from spshipping import (
    AsyncClient,
    Call,
    OutcomeUnknownError,
    SpShippingError,
    call_from_json,
    call_to_json,
    loads,
)
from spshipping.shipping import (
    GET_RATES,
    PURCHASE_SHIPMENT,
    GetRatesRequest,
    GetRatesResult,
    PurchaseShipmentResult,
)


class Folder:
    """Where the labels are written, and the purchases whose outcome is not known."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.unsettled = path / "unsettled.jsonl"

    def write(self, bought: PurchaseShipmentResult) -> None:
        """Write the labels of a shipment."""
        for label in bought.labels:
            print(f"{bought.tracking_id}: {label.save(self.path)}")

    def keep(self, calls: Iterable[Call[Any]]) -> None:
        """Add calls to those whose outcome is not known; the file is its owner's only."""
        lines = "".join(call_to_json(call) + "\n" for call in calls)
        if lines:
            self.unsettled.touch(mode=0o600)
            with self.unsettled.open("a", encoding="utf-8") as file:
                file.write(lines)

    def take(self) -> list[Call[Any]]:
        """Return the calls whose outcome is not known."""
        if not self.unsettled.exists():
            return []
        return [call_from_json(line) for line in self.unsettled.read_text("utf-8").splitlines()]


def cheapest(quote: GetRatesResult) -> Call[PurchaseShipmentResult]:
    """Return the purchase of the cheapest rate. Its key will follow from the quote."""
    return PURCHASE_SHIPMENT(body=quote.purchase_request(quote.cheapest(), format="PDF"))


async def quotes(client: AsyncClient, paths: Iterable[Path]) -> list[GetRatesResult]:
    """Quote every order; print those that cannot be quoted."""
    found = []
    async with client.map(
        lambda path: GET_RATES(body=loads(path.read_bytes(), GetRatesRequest)), paths
    ) as ends:
        async for end in ends:
            if end.error:
                print(f"{end.item}: {end.error}", file=sys.stderr)
            else:
                found.append(end.value)
    return found


async def buy(client: AsyncClient, quoted: Iterable[GetRatesResult], folder: Folder) -> int:
    """Buy, and write each label as soon as it is there; return how many were not bought."""
    failed = 0
    async with client.map(cheapest, quoted) as ends:
        async for end in ends:
            if end.error is None:
                folder.write(end.value)
                continue
            failed += 1
            print(end.error, file=sys.stderr)
            if isinstance(end.error, OutcomeUnknownError):
                folder.keep([end.error.call])
    return failed


async def settle(client: AsyncClient, folder: Folder) -> int:
    """Send every kept call again with its key, and write its label; return how many are still not known."""
    left = []
    for call in folder.take():
        try:
            reply = await client.resolve(call)
        except OutcomeUnknownError as error:
            print(error, file=sys.stderr)
            left.append(error.call)
        else:
            folder.write(reply.value)
    folder.unsettled.unlink(missing_ok=True)
    folder.keep(left)
    return len(left)


async def run(client: AsyncClient, wanted: argparse.Namespace) -> int:
    """Do what is wanted; return how much of it failed."""
    folder = Folder(wanted.out)
    async with client:
        if wanted.settle:
            return await settle(client, folder)
        try:
            found = await quotes(client, wanted.orders)
            return len(wanted.orders) - len(found) + await buy(client, found, folder)
        finally:
            # after Ctrl-C too: what nobody was given the outcome of
            folder.keep(each.call for each in client.unsettled())


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code."""
    parser = argparse.ArgumentParser(description="Buy a label for each order.")
    parser.add_argument("orders", nargs="*", type=Path, help="requests for rates, as JSON")
    parser.add_argument("--out", type=Path, default=Path("labels"), help="the folder of the labels")
    parser.add_argument("--settle", action="store_true", help="learn what became of interrupted purchases")
    try:
        return int(asyncio.run(run(AsyncClient.from_env(), parser.parse_args(words))) > 0)
    except (SpShippingError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
