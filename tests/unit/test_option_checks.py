"""G5: options, arguments and methods that cannot be used are refused at once, with what to do."""

import asyncio
import pydoc
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from spshipping import (
    AsyncClient,
    Client,
    ConfigurationError,
    InvalidRequestError,
    Marketplace,
    Region,
    RetryPolicy,
    Secret,
    ShippingBusiness,
)
from spshipping.auth.aws import AwsCredentials, AwsRole
from spshipping.option_checks import check_options
from spshipping.options import AsyncClientOptions, ClientOptions
from spshipping.orders import OrderStatus
from spshipping.orders.v0 import GET_ORDERS
from spshipping.regions import BUSINESS_HEADER
from spshipping.shipping import GET_TRACKING
from spshipping.transport.retry import RetryBudget
from tests.drives import DRIVES, Drive, async_client_of
from tests.kit import START, FakeClock, ScriptedTransport, answer, client_of, credentials
from tests.unit.orders.build import ONE
from tests.unit.samples import BUY, LOOK, Wish

KEYS = AwsCredentials("AKIA1", Secret("lasting"))
CALL = LOOK(path={"giftId": "1"})
GOOD = answer(200, {"giftId": "1"})
V2026: Any = "2026-01-01"
CLIENTS: Any = [Client, AsyncClient]


