"""The page about symptoms: each message that it quotes becomes the error that it names."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spshipping import Client, InvalidRequestError, RetryPolicy, SpShippingError
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.sandbox import Sandbox, example_order
from spshipping.transport.http import HttpRequest, HttpResponse, Limits
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, refusal
from tests.test_docs import ROOT, text_of

PAGE = text_of(ROOT / "docs" / "troubleshooting.md")
SECTIONS = {
    part.partition("\n")[0]: part.partition("\n")[2]
    for part in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
}


def quoted(title: str) -> str:
    """Return the message that a section quotes."""
    (found,) = re.findall(r"^> (.*)$", SECTIONS[title], re.MULTILINE)
    return str(found)


QUOTED = [title for title, text in SECTIONS.items() if re.search(r"^> ", text, re.MULTILINE)]


class RefusedSignIn(ScriptedTransport):
    """Refuses every sign-in."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__()
        self._refusal = answer(status, {"error": code, "error_description": message})

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse:
        self.requests.append(request)
        return self._refusal


def track(client: Client) -> object:
    return client.shipping.get_tracking(tracking_id="TBA1", carrier_id="AMZN_UK")


def quote(client: Client) -> object:
    return client.shipping.get_rates(example_order())


def second_page(client: Client) -> object:
    query = {"createdAfter": datetime(2026, 1, 1, tzinfo=UTC), "paginationToken": "next"}
    return client.send(SEARCH_ORDERS(query=query))


def buy(client: Client) -> object:
    with Sandbox() as sandbox, sandbox.client() as other:
        found = other.shipping.get_rates(example_order())
    request = found.purchase_request(found.cheapest(), format="PDF")
    request.quoted_at = None
    return client.shipping.purchase_shipment(request)


Call = Callable[[Client], object]

SEEN: dict[str, tuple[int, str, Call]] = {
    "`invalid_grant`": (400, "invalid_grant", track),
    "`invalid_client`": (401, "invalid_client", track),
    "`Unauthorized`": (403, "Unauthorized", track),
    "Another marketplace or region": (400, "InvalidInput", quote),
    "`QuotaExceeded`": (429, "QuotaExceeded", track),
    "`TOKEN_EXPIRED`": (400, "TOKEN_EXPIRED", buy),
    "`ResourceNotFound`, when tracking": (404, "ResourceNotFound", track),
    "Page tokens": (400, "InvalidInput", second_page),
    "`InternalFailure`": (500, "InternalFailure", track),
}
"""Of each section that quotes a message: what Amazon answers with it, and to which call."""


def error_of(network: ScriptedTransport, call: Call) -> Any:
    with pytest.raises(SpShippingError) as caught:
        call(client_of(network))
    return caught.value


def network_of(status: int, code: str, message: str) -> ScriptedTransport:
    if code in ("invalid_grant", "invalid_client"):
        return RefusedSignIn(status, code, message)
    return ScriptedTransport([refusal(status, code, message)] * 20)


@pytest.mark.parametrize("title", QUOTED)
def test_a_quoted_message_becomes_the_error_that_the_section_names(title: str) -> None:
    status, code, call = SEEN[title]
    error = error_of(network_of(status, code, quoted(title)), call)
    assert quoted(title) in str(error)
    assert f"`{type(error).__name__}`" in SECTIONS[title]
    assert (error.status, error.code) == (status, code)
    assert f"`{code}`" in title or f"`{code}`" in SECTIONS[title]


TITLES = {
    "The requested value added services are invalid": quote,
    "Amazon Shipping doesn't support requested DPI null": quote,
    "Could not match input arguments": quote,
}


@pytest.mark.parametrize("title", TITLES)
def test_a_message_that_is_a_heading_becomes_the_error_that_the_section_names(title: str) -> None:
    error = error_of(ScriptedTransport([refusal(400, "InvalidInput", title)]), TITLES[title])
    assert title in str(error)
    assert f"`{type(error).__name__}`" in SECTIONS[title]


DETAILS = re.findall(r"^\| \"([^|]*)\"[^|]* \| ", SECTIONS["`Unauthorized`"], re.MULTILINE)


@pytest.mark.parametrize("details", DETAILS)
def test_details_of_a_403_are_in_the_text_of_the_error(details: str) -> None:
    message = quoted("`Unauthorized`")
    network = ScriptedTransport([refusal(403, "Unauthorized", message, details)] * 2)
    error = error_of(network, track)
    assert details in str(error)
    # one that speaks of the access token is sent twice, with another token
    assert len(network.requests) == (2 if "access token" in details.lower() else 1)


def test_there_are_three_details_and_none_names_the_roles() -> None:
    assert len(DETAILS) == 3
    error = error_of(network_of(403, "Unauthorized", quoted("`Unauthorized`")), track)
    assert "Direct-to-Consumer Shipping (Restricted)" in error.remedy


def test_a_429_ends_the_call_after_ten() -> None:
    network = network_of(429, "QuotaExceeded", quoted("`QuotaExceeded`"))
    error_of(network, track)
    assert len(network.requests) == RetryPolicy().throttled_attempts == 10
    assert "after ten attempts" in SECTIONS["`QuotaExceeded`"]


def test_a_clock_that_is_wrong_is_named() -> None:
    title = "`createdBefore`, `lastUpdatedBefore`, `CreatedBefore`, `LastUpdatedBefore`"
    assert "the remedy says by how much" in SECTIONS[title].replace("\n", " ")
    clock = FakeClock()
    date = (clock.now() - timedelta(minutes=10)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    refused = refusal(400, "InvalidInput", "createdBefore must be two minutes ago", date=date)
    client = client_of(ScriptedTransport([refused, refused]), clock)
    with pytest.raises(SpShippingError, match="this machine's clock is 600 s ahead of Amazon's"):
        client.orders.v2026_01_01.search_orders(
            created_after=clock.now() - timedelta(days=1), created_before=clock.now()
        )


def test_two_packages_are_refused_as_the_section_says() -> None:
    order = example_order()
    order.packages *= 2
    with Sandbox() as sandbox, sandbox.client() as client, pytest.raises(SpShippingError) as caught:
        client.shipping.get_rates(order)
    assert f"`{type(caught.value).__name__}`" in SECTIONS["Two packages in one shipment"]


def test_a_required_service_is_refused_before_it_is_sent() -> None:
    with Sandbox() as sandbox, sandbox.client() as client:
        found = client.shipping.get_rates(example_order())
        (rate, *_) = found.rates
        for group in rate.available_value_added_service_groups or []:
            group.is_required = True
        with pytest.raises(InvalidRequestError):
            found.purchase_request(rate, format="PDF")
        assert sandbox.ledger.count("purchaseShipment") == 0
