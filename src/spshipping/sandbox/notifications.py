"""The Notifications API, and the notifications that its subscriptions receive."""

import re
import threading
from collections.abc import Callable
from typing import Any, Literal, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from spshipping import notifications as api
from spshipping.sandbox.clock import SandboxClock, write_time
from spshipping.sandbox.ids import Ids
from spshipping.sandbox.operations import ApiRequest, Implementations
from spshipping.sandbox.orders.generate import sample
from spshipping.sandbox.orders.order_change import order_change
from spshipping.sandbox.orders.seller_orders import STATUS_CHANGE, Change, StoredOrder
from spshipping.sandbox.pages import PageParameters
from spshipping.sandbox.refusals import CONFLICT, NOT_FOUND, invalid_input, refused
from spshipping.sandbox.responses import Response, json_response, payload_response
from spshipping.sandbox.tokens import Account, application_id

Json = dict[str, Any]
Casing = Literal["pascal", "camel"]
ORDER_CHANGE = "ORDER_CHANGE"
_VERSION = "1.0"
_TRIGGER = "trigger"
"""Stands for the subscription of what a test has sent."""
_TYPE = re.compile(r"[A-Z][A-Z_]*", re.ASCII)
_FIELDS = ("payloadVersion", "destinationId", "processingDirective")


class Subscription(NamedTuple):
    """One subscription of a seller."""

    seller: str
    type: str
    fields: Json
    """Its fields, as the API returns them."""

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.fields["subscriptionId"])

    def accepts(self, change: Change, marketplace_id: str) -> bool:
        """Return whether a change passes its filter."""
        filters = (self.fields.get("processingDirective") or {}).get("eventFilter") or {}
        marketplaces, kinds = filters.get("marketplaceIds"), filters.get("orderChangeTypes")
        return (not marketplaces or marketplace_id in marketplaces) and (not kinds or change.kind in kinds)


_PAGES = PageParameters(
    token="nextToken",  # noqa: S106 - the name of a parameter
    size="pageSize",
    smallest=30,
    broken=lambda: invalid_input("nextToken is invalid"),
)


def _lowered(data: Any) -> Any:
    """Return *data* with its field names in camelCase."""
    if isinstance(data, list):
        return [_lowered(item) for item in data]
    if isinstance(data, dict):
        return {name[0].lower() + name[1:]: _lowered(value) for name, value in data.items()}
    return data


def _envelope(type_: str, subscription_id: str, time: str, payload: Json, id_: str, version: str) -> Json:
    return {
        "NotificationVersion": _VERSION,
        "NotificationType": type_,
        "PayloadVersion": version,
        "EventTime": time,
        "Payload": payload,
        "NotificationMetadata": {
            "ApplicationId": application_id(Account().client_id),
            "SubscriptionId": subscription_id,
            "PublishTime": time,
            "NotificationId": id_,
        },
    }


