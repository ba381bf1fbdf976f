"""The example of a web service, run over HTTP: nothing is lost, and nothing is bought twice."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Unpack

import httpx
import pytest
import uvicorn
from examples.fastapi_app import create_app
from fastapi import FastAPI

from spshipping import Attempt, RetryPolicy
from spshipping.async_client import AsyncClientOptions
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Sandbox

pytestmark = pytest.mark.dates

ORDER = (Path(__file__).parents[2] / "examples" / "order.json").read_bytes()
JSON = {"content-type": "application/json"}
PATIENT = RetryPolicy(base=3600.0, cap=20.0)
"""Waits before a repeat until whoever waits hangs up."""


@pytest.fixture(autouse=True)
def environ(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {**sandbox.credentials, "endpoint": sandbox.url, "token_url": sandbox.token_url}
    for name, value in {**facts, "marketplace": "UK"}.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)


def app_of(**options: Unpack[AsyncClientOptions]) -> FastAPI:
    options.setdefault("retry", RetryPolicy(base=0.001))
    options["token_cache"] = TokenCache()
    options["chance"] = lambda: 0.999
    return create_app(**options)


@asynccontextmanager
async def visitor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://shop") as client,
    ):
        yield client


def test_the_same_reference_is_the_same_label(sandbox: Sandbox) -> None:
    async def visit() -> None:
        async with visitor(app_of()) as client:
            answers = [await client.post("/labels/A1", content=ORDER, headers=JSON) for _ in range(2)]
            answers += await asyncio.gather(
                *(client.post(f"/labels/{name}", content=ORDER, headers=JSON) for name in ("B2", "B2", "C3"))
            )
            assert [answer.status_code for answer in answers] == [200] * 5
            shipments = [answer.json()["shipment_id"] for answer in answers]
            assert (shipments[0], shipments[2]) == (shipments[1], shipments[3])
            assert (await client.get("/labels/A1")).json() == answers[0].json()
            assert (await client.get("/labels/Z9")).json() is None

    asyncio.run(visit())
    assert len(sandbox.ledger.labels) == 3


def test_what_went_wrong_is_answered(sandbox: Sandbox) -> None:
    async def visit() -> None:
        async with visitor(app_of()) as client:
            wrong = await client.post(
                "/labels/A1", content=ORDER.replace(b'"GBP"', b'"Pounds"'), headers=JSON
            )
            assert wrong.status_code == 422
            assert wrong.json()["detail"][0]["loc"][-2:] == ["insuredValue", "unit"]
            unreadable = await client.post("/labels/A1", content=b"no order", headers=JSON)
            assert unreadable.status_code == 422
            sandbox.add_fault("purchaseShipment", "status", status=400)
            assert (await client.post("/labels/A1", content=ORDER, headers=JSON)).status_code == 502
            sandbox.add_fault("purchaseShipment", "status_after", count=4)
            unknown = await client.post("/labels/A1", content=ORDER, headers=JSON)
            assert (unknown.status_code, unknown.headers["retry-after"]) == (503, "5")
            assert (await client.post("/labels/A1", content=ORDER, headers=JSON)).status_code == 200

    asyncio.run(visit())
    assert len(sandbox.ledger.labels) == 1


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an app at a free port, in a thread."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def test_a_client_that_hangs_up_loses_no_label(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    attempted = threading.Event()

    def notice(attempt: Attempt) -> None:
        if attempt.operation == "purchaseShipment":
            attempted.set()

    app = app_of(retry=PATIENT, on_reply=notice)
    sandbox.add_fault("purchaseShipment", "drop_after")
    with served(app) as url:
        address = httpx.URL(url)
        with socket.create_connection((address.host, address.port or 0)) as line:
            head = f"POST /labels/A1 HTTP/1.1\r\nhost: shop\r\ncontent-length: {len(ORDER)}\r\n"
            head += f"content-type: {JSON['content-type']}\r\n\r\n"
            line.sendall(head.encode() + ORDER)
            attempted.wait()
        # nobody sends this reference again: the service settles it by itself
        while (label := httpx.get(f"{url}/labels/A1").json()) is None:
            pass
        again = httpx.post(f"{url}/labels/A1", content=ORDER, headers=JSON)
    assert again.json() == label
    assert "<Unsettled purchaseShipment, CancelledError: no answer>" in caplog.text
    assert app.state.shop.client.unsettled() == ()
    assert [each.shipment_id for each in sandbox.ledger.labels] == [label["shipment_id"]]
