"""The Notifications API, and the outbox into which its subscriptions write."""

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple
from uuid import NAMESPACE_URL, uuid4, uuid5

from spshipping import notifications as api
from spshipping.operation import Operation
from spshipping.sandbox.answers import (
    Answer,
    RefusedError,
    as_json,
    error,
    invalid_input,
    not_found,
    success,
)
from spshipping.sandbox.app import Action, Asked
from spshipping.sandbox.clock import SandboxClock, as_text
from spshipping.sandbox.orders.book import Change, Entry
from spshipping.sandbox.orders.data import sample
from spshipping.sandbox.orders.record import text
from spshipping.sandbox.orders.telling import order_change

Json = dict[str, Any]
Casing = Literal["pascal", "camel"]
ORDER_CHANGE = "ORDER_CHANGE"
_VERSION = "1.0"
_TYPE = re.compile(r"[A-Z][A-Z_]*", re.ASCII)
_TOLD = ("payloadVersion", "destinationId", "processingDirective")
_APPLICATION = "amzn1.sellerapps.app.sandbox"


class Subscribed(NamedTuple):
    """One subscription, and whose it is."""

    seller: str
    type: str
    told: Json
    """As the API tells it."""

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.told["subscriptionId"])

    def wants(self, change: Change, marketplace_id: str) -> bool:
        """Say whether its filter lets a change through."""
        wanted = (self.told.get("processingDirective") or {}).get("eventFilter") or {}
        places, kinds = wanted.get("marketplaceIds"), wanted.get("orderChangeTypes")
        return (not places or marketplace_id in places) and (not kinds or change.kind in kinds)


def _conflict(details: str) -> RefusedError:
    return RefusedError(error(409, "Conflict", "The request conflicts with the current state.", details))


def _lowered(data: Any) -> Any:
    """Return *data* with the names of its fields in camelCase."""
    if isinstance(data, list):
        return [_lowered(item) for item in data]
    if isinstance(data, dict):
        return {name[0].lower() + name[1:]: _lowered(value) for name, value in data.items()}
    return data