class Notifications:
    """Destinations, subscriptions, and the notifications that were sent."""

    def __init__(
        self,
        clock: SandboxClock,
        ids: Ids,
        update: Callable[[str], object],
        deliver: Callable[[Json], object] | None = None,
    ) -> None:
        """Start without any.

        Args:
            clock: the time of the notifications.
            ids: makes the ids of everything.
            update: carries out the changes of a seller's orders that are due; called before the seller's
                subscriptions change.
            deliver: gets each notification when it is sent.
        """
        self._deliver = deliver
        self._clock = clock
        self._ids = ids
        self._update = update
        self._lock = threading.RLock()
        self.reset()
        self.implementations: Implementations = {
            api.GET_DESTINATIONS: self.get_destinations,
            api.CREATE_DESTINATION: self.create_destination,
            api.GET_DESTINATION: self.get_destination,
            api.DELETE_DESTINATION: self.delete_destination,
            api.GET_SUBSCRIPTIONS: self.get_subscriptions,
            api.GET_SUBSCRIPTION: self.get_subscription,
            api.CREATE_SUBSCRIPTION: self.create_subscription,
            api.GET_SUBSCRIPTION_BY_ID: self.get_subscription_by_id,
            api.DELETE_SUBSCRIPTION_BY_ID: self.delete_subscription_by_id,
            api.SEND_TEST_NOTIFICATION: self.send_test_notification,
        }

    def reset(self) -> None:
        """Remove everything."""
        with self._lock:
            self._destinations: dict[str, Json] = {}
            self._subscriptions: dict[str, Subscription] = {}
            self._sent: list[Json] = []

    def sent(self, casing: Casing = "pascal") -> list[Json]:
        """Return every notification so far, oldest first, with its field names in that casing."""
        with self._lock:
            return [_lowered(one) if casing == "camel" else one for one in self._sent]

    def order_changed(self, seller: str, change: Change, stored: StoredOrder) -> None:
        """Send a change of an order to the seller's subscriptions."""
        marketplace_id = stored.plan.place.marketplace.id
        with self._lock:
            subscriptions = [
                one
                for one in self._subscriptions.values()
                if (one.seller, one.type) == (seller, ORDER_CHANGE) and one.accepts(change, marketplace_id)
            ]
            if subscriptions:
                payload = order_change(seller, change, stored.order())
                for one in subscriptions:
                    id_ = str(uuid5(NAMESPACE_URL, f"{one.id}/{seller}/{change.number}"))
                    self._send(one.type, one.id, write_time(change.seen), payload, id_)

    def send_to_application(self, type_: str, version: str, payload: Json, time: str) -> None:
        """Send what needs no subscription; Amazon spells its names in camelCase."""
        with self._lock:
            self._send(
                type_,
                "application",
                time,
                payload,
                self._ids.uuid("notification"),
                version=version,
                casing="camel",
            )

    def message(self, type_: str, payload: Json, version: str = _VERSION) -> Json:
        """Return a notification of any type that no subscription asked for."""
        time = write_time(self._clock.now())
        return _envelope(type_, _TRIGGER, time, payload, self._ids.uuid("notification"), version)

    def order_message(self, seller: str, change: Change, stored: StoredOrder) -> Json:
        """Return the notification of a change of an order that no subscription asked for."""
        id_ = str(uuid5(NAMESPACE_URL, f"{_TRIGGER}/{seller}/{change.number}"))
        payload = order_change(seller, change, stored.order())
        return _envelope(ORDER_CHANGE, _TRIGGER, write_time(change.seen), payload, id_, _VERSION)

    def enqueue(self, message: Json) -> None:
        """Send a message as it is."""
        with self._lock:
            self._sent.append(message)
            if self._deliver:
                self._deliver(message)

    def _send(
        self,
        type_: str,
        subscription_id: str,
        time: str,
        payload: Json,
        id_: str,
        *,
        version: str = _VERSION,
        casing: Casing = "pascal",
    ) -> None:
        sent = _envelope(type_, subscription_id, time, payload, id_, version)
        self.enqueue(_lowered(sent) if casing == "camel" else sent)

    def get_destinations(self, _request: ApiRequest) -> Response:
        """Return all destinations."""
        return payload_response(list(self._destinations.values()))

    def create_destination(self, request: ApiRequest) -> Response:
        """Create a destination for a queue, or for an event source."""
        resource = {name: one for name, one in request.body["resourceSpecification"].items() if one}
        name, destination_id = request.body["name"], self._ids.uuid("destination")
        if "eventBridge" in resource:
            application = application_id(Account().client_id)
            account = resource["eventBridge"]["accountId"]
            source = f"aws.partner/sellingpartnerapi.amazon.com/{account}/{application}"
            resource = {"eventBridge": {"name": source, **resource["eventBridge"]}}
        with self._lock:
            if any(one["resource"] == resource for one in self._destinations.values()):
                raise refused(CONFLICT, "There is a destination with this resource")
            made = {"name": name, "destinationId": destination_id, "resource": resource}
            self._destinations[destination_id] = made
        return payload_response(made)

    def _destination(self, destination_id: str) -> Json:
        found = self._destinations.get(destination_id)
        if found is None:
            raise refused(NOT_FOUND, f"There is no destination {destination_id}")
        return found

    def get_destination(self, request: ApiRequest) -> Response:
        """Return one destination."""
        return payload_response(self._destination(request.path["destinationId"]))

    def delete_destination(self, request: ApiRequest) -> Response:
        """Delete a destination that no subscription uses."""
        with self._lock:
            destination_id = self._destination(request.path["destinationId"])["destinationId"]
            if any(one.fields["destinationId"] == destination_id for one in self._subscriptions.values()):
                raise refused(CONFLICT, "There are subscriptions that use this destination")
            del self._destinations[destination_id]
        return json_response({})

    def _of(self, request: ApiRequest, type_: str) -> list[Subscription]:
        """Return the seller's subscriptions to one type, of the requested version if there is one."""
        version = request.query.get("payloadVersion")
        return [
            one
            for one in self._subscriptions.values()
            if (one.seller, one.type) == (request.seller, type_)
            and version in (None, one.fields["payloadVersion"])
        ]

    def get_subscriptions(self, request: ApiRequest) -> Response:
        """Return the seller's subscriptions to one type, which always fit on a single page."""
        type_ = request.query["notificationTypes"]
        if not _TYPE.fullmatch(type_):
            raise invalid_input("notificationTypes must be one notification type")
        _PAGES.page_size(request.query)
        _PAGES.refuse_token(request.query)
        return payload_response({"subscriptions": [one.fields for one in self._of(request, type_)]})

    def get_subscription(self, request: ApiRequest) -> Response:
        """Return the seller's subscription to one type."""
        type_ = request.path["notificationType"]
        found = self._of(request, type_)
        if not found:
            raise refused(NOT_FOUND, f"There is no subscription to {type_}")
        return payload_response(found[0].fields)

    def create_subscription(self, request: ApiRequest) -> Response:
        """Subscribe the seller to one type, once for each version."""
        self._update(request.seller)
        type_ = request.path["notificationType"]
        fields = {name: request.body[name] for name in _FIELDS if request.body.get(name) is not None}
        if not _TYPE.fullmatch(type_):
            raise invalid_input(f"{type_} is not a notification type")
        with self._lock:
            if fields["destinationId"] not in self._destinations:
                raise invalid_input(f"There is no destination {fields['destinationId']}")
            version = fields["payloadVersion"]
            if any(one.fields["payloadVersion"] == version for one in self._of(request, type_)):
                raise refused(CONFLICT, f"There is a subscription to {type_}")
            made = Subscription(
                request.seller, type_, {"subscriptionId": self._ids.uuid("subscription"), **fields}
            )
            self._subscriptions[made.id] = made
        return payload_response(made.fields)

    def _by_id(self, request: ApiRequest) -> Subscription:
        found = self._subscriptions.get(request.path["subscriptionId"])
        if found is None or found.type != request.path["notificationType"]:
            raise refused(NOT_FOUND, f"There is no subscription {request.path['subscriptionId']}")
        return found

    def get_subscription_by_id(self, request: ApiRequest) -> Response:
        """Return one subscription of any seller: the caller is the application."""
        return payload_response(self._by_id(request).fields)

    def delete_subscription_by_id(self, request: ApiRequest) -> Response:
        """Delete one subscription; changes that happened before are still sent."""
        self._update(self._by_id(request).seller)
        with self._lock:
            del self._subscriptions[self._by_id(request).id]
        return json_response({})

    def send_test_notification(self, request: ApiRequest) -> Response:
        """Send a notification about an order that does not exist."""
        test = request.body.get("testNotification") or {}
        if request.path["notificationType"] != ORDER_CHANGE or not test.get("testScenario"):
            raise invalid_input("testScenario cannot be empty, and only ORDER_CHANGE can be tested")
        if request.body.get("destinationId") not in self._destinations:
            raise invalid_input(f"There is no destination {request.body.get('destinationId')}")
        (order,) = sample(1, at=self._clock.now())
        change = Change(0, order.id, order.updated, order.updated, order.status, STATUS_CHANGE)
        with self._lock:
            payload = order_change("ATESTSELLER", change, order)
            self._send(
                ORDER_CHANGE, "test", write_time(self._clock.now()), payload, self._ids.uuid("notification")
            )
        return payload_response({})