@pytest.fixture(params=DRIVES)
def drive(request: pytest.FixtureRequest) -> Drive:
    make: Callable[[], Drive] = request.param
    return make()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"marketplace_id": "UK"}, "marketplace_id= is no marketplace id, such as A1F83G8C2ARO7P; a name"),
        ({"marketplace_id": Marketplace.UK}, "marketplace_id= is no marketplace id"),
        ({"region": "mars"}, "'mars' is no region: use NA, EU or FE"),
        ({"region": 5}, "a int is no region"),
        ({"environment": None}, "environment None: use production or sandbox"),
        ({"endpoint": 5}, "endpoint= is not https:// and a host"),
        ({"token_url": None}, "token_url= is not https:// and a host"),
        ({"allow_http": "yes"}, "allow_http= takes True or False, not a str"),
        ({"strict": 1}, "strict= takes True or False, not a int"),
        (
            {"shipping_business": "Atlantis"},
            "'Atlantis' is no business of Amazon Shipping: use one of US, IN,",
        ),
        ({"shipping_business": 5}, "a int is no business of Amazon Shipping"),
        ({"application": 5}, "application= takes text, not a int"),
        ({"timeout": "5"}, "timeout= must be a number of seconds"),
        ({"on_reply": "print"}, "on_reply= takes a function, not a str"),
        ({"on_unsettled": 5}, "on_unsettled= takes a function"),
        ({"pii": True}, "pii= takes a collection of data elements, such as {'buyerInfo'}"),
        ({"pii": "buyerInfo"}, "pii= takes a collection of data elements"),
        ({"pii": [5]}, "pii= takes a collection of data elements"),
        ({"pii": {"buyerinfo"}}, "pii= has an unknown data element; did you mean 'buyerInfo'?"),
        ({"restricted_data_token": ""}, "restricted_data_token= takes a token"),
        ({"restricted_data_token": Secret("")}, "restricted_data_token= takes a token"),
        ({"client_authentication": "header"}, "client_authentication= takes 'body' or 'basic'"),
        ({"token_parameters": {"a": 5}}, "token_parameters= takes a mapping from text to text"),
        ({"token_parameters": "a=b"}, "token_parameters= takes a mapping"),
        ({"proxies": "http://proxy:3128"}, "proxies= takes a mapping from text to text"),
        ({"aws": "AKIA1"}, "aws= takes AwsCredentials, AwsRole, or a function"),
        ({"aws": AwsCredentials}, "aws= takes AwsCredentials, AwsRole, or a function"),
        ({"aws": AwsCredentials("AKIA1", "s3cret")}, "aws= takes the secret key"),  # type: ignore[arg-type]  # the point
        ({"aws": AwsCredentials("AKIA1", Secret("s"), "s3cret")}, "aws= takes the secret key, and a"),  # type: ignore[arg-type]  # the point
        ({"aws": AwsRole("arn:aws:iam::1:role/r", "s3cret")}, "aws= takes the secret key"),  # type: ignore[arg-type]  # the point
        ({"aws": AwsRole(None, KEYS)}, "aws= takes AwsRole(role_arn, "),  # type: ignore[arg-type]  # the point
        ({"retry": 3}, "retry= takes RetryPolicy(...), not a int"),
        ({"retry": RetryPolicy(attempts=0)}, "retry= takes whole numbers above 0 as attempts"),
        ({"retry": RetryPolicy(throttled_attempts=True)}, "retry= takes whole numbers above 0"),
        ({"retry": RetryPolicy(base=-1)}, "retry= takes seconds, 0 or more"),
        ({"retry": RetryPolicy(cap=float("nan"))}, "retry= takes seconds, 0 or more"),
        ({"retry_budget": 5}, "retry_budget= takes RetryBudget(repeats)"),
        ({"retry_budget": RetryBudget("5")}, "retry_budget= takes RetryBudget(repeats)"),  # type: ignore[arg-type]  # the point
        ({"quota": {}}, "quota= takes a QuotaKeeper: it has no method reserve()"),
        ({"token_cache": {}}, "token_cache= takes a TokenCache, not a dict"),
        ({"clock": 5}, "clock= takes a Clock: it has no method now()"),
        ({"chance": 0.5}, "chance= takes a function, not a float"),
        ({"transport": 5}, "transport= takes a transport: it has no method exchange()"),
        ({"tiemout": 5}, "has no option 'tiemout'; did you mean 'timeout'?"),
        ({"xyzzy": 5}, "has no option 'xyzzy'"),
    ],
)
@pytest.mark.parametrize("client", CLIENTS)
def test_g5_an_option_of_a_wrong_type_or_value_is_refused_when_the_client_is_made(
    client: Any, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        client(credentials(), Marketplace.UK, **options)
    assert text in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_g5_options_that_can_be_used_are_accepted() -> None:
    fit: dict[str, Any] = {
        "marketplace_id": "A0NEW",
        "strict": False,
        "pii": {"buyerInfo", "ofMyOwnOperation"},
        "restricted_data_token": Secret("Atz.sprdt|1"),
        "client_authentication": "basic",
        "token_parameters": {"a": "b"},
        "proxies": {},
        "retry": RetryPolicy(attempts=1, base=0, cap=0.5),
        "retry_budget": RetryBudget(5),
        "clock": FakeClock(),
        "chance": None,
    }
    for kind in (ClientOptions, AsyncClientOptions):
        check_options(fit, kind, "Client")
        for aws in (KEYS, KEYS._replace(session_token=Secret("t")), AwsRole("arn", KEYS), lambda: KEYS):
            check_options({"aws": aws}, kind, "Client")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("text", ["UK", "gb", "A1F83G8C2ARO7P", Marketplace.UK])
def test_g5_places_can_be_given_as_text(client: Any, text: Any) -> None:
    made = client(credentials(), text, region="eu", shipping_business="FR")
    assert (made.marketplace, made.region) == (Marketplace.UK, Region.EU)
    assert made._parts.sender.rules.headers[BUSINESS_HEADER] == "AmazonShipping_FR"
    other = made.for_seller("Atzr|other", "US")
    assert (other.marketplace, other.region) == (Marketplace.US, Region.NA)
    assert client(credentials(), marketplace_id="A0NEW", region="fe").region is Region.FE
    environ = {
        "SPSHIPPING_CLIENT_ID": "amzn1.application-oa2-client.c0ffee",
        "SPSHIPPING_CLIENT_SECRET": "secret",
        "SPSHIPPING_REFRESH_TOKEN": "Atzr|x",
    }
    assert client.from_env(environ, marketplace="DE").marketplace is Marketplace.DE


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("marketplace", "text"),
    [
        ("ATLANTIS", "'ATLANTIS' is no marketplace"),
        (5, "a int is no marketplace"),
        ("", "'' is no marketplace"),
    ],
)
def test_g5_what_is_no_place_is_refused(client: Any, marketplace: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{text} that this version knows"):
        client(credentials(), marketplace)
    with pytest.raises(ConfigurationError, match=f"^{text} that this version knows"):
        client(credentials(), "UK").for_seller("Atzr|other", marketplace)


@pytest.mark.parametrize("client", CLIENTS)
def test_g5_credentials_that_are_none_are_refused_without_being_shown(client: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^the first argument is Credentials.*, not a str$"):
        client("s3cret", "UK")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("UK", "AmazonShipping_UK"),
        ("gb", "AmazonShipping_UK"),
        ("AE", "AmazonShipping_UAE"),
        (ShippingBusiness.FR, "AmazonShipping_FR"),
        ("AmazonShipping_NEW", "AmazonShipping_NEW"),
    ],
)
def test_g5_a_business_can_be_given_as_text(given: Any, sent: str) -> None:
    query = {"trackingId": "1", "carrierId": "2"}
    assert GET_TRACKING(query=query, headers={BUSINESS_HEADER: given}).headers == {BUSINESS_HEADER: sent}


