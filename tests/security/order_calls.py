"""Every operation of orders and notifications as a call, each method of the facades, and the workflows."""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from spshipping import Client, applications
from spshipping import notifications as notes
from spshipping.operation import Call
from spshipping.orders import OrderSource, v0, v2026_01_01
from spshipping.orders.sync import AsyncOrderSync, OrderSync
from spshipping.sandbox.orders.record import Order
from spshipping.sync import FileCheckpoint, SyncProgress
from tests.onloop import OnLoop
from tests.security.canary import PERSONAL
from tests.security.people import BRAZIL, TURKEY

Act = Callable[[], Any]
ELEMENTS = ("buyerInfo", "shippingAddress", "buyerTaxInformation")
PLACES = [place.marketplace.id for place in (BRAZIL, TURKEY)]
INCLUDED = list(v2026_01_01.IncludedData)
_AGO = timedelta(days=60)
_TYPE = "ORDER_CHANGE"
_CHECKPOINT = "orders.json"
_READY = v0.ShipmentStatus.READY_FOR_PICKUP


class Known(NamedTuple):
    """What calls are about."""

    brazil: Order
    turkey: Order
    off: Order
    destination: str
    subscription: str

    @property
    def ids(self) -> list[str]:
        """The ids of all orders."""
        return [self.brazil.id, self.turkey.id, self.off.id]


def got_to_know(client: Client, orders: list[Order]) -> Known:
    """Look at every order once while nothing is wrong, so that there are tokens of all kinds; subscribe."""
    made = client.notifications.create_destination(_destination("first"))
    subscribed = client.notifications.create_subscription(_wish(made.destination_id), notification_type=_TYPE)
    brazil, turkey, off = orders
    known = Known(brazil, turkey, off, made.destination_id, subscribed.subscription_id)
    for call, elements in _reading(known):
        client.send(call, pii=elements)
    return known


def _destination(name: str) -> notes.CreateDestinationRequest:
    queue = notes.SqsResource(arn=f"arn:aws:sqs:eu-west-1:1:{name}")
    return notes.CreateDestinationRequest(
        name=name, resource_specification=notes.DestinationResourceSpecification(sqs=queue)
    )


def _wish(destination_id: str) -> notes.CreateSubscriptionRequest:
    return notes.CreateSubscriptionRequest(payload_version="1.0", destination_id=destination_id)


def _test(destination_id: str) -> notes.SendTestNotificationRequest:
    wanted = notes.TestNotification(payload_version="1.0", test_scenario="any")
    return notes.SendTestNotificationRequest(destination_id=destination_id, test_notification=wanted)


def _package(order: Order, reference: str) -> v0.ConfirmShipmentRequest:
    line = v0.ConfirmShipmentOrderItem(order_item_id=order.items[0].id, quantity=1)
    detail = v0.PackageDetail(
        package_reference_id=reference,
        carrier_code="DHL",
        tracking_number="0042",
        ship_date=datetime.fromtimestamp(order.created, UTC),
        order_items=[line],
    )
    return v0.ConfirmShipmentRequest(package_detail=detail, marketplace_id=order.place.marketplace.id)


def _status(order: Order, status: v0.ShipmentStatus) -> v0.UpdateShipmentStatusRequest:
    return v0.UpdateShipmentStatusRequest(marketplace_id=order.place.marketplace.id, shipment_status=status)


def verdict() -> v0.UpdateVerificationStatusRequest:
    """Make a verdict that tells of a prescription."""
    prescription = v0.PrescriptionDetail(
        prescription_id=PERSONAL["prescription"],
        expiration_date=datetime(2030, 1, 1, tzinfo=UTC),
        written_quantity=1,
        total_refills_authorized=0,
        refills_remaining=0,
        clinic_id=PERSONAL["clinic"],
        usage_instructions=PERSONAL["directions for use"],
    )
    body = v0.UpdateVerificationStatusRequestBody(
        status=v0.VerificationStatus.APPROVED,
        external_reviewer_id=PERSONAL["reviewer"],
        verification_details=v0.VerificationDetails(prescription_detail=prescription),
    )
    return v0.UpdateVerificationStatusRequest(regulated_order_verification_status=body)


def _reading(known: Known) -> Iterator[tuple[Call[Any], Collection[str] | None]]:
    """Yield the calls that tell of people, and what they ask for."""
    since, brazil, turkey = datetime.now(UTC) - _AGO, known.brazil.id, known.turkey.id
    search = {"MarketplaceIds": PLACES, "CreatedAfter": since, "MaxResultsPerPage": 2}
    yield v0.GET_ORDERS(query=search), ELEMENTS
    yield v0.GET_ORDER(path={"orderId": turkey}), ELEMENTS
    yield v0.GET_ORDER_ITEMS(path={"orderId": brazil}), ["buyerInfo"]
    for operation in (v0.GET_ORDER_BUYER_INFO, v0.GET_ORDER_ADDRESS, v0.GET_ORDER_ITEMS_BUYER_INFO):
        yield operation(path={"orderId": brazil}), ()
    yield v0.GET_ORDER_REGULATED_INFO(path={"orderId": turkey}), ()
    new = {"createdAfter": since, "maxResultsPerPage": 2, "includedData": INCLUDED}
    yield v2026_01_01.SEARCH_ORDERS(query=new), None
    yield v2026_01_01.GET_ORDER(path={"orderId": brazil}, query={"includedData": INCLUDED}), None