class Notifications:
    """Destinations, subscriptions, and what was sent."""

    def __init__(self, clock: SandboxClock, catch_up: Callable[[str], object]) -> None:
        """Begin with none.

        Args:
            clock: tells when something is sent.
            catch_up: lets everything happen that is due for a seller, before their subscriptions change.
        """
        self._clock = clock
        self._catch_up = catch_up
        self._lock = threading.RLock()
        self.reset()
        self.actions: Mapping[Operation[Any], Action] = {
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
        """Forget everything."""
        with self._lock:
            self._destinations: dict[str, Json] = {}
            self._subscriptions: dict[str, Subscribed] = {}
            self._outbox: list[Json] = []

    def sent(self, casing: Casing = "pascal") -> list[Json]:
        """Return every notification so far, oldest first, with its names in that casing."""
        with self._lock:
            return [_lowered(one) if casing == "camel" else one for one in self._outbox]

    def listen(self, seller: str, change: Change, entry: Entry) -> None:
        """Tell the seller's subscriptions of a change to an order."""
        with self._lock:
            wanted = [
                one
                for one in self._subscriptions.values()
                if (one.seller, one.type) == (seller, ORDER_CHANGE)
                and one.wants(change, entry.life.place.marketplace.id)
            ]
            if wanted:
                payload = order_change(seller, change, entry.order())
                for one in wanted:
                    id_ = str(uuid5(NAMESPACE_URL, f"{one.id}/{seller}/{change.number}"))
                    self._send(one.type, one.id, text(change.seen), payload, id_)

    def _send(self, type_: str, subscription_id: str, time: str, payload: Json, id_: str) -> None:
        self._outbox.append(
            {
                "NotificationVersion": "1.0",
                "NotificationType": type_,
                "PayloadVersion": _VERSION,
                "EventTime": time,
                "Payload": payload,
                "NotificationMetadata": {
                    "ApplicationId": _APPLICATION,
                    "SubscriptionId": subscription_id,
                    "PublishTime": time,
                    "NotificationId": id_,
                },
            }
        )

    def get_destinations(self, _asked: Asked) -> Answer:
        """List the destinations."""
        return success(list(self._destinations.values()))

    def create_destination(self, asked: Asked) -> Answer:
        """Make a destination of a queue, or of an event source."""
        wanted = {name: one for name, one in asked.body["resourceSpecification"].items() if one}
        if len(wanted) != 1:
            raise invalid_input("Exactly one of sqs and eventBridge must be given")
        name, destination_id = asked.body["name"], str(uuid4())
        if "eventBridge" in wanted:
            account = wanted["eventBridge"]["accountId"]
            source = f"aws.partner/sellingpartnerapi.amazon.com/{account}/{_APPLICATION}"
            wanted = {"eventBridge": {"name": source, **wanted["eventBridge"]}}
        with self._lock:
            if any(one["resource"] == wanted for one in self._destinations.values()):
                raise _conflict("There is a destination with this resource")
            made = {"name": name, "destinationId": destination_id, "resource": wanted}
            self._destinations[destination_id] = made
        return success(made)

    def _destination(self, destination_id: str) -> Json:
        found = self._destinations.get(destination_id)
        if found is None:
            raise not_found(f"There is no destination {destination_id}")
        return found

    def get_destination(self, asked: Asked) -> Answer:
        """Return one destination."""
        return success(self._destination(asked.path["destinationId"]))

    def delete_destination(self, asked: Asked) -> Answer:
        """Forget a destination that no subscription uses."""
        with self._lock:
            destination_id = self._destination(asked.path["destinationId"])["destinationId"]
            if any(one.told["destinationId"] == destination_id for one in self._subscriptions.values()):
                raise _conflict("There are subscriptions that use this destination")
            del self._destinations[destination_id]
        return Answer(200, as_json({}))

    def _of(self, asked: Asked, type_: str) -> list[Subscribed]:
        """Return the seller's subscriptions to one type, of the version that is asked for, if any."""
        version = asked.query.get("payloadVersion")
        return [
            one
            for one in self._subscriptions.values()
            if (one.seller, one.type) == (asked.seller, type_)
            and version in (None, one.told["payloadVersion"])
        ]

    def get_subscriptions(self, asked: Asked) -> Answer:
        """List the seller's subscriptions to one type; they are never so many that there is a second page."""
        type_, size = asked.query["notificationTypes"], int(asked.query.get("pageSize", "30"))
        if not _TYPE.fullmatch(type_) or not 30 <= size <= 100 or "nextToken" in asked.query:
            raise invalid_input("One notification type, a pageSize from 30 to 100, and no other page")
        return success({"subscriptions": [one.told for one in self._of(asked, type_)]})

    def get_subscription(self, asked: Asked) -> Answer:
        """Return the seller's subscription to one type."""
        type_ = asked.path["notificationType"]
        found = self._of(asked, type_)
        if not found:
            raise not_found(f"There is no subscription to {type_}")
        return success(found[0].told)

    def create_subscription(self, asked: Asked) -> Answer:
        """Subscribe the seller to one type, once for each version."""
        self._catch_up(asked.seller)
        type_ = asked.path["notificationType"]
        told = {name: asked.body[name] for name in _TOLD if asked.body.get(name) is not None}
        if not _TYPE.fullmatch(type_):
            raise invalid_input(f"{type_} is no notification type")
        directive = told.get("processingDirective") or {}
        if directive.get("eventFilter") and directive.get("filterExpression"):
            raise invalid_input("eventFilter and filterExpression exclude each other")
        with self._lock:
            if told["destinationId"] not in self._destinations:
                raise invalid_input(f"There is no destination {told['destinationId']}")
            if any(one.told["payloadVersion"] == told["payloadVersion"] for one in self._of(asked, type_)):
                raise _conflict(f"There is a subscription to {type_}")
            made = Subscribed(asked.seller, type_, {"subscriptionId": str(uuid4()), **told})
            self._subscriptions[made.id] = made
        return success(made.told)

    def _by_id(self, asked: Asked) -> Subscribed:
        found = self._subscriptions.get(asked.path["subscriptionId"])
        if found is None or found.type != asked.path["notificationType"]:
            raise not_found(f"There is no subscription {asked.path['subscriptionId']}")
        return found

    def get_subscription_by_id(self, asked: Asked) -> Answer:
        """Return one subscription, whosever it is: the application asks, and no seller."""
        return success(self._by_id(asked).told)

    def delete_subscription_by_id(self, asked: Asked) -> Answer:
        """End one subscription; what happened before is still sent."""
        self._catch_up(self._by_id(asked).seller)
        with self._lock:
            del self._subscriptions[self._by_id(asked).id]
        return Answer(200, as_json({}))

    def send_test_notification(self, asked: Asked) -> Answer:
        """Put a notification into the outbox that tells of an order which nobody has placed."""
        wanted = asked.body.get("testNotification") or {}
        if asked.path["notificationType"] != ORDER_CHANGE or not wanted.get("testScenario"):
            raise invalid_input("testScenario cannot be empty, and only ORDER_CHANGE can be tried")
        if asked.body.get("destinationId") not in self._destinations:
            raise invalid_input(f"There is no destination {asked.body.get('destinationId')}")
        (order,) = sample(1, at=self._clock.now())
        change = Change(0, order.id, order.updated, order.updated, order.status, "OrderStatusChange")
        with self._lock:
            payload = order_change("ATESTSELLER", change, order)
            self._send(ORDER_CHANGE, "test", as_text(self._clock.now()), payload, str(uuid4()))
        return success({})
