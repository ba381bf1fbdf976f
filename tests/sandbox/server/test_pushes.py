"""The sandbox pushes what happens to parcels to a webhook, with faults, and shows who it is."""

import itertools
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from werkzeug import Request, Response
from werkzeug.serving import make_server

from spshipping.clock import SystemClock
from spshipping.journal import MemoryJournal
from spshipping.sandbox import Sandbox, SandboxClock, example_order
from spshipping.sandbox.push_target import PushTarget
from spshipping.shipping import Timeline
from spshipping.shipping.webhooks import (
    ApiKey,
    NdrPush,
    OtpPush,
    Push,
    TrackingPush,
    WebhookMode,
    WebhookReceiver,
    parse_push,
    webhook_auth,
)

SECRET = "qZ secret/ü"
DAY = 86_400
ALL = [
    "ReadyForReceive",
    "PickupDone",
    "Departed",
    "ArrivedAtCarrierFacility",
    "OutForDelivery",
    "Delivered",
]


class Endpoint:
    """A webhook that notes what it gets, and answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.bodies: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.receiver: WebhookReceiver | None = None
        self.sandbox: Sandbox | None = None
        self._server = make_server("127.0.0.1", 0, self._app, threaded=True)
        self._server.log = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def _app(self, environ: Any, start_response: Any) -> Any:
        if self.receiver is not None:
            return self.receiver(environ, start_response)
        request = Request(environ)
        self.bodies.append(json.loads(request.get_data()))
        self.requests.append(request)
        if self.sandbox is not None:
            self.sandbox.clock.advance(1)
        return Response(status=self.statuses.pop(0) if self.statuses else 204)(environ, start_response)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def codes(self) -> list[str]:
        return [body["detail"]["eventCode"] for body in self.bodies]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.close()


def ship(sandbox: Sandbox) -> str:
    with sandbox.client() as client:
        quote = client.shipping.get_rates(example_order())
        rate = next(rate for rate in quote.rates if rate.carrier_id.startswith("AMZN"))
        bought = client.shipping.purchase_shipment(quote.purchase_request(rate, format="PNG"))
    return str(bought.tracking_id)


def test_events_are_pushed_as_the_clock_advances_each_once(sandbox: Sandbox, endpoint: Endpoint) -> None:
    before = ship(sandbox)
    sandbox.push_to(endpoint.url, secret="key")
    tracking_id = ship(sandbox)
    assert endpoint.bodies == []
    sandbox.clock.advance(1)
    assert endpoint.codes == ALL[:1]
    for _ in range(72):
        sandbox.clock.advance(3600)
    own = [body for body in endpoint.bodies if body["detail"]["trackingId"] == tracking_id]
    assert [body["detail"]["eventCode"] for body in own] == ALL
    assert len({body["id"] for body in endpoint.bodies}) == len(endpoint.bodies) == 2 * len(ALL) - 1
    assert {body["detail"]["trackingId"] for body in endpoint.bodies} == {before, tracking_id}
    push = parse_push(own[1])
    assert isinstance(push, TrackingPush)
    assert (push.guessed, push.carrier_id) == ((), "AMZN_UK")
    with sandbox.client() as client:
        tracked = client.shipping.get_tracking(tracking_id=tracking_id, carrier_id="AMZN_UK")
    assert [str(event.event_code) for event in tracked.event_history] == ALL
    assert push.events[0].time == tracked.event_history[1].event_time


def test_a_parcel_of_another_carrier_is_not_pushed(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.push_to(endpoint.url, secret="key")
    ship(sandbox)
    store = sandbox._shipping._store
    for shipment in store.shipments.values():
        shipment.service = shipment.service._replace(carrier=shipment.service.carrier._replace(code="UPS"))
    sandbox.clock.advance(DAY)
    assert endpoint.bodies == []
    with pytest.raises(ValueError, match="carries no parcel"):
        sandbox.push(next(iter(store.by_tracking)))


@pytest.mark.parametrize("mode", list(WebhookMode))
def test_a_receiver_lets_the_sandbox_in_in_every_mode(
    sandbox: Sandbox, endpoint: Endpoint, mode: WebhookMode
) -> None:
    secret = "key" if mode in (WebhookMode.API_KEY, WebhookMode.OAUTH) else SECRET
    log = MemoryJournal().events()
    auth = webhook_auth(
        mode,
        secret=secret,
        name="token" if mode is WebhookMode.QUERY_PARAMETER else None,
        user_name="amazon",
        check_token=lambda token: token.reveal() == secret,
    )
    endpoint.receiver = WebhookReceiver(log, auth)
    tracking_id = ship(sandbox)
    for given, status in ((secret, 200), ("wrong", 401)):
        sandbox.push_to(f"{endpoint.url}/hook?a=1", mode=mode, secret=given, user_name="amazon")
        assert sandbox.push(tracking_id) == status
    assert log.claim(60) is not None


def test_a_parameter_and_a_header_have_the_names_that_they_are_given(
    sandbox: Sandbox, endpoint: Endpoint
) -> None:
    tracking_id = ship(sandbox)
    sandbox.push_to(endpoint.url, secret="key", name="X-Shop")
    sandbox.push(tracking_id)
    sandbox.push_to(f"{endpoint.url}/hook", mode="query_parameter", secret=SECRET, name="t")
    sandbox.push(tracking_id)
    first, second = endpoint.requests
    assert first.headers["X-Shop"] == "key"
    assert (second.path, dict(second.args)) == ("/hook", {"t": SECRET})


def test_a_push_by_hand_is_that_of_the_last_event(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.push_to(endpoint.url, secret="key")
    tracking_id = ship(sandbox)
    assert sandbox.push(tracking_id) == 204
    assert sandbox.push(tracking_id) == 204
    assert len({body["id"] for body in endpoint.bodies}) == 1
    sandbox.push(tracking_id, "ndr")
    sandbox.push(tracking_id, "otp")
    ndr, otp = (parse_push(body) for body in endpoint.bodies[-2:])
    assert isinstance(ndr, NdrPush)
    assert isinstance(otp, OtpPush)
    assert otp.tracking_id == ndr.tracking_id == tracking_id
    assert otp.code is not None


def pushed(sandbox: Sandbox, endpoint: Endpoint, **options: Any) -> str:
    sandbox.push_to(endpoint.url, secret="key", **options)
    return ship(sandbox)


def test_a_fault_sends_twice_late_or_out_of_order(sandbox: Sandbox, endpoint: Endpoint) -> None:
    pushed(sandbox, endpoint)
    sandbox.pushes.add_fault("twice")
    sandbox.pushes.add_fault("out_of_order")
    sandbox.pushes.add_fault("late", seconds=2 * DAY)
    sandbox.clock.advance(DAY)
    assert endpoint.codes[:2] == ["ReadyForReceive", "ReadyForReceive"]
    assert endpoint.bodies[0] == endpoint.bodies[1]
    assert endpoint.codes.index("ArrivedAtCarrierFacility") < endpoint.codes.index("PickupDone")
    assert "Departed" not in endpoint.codes
    sandbox.clock.advance(3 * DAY)
    assert "Departed" in endpoint.codes
    assert set(endpoint.codes) == set(ALL)


@pytest.mark.parametrize("is_refused", [True, False])
def test_what_fails_is_sent_again_with_the_same_id(
    sandbox: Sandbox, endpoint: Endpoint, is_refused: bool
) -> None:
    tracking_id = pushed(sandbox, endpoint)
    if is_refused:
        endpoint.statuses = [503, 500]
    else:
        sandbox.pushes.add_fault("down")
    sandbox.clock.advance(1)
    assert sandbox.pushes.sent[0].status == (503 if is_refused else None)
    sandbox.clock.advance(600)
    attempts = sandbox.pushes.sent
    assert [each.attempt for each in attempts] == ([1, 2, 3] if is_refused else [1, 2])
    assert {each.id for each in attempts} == {endpoint.bodies[-1]["id"]}
    assert attempts[-1].status == 204
    assert attempts[0].as_dict()["tracking_id"] == tracking_id
    waits = [(later.time - one.time).total_seconds() for one, later in itertools.pairwise(attempts)]
    assert waits == ([60, 120] if is_refused else [60])


def test_what_fails_is_given_up_after_a_day(sandbox: Sandbox, endpoint: Endpoint) -> None:
    pushed(sandbox, endpoint)
    sandbox.pushes.add_fault("down", count=500)
    sandbox.clock.advance(60)
    for _ in range(30):
        sandbox.clock.advance(3600)
    first = [each for each in sandbox.pushes.sent if each.code == "ReadyForReceive"]
    assert 20 < len(first) < 32
    assert (first[-1].time - first[0].time).total_seconds() <= DAY


def test_without_retries_what_fails_is_dropped(sandbox: Sandbox, endpoint: Endpoint) -> None:
    pushed(sandbox, endpoint, retries=False)
    endpoint.statuses = [503]
    sandbox.clock.advance(1)
    sandbox.clock.advance(3 * DAY)
    assert [each.code for each in sandbox.pushes.sent] == ALL
    assert sandbox.pushes.sent[0].status == 503


def test_where_nobody_listens_there_is_no_answer(sandbox: Sandbox) -> None:
    endpoint = Endpoint()
    tracking_id = pushed(sandbox, endpoint)
    endpoint.close()
    assert sandbox.push(tracking_id) is None
    assert PushTarget.read({"url": endpoint.url.replace("http", "https"), "secret": "key"}).post(b"") is None


def test_an_endpoint_may_use_the_clock_that_pushes_to_it(sandbox: Sandbox, endpoint: Endpoint) -> None:
    pushed(sandbox, endpoint)
    endpoint.sandbox = sandbox
    sandbox.clock.advance(3 * DAY)
    assert endpoint.codes == ALL


def test_what_was_pushed_twice_late_and_out_of_order_is_what_a_poll_says(
    sandbox: Sandbox, endpoint: Endpoint
) -> None:
    endpoint.receiver = WebhookReceiver(MemoryJournal(clock=SystemClock()).events(), ApiKey("key"))
    tracking_id = pushed(sandbox, endpoint)
    for kind in ("late", "twice", "out_of_order", "down", "late", "out_of_order"):
        sandbox.pushes.add_fault(kind)
    for _ in range(10):
        sandbox.clock.advance(DAY / 2)
    known: list[Timeline] = [Timeline(tracking_id=tracking_id)]

    def deliver(push: Push) -> None:
        assert isinstance(push, TrackingPush)
        known.append(known[-1].with_events(push.events))

    endpoint.receiver.deliver_pending(deliver)
    with sandbox.client() as client:
        tracked = client.shipping.get_tracking(tracking_id=tracking_id, carrier_id="AMZN_UK")
    polled = Timeline.of(tracked, received_at=sandbox.clock.now())
    assert known[-1].events == polled.events
    assert known[-1].status == polled.status == "delivered"


def test_pushing_ends(sandbox: Sandbox, endpoint: Endpoint) -> None:
    tracking_id = pushed(sandbox, endpoint)
    sandbox.push_to(None)
    sandbox.clock.advance(DAY)
    with pytest.raises(ValueError, match="name one first"):
        sandbox.push(tracking_id)
    sandbox.push_to(endpoint.url, secret="key")
    sandbox.reset()
    ship(sandbox)
    sandbox.clock.advance(DAY)
    assert endpoint.bodies == []
    assert sandbox.pushes.sent == []


def control(sandbox: Sandbox, method: str, name: str, json: Any = None, status: int = 200) -> Any:
    answer = requests.request(method, f"{sandbox.url}/_sandbox/{name}", json=json, timeout=5)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_it_is_all_done_over_http_too(sandbox: Sandbox, endpoint: Endpoint) -> None:
    tracking_id = ship(sandbox)
    target = {"url": endpoint.url, "secret": "key"}
    assert control(sandbox, "POST", "webhook", target) == {"webhook": True}
    fault = {"kind": "down"}
    assert control(sandbox, "POST", "pushes/faults", fault) == fault
    assert control(sandbox, "POST", "pushes", {"tracking_id": tracking_id}) == {"status": None}
    assert control(sandbox, "POST", "pushes", {"tracking_id": tracking_id, "kind": "otp"}) == {"status": 204}
    control(sandbox, "POST", "clock", {"advance": 61})
    listed = control(sandbox, "GET", "pushes")["pushes"]
    assert [(each["code"], each["status"]) for each in listed] == [
        ("ReadyForReceive", None),
        ("otp", 204),
        ("ReadyForReceive", 204),
    ]
    assert listed[0]["time"].endswith("Z")
    assert control(sandbox, "DELETE", "webhook") == {"webhook": False}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("webhook", [1]),
        ("webhook", {"url": "http://127.0.0.1/"}),
        ("webhook", {"url": "ftp://127.0.0.1/", "secret": "key"}),
        ("webhook", {"url": "http://", "secret": "key"}),
        ("webhook", {"secret": "key"}),
        ("webhook", {"url": 7, "secret": "key"}),
        ("webhook", {"url": "http://127.0.0.1/", "secret": "key", "retries": 1}),
        ("webhook", {"url": "http://127.0.0.1/", "secret": "key", "mode": "signature"}),
        ("webhook", {"url": "http://127.0.0.1/", "secret": "key", "colour": "red"}),
        ("pushes", {"tracking_id": "none"}),
        ("pushes", {}),
        ("pushes/faults", {"kind": "lost"}),
        ("pushes/faults", {"kind": "late", "seconds": -1}),
        ("pushes/faults", {"kind": "late", "seconds": "1"}),
        ("pushes/faults", {"kind": "late", "count": 0}),
        ("pushes/faults", {"kind": "late", "colour": "red"}),
        ("pushes/faults", {"count": True, "kind": "late"}),
    ],
)
def test_what_makes_no_sense_is_refused(sandbox: Sandbox, name: str, data: Any) -> None:
    assert "error" in control(sandbox, "POST", name, data, status=400)


def test_a_clock_of_its_own_pushes_nothing() -> None:
    clock = SandboxClock()
    clock.advance(60)
    assert clock.offset == 60


def test_a_kind_that_there_is_not_is_refused(sandbox: Sandbox) -> None:
    tracking_id = ship(sandbox)
    with pytest.raises(ValueError, match="tracking, ndr, otp"):
        sandbox.push(tracking_id, "smoke")
