"""`AsyncClient`: its options, its copies, its end, and what it shares with `Client`."""

import asyncio
import builtins
import pickle
from pathlib import Path
from typing import Any

import pytest
import requests

from spshipping import AsyncClient, Attempt, Client, ConfigurationError, Marketplace
from spshipping.regions import BUSINESS_HEADER
from spshipping.transport.aio import AiohttpTransport
from tests.drives import async_client_of
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, credentials, refusal
from tests.unit.samples import LOOK, Gift
from tests.unit.sellers.test_api import PART
from tests.unit.test_client import ENV, KEYS

GOOD = answer(200, {"giftId": "1"})
CALL = LOOK(path={"giftId": "1"})


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"session": requests.Session()}, "use Client, or proxies= and ca_bundle= here"),
        ({"adapter": object()}, "use Client, or transport= here"),
        ({"timeuot": 5}, "AsyncClient has no option 'timeuot'"),
        ({"proxies": {"https": "socks5://localhost:1"}}, "a SOCKS proxy works with Client only"),
        ({"proxies": {"https": "gopher://me:secret@proxy"}}, "is no proxy's URL"),
        ({"ca_bundle": "/nowhere/ca.pem"}, "there is no file or folder /nowhere/ca.pem"),
        ({"transport": ScriptedTransport()}, "`async def exchange`"),
        ({"transport": AiohttpTransport(), "ca_bundle": "x"}, "ca_bundle= is for the usual transport"),
    ],
)
def test_what_it_cannot_use_is_refused_with_the_remedy(options: Any, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AsyncClient(credentials(), Marketplace.UK, **options)
    assert text in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_of_the_environment_must_be_there(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(variable, "/nowhere/ca.pem")
    with pytest.raises(ConfigurationError, match=f"{variable}: there is no file"):
        AsyncClient(credentials(), Marketplace.UK)


def test_without_aiohttp_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = builtins.__import__

    def missing(name: str, *args: Any, **more: Any) -> Any:
        if name == "spshipping.transport.aio":
            raise ImportError(name)
        return usual(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ConfigurationError, match=r"pip install 'spshipping\[async\]'"):
        AsyncClient(credentials(), Marketplace.UK)


@pytest.mark.parametrize("is_coroutine", [False, True])
def test_on_reply_is_a_function_or_a_coroutine(is_coroutine: bool) -> None:
    seen: list[str] = []

    async def later(attempt: Attempt) -> None:
        await asyncio.sleep(0)
        seen.append(attempt.outcome)

    def at_once(attempt: Attempt) -> None:
        seen.append(attempt.outcome)

    options: dict[str, Any] = {"on_reply": later if is_coroutine else at_once}
    client = async_client_of(ScriptedTransport([refusal(503, "Down"), GOOD]), **options)
    asyncio.run(client.send(CALL))
    assert seen == ["broken", "answered"]


def test_it_is_made_of_the_environment_or_of_settings(tmp_path: Path) -> None:
    assert AsyncClient.from_env(ENV).marketplace is Marketplace.UK
    assert AsyncClient.from_env(ENV, marketplace=Marketplace.DE).marketplace is Marketplace.DE
    settings = tmp_path / "settings.toml"
    lines = [f'{name.removeprefix("SPSHIPPING_").lower()} = "{value}"' for name, value in ENV.items()]
    settings.write_text("\n".join(["[connections.shop]", *lines]))
    settings.chmod(0o600)
    client = AsyncClient.from_settings("shop", settings, application="MyShop/1.2")
    assert repr(client) == "<AsyncClient UK at sellingpartnerapi-eu.amazon.com>"


def test_copies_share_connections_and_the_list_of_unsettled_calls() -> None:
    network = ScriptedTransport([GOOD] * 4)
    client = async_client_of(network)

    async def work() -> None:
        french = client.for_seller("Atzr|another", Marketplace.FR)
        for each in (client.with_options(timeout=5.0), client.for_seller("Atzr|third"), french, client):
            assert (await each.send(CALL)).value == Gift(gift_id="1")
            assert each._parts.sender.parts.unsettled._shared is client._parts.sender.parts.unsettled._shared
            assert each._io is client._io
            await each.close()
        assert french.marketplace is Marketplace.FR

    asyncio.run(work())
    assert network.sign_ins == 3


def test_another_transport_has_connections_of_its_own() -> None:
    other = AiohttpTransport()
    client = async_client_of(ScriptedTransport())
    assert client.with_options(transport=other)._io is not client._io


def test_one_client_serves_one_event_loop_after_the_other() -> None:
    clock = FakeClock()
    client = async_client_of(ScriptedTransport([GOOD] * 2), clock, aws=lambda: KEYS)
    for _ in range(2):  # `aws=` runs in a thread, which is there anew for the second loop

        async def work() -> None:
            async with client:
                assert (await client.send(CALL)).value == Gift(gift_id="1")

        asyncio.run(work())


def test_facades_are_made_once() -> None:
    client = async_client_of(ScriptedTransport())
    for name in ("shipping", "orders", "notifications", "sellers", "tokens"):
        facade = getattr(client, name)
        assert facade is getattr(client, name)
        assert facade.context is client.context


def test_the_quota_and_the_connection_can_be_looked_at() -> None:
    client = async_client_of(
        ScriptedTransport([refusal(404, "ResourceNotFound"), answer(200, {"payload": [PART]})])
    )

    async def work() -> None:
        assert (await client.quota(LOOK)).left == LOOK.quota.burst
        report = await client.check("shipping")
        assert report.is_ok

    asyncio.run(work())


def test_it_shows_where_it_sends_and_is_never_pickled() -> None:
    client = async_client_of(ScriptedTransport())
    assert repr(client) == "<AsyncClient UK at sellingpartnerapi-eu.amazon.com>"
    assert repr(object.__new__(AsyncClient)) == "<AsyncClient, not made>"
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(client)
    assert repr(client_of(ScriptedTransport())).replace("<", "<Async") == repr(client)


def test_a_seller_elsewhere_has_the_region_and_business_of_that_place() -> None:
    network = ScriptedTransport([GOOD] * 2)
    first = async_client_of(network)

    async def work() -> None:
        await first.for_seller("Atzr|another", Marketplace.US).send(CALL)
        await first.for_seller("Atzr|another").send(CALL)

    asyncio.run(work())
    businesses = [request.headers[BUSINESS_HEADER] for request in network.requests]
    assert businesses == ["AmazonShipping_US", "AmazonShipping_UK"]
    assert network.requests[0].url.startswith("https://sellingpartnerapi-na.")


def test_a_coroutine_function_is_refused_where_nobody_waits_for_it() -> None:
    async def hook(*values: Any) -> None:
        """Serve nobody."""

    with pytest.raises(ConfigurationError, match="on_unsettled= of AsyncClient is a plain function"):
        async_client_of(ScriptedTransport(), on_unsettled=hook)
    options: dict[str, Any] = {"on_reply": hook}
    with pytest.raises(ConfigurationError, match="on_reply= of Client is a plain function"):
        client_of(ScriptedTransport(), **options)
    assert isinstance(client_of(ScriptedTransport(), on_reply=print), Client)
