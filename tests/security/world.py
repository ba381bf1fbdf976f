"""A sandbox that knows the canaries' owner, clients of it, and every call that a client has."""

import linecache
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any, TypeVar

import pytest

from spshipping import (
    Client,
    Credentials,
    InvalidRequestError,
    Marketplace,
    Reply,
    RetryPolicy,
    Secret,
    SpShippingError,
    dumps,
    loads,
)
from spshipping import replace as changed
from spshipping.async_client import AsyncClient
from spshipping.auth.aws import AwsCredentials
from spshipping.auth.cache import TokenCache
from spshipping.auth.tokens import (
    CREATE_RESTRICTED_DATA_TOKEN,
    CreateRestrictedDataTokenRequest,
    RestrictedMethod,
    RestrictedResource,
)
from spshipping.clock import SystemClock
from spshipping.cursor import cursor_of
from spshipping.operation import Quota
from spshipping.options import CommonOptions
from spshipping.sandbox import Sandbox
from spshipping.sandbox.ids import Ids
from spshipping.sandbox.orders import schedule
from spshipping.sandbox.orders.record import Order
from spshipping.sandbox.shipping_v1 import GET_SHIPMENT
from spshipping.sellers import GET_ACCOUNT, GET_MARKETPLACE_PARTICIPATIONS
from spshipping.shipping import (
    CANCEL_SHIPMENT,
    DIRECT_PURCHASE_SHIPMENT,
    GET_ADDITIONAL_INPUTS,
    GET_RATES,
    GET_SHIPMENT_DOCUMENTS,
    GET_TRACKING,
    ONE_CLICK_SHIPMENT,
    PURCHASE_SHIPMENT,
    DirectPurchaseRequest,
    GetRatesRequest,
    GetRatesResult,
    OneClickShipmentRequest,
    PurchaseShipmentResult,
    RequestedDocumentSpecification,
    ServiceSelection,
)
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.quota import Key, MemoryQuota, Step
from tests.onloop import Loop, OnLoop
from tests.sandbox.conftest import ORDER
from tests.security.canary import PERSONAL, SECRETS, Catch
from tests.security.people import BRAZIL, TURKEY, fill
from tests.security.shipping_calls import calls_beside_parcels

R = TypeVar("R")
CLIENT_ID = "amzn1.application-oa2-client.canary"
AHEAD = timedelta(minutes=5)
"""So much later than it is: orders are found once they have been as they are for two minutes."""


def order() -> GetRatesRequest:
    """Make a request that is full of personal data."""
    plain = loads(ORDER.read_bytes(), GetRatesRequest)
    assert plain.ship_to is not None
    ship_to = changed(
        plain.ship_to,
        name=PERSONAL["buyer's name"],
        email=PERSONAL["e-mail"],
        phone_number=PERSONAL["phone"],
        address_line1=PERSONAL["address line"],
        address_line2=PERSONAL["second address line"],
        postal_code=PERSONAL["postal code"],
    )
    return changed(plain, ship_to=ship_to)


def credentials(**changes: str) -> Credentials:
    """Make the canaries' credentials."""
    known = {"client_secret": SECRETS["client secret"], "refresh_token": SECRETS["refresh token"]}
    return Credentials(client_id=CLIENT_ID, **{**known, **changes})


class BrokenError(Exception):
    """A fault in a library: no error that anybody expects."""


WAYS = ("threads", "tasks")
"""With a `Client`, or with an `AsyncClient` whose event loop is in debug mode."""
BY_THREADS = [
    "http.client.HTTPConnection.endheaders",
    "urllib3.connection.HTTPConnection.getresponse",
    "urllib3.response.HTTPResponse.read1",
    "urllib3.util.retry.Retry.increment",
    "requests.sessions.Session.get_adapter",
]
BY_TASKS = [
    "aiohttp.client_reqrep.ClientRequest.send",
    "aiohttp.client_reqrep.ClientResponse.start",
    "aiohttp.streams.StreamReader.read",
    "aiohttp.connector.BaseConnector.connect",
    "spshipping.transport.aio.is_networks",
]
IN_BOTH = [
    "spshipping.wire.text.parse",
    "spshipping.wire.convert._written",
    "spshipping.transport.build._target",
    "spshipping.auth.lwa.urlencode",
    "spshipping.auth.lwa._lifetime",
]
INTERRUPTED = [
    *(pytest.param("threads", place, id=f"threads-{place}") for place in BY_THREADS + IN_BOTH),
    *(pytest.param("tasks", place, id=f"tasks-{place}") for place in BY_TASKS + IN_BOTH),
]
"""Functions in which a call can be interrupted, and in which way."""
ON_FAILURE = ("Retry", "is_networks")
"""What is called only once something went wrong."""


