"""A shop that ships its orders and hears of them, by the settings of its "Amazon Shipping" page.

    python examples/shop_gateway.py examples/shop_settings.toml ship examples/shop_orders.json
    python examples/shop_gateway.py examples/shop_settings.toml serve --port 8471
    python examples/shop_gateway.py examples/shop_settings.toml cancel 1002

The file of settings has one connection, spelt as the page spells it; see docs/settings.md. That one is for a
sandbox, which `spshipping sandbox` serves. `ship` may be run
again at any time, and be killed at any moment: each order gets one label. `serve` receives what Amazon
pushes, on this machine; put a server with TLS in front of it. Labels and journal are in the folder `--out`.
"""

import argparse
import json
import sys
import threading
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from spshipping import Client, ConfigurationError, Settings, SpShippingError, from_dict
from spshipping.client import ClientOptions
from spshipping.journal import SqliteJournal
from spshipping.orders import AmazonOrder
from spshipping.shipping import Address, Timeline
from spshipping.shipping.gateway import ItemToShip, OrderToShip, ShipmentGateway, webhook_check
from spshipping.shipping.webhooks import ParcelPush, Push, WebhookReceiver


class Server(ThreadingMixIn, WSGIServer):
    """A plain server of WSGI, for this machine."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Writes no line for each request: a URL may hold the secret."""

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


class Shop:
    """The shop: its gateway, its webhook, and what it knows of its parcels."""

    def __init__(self, settings: Path, out: Path, **options: Any) -> None:
        found = Settings.load(settings)
        if not found.names:
            raise ConfigurationError(f"{settings} is missing, or has no connection")
        connection = found.connection(found.names[0])
        self.page = connection.shop()
        credentials, marketplace, given = connection.client_options()
        merged: ClientOptions = {**given, **options}  # type: ignore[typeddict-item]
        self.client = Client(credentials, marketplace, **merged)
        self.journal = SqliteJournal(out / "journal.db")
        self.products: dict[str, Any] = {}
        self.gateway = ShipmentGateway(
            self.client.context,
            self.page,
            self.journal,
            products=lambda product_id: self.products.get(product_id),
            save_to=out / "labels",
        )
        self.timelines: dict[str, Timeline] = {}
        """By tracking id. A real shop keeps them in its database: `timeline_to_json`."""

    def ship(self, data: dict[str, Any]) -> int:
        """Ship every order; return how many failed."""
        self.products.update(data["products"])
        resumed = self.gateway.resume()  # what a crash has left
        for purchase in resumed.unsettled:
            print(f"{purchase.reference}: look it up at Amazon, and settle it", file=sys.stderr)
        failed = 0
        for order in [*map(order_of, data["orders"]), *map(amazon_order_of, data["amazon_orders"])]:
            try:
                result = self.gateway.on_order(order)
            except SpShippingError as error:
                failed += 1
                print(f"{order.order_id}: {error}", file=sys.stderr)
                continue
            if result.shipment is None:
                print(f"{result.reference}: order creation is off, nothing was sent")
                continue
            tracking_id = result.shipment.tracking_id or ""
            self.timelines.setdefault(tracking_id, Timeline(tracking_id=tracking_id))
            print(f"{result.reference}: {tracking_id} {', '.join(map(str, result.shipment.files))}")
        return failed

    def receiver(self) -> WebhookReceiver:
        """Return the webhook."""
        check = webhook_check(self.page.webhook)
        return WebhookReceiver(self.journal.events(), check, is_enabled=self.page.webhook.is_enabled)

    def deliver(self, push: Push) -> None:
        """Take a push; the same one may come twice, and changes nothing then."""
        if not isinstance(push, ParcelPush) or push.tracking_id is None:
            print(f"{push.key}: a push that is not about a parcel")
            return
        known = self.timelines.get(push.tracking_id) or Timeline(tracking_id=push.tracking_id)
        self.timelines[push.tracking_id] = timeline = known.with_events(push.events)
        print(f"{push.tracking_id}: {timeline.status.value}")

    def serve(self, receiver: WebhookReceiver, port: int = 0) -> WSGIServer:
        """Return a server of the webhook, on this machine."""
        return make_server("127.0.0.1", port, receiver, server_class=Server, handler_class=Quiet)

    def close(self) -> None:
        """Close the client and the journal."""
        self.client.close()
        self.journal.close()


def order_of(data: dict[str, Any]) -> OrderToShip:
    """Read an order of the shop's own."""
    items = tuple(
        ItemToShip(line["product_id"], line["quantity"], value=Decimal(line["value"]))
        for line in data["items"]
    )
    return OrderToShip(data["order_id"], items, from_dict(data["ship_to"], Address))


def amazon_order_of(data: dict[str, Any]) -> OrderToShip:
    """Read an order of Amazon's, as `client.orders` gives it and `to_dict` writes it."""
    return OrderToShip.of(from_dict(data, AmazonOrder))


def serve(shop: Shop, port: int) -> None:
    """Serve the webhook until Ctrl-C."""
    receiver = shop.receiver()
    server = shop.serve(receiver, port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening on http://127.0.0.1:{server.server_port}")
    try:
        receiver.run(shop.deliver)
    except KeyboardInterrupt:
        print("ended")
    finally:
        server.shutdown()
        server.server_close()


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code."""
    parser = argparse.ArgumentParser(description="Ship the orders of a shop.")
    parser.add_argument("settings", type=Path, help="the file of settings")
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder of labels and journal")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("ship").add_argument("orders", type=Path, help="orders and products, as JSON")
    commands.add_parser("serve").add_argument("--port", type=int, default=8471)
    commands.add_parser("cancel").add_argument("reference")
    given = parser.parse_args(words)
    given.out.mkdir(parents=True, exist_ok=True)
    try:
        shop = Shop(given.settings, given.out)
        try:
            if given.command == "ship":
                return int(shop.ship(json.loads(given.orders.read_text("utf-8"))) > 0)
            if given.command == "serve":
                serve(shop, given.port)
            else:
                print(shop.gateway.cancel(given.reference).state.value)
        finally:
            shop.close()
    except (SpShippingError, OSError, json.JSONDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
