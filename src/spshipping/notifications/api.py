"""The operations of Notifications v1, and the facade that names them."""

from collections.abc import Iterator
from typing import Required, TypedDict, Unpack

from spshipping.facade import Api
from spshipping.notifications.models import (
    CreateDestinationRequest,
    CreateSubscriptionRequest,
    Destination,
    GetSubscriptionsPayload,
    SendTestNotificationRequest,
    Subscription,
)
from spshipping.operation import (
    CallOptions,
    Effect,
    Items,
    Operation,
    PagedOperation,
    Paging,
    Parameter,
    Quota,
    Range,
    Reply,
)

_QUOTA = Quota(1, burst=5)
_SCOPE = "sellingpartnerapi::notifications"
_PAYLOAD_VERSION = Parameter("payloadVersion")

GET_SUBSCRIPTIONS: PagedOperation[GetSubscriptionsPayload, Subscription] = PagedOperation(
    name="getSubscriptions",
    route="GET /notifications/v1/subscriptions",
    query=(
        Parameter(
            "notificationTypes",
            written="list",
            is_required=True,
            # a list that Amazon limits to one
            limits=(Items(1, 1),),
            python="notification_type",
        ),
        _PAYLOAD_VERSION,
        Parameter("pageSize", written="integer", limits=(Range(30, 100),)),
        Parameter("nextToken"),
    ),
    returns=GetSubscriptionsPayload,
    envelope=True,
    quota=_QUOTA,
    effect=Effect.NONE,
    pages=Paging(
        token="nextToken",  # noqa: S106 - the name of a parameter
        items_of=lambda page: page.subscriptions,
        next_of=lambda page: page.next_token,
    ),
)
GET_SUBSCRIPTION = Operation(
    name="getSubscription",
    route="GET /notifications/v1/subscriptions/{notificationType}",
    query=(_PAYLOAD_VERSION,),
    returns=Subscription,
    envelope=True,
    quota=_QUOTA,
    effect=Effect.NONE,
)
CREATE_SUBSCRIPTION = Operation(
    name="createSubscription",
    route="POST /notifications/v1/subscriptions/{notificationType}",
    body=CreateSubscriptionRequest,
    returns=Subscription,
    envelope=True,
    quota=_QUOTA,
    effect=Effect.ONCE,
)
GET_SUBSCRIPTION_BY_ID = Operation(
    name="getSubscriptionById",
    route="GET /notifications/v1/subscriptions/{notificationType}/{subscriptionId}",
    returns=Subscription,
    envelope=True,
    quota=_QUOTA,
    effect=Effect.NONE,
    scope=_SCOPE,
)
DELETE_SUBSCRIPTION_BY_ID = Operation(
    name="deleteSubscriptionById",
    route="DELETE /notifications/v1/subscriptions/{notificationType}/{subscriptionId}",
    returns=type(None),
    quota=_QUOTA,
    effect=Effect.IDEMPOTENT,
    scope=_SCOPE,
)
SEND_TEST_NOTIFICATION = Operation(
    name="sendTestNotification",
    route="POST /notifications/v1/subscriptions/{notificationType}/testNotification",
    body=SendTestNotificationRequest,
    returns=type(None),  # Amazon promises a payload, and not what is in it
    envelope=True,
    quota=_QUOTA,
    effect=Effect.ONCE,
    scope=_SCOPE,
)
GET_DESTINATIONS = Operation(
    name="getDestinations",
    route="GET /notifications/v1/destinations",
    returns=list[Destination],
    envelope=True,
    quota=_QUOTA,
    effect=Effect.NONE,
    scope=_SCOPE,
)
CREATE_DESTINATION = Operation(
    name="createDestination",
    route="POST /notifications/v1/destinations",
    body=CreateDestinationRequest,
    returns=Destination,
    envelope=True,
    quota=_QUOTA,
    effect=Effect.ONCE,
    scope=_SCOPE,
)
GET_DESTINATION = Operation(
    name="getDestination",
    route="GET /notifications/v1/destinations/{destinationId}",
    returns=Destination,
    envelope=True,
    quota=_QUOTA,
    effect=Effect.NONE,
    scope=_SCOPE,
)
DELETE_DESTINATION = Operation(
    name="deleteDestination",
    route="DELETE /notifications/v1/destinations/{destinationId}",
    returns=type(None),
    quota=_QUOTA,
    effect=Effect.IDEMPOTENT,
    scope=_SCOPE,
)


class SubscriptionFilters(TypedDict, total=False):
    """Which subscriptions of the seller are meant."""

    notification_type: Required[str]
    """Exactly one, `ORDER_CHANGE` say."""
    payload_version: str | None
    """None means all versions."""
    page_size: int | None
    """From 30 to 100; None means 30."""


class IterSubscriptionsOptions(SubscriptionFilters, CallOptions, total=False):
    """Which subscriptions are meant, and what every method takes."""


class GetSubscriptionsOptions(IterSubscriptionsOptions, total=False):
    """Which subscriptions are meant, which page of them, and what every method takes."""

    next_token: str | None
    """The page that an earlier answer named."""