_DEPTH = 10
"""How much of the stack is noted where a task or a future is made; a stack shows code, and no values."""


class Later(SystemClock):
    """The time of the sandbox."""

    def now(self) -> datetime:
        return super().now() + AHEAD


class Plenty(MemoryQuota):
    """Lets everything through at once."""

    def change(self, key: Key, quota: Quota, step: Step[R]) -> R:
        return super().change(key, Quota(1000.0, burst=1000), step)

    def learn(self, key: Key, quota: Quota, rate: float) -> None:
        """Pass over what Amazon says."""


class World:
    """A sandbox, and what a caller knows."""

    def __init__(self, box: Sandbox, seller: str) -> None:
        self.box = box
        self.seller = seller
        self.order = order()
        self.way: str = "threads"
        self.begin()

    def begin(self) -> None:
        """Begin anew: no token, no fault, and orders as they were."""
        self.tokens = TokenCache()
        self.box.reset()
        self.orders: list[Order] = fill(self.box, self.seller)
        self.box.clock.advance(AHEAD.total_seconds())

    def client(self, signs_in_as: Credentials | None = None, **options: Any) -> Any:
        """Make a client that hardly waits."""
        defaults: CommonOptions = {
            "endpoint": self.box.url,
            "token_url": self.box.token_url,
            "token_cache": self.tokens,
            "retry": RetryPolicy(attempts=2, base=0.001, throttled_base=0.001),
            "timeout": (1.0, 1.0),
            "clock": Later(),
            "quota": Plenty(),
            # every call is signed, so that AWS keys go everywhere as well
            "aws": AwsCredentials(
                "AKIACANARY", Secret(SECRETS["AWS secret"]), Secret(SECRETS["session token"])
            ),
        }
        merged: Any = {**defaults, **options}
        who = signs_in_as or credentials()
        if self.way == "threads":
            return Client(who, Marketplace.UK, **merged)
        return OnLoop(AsyncClient(who, Marketplace.UK, **merged), Loop(debug=True), owns_loop=True)


@contextmanager
def world() -> Iterator[World]:
    """Run a sandbox whose access tokens are canaries too."""
    numbers = count(1)

    def recognisable(_ids: Ids, _kind: str, _size: int = 0) -> str:
        return f"{SECRETS['access token'].removeprefix('Atza|')}{next(numbers)}"

    with pytest.MonkeyPatch.context() as patch, Sandbox(quotas=False, orders=3) as box:
        # in debug mode asyncio notes the whole stack for each future, and looks whether each file has changed
        walk_stack = traceback.walk_stack
        patch.setattr(traceback, "walk_stack", lambda frame: islice(walk_stack(frame), _DEPTH))
        patch.setattr(linecache, "checkcache", lambda *_: None)
        patch.setattr(Ids, "text", recognisable)
        patch.setattr(schedule, "PLACES", (BRAZIL, TURKEY))
        patch.setattr(schedule, "WEIGHTS", (1, 1))
        account = box.add_seller(SECRETS["refresh token"], CLIENT_ID, SECRETS["client secret"])
        yield World(box, account.seller)


def direct_of(asked: GetRatesRequest, specification: RequestedDocumentSpecification) -> DirectPurchaseRequest:
    """Return the purchase of the same parcel without a quote."""
    return DirectPurchaseRequest(
        ship_to=asked.ship_to,
        ship_from=asked.ship_from,
        packages=asked.packages,
        channel_details=asked.channel_details,
        label_specifications=specification,
    )


def quick_of(
    asked: GetRatesRequest, specification: RequestedDocumentSpecification, service_id: str
) -> OneClickShipmentRequest:
    """Return the purchase of the same parcel in one request."""
    return OneClickShipmentRequest(
        ship_to=asked.ship_to,
        ship_from=asked.ship_from,
        packages=asked.packages,
        channel_details=asked.channel_details,
        label_specifications=specification,
        service_selection=ServiceSelection(service_id=[service_id]),
    )