def _telling(known: Known) -> Iterator[Call[Any]]:
    """Yield the calls that tell Amazon something, and all of notifications."""
    brazil, turkey, type_ = known.brazil, known.turkey, {"notificationType": _TYPE}
    one = {"destinationId": known.destination}
    named = {**type_, "subscriptionId": known.subscription}
    yield v0.CONFIRM_SHIPMENT(path={"orderId": brazil.id}, body=_package(brazil, "1"))
    yield v0.UPDATE_SHIPMENT_STATUS(path={"orderId": turkey.id}, body=_status(turkey, _READY))
    yield v0.UPDATE_VERIFICATION_STATUS(path={"orderId": brazil.id}, body=verdict())
    yield notes.GET_DESTINATIONS()
    yield notes.GET_DESTINATION(path=one)
    yield notes.CREATE_DESTINATION(body=_destination("second"))
    yield notes.GET_SUBSCRIPTIONS(query={"notificationTypes": [_TYPE]})
    yield notes.GET_SUBSCRIPTION(path=type_)
    yield notes.CREATE_SUBSCRIPTION(path=type_, body=_wish(known.destination))
    yield notes.GET_SUBSCRIPTION_BY_ID(path=named)
    yield notes.SEND_TEST_NOTIFICATION(path=type_, body=_test(known.destination))
    yield notes.DELETE_SUBSCRIPTION_BY_ID(path={**named, "subscriptionId": "none"})
    yield notes.DELETE_DESTINATION(path={"destinationId": "none"})
    yield applications.ROTATE_APPLICATION_CLIENT_SECRET()


def operation_calls(client: Client, known: Known) -> dict[str, Act]:
    """Return every operation as a call that gives a Reply, by its route."""
    reading = {
        call.operation.route: partial(client.send, call, pii=elements) for call, elements in _reading(known)
    }
    # a second attempt within a minute would wait for the quota
    telling = {call.operation.route: partial(client.send, call, max_wait=2) for call in _telling(known)}
    return {**reading, **telling}


def facade_calls(client: Client, known: Known) -> dict[str, Act]:
    """Return every method of the facades of both APIs and of notifications."""
    return {**_v0_calls(client, known), **_v2026_calls(client, known), **_note_calls(client, known)}


def _v0_calls(client: Client, known: Known) -> dict[str, Act]:
    api, brazil, turkey = client.orders.v0, known.brazil, known.turkey
    search: dict[str, Any] = {
        "marketplace_ids": PLACES,
        "created_after": datetime.now(UTC) - _AGO,
        "max_results_per_page": 2,
        "pii": ELEMENTS,
    }
    some: dict[str, Any] = {"pii": ["buyerInfo"]}
    return {
        "v0 get_orders": lambda: api.get_orders(**search),
        "v0 iter_orders": lambda: list(api.iter_orders(**search)),
        "v0 order_pages": lambda: list(api.order_pages(**search)),
        "v0 get_order": lambda: api.get_order(brazil.id, pii=ELEMENTS),
        "v0 get_order_items": lambda: api.get_order_items(turkey.id, **some),
        "v0 iter_order_items": lambda: list(api.iter_order_items(brazil.id, **some)),
        "v0 order_item_pages": lambda: list(api.order_item_pages(brazil.id, **some)),
        "v0 get_order_buyer_info": lambda: api.get_order_buyer_info(turkey.id, pii=()),
        "v0 get_order_address": lambda: api.get_order_address(turkey.id, pii=()),
        "v0 get_order_items_buyer_info": lambda: api.get_order_items_buyer_info(turkey.id, pii=()),
        "v0 iter_order_items_buyer_info": lambda: list(api.iter_order_items_buyer_info(brazil.id, pii=())),
        "v0 order_item_buyer_info_pages": lambda: list(api.order_item_buyer_info_pages(brazil.id, pii=())),
        "v0 get_order_regulated_info": lambda: api.get_order_regulated_info(brazil.id, pii=()),
        "v0 update_shipment_status": lambda: api.update_shipment_status(
            _status(turkey, v0.ShipmentStatus.PICKED_UP), order_id=turkey.id
        ),
        "v0 update_verification_status": lambda: api.update_verification_status(
            verdict(), order_id=known.off.id
        ),
        "v0 confirm_shipment": lambda: api.confirm_shipment(_package(brazil, "1"), order_id=brazil.id),
    }


