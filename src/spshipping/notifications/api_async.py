"""The facade of `spshipping.notifications.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from collections.abc import AsyncIterator
from typing import Unpack

from spshipping.facade import AsyncApi
from spshipping.notifications.api import (
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
    GetSubscriptionsOptions,
    IterSubscriptionsOptions,
)
from spshipping.notifications.models import (
    CreateDestinationRequest,
    CreateSubscriptionRequest,
    Destination,
    GetSubscriptionsPayload,
    SendTestNotificationRequest,
    Subscription,
)
from spshipping.operation import CallOptions, Reply


class AsyncNotificationsApi(AsyncApi):
    """Receive changes instead of polling for them: destinations, and the subscriptions that send there.

    A destination belongs to the application, a subscription to one seller, one type and one version of its
    payload. What arrives is read by `parse_notification`. Amazon advises to poll now and then as well: a
    notification may be late, or lost.

    Source: https://developer-docs.amazon.com/sp-api/docs/notifications-api-v1-use-case-guide
    """

    __slots__ = ()

    async def get_subscriptions(self, **filters: Unpack[GetSubscriptionsOptions]) -> GetSubscriptionsPayload:
        """Return one page of the seller's subscriptions to a type; there may be several, with filters.

        Args:
            filters: those of `SubscriptionFilters`, of which `notification_type` is required; `next_token`;
                and the options of every call.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: Amazon would not accept the type or the page size.
        """
        return await self._run(*GET_SUBSCRIPTIONS.split(filters))

    def subscription_pages(
        self, **filters: Unpack[IterSubscriptionsOptions]
    ) -> AsyncIterator[Reply[GetSubscriptionsPayload]]:
        """Iterate over the pages of the seller's subscriptions to a type, one request each."""
        return self._pages(*GET_SUBSCRIPTIONS.split(filters))

    def iter_subscriptions(self, **filters: Unpack[IterSubscriptionsOptions]) -> AsyncIterator[Subscription]:
        """Iterate over the seller's subscriptions to a type, over all pages, as they are needed."""
        return self._iter(GET_SUBSCRIPTIONS, *GET_SUBSCRIPTIONS.split(filters))

    async def get_subscription(
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
        return await self._run(GET_SUBSCRIPTION(path=path, query=query), **options)

    async def create_subscription(
        self, request: CreateSubscriptionRequest, *, notification_type: str, **options: Unpack[CallOptions]
    ) -> Subscription:
        """Subscribe the seller to a type, for a destination that there is.

        Raises:
            ConflictError: there is such a subscription: `get_subscription` returns it.
        """
        path = {"notificationType": notification_type}
        return await self._run(CREATE_SUBSCRIPTION(path=path, body=request), **options)

    async def get_subscription_by_id(
        self, subscription_id: str, *, notification_type: str, **options: Unpack[CallOptions]
    ) -> Subscription:
        """Return any subscription of the application, whoever the seller is. Acts without a seller."""
        path = {"notificationType": notification_type, "subscriptionId": subscription_id}
        return await self._run(GET_SUBSCRIPTION_BY_ID(path=path), **options)

    async def delete_subscription_by_id(
        self, subscription_id: str, *, notification_type: str, **options: Unpack[CallOptions]
    ) -> None:
        """End any subscription of the application, whoever the seller is. Acts without a seller."""
        path = {"notificationType": notification_type, "subscriptionId": subscription_id}
        return await self._run(DELETE_SUBSCRIPTION_BY_ID(path=path), **options)

    async def send_test_notification(
        self, request: SendTestNotificationRequest, *, notification_type: str, **options: Unpack[CallOptions]
    ) -> None:
        """Have a made-up notification sent to a destination. In Amazon's sandbox only, without a seller."""
        path = {"notificationType": notification_type}
        return await self._run(SEND_TEST_NOTIFICATION(path=path, body=request), **options)

    async def get_destinations(self, **options: Unpack[CallOptions]) -> list[Destination]:
        """Return every destination of the application. Acts without a seller."""
        return await self._run(GET_DESTINATIONS(), **options)

    async def create_destination(
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
        return await self._run(CREATE_DESTINATION(body=request), **options)

    async def get_destination(self, destination_id: str, **options: Unpack[CallOptions]) -> Destination:
        """Return one destination. Acts without a seller."""
        return await self._run(GET_DESTINATION(path={"destinationId": destination_id}), **options)

    async def delete_destination(self, destination_id: str, **options: Unpack[CallOptions]) -> None:
        """Remove a destination. Acts without a seller."""
        return await self._run(DELETE_DESTINATION(path={"destinationId": destination_id}), **options)
