"""The models of Notifications v1: where notifications go, and what is subscribed to."""

from typing import Annotated

from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Length, Pattern
from spshipping.wire.model import Model, camel


@camel
class SqsResource(Model):
    """A queue of Amazon SQS."""

    arn: Annotated[str, Pattern(r"^arn:aws:sqs:\S+:\S+:\S+"), Length(0, 1000)]
    """Of a standard queue: Amazon does not deliver to FIFO queues.

    Source: https://developer-docs.amazon.com/sp-api/docs/set-up-notifications-with-amazon-sqs
    """


@camel
class EventBridgeResourceSpecification(Model):
    """The AWS account, and its region, that a partner event source is made for."""

    region: str
    account_id: str


@camel
class EventBridgeResource(Model):
    """A partner event source of Amazon EventBridge."""

    name: Annotated[str, Length(0, 256)]
    """What an event bus is associated with."""
    region: str
    account_id: str


@camel(exactly_one=("sqs", "event_bridge"))
class DestinationResourceSpecification(Model):
    """What a destination shall be made of: a queue or an event source, never both."""

    sqs: SqsResource | None = None
    event_bridge: EventBridgeResourceSpecification | None = None


@camel
class DestinationResource(Model):
    """What a destination is made of: one of the two."""

    sqs: SqsResource | None = None
    event_bridge: EventBridgeResource | None = None


@camel
class CreateDestinationRequest(Model):
    """A place to be known as a destination."""

    resource_specification: DestinationResourceSpecification
    name: str
    """Chosen freely, for people to recognise it."""


@camel
class Destination(Model):
    """A place that notifications can be sent to; it belongs to the application, not to a seller."""

    name: Annotated[str, Length(0, 256)]
    destination_id: str
    resource: DestinationResource


class EventFilterType(OpenEnum):
    """The type of notification that a filter is for."""

    ANY_OFFER_CHANGED = "ANY_OFFER_CHANGED"
    ORDER_CHANGE = "ORDER_CHANGE"
    SHIPMENT_TRACKING_MILESTONE_CHANGED = "SHIPMENT_TRACKING_MILESTONE_CHANGED"


class AggregationTimePeriod(OpenEnum):
    """How long changes are gathered before the last state of them is sent."""

    FIVE_MINUTES = "FiveMinutes"
    TEN_MINUTES = "TenMinutes"


class OrderChangeTypeEnum(OpenEnum):
    """The kind of change to an order."""

    BUYER_REQUESTED_CHANGE = "BuyerRequestedChange"
    DELIVERY_TIP_CHANGE = "DeliveryTipChange"
    ORDER_STATUS_CHANGE = "OrderStatusChange"


@camel
class AggregationSettings(Model):
    """How notifications are gathered."""

    aggregation_time_period: AggregationTimePeriod


@camel
class CarrierTracking(Model):
    """A carrier's own number for a parcel."""

    tracking_number: str
    carrier_code: str | None = None


@camel(
    exactly_one=(
        "id",
        "acsin",
        "aftn",
        "container_number",
        "house_bill_of_lading_number",
        "carrier_tracking",
    )
)
class TrackingIdentifier(Model):
    """The shipment that the notifications are about; exactly one of the fields."""

    id: str | None = None
    """Amazon's tracking id."""
    acsin: str | None = None
    """The air cargo shipment identification number."""
    aftn: str | None = None
    """Amazon's fulfilment tracking number."""
    container_number: str | None = None
    house_bill_of_lading_number: str | None = None
    carrier_tracking: CarrierTracking | None = None


@camel
class EventFilter(Model):
    """What a subscription is narrowed to; which parts count depends on the type. None narrows nothing."""

    aggregation_settings: AggregationSettings | None = None
    marketplace_ids: list[str] | None = None
    order_change_types: list[OrderChangeTypeEnum] | None = None
    tracking_identifier: TrackingIdentifier | None = None
    event_filter_type: EventFilterType


@camel(exactly_one=("event_filter", "filter_expression"))
class ProcessingDirective(Model):
    """What to do before a notification is sent: exactly one of a filter and an expression."""

    event_filter: EventFilter | None = None
    filter_expression: Annotated[str, Length(1, 256)] | None = None
    """A condition on the payload in CEL, without arithmetic and indices.

    Source: https://github.com/google/cel-spec
    """


@camel
class CreateSubscriptionRequest(Model):
    """A request for notifications about one seller."""

    payload_version: str
    """`1.0` for most types."""
    destination_id: str
    processing_directive: ProcessingDirective | None = None
    """None for every notification."""


@camel
class Subscription(Model):
    """A seller's notifications of one type, and where they go."""

    subscription_id: str
    payload_version: str
    destination_id: str
    processing_directive: ProcessingDirective | None = None


@camel
class GetSubscriptionsPayload(Model):
    """A page of subscriptions."""

    subscriptions: list[Subscription] | None = None
    next_token: str | None = None


@camel
class TestNotification(Model):
    """The notification that a test shall send."""

    __test__ = False  # not a test, whatever pytest makes of the name

    payload_version: str
    test_scenario: str | None = None
    """One of those that Amazon's guide lists for the type; without it, Amazon answers with a 400."""


@camel
class SendTestNotificationRequest(Model):
    """A test of a destination."""

    destination_id: str | None = None
    test_notification: TestNotification | None = None
