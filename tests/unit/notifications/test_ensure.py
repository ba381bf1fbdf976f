"""What `ensure` finds, makes and refuses, under threads and under asyncio."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from spshipping import ConflictError, InvalidRequestError, OutcomeUnknownError
from spshipping.notifications import (
    AggregationSettings,
    AggregationTimePeriod,
    CreateDestinationRequest,
    CreateSubscriptionRequest,
    DestinationResourceSpecification,
    Ensured,
    EventBridgeResourceSpecification,
    EventFilter,
    EventFilterType,
    OrderChangeTypeEnum,
    ProcessingDirective,
    SqsResource,
    TrackingIdentifier,
)
from spshipping.notifications.api import NotificationsApi
from spshipping.notifications.api_async import AsyncNotificationsApi
from spshipping.transport.http import HttpFailure
from tests.drives import DRIVES, Drive, Threads
from tests.kit import ScriptedTransport, Step, answer, client_of, refusal

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:orders"
OTHER = "arn:aws:sqs:eu-west-1:123456789012:other"
PLACE = {"name": "orders", "destinationId": "D1", "resource": {"sqs": {"arn": QUEUE}}}
ELSEWHERE = {"name": "other", "destinationId": "D2", "resource": {"sqs": {"arn": OTHER}}}
BUS = {"name": "bus", "destinationId": "D3", "resource": {"eventBridge": {"name": "n", "region": "r"}}}
SUBSCRIPTION = {"subscriptionId": "S1", "payloadVersion": "1.0", "destinationId": "D1"}
FILTER = {
    "eventFilterType": "ORDER_CHANGE",
    "orderChangeTypes": ["OrderStatusChange", "BuyerRequestedChange"],
    "marketplaceIds": ["A1F83G8C2ARO7P", "A1PA6795UKMFR9"],
}
DIRECTIVE = ProcessingDirective(
    event_filter=EventFilter(
        event_filter_type=EventFilterType.ORDER_CHANGE,
        order_change_types=[
            OrderChangeTypeEnum.BUYER_REQUESTED_CHANGE,
            OrderChangeTypeEnum.ORDER_STATUS_CHANGE,
        ],
        marketplace_ids=["A1PA6795UKMFR9", "A1F83G8C2ARO7P"],
    )
)


@pytest.fixture(params=DRIVES)
def drive(request: pytest.FixtureRequest) -> Drive:
    made: Callable[[], Drive] = request.param
    return made()


def ensure(drive: Drive, network: ScriptedTransport, queue: str = QUEUE, **more: Any) -> Ensured:
    """Call the method of the facade that belongs to the drive."""
    context = drive.context(network)
    if isinstance(drive, Threads):
        return NotificationsApi(context).ensure("ORDER_CHANGE", queue, **more)
    return drive.run(AsyncNotificationsApi(context).ensure("ORDER_CHANGE", queue, **more))


def found(*subscriptions: Any) -> Step:
    return answer(200, {"payload": {"subscriptions": list(subscriptions)}})


def payload(value: Any) -> Step:
    return answer(200, {"payload": value})


def sent(network: ScriptedTransport) -> list[str]:
    return [
        f"{request.method} {request.url.partition('/notifications/v1')[2].partition('?')[0]}"
        for request in network.requests
    ]


READ = ["GET /destinations", "GET /subscriptions"]
MADE = [*READ, "POST /destinations", "POST /subscriptions/ORDER_CHANGE"]


def test_where_nothing_is_both_are_made(drive: Drive) -> None:
    network = ScriptedTransport([payload([ELSEWHERE, BUS]), found(), payload(PLACE), payload(SUBSCRIPTION)])
    ensured = ensure(drive, network)
    assert sent(network) == MADE
    assert json.loads(network.requests[2].body or b"") == {
        "name": "orders",
        "resourceSpecification": {"sqs": {"arn": QUEUE}},
    }
    assert json.loads(network.requests[3].body or b"") == {"payloadVersion": "1.0", "destinationId": "D1"}
    assert (ensured.has_made_destination, ensured.has_made_subscription) == (True, True)
    assert (ensured.destination.destination_id, ensured.subscription.subscription_id) == ("D1", "S1")
    assert str(ensured) == "made destination D1, made subscription S1"


def test_a_404_means_that_there_are_no_subscriptions(drive: Drive) -> None:
    network = ScriptedTransport([payload([PLACE]), refusal(404, "NotFound"), payload(SUBSCRIPTION)])
    ensured = ensure(drive, network, name="unused")
    assert sent(network) == [*READ, "POST /subscriptions/ORDER_CHANGE"]
    assert str(ensured) == "found destination D1, made subscription S1"


def test_what_is_there_is_found_and_nothing_is_sent_that_changes_something(drive: Drive) -> None:
    twin = {**PLACE, "destinationId": "D9"}
    mine = {**SUBSCRIPTION, "destinationId": "D9", "processingDirective": {}}
    network = ScriptedTransport([payload([PLACE, twin]), found(mine)])
    ensured = ensure(drive, network)
    assert sent(network) == READ
    assert str(ensured) == "found destination D9, found subscription S1"


def test_a_directive_in_another_order_is_the_same(drive: Drive) -> None:
    mine = {**SUBSCRIPTION, "processingDirective": {"eventFilter": FILTER}}
    network = ScriptedTransport([payload([PLACE]), found({**SUBSCRIPTION, "subscriptionId": "S0"}, mine)])
    ensured = ensure(drive, network, processing_directive=DIRECTIVE)
    assert ensured.subscription.subscription_id == "S1"


DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "elsewhere": (
        {"destinationId": "D2"},
        {},
        f"subscription S1 sends to destination D2 ({OTHER}), not to {QUEUE}; nothing was changed",
    ),
    "an event bus": ({"destinationId": "D3"}, {}, "destination D3 (no queue of this application), not to"),
    "another application's": ({"destinationId": "D4"}, {}, "destination D4 (no queue of this application)"),
    "another version": ({"payloadVersion": "2.0"}, {}, "S1 has payload version 2.0, not 1.0; nothing"),
    "a directive": (
        {"processingDirective": {"filterExpression": "x == `1`"}},
        {},
        'has the processing directive {"filterExpression": "x == `1`"}, not no processing directive',
    ),
    "no directive": (
        {},
        {"processing_directive": ProcessingDirective(filter_expression="y")},
        'has no processing directive, not the processing directive {"filterExpression": "y"}',
    ),
    "all of it": (
        {"destinationId": "D2", "payloadVersion": "2.0"},
        {"processing_directive": DIRECTIVE},
        "and has payload version 2.0, not 1.0 and has no processing directive, not the",
    ),
}


@pytest.mark.parametrize("difference", DIFFERENT)
def test_what_is_there_and_differs_is_refused_and_never_moved(drive: Drive, difference: str) -> None:
    change, asked, text = DIFFERENT[difference]
    network = ScriptedTransport([payload([PLACE, ELSEWHERE, BUS]), found({**SUBSCRIPTION, **change})])
    with pytest.raises(ConflictError) as caught:
        ensure(drive, network, **asked)
    assert text in str(caught.value)
    assert "delete_subscription_by_id" in str(caught.value)
    assert sent(network) == READ


def test_no_destination_is_made_for_a_subscription_that_cannot_be(drive: Drive) -> None:
    network = ScriptedTransport([payload([ELSEWHERE]), found({**SUBSCRIPTION, "destinationId": "D2"})])
    with pytest.raises(ConflictError, match="sends to destination D2"):
        ensure(drive, network)
    assert sent(network) == READ


LOST = HttpFailure("timeout", was_sent=True)
CONFLICT = refusal(409, "Conflict")


@pytest.mark.parametrize(("step", "has_made"), [(CONFLICT, False), (LOST, True)])
def test_what_was_made_meanwhile_or_without_an_answer_is_found(
    drive: Drive, step: Step, has_made: bool
) -> None:
    network = ScriptedTransport(
        [payload([]), found(), step, payload([PLACE]), step, found(SUBSCRIPTION), payload([PLACE])]
    )
    ensured = ensure(drive, network)
    assert ensured[2:] == (has_made, has_made)
    assert sent(network)[2:] == ["POST /destinations", READ[0], MADE[3], READ[1], READ[0]]


@pytest.mark.parametrize(("step", "error"), [(CONFLICT, ConflictError), (LOST, OutcomeUnknownError)])
def test_what_is_not_found_afterwards_is_what_the_creation_said(
    drive: Drive, step: Step, error: type[Exception]
) -> None:
    with pytest.raises(error, match="createDestination"):
        ensure(drive, ScriptedTransport([payload([]), found(), step, payload([ELSEWHERE])]))
    with pytest.raises(error, match="createSubscription"):
        ensure(drive, ScriptedTransport([payload([PLACE]), found(), step, found(), payload([PLACE])]))


def test_one_that_somebody_made_meanwhile_and_that_differs_is_refused(drive: Drive) -> None:
    other = {**SUBSCRIPTION, "payloadVersion": "2.0"}
    network = ScriptedTransport([payload([PLACE]), found(), CONFLICT, found(other), payload([PLACE])])
    with pytest.raises(ConflictError, match=r"has payload version 2\.0, not 1\.0"):
        ensure(drive, network)


EMPTY = ProcessingDirective()
BOTH = ProcessingDirective(event_filter=DIRECTIVE.event_filter, filter_expression="x == `1`")


@pytest.mark.parametrize(
    ("queue", "more", "text"),
    [
        (
            "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
            {},
            f"queue: this is the URL of a queue; give its ARN, {QUEUE}",
        ),
        (f"{QUEUE}.fifo", {}, "queue: Amazon does not deliver to FIFO queues"),
        ("orders", {}, "resource_specification.sqs.arn: does not have the form"),
        (QUEUE, {"processing_directive": EMPTY}, "processing_directive: states 0 of"),
        (QUEUE, {"processing_directive": BOTH}, "processing_directive: states 2 of"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    drive: Drive, queue: str, more: dict[str, Any], text: str
) -> None:
    network = ScriptedTransport()
    with pytest.raises(InvalidRequestError) as caught:
        ensure(drive, network, queue, **more)
    assert str(caught.value).startswith(text)
    assert (network.requests, network.sign_ins) == ([], 0)


@pytest.mark.parametrize(
    "kind", ["APPLICATION_OAUTH_CLIENT_NEW_SECRET", "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY"]
)
def test_what_has_no_subscriptions_is_refused(kind: str) -> None:
    api = NotificationsApi(Threads().context(ScriptedTransport()))
    with pytest.raises(InvalidRequestError, match="register a queue for it in the developer console"):
        api.ensure(kind, QUEUE)


def _filtered(**fields: Any) -> ProcessingDirective:
    return ProcessingDirective(
        event_filter=EventFilter(event_filter_type=EventFilterType.ORDER_CHANGE, **fields)
    )


@pytest.mark.parametrize(
    ("directive", "text"),
    [
        (EMPTY, "processing_directive: states 0 of event_filter, filter_expression; give one"),
        (BOTH, "processing_directive: states 2 of event_filter, filter_expression; give one"),
        (
            _filtered(tracking_identifier=TrackingIdentifier()),
            "processing_directive.event_filter.tracking_identifier: states 0 of id, acsin,",
        ),
        (
            _filtered(tracking_identifier=TrackingIdentifier(id="1", aftn="2")),
            "processing_directive.event_filter.tracking_identifier: states 2 of id, acsin,",
        ),
    ],
)
def test_d10_an_empty_or_contradictory_directive_is_refused(
    directive: ProcessingDirective, text: str
) -> None:
    request = CreateSubscriptionRequest(
        payload_version="1.0", destination_id="D1", processing_directive=directive
    )
    network = ScriptedTransport()
    with pytest.raises(InvalidRequestError) as caught:
        client_of(network).notifications.create_subscription(request, notification_type="ORDER_CHANGE")
    assert str(caught.value).startswith(text)
    assert network.requests == []


@pytest.mark.parametrize(
    "directive",
    [
        ProcessingDirective(filter_expression="x"),
        _filtered(
            aggregation_settings=AggregationSettings(
                aggregation_time_period=AggregationTimePeriod.FIVE_MINUTES
            )
        ),
        _filtered(tracking_identifier=TrackingIdentifier(id="1")),
    ],
)
def test_d10_a_directive_of_one_kind_is_sent(directive: ProcessingDirective) -> None:
    request = CreateSubscriptionRequest(
        payload_version="1.0", destination_id="D1", processing_directive=directive
    )
    network = ScriptedTransport([payload(SUBSCRIPTION)])
    client_of(network).notifications.create_subscription(request, notification_type="ORDER_CHANGE")
    assert b"processingDirective" in (network.requests[0].body or b"")


@pytest.mark.parametrize(
    ("specification", "stated"),
    [
        (DestinationResourceSpecification(), 0),
        (
            DestinationResourceSpecification(
                sqs=SqsResource(arn=QUEUE),
                event_bridge=EventBridgeResourceSpecification(region="r", account_id="1"),
            ),
            2,
        ),
    ],
)
def test_d10_a_destination_is_one_place(specification: DestinationResourceSpecification, stated: int) -> None:
    request = CreateDestinationRequest(name="orders", resource_specification=specification)
    network = ScriptedTransport()
    with pytest.raises(InvalidRequestError, match=f"states {stated} of sqs, event_bridge; give one"):
        client_of(network).notifications.create_destination(request)
    assert network.requests == []
