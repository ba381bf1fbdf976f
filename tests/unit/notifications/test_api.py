"""The facade: what each method sends, as whom, and what comes of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from spshipping import ConflictError, Effect, InvalidRequestError, Operation, OutcomeUnknownError
from spshipping.notifications import (
    CREATE_DESTINATION,
    CREATE_SUBSCRIPTION,
    DELETE_DESTINATION,
    DELETE_SUBSCRIPTION_BY_ID,
    GET_DESTINATION,
    GET_DESTINATIONS,
    GET_SUBSCRIPTION,
    GET_SUBSCRIPTION_BY_ID,
    GET_SUBSCRIPTIONS,
    SEND_TEST_NOTIFICATION,
    CreateDestinationRequest,
    CreateSubscriptionRequest,
    Destination,
    DestinationResource,
    DestinationResourceSpecification,
    EventFilter,
    EventFilterType,
    NotificationsApi,
    OrderChangeTypeEnum,
    ProcessingDirective,
    SendTestNotificationRequest,
    SqsResource,
    Subscription,
    TestNotification,
)
from spshipping.transport.http import HttpFailure
from tests.kit import ScriptedTransport, answer, client_of, refusal

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:orders"
SUBSCRIPTION = {"subscriptionId": "S1", "payloadVersion": "1.0", "destinationId": "D1"}
MINE = Subscription(subscription_id="S1", payload_version="1.0", destination_id="D1")
DESTINATION = {"name": "orders", "destinationId": "D1", "resource": {"sqs": {"arn": QUEUE}}}
PLACE = Destination(
    name="orders", destination_id="D1", resource=DestinationResource(sqs=SqsResource(arn=QUEUE))
)
DIRECTIVE = ProcessingDirective(
    event_filter=EventFilter(
        event_filter_type=EventFilterType.ORDER_CHANGE,
        order_change_types=[OrderChangeTypeEnum.ORDER_STATUS_CHANGE],
    )
)
SUBSCRIBE = CreateSubscriptionRequest(
    payload_version="1.0", destination_id="D1", processing_directive=DIRECTIVE
)
PLACE_IT = CreateDestinationRequest(
    name="orders", resource_specification=DestinationResourceSpecification(sqs=SqsResource(arn=QUEUE))
)
TEST = SendTestNotificationRequest(
    destination_id="D1", test_notification=TestNotification(payload_version="1.0", test_scenario="Happy")
)

Method = Callable[[NotificationsApi], Any]
CALLS: dict[str, tuple[Method, Any, str, Any]] = {
    "get_subscription": (
        lambda api: api.get_subscription(notification_type="ORDER_CHANGE", payload_version="1.0"),
        SUBSCRIPTION,
        "GET /subscriptions/ORDER_CHANGE?payloadVersion=1.0",
        MINE,
    ),
    "create_subscription": (
        lambda api: api.create_subscription(SUBSCRIBE, notification_type="ORDER_CHANGE"),
        SUBSCRIPTION,
        "POST /subscriptions/ORDER_CHANGE",
        MINE,
    ),
    "get_subscription_by_id": (
        lambda api: api.get_subscription_by_id("S1", notification_type="ORDER_CHANGE"),
        SUBSCRIPTION,
        "GET /subscriptions/ORDER_CHANGE/S1",
        MINE,
    ),
    "delete_subscription_by_id": (
        lambda api: api.delete_subscription_by_id("S1", notification_type="ORDER_CHANGE"),
        None,
        "DELETE /subscriptions/ORDER_CHANGE/S1",
        None,
    ),
    "send_test_notification": (
        lambda api: api.send_test_notification(TEST, notification_type="ORDER_CHANGE"),
        None,
        "POST /subscriptions/ORDER_CHANGE/testNotification",
        None,
    ),
    "get_destinations": (
        lambda api: api.get_destinations(),
        [DESTINATION],
        "GET /destinations",
        [PLACE],
    ),
    "create_destination": (
        lambda api: api.create_destination(PLACE_IT),
        DESTINATION,
        "POST /destinations",
        PLACE,
    ),
    "get_destination": (
        lambda api: api.get_destination("D1"),
        DESTINATION,
        "GET /destinations/D1",
        PLACE,
    ),
    "delete_destination": (lambda api: api.delete_destination("D1"), None, "DELETE /destinations/D1", None),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_method_sends_its_operation_and_opens_the_answer(name: str) -> None:
    call, payload, sent, value = CALLS[name]
    network = ScriptedTransport([answer(200, {"payload": payload} if payload else {})])
    assert call(NotificationsApi(client_of(network).context)) == value
    (request,) = network.requests
    _, _, path = request.url.partition("/notifications/v1")
    assert f"{request.method} {path}" == sent


def test_bodies_are_written_as_amazon_spells_them() -> None:
    network = ScriptedTransport([answer(200, {"payload": SUBSCRIPTION}), answer(200, {}), answer(200, {})])
    api = NotificationsApi(client_of(network).context)
    api.create_subscription(SUBSCRIBE, notification_type="ORDER_CHANGE")
    api.send_test_notification(TEST, notification_type="ORDER_CHANGE")
    assert [json.loads(request.body or b"") for request in network.requests] == [
        {
            "payloadVersion": "1.0",
            "destinationId": "D1",
            "processingDirective": {
                "eventFilter": {"orderChangeTypes": ["OrderStatusChange"], "eventFilterType": "ORDER_CHANGE"}
            },
        },
        {"destinationId": "D1", "testNotification": {"payloadVersion": "1.0", "testScenario": "Happy"}},
    ]


def test_what_belongs_to_the_application_acts_without_a_seller() -> None:
    with_seller: set[Operation[Any]] = {GET_SUBSCRIPTIONS, GET_SUBSCRIPTION, CREATE_SUBSCRIPTION}
    without: set[Operation[Any]] = {
        *(GET_SUBSCRIPTION_BY_ID, DELETE_SUBSCRIPTION_BY_ID, SEND_TEST_NOTIFICATION),
        *(GET_DESTINATIONS, CREATE_DESTINATION, GET_DESTINATION, DELETE_DESTINATION),
    }
    assert {operation.scope for operation in with_seller} == {None}
    assert {operation.scope for operation in without} == {"sellingpartnerapi::notifications"}


def test_what_makes_something_happens_once_and_what_removes_it_may_be_repeated() -> None:
    once: set[Operation[Any]] = {CREATE_DESTINATION, CREATE_SUBSCRIPTION, SEND_TEST_NOTIFICATION}
    assert {operation.effect for operation in once} == {Effect.ONCE}
    cut = HttpFailure("cut", was_sent=True)
    network = ScriptedTransport([cut])
    with pytest.raises(OutcomeUnknownError):
        NotificationsApi(client_of(network).context).create_destination(PLACE_IT)
    network = ScriptedTransport([cut, answer(200, {})])
    NotificationsApi(client_of(network).context).delete_destination("D1")
    assert len(network.requests) == 2


def test_making_what_there_is_is_a_conflict() -> None:
    network = ScriptedTransport([refusal(409, "Conflict", "Subscription already exists.")])
    with pytest.raises(ConflictError, match="already exists"):
        NotificationsApi(client_of(network).context).create_subscription(
            SUBSCRIBE, notification_type="ORDER_CHANGE"
        )


def page(*ids: str, token: str | None = None) -> Any:
    subscriptions = [{**SUBSCRIPTION, "subscriptionId": id_} for id_ in ids]
    return answer(200, {"payload": {"subscriptions": subscriptions, "nextToken": token}})


def test_one_page_of_subscriptions_is_one_request() -> None:
    network = ScriptedTransport([page("S2", token="c")])
    found = NotificationsApi(client_of(network).context).get_subscriptions(
        notification_type="ORDER_CHANGE", payload_version="1.0", page_size=100, next_token="b"
    )
    assert [subscription.subscription_id for subscription in found.subscriptions or ()] == ["S2"]
    assert found.next_token == "c"
    assert network.requests[0].url.endswith(
        "/subscriptions?notificationTypes=ORDER_CHANGE&payloadVersion=1.0&pageSize=100&nextToken=b"
    )


def test_subscriptions_are_gone_through_over_all_pages() -> None:
    network = ScriptedTransport([page("S1", "S2", token="a+b"), page("S3")])
    api = NotificationsApi(client_of(network).context)
    found = api.iter_subscriptions(notification_type="ORDER_CHANGE", page_size=30)
    assert [subscription.subscription_id for subscription in found] == ["S1", "S2", "S3"]
    assert [request.url.partition("?")[2] for request in network.requests] == [
        "notificationTypes=ORDER_CHANGE&pageSize=30",
        "notificationTypes=ORDER_CHANGE&pageSize=30&nextToken=a%2Bb",
    ]


def test_a_page_of_subscriptions_carries_the_cursor_of_the_next() -> None:
    network = ScriptedTransport([page("S1", token="a"), page()])
    first, last = NotificationsApi(client_of(network).context).subscription_pages(
        notification_type="ORDER_CHANGE"
    )
    assert first.next_call is not None
    assert first.next_call.query["nextToken"] == "a"
    assert last.next_call is None


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"notification_type": ""}, "notificationTypes"),
        ({"notification_type": "ORDER_CHANGE,ANY_OFFER_CHANGED"}, "notificationTypes"),
        ({"notification_type": ["ORDER_CHANGE", "ANY_OFFER_CHANGED"]}, "notificationTypes"),
        ({"notification_type": "ORDER_CHANGE", "page_size": 29}, "pageSize"),
        ({"notification_type": "ORDER_CHANGE", "page_size": 101}, "pageSize"),
        ({"notification_type": "ORDER_CHANGE", "page_size": True}, "pageSize"),
    ],
)
def test_what_amazon_would_not_list_is_refused_before_the_call(asked: dict[str, Any], path: str) -> None:
    network = ScriptedTransport()
    with pytest.raises(InvalidRequestError) as caught:
        NotificationsApi(client_of(network).context).get_subscriptions(**asked)
    assert caught.value.path == path
    assert (network.requests, network.sign_ins) == ([], 0)