class NotificationsApi(Api):
    """Receive changes instead of polling for them: destinations, and the subscriptions that send there.

    A destination belongs to the application, a subscription to one seller, one type and one version of its
    payload. What arrives is read by `parse_notification`. Amazon advises to poll now and then as well: a
    notification may be late, or lost.

    Source: https://developer-docs.amazon.com/sp-api/docs/notifications-api-v1-use-case-guide
    """

    __slots__ = ()

    def get_subscriptions(self, **filters: Unpack[GetSubscriptionsOptions]) -> GetSubscriptionsPayload:
        """Return one page of the seller's subscriptions to a type; there may be several, with filters.

        Args:
            filters: those of `SubscriptionFilters`, of which `notification_type` is required; `next_token`;
                and the options of every call.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: Amazon would not accept the type or the page size.
        """
        return self._run(*GET_SUBSCRIPTIONS.split(filters))

    def subscription_pages(
        self, **filters: Unpack[IterSubscriptionsOptions]
    ) -> Iterator[Reply[GetSubscriptionsPayload]]:
        """Iterate over the pages of the seller's subscriptions to a type, one request each."""
        return self._pages(*GET_SUBSCRIPTIONS.split(filters))

    def iter_subscriptions(self, **filters: Unpack[IterSubscriptionsOptions]) -> Iterator[Subscription]:
        """Iterate over the seller's subscriptions to a type, over all pages, as they are needed."""
        return self._iter(GET_SUBSCRIPTIONS, *GET_SUBSCRIPTIONS.split(filters))

    def get_subscription(
        self, *, notification_type: str, payload_version: str | None = None, **options: Unpack[CallOptions]
    ) -> Subscription:
        """Return the seller's subscription to a type.

        Args:
            notification_type: `ORDER_CHANGE`, say.
            payload_version: None for the latest version.
            options: what every call takes.

        Raises:
            NotFoundError: there is none.
        """
        path, query = {"notificationType": notification_type}, {"payloadVersion": payload_version}
        return self._run(GET_SUBSCRIPTION(path=path, query=query), **options)

    def create_subscription(
        self, request: CreateSubscriptionRequest, *, notification_type: str, **options: Unpack[CallOptions]
    ) -> Subscription:
        """Subscribe the seller to a type, for a destination that there is.

        Raises:
            ConflictError: there is such a subscription: `get_subscription` returns it.
        """
        path = {"notificationType": notification_type}
        return self._run(CREATE_SUBSCRIPTION(path=path, body=request), **options)

    def get_subscription_by_id(
        self, subscription_id: str, *, notification_type: str, **options: Unpack[CallOptions]
    ) -> Subscription:
        """Return any subscription of the application, whoever the seller is. Acts without a seller."""
        path = {"notificationType": notification_type, "subscriptionId": subscription_id}
        return self._run(GET_SUBSCRIPTION_BY_ID(path=path), **options)

    def delete_subscription_by_id(
        self, subscription_id: str, *, notification_type: str, **options: Unpack[CallOptions]
    ) -> None:
        """End any subscription of the application, whoever the seller is. Acts without a seller."""
        path = {"notificationType": notification_type, "subscriptionId": subscription_id}
        return self._run(DELETE_SUBSCRIPTION_BY_ID(path=path), **options)

    def send_test_notification(
        self, request: SendTestNotificationRequest, *, notification_type: str, **options: Unpack[CallOptions]
    ) -> None:
        """Have a made-up notification sent to a destination. In Amazon's sandbox only, without a seller."""
        path = {"notificationType": notification_type}
        return self._run(SEND_TEST_NOTIFICATION(path=path, body=request), **options)

    def get_destinations(self, **options: Unpack[CallOptions]) -> list[Destination]:
        """Return every destination of the application. Acts without a seller."""
        return self._run(GET_DESTINATIONS(), **options)

    def create_destination(
        self, request: CreateDestinationRequest, **options: Unpack[CallOptions]
    ) -> Destination:
        """Make a destination. Acts without a seller.

        Amazon must be allowed to write to the queue beforehand: its account 437568002678 needs
        `sqs:SendMessage` and `sqs:GetQueueAttributes`. Of EventBridge there is one destination for an AWS
        account.

        Raises:
            ConflictError: there is such a destination: `get_destinations` returns it.

        Source: https://developer-docs.amazon.com/sp-api/docs/set-up-notifications-with-amazon-sqs
        """
        return self._run(CREATE_DESTINATION(body=request), **options)

    def get_destination(self, destination_id: str, **options: Unpack[CallOptions]) -> Destination:
        """Return one destination. Acts without a seller."""
        return self._run(GET_DESTINATION(path={"destinationId": destination_id}), **options)

    def delete_destination(self, destination_id: str, **options: Unpack[CallOptions]) -> None:
        """Remove a destination. Acts without a seller."""
        return self._run(DELETE_DESTINATION(path={"destinationId": destination_id}), **options)