@pytest.mark.parametrize("given", ["Atlantis", 5, "AmazonShipping_", ""])
def test_g5_what_is_no_business_is_refused(given: Any) -> None:
    with client_of(ScriptedTransport()) as client, pytest.raises(InvalidRequestError, match="no business of"):
        client.shipping.get_tracking(tracking_id="1", carrier_id="2", business=given)


@pytest.mark.parametrize("places", [["UK", Marketplace.DE], "UK,DE", ("A1F83G8C2ARO7P", "DE")])
def test_g5_marketplaces_of_a_search_can_be_given_as_text(places: Any) -> None:
    query = GET_ORDERS(query={"MarketplaceIds": places, "CreatedAfter": START}).query
    assert query["MarketplaceIds"] == "A1F83G8C2ARO7P,A1PA6795UKMFR9"


@pytest.mark.parametrize("places", ["", [], 5, [5]])
def test_g5_what_is_no_list_of_marketplaces_is_refused(places: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"^MarketplaceIds: "):
        GET_ORDERS(query={"MarketplaceIds": places, "CreatedAfter": START})


@pytest.mark.parametrize("pii", [True, "buyerInfo", 5, [5]])
def test_g5_data_elements_of_a_call_are_a_collection(drive: Drive, pii: Any) -> None:
    network = ScriptedTransport()
    client = drive.client(network)
    with pytest.raises(InvalidRequestError, match=r"^pii: takes a collection of data elements"):
        client.send(CALL, pii=pii)
    with pytest.raises(InvalidRequestError, match=r"^pii: takes a collection of data elements"):
        client.orders.retrieve(ONE, pii=pii)
    drive.close()
    assert network.requests == []


@pytest.mark.parametrize("call", [5, "GET", LOOK, None])
def test_g5_what_is_no_call_is_refused(drive: Drive, call: Any) -> None:
    client = drive.client(ScriptedTransport())
    with pytest.raises(InvalidRequestError, match=r"^call: a \w+ is no call: give what an operation returns"):
        client.send(call)
    with pytest.raises(InvalidRequestError, match=r"^operation: is an Operation"):
        client.quota(CALL)
    drive.close()


def test_g5_a_map_of_what_is_no_function_is_refused() -> None:
    with client_of(ScriptedTransport()) as client:
        wrong: Any = 5
        with pytest.raises(InvalidRequestError, match=r"^call_factory: is no function"):
            next(client.map(wrong, [1]))
        with pytest.raises(InvalidRequestError, match=r"^on_progress: is no function"):
            next(client.map(lambda _: CALL, [1], on_progress=wrong))


