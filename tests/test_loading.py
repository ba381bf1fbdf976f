"""What importing the package and making a client loads, each in a process of its own."""

import os
import subprocess
import sys

import pytest
import requests.adapters

_MADE = """
import gc, sys
from spshipping import {client}, Credentials, Marketplace
client = {client}(Credentials("client", "secret", "refresh"), Marketplace.UK)
loaded = set(sys.modules)
import ssl
print(len(loaded), sum(isinstance(each, ssl.SSLContext) for each in gc.get_objects()))
print(*sorted(loaded))
"""
_NEITHER = {
    *("cattrs", "dateutil", "msgspec", "click", "werkzeug", "cryptography", "sqlite3", "opentelemetry"),
    *("spshipping.shipping", "spshipping.orders", "spshipping.sync", "spshipping.settings"),
    *("pandas", "polars", "pydantic", "rich", "spshipping.frames", "spshipping.wire.model"),
}


def made(client: str) -> tuple[set[str], int]:
    """Return the modules that making a client loads, and how many TLS contexts there are then."""
    command = [sys.executable, "-c", _MADE.format(client=client)]
    # without what measures coverage in child processes, which loads modules of its own
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    numbers, modules = done.stdout.splitlines()
    loaded = set(modules.split())
    count, contexts = map(int, numbers.split())
    assert len(loaded) == count
    return loaded, contexts


def test_a_client_loads_neither_aiohttp_nor_asyncio_and_makes_no_tls_context() -> None:
    loaded, contexts = made("Client")
    assert "requests" in loaded
    assert not loaded & {
        *("aiohttp", "asyncio", "multidict", "yarl", "attr", "attrs"),
        *("spshipping.async_client", "spshipping.transport.aio", "spshipping.transport.tasks"),
        *_NEITHER,
    }
    # before 2.32.5, requests makes one as it is imported
    assert contexts == hasattr(requests.adapters, "_preloaded_ssl_context")


def test_an_async_client_loads_aiohttp_and_nothing_of_the_one_for_threads() -> None:
    loaded, _ = made("AsyncClient")  # aiohttp makes two TLS contexts as it is imported
    assert {"aiohttp", "asyncio"} <= loaded
    assert not loaded & {
        *("spshipping.client", "spshipping.transport.adapter", "spshipping.transport.connections"),
        *("spshipping.transport.threads", "attrs"),
        *_NEITHER,
    }


@pytest.mark.parametrize("statement", ["import spshipping", "import spshipping; spshipping.Credentials"])
def test_the_package_itself_loads_neither_requests_nor_asyncio(statement: str) -> None:
    command = (
        f"{statement}; import sys; print([n for n in ('requests', 'asyncio', 'ssl') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


_FIRST_ORDER = """
import sys
from spshipping import Client, Credentials, Marketplace, loads
client = Client(Credentials("client", "secret", "refresh"), Marketplace.UK)
client.orders.{api}
from spshipping.orders.{api} import Order
print(loads(b'{body}', Order))
print(*sorted(sys.modules))
"""


_ORDERS = {
    "v0": '{"AmazonOrderId": "902", "PurchaseDate": "2026-01-01T00:00:00Z", "OrderStatus": "Shipped",'
    ' "LastUpdateDate": "2026-01-01T00:00:00Z"}',
    "v2026_01_01": '{"orderId": "902", "createdTime": "2026-01-01T00:00:00Z", "orderItems": [],'
    ' "lastUpdatedTime": "2026-01-01T00:00:00Z", "salesChannel": {"channelName": "AMAZON"}}',
}


@pytest.mark.parametrize("api", _ORDERS)
def test_the_first_order_of_an_api_loads_neither_attrs_nor_what_workflows_need(api: str) -> None:
    command = [sys.executable, "-c", _FIRST_ORDER.format(api=api, body=_ORDERS[api])]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    shown, modules = done.stdout.splitlines()
    assert shown.startswith("Order(")
    assert not set(modules.split()) & {
        *("attr", "attrs", "cattrs"),
        *("spshipping.orders.order", "spshipping.orders.parts", "spshipping.orders.bridge.compare"),
    }


_READ = """
import sys
from importlib.util import find_spec
print(find_spec("msgspec") is not None)
from spshipping import loads
from spshipping.shipping import GetTrackingResult
body = b'{"trackingId":"1Z","alternateLegTrackingId":"%s","eventHistory":[],"summary":{"status":"Lost"}}'
for size in (1, 2, 3, 200_000, 4, 5):
    assert loads(body.replace(b"%s", b"x" * size), GetTrackingResult).tracking_id == "1Z"
    print(*(name in sys.modules for name in ("msgspec", "spshipping.wire.twins")))
"""


def test_the_first_answers_load_no_msgspec_and_those_after_many_bytes_do() -> None:
    done = subprocess.run([sys.executable, "-c", _READ], capture_output=True, text=True, check=True)
    is_there, *loaded = done.stdout.splitlines()
    assert loaded == [
        *["False False"] * 3,
        f"{is_there} False",
        *[f"{is_there} {is_there}"] * 2,
    ]
