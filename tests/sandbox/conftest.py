"""The local SP-API, and clients of it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Unpack

import pytest

from spshipping import Client, Credentials, Marketplace, RetryPolicy, assembly, loads
from spshipping.auth.cache import TokenCache
from spshipping.client import ClientOptions
from spshipping.orders.bridge import end
from spshipping.sandbox import Sandbox
from spshipping.shipping import GetRatesRequest
from tests.sandbox.vendor_cli import Vendor
from tests.virtual import StillClock

MakeClient = Callable[..., Client]
ORDER = Path(__file__).parents[2] / "examples" / "order.json"


@pytest.fixture
def still_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a sandbox's time pass by what its clients wait alone: a busy machine makes no request late."""
    monkeypatch.setattr("spshipping.sandbox.server.SandboxClock", StillClock)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    # it may get the port of an earlier one, whose tokens it does not know
    monkeypatch.setattr(assembly, "process_tokens", TokenCache())
    with Sandbox() as box:
        yield box


@pytest.fixture
def make_client(sandbox: Sandbox) -> Iterator[MakeClient]:
    """Make clients of the sandbox with a token cache of their own and hardly any waiting."""
    made: list[Client] = []
    tokens = TokenCache()

    def make(**options: Unpack[ClientOptions]) -> Client:
        defaults: ClientOptions = {
            "endpoint": sandbox.url,
            "token_url": sandbox.token_url,
            "token_cache": tokens,
            "retry": RetryPolicy(base=0.001, throttled_base=0.001),
            "timeout": (2.0, 5.0),
        }
        merged: ClientOptions = {**defaults, **options}
        client = Client(Credentials(**sandbox.credentials), Marketplace.UK, **merged)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def with_v0(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave Orders v0 switched on, whatever the date is."""
    monkeypatch.setattr(end, "END_OF_V0", datetime.max.replace(tzinfo=UTC))


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client()


@pytest.fixture
def order() -> GetRatesRequest:
    return loads(ORDER.read_bytes(), GetRatesRequest)


@pytest.fixture
def make_vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Vendor]]:
    made: list[Vendor] = []

    def make(**supply: Any) -> Vendor:
        made.append(Vendor(tmp_path, monkeypatch, **supply))
        return made[-1]

    yield make
    for vendor in made:
        vendor.sandbox.close()


@pytest.fixture
def vendor(make_vendor: Callable[..., Vendor]) -> Vendor:
    return make_vendor()