def _v2026_calls(client: Client, known: Known) -> dict[str, Act]:
    api = client.orders.v2026_01_01
    search: dict[str, Any] = {
        "created_after": datetime.now(UTC) - _AGO,
        "max_results_per_page": 2,
        "included_data": INCLUDED,
    }
    return {
        "2026 search_orders": lambda: api.search_orders(**search),
        "2026 iter_orders": lambda: list(api.iter_orders(**search)),
        "2026 order_pages": lambda: list(api.order_pages(**search)),
        "2026 get_order": lambda: api.get_order(known.off.id, included_data=INCLUDED),
    }


def _note_calls(client: Client, known: Known) -> dict[str, Act]:
    api = client.notifications
    kind: dict[str, Any] = {"notification_type": _TYPE}
    return {
        "get_destinations": lambda: api.get_destinations(),
        "get_destination": lambda: api.get_destination(known.destination),
        "create_destination": lambda: api.create_destination(_destination("third")),
        "get_subscriptions": lambda: api.get_subscriptions(**kind),
        "iter_subscriptions": lambda: list(api.iter_subscriptions(**kind)),
        "subscription_pages": lambda: list(api.subscription_pages(**kind)),
        "get_subscription": lambda: api.get_subscription(**kind),
        "create_subscription": lambda: api.create_subscription(
            _wish(known.destination), notification_type="REPORT_PROCESSING_FINISHED"
        ),
        "get_subscription_by_id": lambda: api.get_subscription_by_id(known.subscription, **kind),
        "send_test_notification": lambda: api.send_test_notification(_test(known.destination), **kind),
        "delete_subscription_by_id": lambda: api.delete_subscription_by_id(known.subscription, **kind),
        "delete_destination": lambda: api.delete_destination(known.destination),
        "ensure": lambda: api.ensure("FEED_PROCESSING_FINISHED", "arn:aws:sqs:eu-west-1:1:fourth"),
        "rotate_application_client_secret": lambda: client.applications.rotate_application_client_secret(
            max_wait=0
        ),
    }


def all_calls(client: Client, known: Known) -> dict[str, Act]:
    """Return everything that can be done."""
    return {
        **workflow_calls(client, known),
        **operation_calls(client, known),
        **facade_calls(client, known),
    }


def workflow_calls(client: Client, known: Known) -> dict[str, Act]:
    """Return what people do with orders, each in several calls, some over threads."""
    orders, since = client.orders, datetime.now(UTC) - _AGO
    shipped: dict[str, Any] = {
        "carrier_code": "Other",
        "carrier_name": "Qz Vans",
        "tracking_number": "0043",
        "ship_date": datetime.fromtimestamp(known.brazil.created, UTC),
    }
    found: dict[str, Act] = {}
    for source in OrderSource:
        every: dict[str, Any] = {"marketplaces": PLACES, "source": source, "pii": ELEMENTS}
        found |= {
            f"retrieve {source.value}": partial(
                orders.retrieve, known.brazil.id, source=source, pii=ELEMENTS
            ),
            f"retrieve_all {source.value}": partial(
                _listed, orders.retrieve_all, created_after=since, **every
            ),
            f"retrieve_many {source.value}": partial(
                _listed, orders.retrieve_many, order_ids=known.ids, source=source, pii=ELEMENTS
            ),
        }
    some: dict[str, Any] = {
        "items": {known.brazil.items[0].id: 1},
        "marketplace_id": BRAZIL.marketplace.id,
        "package_reference_id": "8",
    }
    return {
        # first of all: what is written below is found only once it is two minutes old
        "sync": lambda: synced(client),
        "sync of what is missing": lambda: list(sync_of(client).missing((), after=since)),
        "sync of changes": lambda: list(sync_of(client).changed(known.ids)),
        **found,
        "compare": lambda: orders.compare(known.ids, pii=ELEMENTS),
        "map": lambda: list(client.map(_items_of, known.ids, pii=["buyerInfo"])),
        "confirm": lambda: orders.confirm(known.brazil.id, **some, **shipped),
        "confirm the rest": lambda: orders.confirm(known.brazil.id, package_reference_id="9", **shipped),
    }


def _listed(method: Callable[..., Iterator[Any]], **options: Any) -> list[Any]:
    return list(method(**options))


def _items_of(order_id: str) -> Call[Any]:
    return v0.GET_ORDER_ITEMS(path={"orderId": order_id})


def sync_of(client: Any, on_progress: Callable[[SyncProgress], object] | None = None) -> Any:
    """Make a sync that keeps its checkpoint in the working folder."""
    make: Any = OrderSync
    if isinstance(client, OnLoop):
        make = lambda orders, *rest, **more: OnLoop(  # noqa: E731
            AsyncOrderSync(orders._target, *rest, **more), client._loop
        )
    return make(
        client.orders,
        FileCheckpoint(_CHECKPOINT),
        since=_AGO,
        marketplaces=PLACES,
        page_size=2,
        on_progress=on_progress,
        pii=ELEMENTS,
    )


def synced(client: Client) -> list[Any]:
    """Take all that has changed; return the batches, what was in them, and each checkpoint."""
    seen: list[Any] = []
    for batch in sync_of(client).batches():
        seen += [batch, *batch]
        batch.commit()
        seen.append(Path(_CHECKPOINT).read_text("utf-8"))
    return seen
