"""The Notifications API, and what it sends when orders change."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from spshipping.notifications import parse_notification
from spshipping.sandbox import OrderSupply, Sandbox
from tests.sandbox.server.world import Json, Shop, refusal

pytestmark = pytest.mark.dates

ARN = "arn:aws:sqs:eu-west-1:123456789012:orders"
API = "/notifications/v1"


class Application:
    """The application itself, with a token without a seller."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = sandbox.url + API
        self.session = requests.Session()
        self.session.trust_env = False
        grant = {**sandbox.credentials, "grant_type": "client_credentials"}
        grant["scope"] = "sellingpartnerapi::notifications"
        del grant["refresh_token"]
        token = self.session.post(sandbox.token_url, data=grant).json()["access_token"]
        self.session.headers["x-amz-access-token"] = token

    def call(self, method: str, path: str, body: Json | None = None) -> requests.Response:
        return self.session.request(method, self.url + path, json=body)

    def create(self, name: str = "queue", **resource: Any) -> requests.Response:
        resource = resource or {"sqs": {"arn": ARN}}
        return self.call("POST", "/destinations", {"name": name, "resourceSpecification": resource})

    def destination(self) -> str:
        id_: str = self.create().json()["payload"]["destinationId"]
        return id_


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(orders=OrderSupply(200, seed=2, days=2), quotas=False) as running:
        yield running


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[Application]:
    application = Application(sandbox)
    yield application
    application.session.close()


def subscribe(shop: Shop, destination: str, kind: str = "ORDER_CHANGE", **rest: Any) -> requests.Response:
    body = {"payloadVersion": "1.0", "destinationId": destination, **rest}
    return shop.session.post(f"{shop.sandbox.url}{API}/subscriptions/{kind}", json=body)


def subscribed(shop: Shop, destination: str, **rest: Any) -> str:
    answer = subscribe(shop, destination, **rest)
    assert answer.status_code == 200, answer.text
    id_: str = answer.json()["payload"]["subscriptionId"]
    return id_


def ask(shop: Shop, path: str) -> requests.Response:
    return shop.session.get(f"{shop.sandbox.url}{API}{path}")


def test_destinations_belong_to_the_application(app: Application, shop: Shop) -> None:
    assert ask(shop, "/destinations").status_code == 403
    made = app.create().json()["payload"]
    assert made["resource"] == {"sqs": {"arn": ARN}}
    assert app.call("GET", "/destinations").json() == {"payload": [made]}
    assert app.call("GET", f"/destinations/{made['destinationId']}").json() == {"payload": made}
    assert app.create("again").status_code == 409
    assert app.call("DELETE", f"/destinations/{made['destinationId']}").json() == {}
    assert app.call("GET", f"/destinations/{made['destinationId']}").status_code == 404
    assert app.call("DELETE", f"/destinations/{made['destinationId']}").status_code == 404


def test_an_event_source_gets_a_name(app: Application) -> None:
    made = app.create(eventBridge={"region": "eu-west-1", "accountId": "123456789012"}).json()["payload"]
    source = made["resource"]["eventBridge"]
    assert source["name"].startswith("aws.partner/sellingpartnerapi.amazon.com/123456789012/")
    both: Json = {"sqs": {"arn": ARN}, "eventBridge": {"region": "eu-west-1", "accountId": "1"}}
    assert "exactly one of sqs, eventBridge" in refusal(app.create(**both))[2]


def test_a_seller_subscribes_once_to_each_version(app: Application, shop: Shop) -> None:
    destination = app.destination()
    assert ask(shop, "/subscriptions/ORDER_CHANGE").status_code == 404
    id_ = subscribed(shop, destination)
    assert subscribe(shop, destination).status_code == 409
    assert subscribe(shop, destination, payloadVersion="2.0").status_code == 200
    told = ask(shop, "/subscriptions/ORDER_CHANGE").json()["payload"]
    assert told == {"subscriptionId": id_, "payloadVersion": "1.0", "destinationId": destination}
    other = ask(shop, "/subscriptions/ORDER_CHANGE?payloadVersion=2.0").json()["payload"]
    assert other["payloadVersion"] == "2.0"
    listed = ask(shop, "/subscriptions?notificationTypes=ORDER_CHANGE").json()["payload"]
    assert listed == {"subscriptions": [told, other]}
    assert ask(shop, "/subscriptions?notificationTypes=REPORT_READY").json()["payload"] == {
        "subscriptions": []
    }
    assert app.call("GET", f"/subscriptions/ORDER_CHANGE/{id_}").json()["payload"] == told
    assert app.call("GET", f"/subscriptions/REPORT_READY/{id_}").status_code == 404
    assert ask(shop, f"/subscriptions/ORDER_CHANGE/{id_}").status_code == 403
    assert app.call("DELETE", f"/destinations/{destination}").status_code == 409
    assert app.call("DELETE", f"/subscriptions/ORDER_CHANGE/{id_}").json() == {}
    assert app.call("DELETE", f"/subscriptions/ORDER_CHANGE/{id_}").status_code == 404


@pytest.mark.parametrize(
    "query", ["ORDER_CHANGE,OTHER", "ORDER_CHANGE&pageSize=29", "ORDER_CHANGE&pageSize=101", "A&nextToken=x"]
)
def test_subscriptions_are_listed_by_one_type(shop: Shop, query: str) -> None:
    assert ask(shop, f"/subscriptions?notificationTypes={query}").status_code == 400