SINCE = START - timedelta(days=30)
NAIVE = datetime(2026, 2, 1)  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"statuses": ["Unshiped"]}, "statuses: takes PendingAvailability, Pending, Unshipped,"),
        ({"statuses": "Unshipped"}, "statuses: takes a list"),
        ({"statuses": 5}, "statuses: takes a list"),
        ({"channels": ["FBA"]}, "channels: takes MFN, AFN; a newer value is given as FulfillmentChannel"),
        ({"marketplaces": ["Atlantis"]}, "marketplaces: is no marketplace: give a Marketplace, a name"),
        ({"marketplaces": [5]}, "marketplaces: is no marketplace"),
        ({"source": "v1"}, "source: takes an OrderSource, or one of both, fullest, 2026-01-01, v0"),
        ({"on_progress": 5}, "on_progress: takes a function"),
        ({"updated_after": NAIVE}, "updated_after: takes a datetime with a time zone"),
        ({"updated_after": "2026-02-01T00:00:00Z"}, "updated_after: takes a datetime with a time zone"),
        ({"updated_after": SINCE.date()}, "updated_after: takes a datetime with a time zone"),
        ({"updated_before": NAIVE}, "updated_before: takes a datetime with a time zone"),
        ({"updated_after": START + timedelta(days=1)}, "updated_after: is later than now"),
        (
            {"updated_after": None, "created_after": START + timedelta(hours=1)},
            "created_after: is later than now",
        ),
    ],
)
def test_g5_a_search_that_cannot_be_meant_is_refused_at_once(
    drive: Drive, wrong: dict[str, Any], path: str
) -> None:
    network = ScriptedTransport()
    client = drive.client(network)
    with pytest.raises(InvalidRequestError) as caught:
        client.orders.retrieve_all(**{"updated_after": SINCE, **wrong})
    assert str(caught.value).startswith(path)
    drive.close()
    assert network.requests == []


def test_g5_a_search_takes_text_for_places_statuses_and_the_source() -> None:
    network = ScriptedTransport([answer(200, {"orders": []})])
    named: Any = {"statuses": ["Shipped", OrderStatus("New")], "channels": ["MFN"], "source": "2026-01-01"}
    with client_of(network) as client:
        # a clock that runs a little behind Amazon's
        after = START + timedelta(minutes=4)
        found = client.orders.retrieve_all(updated_after=after, marketplaces=["UK", "de", "A0NEW"], **named)
        assert list(found) == []
    url = network.requests[0].url
    assert "marketplaceIds=A1F83G8C2ARO7P%2CA1PA6795UKMFR9%2CA0NEW" in url
    assert "fulfillmentStatuses=SHIPPED%2CNew" in url
    assert "fulfilledBy=MERCHANT" in url


@pytest.mark.parametrize("order_id", ["", "1", "902-1845936-543506", " 902-1845936-5435065", 5, None, b"x"])
def test_g5_an_order_id_that_is_none_is_refused(drive: Drive, order_id: Any) -> None:
    network = ScriptedTransport()
    orders = drive.client(network).orders
    plain: Any = {"carrier_code": "DHL", "tracking_number": "1", "ship_date": datetime.now(UTC)}
    methods: list[Callable[[], object]] = [
        lambda: orders.retrieve(order_id),
        lambda: orders.retrieve_many([ONE, order_id]),
        lambda: orders.compare([ONE, order_id]),
        lambda: orders.confirm(order_id, **plain, items={"A": 1}),
    ]
    for work in methods:
        with pytest.raises(InvalidRequestError, match=r"^order_ids?: is no id of an Amazon order"):
            work()
    with pytest.raises(InvalidRequestError, match=r"^order_ids: takes a list of ids"):
        orders.compare(order_id)
    drive.close()
    assert network.requests == []


@pytest.mark.parametrize("order_id", ["902-1845936-5435065", "S01-1234567-1234567", "TEST_CASE_200"])
def test_g5_every_form_of_an_order_id_is_accepted(order_id: str) -> None:
    network = ScriptedTransport([answer(200, {"order": {"orderId": order_id}})])
    with client_of(network) as client:
        assert client.orders.retrieve(order_id, source=V2026, items=False).amazon_order_id == order_id
    assert network.requests[0].url.split("?")[0].endswith(f"/orders/{order_id}")


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"items": ["A"]}, "items: takes a mapping by order_item_id"),
        ({"items": {5: 1}}, "items: takes a mapping by order_item_id"),
        ({"transparency_codes": "A"}, "transparency_codes: takes a mapping"),
        ({"transparency_codes": {"A": "code"}}, "transparency_codes: takes a list of codes for each item"),
        ({"marketplace_id": "Atlantis"}, "marketplace_id: is no marketplace"),
    ],
)
def test_g5_a_confirmation_that_cannot_be_meant_is_refused(
    drive: Drive, wrong: dict[str, Any], path: str
) -> None:
    network = ScriptedTransport()
    plain: Any = {"carrier_code": "DHL", "tracking_number": "1", "ship_date": START, "items": {"A": 1}}
    with pytest.raises(InvalidRequestError) as caught:
        drive.client(network).orders.confirm(ONE, **{**plain, **wrong})
    assert str(caught.value).startswith(path)
    drive.close()
    assert network.requests == []


