"""What AsyncClient is made of and hands on; what it does with calls is shown for both clients at once."""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from spshipping import AsyncClient, Client, ConfigurationError, Marketplace
from spshipping.async_client import AsyncClientOptions
from spshipping.auth.cache import TokenCache
from spshipping.regions import BUSINESS_HEADER
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, credentials, refusal
from tests.unit.samples import LOOK

T = TypeVar("T")
CALL = LOOK(path={"giftId": "1"})
GOOD = answer(200, {"giftId": "1"})


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


class AsyncScript:
    """Answers from a script, in a coroutine."""

    def __init__(self, *steps: HttpResponse | HttpFailure) -> None:
        self.script = ScriptedTransport(steps)

    async def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        return self.script.exchange(request, limits)

    async def close(self) -> None:
        self.script.close()


def async_client_of(network: Any) -> AsyncClient:
    clock = FakeClock()
    options: AsyncClientOptions = {"transport": network, "clock": clock, "token_cache": TokenCache(clock)}
    return AsyncClient(credentials(), Marketplace.UK, **options)


def test_a_client_is_made_of_a_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        '[connections.shop]\nclient_id = "amzn1.application-oa2-client.c0ffee"\nclient_secret = "secret"\n'
        'refresh_token = "Atzr|x"\nmarketplace_id = "A13V1IB3VIYZZH"\n',
        encoding="utf-8",
    )
    made = AsyncClient.from_settings("shop", path, transport=AsyncScript())
    assert repr(made) == "<AsyncClient FR at sellingpartnerapi-eu.amazon.com>"
    with pytest.raises(ConfigurationError, match="shop"):
        AsyncClient.from_settings("shpo", path)


def test_the_quota_is_told_without_a_call() -> None:
    network = AsyncScript(GOOD)
    client = async_client_of(network)
    full = run(client.quota(LOOK))
    run(client.send(CALL))
    left = run(client.quota(LOOK))
    assert (full.left, left.left) == (full.burst, full.burst - 1)
    assert len(network.script.requests) == 1


def test_a_connection_is_checked() -> None:
    places = answer(200, {"payload": []})
    no_parcel = refusal(404, "ResourceNotFound", "no such parcel")
    report = run(async_client_of(AsyncScript(no_parcel, places)).check("shipping"))
    assert [step.name for step in report.steps] == [
        "sign in",
        "getTracking",
        "getMarketplaceParticipations",
    ]
    assert report.is_ok


def test_a_seller_elsewhere_has_the_region_and_business_of_that_place() -> None:
    network = AsyncScript(GOOD, GOOD)
    first = async_client_of(network)
    run(first.for_seller("Atzr|another", Marketplace.US).send(CALL))
    run(first.for_seller("Atzr|another").send(CALL))
    sent = network.script.requests
    assert [request.headers[BUSINESS_HEADER] for request in sent] == [
        "AmazonShipping_US",
        "AmazonShipping_UK",
    ]
    assert sent[0].url.startswith("https://sellingpartnerapi-na.")


def test_a_client_that_is_being_made_can_be_shown() -> None:
    assert repr(object.__new__(AsyncClient)) == "<AsyncClient, not made>"


def test_options_of_the_usual_transport_are_refused_with_another() -> None:
    with pytest.raises(ConfigurationError, match="ca_bundle= is for the usual transport"):
        AsyncClient(credentials(), Marketplace.UK, transport=AsyncScript(), ca_bundle="x")


def test_a_transport_for_threads_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="async def exchange"):
        async_client_of(ScriptedTransport())


def test_without_aiohttp_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spshipping.transport.aio", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'spshipping\[async\]'"):
        AsyncClient(credentials(), Marketplace.UK)


async def hook(*values: Any) -> None:
    """Serve nobody: it is never waited for."""


def test_a_coroutine_function_is_refused_where_nobody_waits_for_it() -> None:
    with pytest.raises(ConfigurationError, match="on_unsettled= of AsyncClient is a plain function"):
        AsyncClient(credentials(), Marketplace.UK, transport=AsyncScript(), on_unsettled=hook)
    options: dict[str, Any] = {"on_reply": hook}
    with pytest.raises(ConfigurationError, match="on_reply= of Client is a plain function"):
        client_of(ScriptedTransport(), **options)
    assert isinstance(client_of(ScriptedTransport(), on_reply=print), Client)