def test_a_subscription_that_makes_no_sense_is_refused(app: Application, shop: Shop) -> None:
    destination = app.destination()
    assert "no destination" in refusal(subscribe(shop, "nowhere"))[2]
    assert "not a notification type" in refusal(subscribe(shop, destination, "orders"))[2]
    both = {"eventFilter": {"eventFilterType": "ORDER_CHANGE"}, "filterExpression": "x == `1`"}
    assert "exactly one of eventFilter" in refusal(subscribe(shop, destination, processingDirective=both))[2]


def test_each_change_is_told_once_and_as_amazon_tells_it(app: Application, shop: Shop) -> None:
    sandbox = shop.sandbox
    id_ = subscribed(shop, app.destination())
    seen = len(sandbox.order_changes())
    assert sandbox.notifications() == []
    sandbox.clock.advance(86400)
    changes = sandbox.order_changes(after=seen)
    told = [parse_notification(message) for message in sandbox.notifications()]
    orders = [one.order_change for one in told if one.order_change]
    assert len(changes) > 100
    assert [(one.amazon_order_id, one.summary.order_status) for one in orders] == [
        (change.order_id, change.status) for change in changes
    ]
    assert len({notification.notification_id for notification in told}) == len(told)
    assert {notification.notification_metadata.subscription_id for notification in told} == {id_}
    assert not any(notification.deviations for notification in told)
    kinds = {one.order_change_type for one in orders}
    assert kinds == {"OrderStatusChange", "BuyerRequestedChange"}


def test_both_casings_say_the_same(app: Application, shop: Shop) -> None:
    subscribed(shop, app.destination())
    shop.sandbox.clock.advance(86400)
    for pascal, camel in zip(
        shop.sandbox.notifications(), shop.sandbox.notifications(casing="camel"), strict=True
    ):
        assert "NotificationMetadata" in pascal
        assert "notificationMetadata" in camel
        one, same = parse_notification(pascal), parse_notification(camel)
        assert one.order_change == same.order_change
        assert one.notification_id == same.notification_id
    url = f"{shop.sandbox.url}/_sandbox/notifications"
    assert requests.get(url, timeout=5).json()["notifications"] == shop.sandbox.notifications()
    camel = requests.get(url, params={"casing": "camel"}, timeout=5).json()["notifications"]
    assert camel == shop.sandbox.notifications(casing="camel")


@pytest.mark.parametrize(
    "wanted", [{"marketplaceIds": ["A1F83G8C2ARO7P"]}, {"orderChangeTypes": ["BuyerRequestedChange"]}]
)
def test_a_filter_lets_through_what_it_names(app: Application, shop: Shop, wanted: Json) -> None:
    directive = {"eventFilter": {"eventFilterType": "ORDER_CHANGE", **wanted}}
    subscribed(shop, app.destination(), processingDirective=directive)
    seen = len(shop.sandbox.order_changes())
    shop.sandbox.clock.advance(86400)
    payloads = [one["Payload"]["OrderChangeNotification"] for one in shop.sandbox.notifications()]
    assert 0 < len(payloads) < len(shop.sandbox.order_changes(after=seen))
    told = {(one["Summary"]["MarketplaceId"], one["OrderChangeType"]) for one in payloads}
    (values,) = wanted.values()
    assert all(set(values) & set(one) for one in told)


def test_what_happened_before_or_after_a_subscription_is_not_told(app: Application, shop: Shop) -> None:
    sandbox, destination = shop.sandbox, app.destination()
    sandbox.clock.advance(3000)
    id_ = subscribed(shop, destination)
    assert sandbox.notifications() == []
    sandbox.clock.advance(500)
    app.call("DELETE", f"/subscriptions/ORDER_CHANGE/{id_}")
    told = len(sandbox.notifications())
    sandbox.clock.advance(86400)
    assert len(sandbox.notifications()) == told


def test_other_sellers_and_other_types_are_not_told(app: Application, shop: Shop) -> None:
    shop.sandbox.add_seller("Atzr|other")
    other = Shop(shop.sandbox, "Atzr|other")
    destination = app.destination()
    subscribed(other, destination)
    subscribe(shop, destination, "REPORT_READY")
    ask(shop, "/subscriptions/ORDER_CHANGE")
    shop.sandbox.order_changes()
    shop.sandbox.clock.advance(86400)
    sellers = {one["Payload"]["OrderChangeNotification"]["SellerId"] for one in shop.sandbox.notifications()}
    assert len(sellers) == 1
    assert sellers.isdisjoint({shop.sandbox.ledger.requests()[0].seller})
    other.close()


def test_a_notification_can_be_tried(app: Application) -> None:
    destination = app.destination()
    path = "/subscriptions/ORDER_CHANGE/testNotification"
    test = {"payloadVersion": "1.0", "testScenario": "shipped"}
    assert app.call("POST", path, {"destinationId": destination, "testNotification": test}).status_code == 200
    assert app.call("POST", path, {"testNotification": test}).status_code == 400
    assert app.call("POST", path, {"destinationId": destination}).status_code == 400


def test_a_tried_notification_tells_of_nobodys_order(app: Application, sandbox: Sandbox) -> None:
    test = {"payloadVersion": "1.0", "testScenario": "shipped"}
    path = "/subscriptions/ORDER_CHANGE/testNotification"
    app.call("POST", path, {"destinationId": app.destination(), "testNotification": test})
    (message,) = sandbox.notifications()
    change = parse_notification(message).order_change
    assert change is not None
    assert change.amazon_order_id not in {order.id for order in sandbox.orders()}
    sandbox.reset()
    assert sandbox.notifications() == []
