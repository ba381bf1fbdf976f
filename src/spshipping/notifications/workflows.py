"""Have a type of notification sent to a queue: find or make what it takes, written once for both clients."""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

from spshipping.errors import ConflictError, InvalidRequestError, NotFoundError, OutcomeUnknownError
from spshipping.facade import Context, items
from spshipping.notifications.models import (
    CreateDestinationRequest,
    CreateSubscriptionRequest,
    Destination,
    DestinationResourceSpecification,
    GetSubscriptionsPayload,
    ProcessingDirective,
    SqsResource,
    Subscription,
)
from spshipping.notifications.rotation import OF_THE_APPLICATION
from spshipping.operation import CallOptions, Operation, PagedOperation
from spshipping.wire.convert import encode_request, to_dict

_QUEUE_URL = re.compile(r"https://sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(\d+)/([\w.-]+)", re.ASCII)


class Operations(NamedTuple):
    """The operations that `ensure` is made of."""

    get_destinations: Operation[list[Destination]]
    create_destination: Operation[Destination]
    get_subscriptions: PagedOperation[GetSubscriptionsPayload, Subscription]
    create_subscription: Operation[Subscription]


class Ensured(NamedTuple):
    """The destination and the subscription that there are now, and which of them were made."""

    destination: Destination
    subscription: Subscription
    has_made_destination: bool
    has_made_subscription: bool

    def __str__(self) -> str:
        destination = "made" if self.has_made_destination else "found"
        subscription = "made" if self.has_made_subscription else "found"
        return (
            f"{destination} destination {self.destination.destination_id},"
            f" {subscription} subscription {self.subscription.subscription_id}"
        )


class _Wanted(NamedTuple):
    """What is to be there."""

    type: str
    queue: str
    version: str
    directive: ProcessingDirective | None


async def ensure(
    context: Context,
    operations: Operations,
    notification_type: str,
    queue: str,
    *,
    payload_version: str,
    processing_directive: ProcessingDirective | None,
    name: str | None,
    **options: Unpack[CallOptions],
) -> Ensured:
    """Find or make a destination and a subscription; see `NotificationsApi.ensure`."""
    texts: dict[str, object] = {
        "notification_type": notification_type,
        "queue": queue,
        "payload_version": payload_version,
        "name": name or "",
    }
    for path, value in texts.items():
        if not isinstance(value, str):
            raise InvalidRequestError("takes text", path=path)
    _refuse_unfit(notification_type, queue)
    wanted = _Wanted(notification_type, queue, payload_version, processing_directive)
    place = DestinationResourceSpecification(sqs=SqsResource(arn=queue))
    body = CreateDestinationRequest(name=name or queue.rpartition(":")[2], resource_specification=place)
    # both requests are checked before anything is sent
    for request in (body, _request(wanted, "unknown")):
        encode_request(request)

    ensuring = _Ensuring(context, operations, wanted, options)
    destinations = await ensuring.destinations()
    subscription = ensuring.matching(await ensuring.subscriptions(), destinations)
    if subscription is not None:
        (destination, *_) = [one for one in destinations if one.destination_id == subscription.destination_id]
        return Ensured(destination, subscription, False, False)
    found = _of_queue(destinations, queue)
    destination, is_new_destination = (found[0], False) if found else await ensuring.make(body)
    subscription, is_new = await ensuring.subscribe(destination)
    return Ensured(destination, subscription, is_new_destination, is_new)


def _refuse_unfit(notification_type: str, queue: str) -> None:
    """Refuse what cannot be subscribed to, and what is no queue that Amazon delivers to.

    Raises:
        InvalidRequestError: it is one of these, and what to do.
    """
    if notification_type in OF_THE_APPLICATION:
        raise InvalidRequestError(
            "there is no subscription to this type: register a queue for it in the developer console",
            path="notification_type",
        )
    url = _QUEUE_URL.fullmatch(queue)
    if url:
        arn = f"arn:aws:sqs:{url[1]}:{url[2]}:{url[3]}"
        raise InvalidRequestError(f"this is the URL of a queue; give its ARN, {arn}", path="queue")
    if queue.endswith(".fifo"):
        raise InvalidRequestError(
            "Amazon does not deliver to FIFO queues; give a standard queue", path="queue"
        )


def _request(wanted: _Wanted, destination_id: str) -> CreateSubscriptionRequest:
    return CreateSubscriptionRequest(
        payload_version=wanted.version,
        destination_id=destination_id,
        processing_directive=wanted.directive,
    )


