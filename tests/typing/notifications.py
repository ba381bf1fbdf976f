"""What the checkers know about notifications. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Iterator
from typing import Any, assert_type

from spshipping import Reply, Secret
from spshipping.notifications import (
    ApplicationOAuthClientNewSecret,
    CreateSubscriptionRequest,
    Destination,
    Ensured,
    GetSubscriptionsPayload,
    Notification,
    NotificationsApi,
    OrderChangeNotification,
    OrderStatus,
    Subscription,
    parse_notification,
    parse_notifications,
)


def asks(api: NotificationsApi, request: CreateSubscriptionRequest) -> None:
    assert_type(api.create_subscription(request, notification_type="ORDER_CHANGE"), Subscription)
    assert_type(api.get_destinations(max_wait=0), list[Destination])
    assert_type(api.get_subscriptions(notification_type="ORDER_CHANGE"), GetSubscriptionsPayload)
    assert_type(api.iter_subscriptions(notification_type="ORDER_CHANGE"), Iterator[Subscription])
    assert_type(
        api.subscription_pages(notification_type="ORDER_CHANGE"), Iterator[Reply[GetSubscriptionsPayload]]
    )
    assert_type(api.ensure("ORDER_CHANGE", "arn:aws:sqs:eu-west-1:1:orders", deadline=5), Ensured)
    api.ensure("ORDER_CHANGE", queue=None)  # type: ignore[arg-type]
    api.get_subscriptions()  # type: ignore[call-arg]
    api.get_subscriptions(notification_type=["ORDER_CHANGE"])  # type: ignore[arg-type]
    api.create_subscription("ORDER_CHANGE", request)  # type: ignore[call-arg, arg-type]


def arrives(body: bytes) -> OrderStatus | None:
    notification = parse_notification(body)
    assert_type(notification, Notification)
    assert_type(notification.payload, dict[str, Any])
    assert_type(notification.order_change, OrderChangeNotification | None)
    _ = notification.order_change.summary  # type: ignore[union-attr]
    assert_type(parse_notification({"Records": []}), Notification)
    assert_type(parse_notifications([{"Body": body}]), list[Notification])
    assert_type(notification.client_new_secret, ApplicationOAuthClientNewSecret | None)
    if notification.client_new_secret:
        assert_type(notification.client_new_secret.new_client_secret, Secret)
    parse_notification(None)  # type: ignore[arg-type]
    return notification.order_change.summary.order_status if notification.order_change else None