def calls(
    client: Client, asked: GetRatesRequest, quote: GetRatesResult, bought: PurchaseShipmentResult
) -> dict[str, Callable[[], Any]]:
    """Return every operation as a call that gives a Reply, and its facade's method."""
    request = quote.purchase_request(quote.cheapest(), format="ZPL")
    specification = request.requested_document_specification
    direct = direct_of(asked, specification)
    quick = quick_of(asked, specification, quote.cheapest().service_id)
    name = asked.packages[0].package_client_reference_id
    where = {"trackingId": bought.tracking_id or "", "carrierId": quote.cheapest().carrier_id}
    shipment = {"shipmentId": bought.shipment_id}
    rate = {"requestToken": quote.request_token, "rateId": quote.cheapest().rate_id}
    restricted = CreateRestrictedDataTokenRequest(
        restricted_resources=[RestrictedResource(method=RestrictedMethod.GET, path=GET_SHIPMENT.path)]
    )
    api, place = client.shipping, asked.ship_to
    assert place is not None
    return {
        "getRates": lambda: client.send(GET_RATES(body=asked)),
        "purchaseShipment": lambda: client.send(PURCHASE_SHIPMENT(body=request)),
        "directPurchaseShipment": lambda: client.send(DIRECT_PURCHASE_SHIPMENT(body=direct)),
        "oneClickShipment": lambda: client.send(ONE_CLICK_SHIPMENT(body=quick)),
        "getTracking": lambda: client.send(GET_TRACKING(query=where)),
        "getShipmentDocuments": lambda: client.send(
            GET_SHIPMENT_DOCUMENTS(path=shipment, query={"packageClientReferenceId": name})
        ),
        "getAdditionalInputs": lambda: client.send(GET_ADDITIONAL_INPUTS(query=rate)),
        "cancelShipment": lambda: client.send(CANCEL_SHIPMENT(path=shipment)),
        "getMarketplaceParticipations": lambda: client.send(GET_MARKETPLACE_PARTICIPATIONS()),
        "getAccount": lambda: client.send(GET_ACCOUNT()),
        "createRestrictedDataToken": lambda: client.send(CREATE_RESTRICTED_DATA_TOKEN(body=restricted)),
        # its value is a plain dictionary, in which nothing is known to be personal: only how it came is shown
        "getShipment": lambda: client.send(GET_SHIPMENT(path=shipment), pii=()).meta,
        "get_rates": lambda: api.get_rates(asked),
        "purchase_shipment": lambda: api.purchase_shipment(request),
        "direct_purchase_shipment": lambda: api.direct_purchase_shipment(direct),
        "one_click_shipment": lambda: api.one_click_shipment(quick),
        "get_tracking": lambda: api.get_tracking(
            tracking_id=where["trackingId"], carrier_id=where["carrierId"]
        ),
        "get_shipment_documents": lambda: api.get_shipment_documents(
            bought.shipment_id, package_client_reference_id=name
        ),
        "get_additional_inputs": lambda: api.get_additional_inputs(
            request_token=rate["requestToken"], rate_id=rate["rateId"]
        ),
        "cancel_shipment": lambda: api.cancel_shipment(bought.shipment_id),
        **calls_beside_parcels(client, place, changed(quick), where["trackingId"]),
    }


def attempt(catch: Catch, act: Callable[[], Any]) -> Any:
    """Do something, and look at whatever comes of it."""
    try:
        result = act()
    except (SpShippingError, TypeError, OSError) as error:
        catch.caught(error)
        return error
    for thing in result if isinstance(result, list) else [result]:
        catch.show(thing)
        if isinstance(thing, Reply):
            catch.show(thing.call, thing.meta, thing.value)
            _save(catch, thing)
    return result


def _save(catch: Catch, reply: Reply[Any]) -> None:
    """Save where pages go on, if the operation has pages, and the call names nobody."""
    for call in (reply.call, reply.next_call):
        try:
            catch.say("cursor", cursor_of(call) or "")
        except InvalidRequestError as error:
            catch.caught(error)


def prepared(client: Client, asked: GetRatesRequest) -> tuple[GetRatesResult, PurchaseShipmentResult]:
    """Quote and buy while nothing is wrong."""
    quote = client.shipping.get_rates(asked)
    bought = client.shipping.purchase_shipment(quote.purchase_request(quote.cheapest(), format="ZPL"))
    assert dumps(bought)
    return quote, bought


def parts_of(client: Client) -> list[Any]:
    """Return what a client is made of, as a debugger would reach it."""
    assembled = client._parts
    sender, authorizer = assembled.sender, assembled.authorizer
    parts = [client, client.shipping, client.context, assembled, sender, sender.rules, sender.parts]
    parts += [*sender.parts, authorizer, authorizer._cache, authorizer._lwa]
    if isinstance(client, OnLoop):
        io = client._io
        sessions = [
            session for each in io.transport._sessions.values() for session in (each.pooled, each.single)
        ]
        parts += [io, io.transport, *sessions, *(session.connector for session in sessions)]
    else:
        transport = client._transport
        assert isinstance(transport, RequestsTransport)
        parts += [transport, transport._home.session]
    return [*parts, client._credentials, client._options]
