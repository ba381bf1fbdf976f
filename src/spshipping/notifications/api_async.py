"""The facade of `spshipping.notifications.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from collections.abc import AsyncIterator
from typing import Unpack

from spshipping.facade import AsyncApi
from spshipping.notifications import workflows
from spshipping.notifications.api import (
    _ENSURING,
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
    ProcessingDirective,
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

    async def ensure(
        self,
        notification_type: str,
        queue: str,
        *,
        payload_version: str = "1.0",
        processing_directive: ProcessingDirective | None = None,
        name: str | None = None,
        **options: Unpack[CallOptions],
    ) -> workflows.Ensured:
        """Have a type of notification about the seller sent to a queue; find or make what it takes.

        Two calls where everything is there already, four where nothing is. What exists is never changed.
        Amazon must be allowed to write to the queue beforehand: see `create_destination`. A creation whose
        answer was lost is looked up before it counts as failed.

        Args:
            notification_type: `ORDER_CHANGE`, say.
            queue: the ARN of a standard queue, `arn:aws:sqs:eu-west-1:123456789012:orders`.
            payload_version: `1.0` for most types.
            processing_directive: what to filter; None for every notification.
            name: of a new destination; None for the name of the queue.
            options: what each of the calls takes.

        Returns:
            The destination and the subscription, and which of them were made.

        Raises:
            InvalidRequestError: it is no standard queue, the directive is empty or contradicts itself, or
                the type has no subscriptions; nothing was sent.
            ConflictError: the seller has a subscription to the type that goes elsewhere, or has another
                version or directive; the error says how it differs, and nothing was changed.
        """
        return await workflows.ensure(
            self._context,
            _ENSURING,
            notification_type,
            queue,
            payload_version=payload_version,
            processing_directive=processing_directive,
            name=name,
            **options,
        )

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
        """Return a subscription of the application, for any of its sellers. Acts without a seller."""
        path = {"notificationType": notification_type, "subscriptionId": subscription_id}
        return await self._run(GET_SUBSCRIPTION_BY_ID(path=path), **options)

    async def delete_subscription_by_id(
        self, subscription_id: str, *, notification_type: str, **options: Unpack[CallOptions]
    ) -> None:
        """End a subscription of the application, for any of its sellers. Acts without a seller."""
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
