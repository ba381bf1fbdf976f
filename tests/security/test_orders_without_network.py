"""What happens to orders beside the network shows nobody: notifications, arguments, pickles, cursors."""

import functools
import json
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spshipping import InvalidRequestError, SpShippingError, WebhookError, reveal
from spshipping.cursor import cursor_of
from spshipping.notifications import Notification, parse_notification
from spshipping.orders import AmazonOrder, BuyerInfo, differences, v0
from tests.kit import ScriptedTransport, answer, client_of
from tests.security.canary import PERSONAL, Catch, surfaces
from tests.security.world import attempt
from tests.unit.notifications.build import Json, camel, event, order_change, sns

CODE = PERSONAL["postal code"]
EMAIL = PERSONAL["e-mail"]
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def catch(tmp_path: Path) -> Iterator[Catch]:
    """Search all that a test brought to light, when it ends: nothing that leaked gets by."""
    with surfaces(tmp_path) as caught:
        yield caught
    assert caught.said["traceback"] or caught.said["repr"]
    assert caught.leaks() == {}


def envelope(code: Any = CODE) -> Json:
    return order_change(DestinationPostalCode=code)


WAYS: dict[str, Callable[[Any], Any]] = {
    "a mapping": lambda body: body,
    "text": json.dumps,
    "bytes": lambda body: json.dumps(body, ensure_ascii=False).encode(),
    "an event": event,
    "wrapped by SNS": sns,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("spell", [lambda body: body, camel], ids=["Pascal", "camel"])
def test_a_notification_tells_a_postal_code_and_shows_none(
    catch: Catch, way: str, spell: Callable[[Any], Any]
) -> None:
    read = attempt(catch, lambda: parse_notification(WAYS[way](spell(envelope()))))
    assert isinstance(read, Notification)
    change = read.order_change
    assert change
    assert change.summary.destination_postal_code == CODE
    catch.show(change, change.summary, read.notification_metadata, [read], {"read": read})
    assert CODE in reveal(read)


@pytest.mark.parametrize("code", [[CODE], {CODE: CODE}, {"x": [CODE]}])
def test_an_odd_postal_code_is_not_shown(catch: Catch, code: Any) -> None:
    read = attempt(catch, lambda: parse_notification(envelope(code)))
    assert isinstance(read, Notification)
    catch.show(read.order_change, read.deviations)
    unknown = order_change(DestinationPostalCode=None, BuyerName=PERSONAL["buyer's name"])
    attempt(catch, lambda: parse_notification(unknown))


def _without_order(body: Json) -> Json:
    body["Payload"]["OrderChangeNotification"]["AmazonOrderId"] = None
    return body


@pytest.mark.parametrize(
    "broken",
    [
        json.dumps(envelope())[:-1],
        json.dumps(envelope())[:-1].encode(),
        json.dumps(envelope(CODE + "\ud800"), ensure_ascii=False)[:-1],
        [envelope(), envelope()],
        json.dumps([envelope(), {CODE: CODE}]),
        {"Records": [{"body": CODE}]},
        {"Body": [envelope()]},
        json.dumps(CODE),
        _without_order(envelope()),
        event(_without_order(envelope())),
        sns(sns(sns(sns(sns(envelope()))))),
        sns(CODE),
        {CODE: CODE},
        json.dumps(envelope("x" * 1_048_576)),
    ],
)
def test_what_is_no_notification_is_not_quoted(catch: Catch, broken: Any) -> None:
    assert type(attempt(catch, lambda: parse_notification(broken))) is WebhookError


WRONG: dict[str, dict[str, Any]] = {
    "no text": {"buyer_email": [EMAIL]},
    "bytes": {"buyer_email": EMAIL.encode()},
    "half a letter": {"buyer_email": f"{EMAIL}\ud800"},
    "misspelt": {"buyer_mail": EMAIL},
    "another filter is wrong": {"buyer_email": EMAIL, "created_before": datetime(2026, 1, 1)},  # noqa: DTZ001 - naive
    "a later filter is wrong": {"buyer_email": EMAIL, "is_ispu": 3},
    "another name is wrong": {"buyer_email": EMAIL, "created_since": SINCE},
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("method", ["get_orders", "iter_orders", "order_pages"])
def test_a_buyer_who_cannot_be_looked_for_is_not_quoted(catch: Catch, method: str, wrong: str) -> None:
    look = getattr(client_of(ScriptedTransport()).orders.v0, method)

    def looked() -> Any:
        found = look(marketplace_ids=["A1F83G8C2ARO7P"], created_after=SINCE, **WRONG[wrong])
        return next(found, found)

    assert isinstance(attempt(catch, looked), InvalidRequestError | TypeError)


@pytest.mark.parametrize(
    "query",
    [
        {"BuyerEmail": [EMAIL]},
        {"BuyerEmail": EMAIL, "CreatedAfter": 3},
        {"BuyerEmail": EMAIL, "IsISPU": 3},
        {"BuyerEmail": EMAIL, "BuyerMail": EMAIL},
    ],
)
def test_a_call_that_cannot_be_made_does_not_quote_a_buyer(catch: Catch, query: dict[str, Any]) -> None:
    found = attempt(catch, lambda: v0.GET_ORDERS(query={"MarketplaceIds": ["x"], **query}))
    assert isinstance(found, InvalidRequestError)


def test_a_call_that_names_a_buyer_shows_nobody_and_is_not_saved(catch: Catch) -> None:
    query = {"MarketplaceIds": ["A1F83G8C2ARO7P"], "BuyerEmail": EMAIL, "CreatedAfter": SINCE}
    call = v0.GET_ORDERS(query=query)
    catch.show(call, [call], {"call": call})
    page = answer(200, {"payload": {"Orders": [], "NextToken": "next"}})
    reply = client_of(ScriptedTransport([page])).send(call)
    catch.show(reply, reply.next_call)
    for one in (call, reply.next_call):
        refused = attempt(catch, functools.partial(cursor_of, one))
        assert isinstance(refused, InvalidRequestError)
        assert refused.path == "BuyerEmail"


def test_pages_that_repeat_name_no_buyer(catch: Catch) -> None:
    page = answer(200, {"payload": {"Orders": [], "NextToken": "next"}})
    broken = answer(400, {"errors": [{"code": "InvalidInput", "message": None}]})
    for script in ([page] * 3, [page, broken]):
        api = client_of(ScriptedTransport(script)).orders.v0
        pages = api.order_pages(marketplace_ids=["x"], created_after=SINCE, buyer_email=EMAIL)
        assert isinstance(attempt(catch, lambda pages=pages: list(pages)), SpShippingError)  # type: ignore[misc]  # bound here


def test_where_somebody_lives_is_not_shown(catch: Catch) -> None:
    point = v0.GeoCoordinates(latitude=Decimal("51.417731"), longitude=Decimal("-0.417731"))
    address = v0.Address(extended_fields=v0.AddressExtendedFields(geo_coordinates=point))
    catch.show(point, address.extended_fields, address)
    assert catch.leaks({"latitude": "51.417731", "longitude": "0.417731"}) == {}


def test_an_amazon_order_shows_nobody_and_pickles_whole(catch: Catch) -> None:
    order = AmazonOrder(
        amazon_order_id="1",
        purchase_date=SINCE,
        last_update_date=SINCE,
        buyer_info=BuyerInfo(buyer_name=PERSONAL["buyer's name"], buyer_email=EMAIL),
    )
    other = AmazonOrder(amazon_order_id="1", purchase_date=SINCE, last_update_date=SINCE)
    catch.show(order, [order], {"1": order}, *differences(order, other))
    again = pickle.loads(pickle.dumps(order))
    assert again == order
    assert again.buyer_info.buyer_email == EMAIL
    assert EMAIL in reveal(again)
    assert order.to_dict()["buyer_info"]["buyer_email"] == EMAIL