class _Ensuring:
    """The steps of `ensure`."""

    def __init__(
        self, context: Context, operations: Operations, wanted: _Wanted, options: CallOptions
    ) -> None:
        self._sender = context.sender
        self._operations = operations
        self._wanted = wanted
        self._options = options

    async def destinations(self) -> list[Destination]:
        """Return all destinations of the application."""
        return (await self._sender.send(self._operations.get_destinations(), **self._options)).value

    async def subscriptions(self) -> list[Subscription]:
        """Return the seller's subscriptions to the type, in all versions."""
        operation = self._operations.get_subscriptions
        call = operation(query={"notificationTypes": self._wanted.type})
        try:
            return [each async for each in items(self._sender, operation, call, **self._options)]
        except NotFoundError:
            return []

    def matching(
        self, subscriptions: Sequence[Subscription], destinations: Sequence[Destination]
    ) -> Subscription | None:
        """Return the subscription that is as wanted; None where there is none at all.

        Raises:
            ConflictError: there are others only, and how they differ.
        """
        differing = []
        for subscription in subscriptions:
            differences = _differences(subscription, self._wanted, destinations)
            if not differences:
                return subscription
            differing.append(f"subscription {subscription.subscription_id} {' and '.join(differences)}")
        if differing:
            raise ConflictError(
                f"{'; '.join(differing)}; nothing was changed",
                operation="ensure",
                remedy="use what there is, or end it with delete_subscription_by_id first",
            )
        return None

    async def make(self, body: CreateDestinationRequest) -> tuple[Destination, bool]:
        """Make the destination.

        If the call fails, return the one that it made all the same, or that another process made meanwhile.
        """
        call = self._operations.create_destination(body=body)
        try:
            return (await self._sender.send(call, **self._options)).value, True
        except (ConflictError, OutcomeUnknownError) as error:
            found = _of_queue(await self.destinations(), self._wanted.queue)
            if not found:
                raise
            return found[0], isinstance(error, OutcomeUnknownError)

    async def subscribe(self, destination: Destination) -> tuple[Subscription, bool]:
        """Make the subscription, in the same way."""
        call = self._operations.create_subscription(
            path={"notificationType": self._wanted.type},
            body=_request(self._wanted, destination.destination_id),
        )
        try:
            return (await self._sender.send(call, **self._options)).value, True
        except (ConflictError, OutcomeUnknownError) as error:
            found = self.matching(await self.subscriptions(), await self.destinations())
            if found is None:
                raise
            return found, isinstance(error, OutcomeUnknownError)


def _arn(destination: Destination) -> str | None:
    resource = getattr(destination, "resource", None)
    sqs = resource.sqs if resource is not None else None
    return getattr(sqs, "arn", None)


def _of_queue(destinations: Sequence[Destination], queue: str) -> list[Destination]:
    return [destination for destination in destinations if _arn(destination) == queue]


def _differences(
    subscription: Subscription, wanted: _Wanted, destinations: Sequence[Destination]
) -> list[str]:
    """Say in which ways a subscription is not as wanted."""
    found = []
    here = {each.destination_id: _arn(each) for each in destinations}
    destination_id = subscription.destination_id
    if here.get(destination_id) != wanted.queue:
        place = here.get(destination_id) or "no queue of this application"
        found.append(f"sends to destination {destination_id} ({place}), not to {wanted.queue}")
    if subscription.payload_version != wanted.version:
        found.append(f"has payload version {subscription.payload_version}, not {wanted.version}")
    mine, theirs = _plain(wanted.directive), _plain(subscription.processing_directive)
    if mine != theirs:
        found.append(f"has {_described(theirs)}, not {_described(mine)}")
    return found


def _plain(directive: ProcessingDirective | None) -> Any:
    """Return a form in which equal directives are equal: without what is empty, and lists in one order."""
    return _ordered(to_dict(directive)) if directive is not None else {}


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        ordered = {name: _ordered(part) for name, part in value.items()}
        return {name: part for name, part in ordered.items() if part not in (None, {}, [])}
    if isinstance(value, list):
        return sorted((_ordered(part) for part in value), key=str)
    return value


def _described(directive: Any) -> str:
    if not directive:
        return "no processing directive"
    return f"the processing directive {json.dumps(directive, ensure_ascii=True, sort_keys=True, default=str)}"
