"""What the machines of a fleet run beside `spshipping worker`: its function, a webhook, and a label.

    python examples/fleet_shop.py tables             # makes the tables, or does nothing where they are there
    python examples/fleet_shop.py sandbox            # an SP-API to try it on, in Amazon's place
    python examples/fleet_shop.py webhook            # receives what Amazon pushes
    python examples/fleet_shop.py ship order-1001    # buys a label; again, it is the same one
    python examples/fleet_shop.py show               # prints what is in the database

The settings are those that `SPSHIPPING_SETTINGS` names, such as `examples/fleet.toml`. `examples/fleet.py`
starts all of it on one machine.
"""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import psycopg

from spshipping import Client, PostgresDatabase, Settings, SpShippingError
from spshipping.journal import PostgresJournal
from spshipping.orders import AmazonOrder
from spshipping.sandbox import Sandbox, example_order
from spshipping.shipping.gateway import webhook_check
from spshipping.shipping.webhooks import Push, TrackingPush, WebhookReceiver
from spshipping.sync import Batch

TABLES = """
CREATE TABLE IF NOT EXISTS orders (seller text, id text, status text, updated text, PRIMARY KEY (seller, id));
CREATE TABLE IF NOT EXISTS labels (reference text PRIMARY KEY, tracking_id text);
CREATE TABLE IF NOT EXISTS events (parcel text, event text, at text, PRIMARY KEY (parcel, event, at));
"""
PUT = """
INSERT INTO orders VALUES (%s, %s, %s, %s)
ON CONFLICT (seller, id) DO UPDATE SET status = excluded.status, updated = excluded.updated
WHERE orders.updated <= excluded.updated"""
SHOW = """
SELECT seller || ': ' || count(*) || ' orders' FROM orders GROUP BY seller ORDER BY seller;
SELECT reference || ': ' || tracking_id FROM labels ORDER BY reference;
SELECT parcel || ': ' || count(*) || ' events' FROM events GROUP BY parcel ORDER BY parcel"""

settings = Settings.load()


def connected() -> "psycopg.Connection[Any]":
    """Open the shop's own tables, which lie in the same database."""
    password = settings.engines.postgres_password
    return psycopg.connect(
        settings.engines.postgres_url or "", password=password.reveal() if password else None
    )


def database() -> PostgresDatabase:
    """Open what is shared."""
    engines = settings.engines
    return PostgresDatabase(engines.postgres_url or "", password=engines.postgres_password)


def deliver(seller: str, batch: Batch[AmazonOrder]) -> None:
    """Store orders; `spshipping worker` calls it, in several threads. The same batch again does no harm."""
    rows = [
        (seller, found["amazon_order_id"], found["order_status"], found["last_update_date"])
        for found in (order.to_dict() for order in batch)
    ]
    with closing(connected()) as connection, connection:
        connection.cursor().executemany(PUT, rows)


def tables() -> None:
    """Make the tables of the package, and those of the shop."""
    with database() as shared:
        shared.make_tables()
    with closing(connected()) as connection, connection:
        connection.execute(TABLES)


def ship(reference: str) -> None:
    """Buy the label of an order, once."""
    name = settings.names[0]
    with Client.from_settings(name) as client, database() as shared:
        shipment = client.shipping.ship(
            example_order(),  # a real shop looks it up by the reference
            reference=reference,
            journal=PostgresJournal(shared),
            seller=name,
            save_to="labels",
        )
    with closing(connected()) as connection, connection:
        row = (reference, shipment.tracking_id)
        connection.execute("INSERT INTO labels VALUES (%s, %s) ON CONFLICT DO NOTHING", row)
    print(f"{reference}: {shipment.tracking_id}{', bought before' if shipment.is_repeat else ''}")


def take(push: Push) -> None:
    """Store what happened to a parcel; the same push again does no harm."""
    if isinstance(push, TrackingPush):
        with closing(connected()) as connection, connection:
            for event in push.events:
                row = (push.tracking_id, event.code.value, event.time.isoformat())
                connection.execute("INSERT INTO events VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", row)


class Server(ThreadingMixIn, WSGIServer):
    """A plain server of WSGI, for this machine; put one with TLS in front of it."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


def webhook(stop: threading.Event) -> None:
    """Receive what Amazon pushes, and hand it over: any of the machines does, whichever it came to."""
    page = settings.connection(settings.names[0]).shop().webhook
    port = urlsplit(page.url or "").port or 80
    with database() as shared:
        receiver = WebhookReceiver(PostgresJournal(shared).events(), webhook_check(page))
        with make_server("127.0.0.1", port, receiver, server_class=Server, handler_class=Quiet) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            receiver.run(take, stop=stop)
            server.shutdown()


def sandbox(stop: threading.Event) -> None:
    """Serve an SP-API for the sellers of the settings, which pushes to the webhook."""
    first = settings.connection(settings.names[0])
    page = first.shop().webhook
    with Sandbox(port=urlsplit(first.get("endpoint") or "").port or 0) as box:
        for name in settings.names:
            credentials, _, _ = settings.connection(name).client_options()
            box.add_seller(credentials.refresh_token.reveal() if credentials.refresh_token else "")
        box.push_to(page.url, secret=page.secret.reveal() if page.secret else "", name=page.header_name)
        stop.wait()


def show() -> None:
    """Print what is in the database."""
    with closing(connected()) as connection:
        for statement in SHOW.split(";"):
            for (line,) in connection.execute(statement.encode()):
                print(line)


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code."""
    parser = argparse.ArgumentParser(description="What a fleet runs beside its workers.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("tables", "sandbox", "webhook", "show"):
        commands.add_parser(name)
    commands.add_parser("ship").add_argument("reference")
    given = parser.parse_args(words)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        if given.command == "ship":
            ship(given.reference)
        elif given.command in ("sandbox", "webhook"):
            {"sandbox": sandbox, "webhook": webhook}[given.command](stop)
        else:
            {"tables": tables, "show": show}[given.command]()
    except SpShippingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