def test_g5_a_confirmation_takes_a_place_as_text() -> None:
    network = ScriptedTransport([answer(204)])
    plain: Any = {"carrier_code": "DHL", "tracking_number": "1", "ship_date": START, "items": {"A": 1}}
    with client_of(network) as client:
        client.orders.confirm(ONE, **plain, marketplace_id="JP")
    assert b'"marketplaceId":"A1VC38T7YXB528"' in (network.requests[0].body or b"")


CLOSED = "^this client is closed: make calls before close"


def test_g5_a_closed_client_refuses_every_method_that_sends(drive: Drive) -> None:
    network = ScriptedTransport()
    client = drive.client(network)
    other = client.for_seller("Atzr|other")
    client.close()
    for each in (client, other):
        methods: list[Callable[[], object]] = [
            partial(each.send, CALL),
            partial(each.resolve, BUY(body=Wish(text="x")).with_key("k")),
            partial(each.check, "shipping"),
            partial(each.orders.retrieve, ONE),
            each.sellers.get_marketplace_participations,
            lambda: client.with_options(timeout=5.0).send(CALL),
            lambda: client.for_seller("Atzr|third").send(CALL),
        ]
        for work in methods:
            with pytest.raises(ConfigurationError, match=CLOSED):
                work()
    assert client.unsettled() == ()
    drive.close()
    assert (network.requests, network.sign_ins) == ([], 0)


def test_g5_a_closed_client_maps_nothing() -> None:
    client = client_of(ScriptedTransport())
    client.close()
    with pytest.raises(ConfigurationError, match=CLOSED):
        next(client.map(lambda _: CALL, [1]))


def test_g5_a_client_outlives_those_that_were_made_from_it() -> None:
    client = client_of(ScriptedTransport([GOOD]))
    with client.with_options(timeout=5.0) as other:
        pass
    with pytest.raises(ConfigurationError, match=CLOSED):
        other.send(CALL)
    assert client.send(CALL).meta.status == 200


def test_g5_a_client_for_asyncio_is_closed_in_one_loop_only() -> None:
    client = async_client_of(ScriptedTransport([GOOD] * 2))

    async def work() -> None:
        async with client:
            await client.send(CALL)
        with pytest.raises(ConfigurationError, match=CLOSED):
            await client.send(CALL)

    for _ in range(2):
        asyncio.run(work())


@pytest.mark.parametrize("name", ["notification_type", "queue", "payload_version", "name"])
def test_g5_what_is_no_text_is_no_subscription(drive: Drive, name: str) -> None:
    network = ScriptedTransport()
    given: dict[str, Any] = {
        "notification_type": "ORDER_CHANGE",
        "queue": "arn:aws:sqs:eu-west-1:1:q",
        name: 5,
    }
    notification_type, queue = given.pop("notification_type"), given.pop("queue")
    with pytest.raises(InvalidRequestError, match=f"^{name}: takes text"):
        drive.client(network).notifications.ensure(notification_type, queue, **given)
    drive.close()
    assert network.requests == []


@pytest.mark.parametrize(("client", "options"), [(Client, ClientOptions), (AsyncClient, AsyncClientOptions)])
def test_g7_help_lists_every_option(client: type[Any], options: type[Any]) -> None:
    text = pydoc.plain(pydoc.render_doc(client))
    made = text[text.index("__init__(") :]
    listed = re.findall(r"(?m)^ \|\s{10,}(\w+): ", made[: made.index("Raises:")])
    assert sorted(listed) == sorted(["credentials", "marketplace", *options.__annotations__])
