"""With pushes on, and a webhook that is down for an hour, hardly a parcel is polled; every end is right."""

import copy
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.serving import make_server

from spshipping import Client, Credentials, Marketplace
from spshipping.auth.cache import TokenCache
from spshipping.journal import MemoryJournal
from spshipping.sandbox import Sandbox, example_order
from spshipping.shipping import GET_TRACKING, PollingPlan, Watched, due_for_polling
from spshipping.shipping.webhooks import ApiKey, Push, TrackingPush, WebhookReceiver
from tests.virtual import StillClock, VirtualClock

PARCELS = 400 if os.environ.get("SPSHIPPING_SOAK") == "full" else 40
SECRET = "key"
STEP = timedelta(minutes=15)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FOLLOWED = 6 * DAY
DOWN = 50 * HOUR
"""When the webhook goes down, for an hour: then parcels of every age are on their way."""
DAILY_ONLY = PollingPlan(silent_for=365 * DAY)


class Office:
    """A shop that follows its parcels by pushes, and polls beside them."""

    def __init__(self, box: Sandbox, log: Any, plan: PollingPlan) -> None:
        self.box = box
        self.plan = plan
        self.watched: dict[str, Watched] = {}
        self.is_up = True
        self.refused = 0
        self.hourly = 0
        """The calls that polling each parcel once an hour would have made until it had arrived."""
        clock = VirtualClock(box.clock)
        self.receiver = WebhookReceiver(log, ApiKey(SECRET), clock=clock)
        self.client = Client(
            Credentials(**box.credentials),
            Marketplace.UK,
            endpoint=box.url,
            token_url=box.token_url,
            clock=clock,
            token_cache=TokenCache(clock),
        )

    def app(self, environ: Any, start_response: Any) -> Any:
        if not self.is_up:
            self.refused += 1
            start_response("502 Bad Gateway", [("Content-Length", "0")])
            return [b""]
        return self.receiver(environ, start_response)

    def ship(self) -> None:
        """Buy parcels that are picked up and delivered at all times of two days."""
        quote = self.client.shipping.get_rates(example_order())
        bought = self.client.shipping.purchase_shipment(
            quote.purchase_request(quote.cheapest(), format="PNG")
        )
        store = self.box._shipping._store
        first = store.by_tracking.pop(str(bought.tracking_id))
        store.shipments.clear()
        now = self.box.clock.now()
        for number in range(PARCELS):
            parcel = copy.copy(first)
            parcel.shipment_id = parcel.tracking_id = f"TBA{number:08}"
            later = 2 * DAY * number / PARCELS
            parcel.bought_at = now + later
            parcel.pickup_at = parcel.bought_at + timedelta(hours=2)
            parcel.request = first.request._replace(ship_date=parcel.bought_at)
            store.add_shipment(parcel)
            self.watched[parcel.tracking_id] = Watched.begin(
                parcel.tracking_id, "AMZN_UK", since=parcel.bought_at
            )
            self.hourly += int((parcel.delivered_at - parcel.bought_at) / HOUR) + 1

    def take(self, push: Push) -> None:
        assert isinstance(push, TrackingPush)
        watched = self.watched[push.tracking_id]
        self.watched[push.tracking_id] = watched.pushed(push.events, at=self.box.clock.now())

    def step(self, began: datetime) -> None:
        """Let some time pass, take what was pushed, and poll what is due."""
        after = self.box.clock.now() - began
        self.is_up = not DOWN <= after < DOWN + HOUR
        self.box.clock.advance(STEP.total_seconds())
        while sum(self.receiver.deliver_pending(self.take)):
            pass
        now = self.box.clock.now()
        due = [each.parcel for each in due_for_polling(self.watched.values(), now, self.plan)]
        for found in self.client.shipping.track_many(due):
            self.watched[found.tracking_id] = self.watched[found.tracking_id].polled(found, at=now)

    def follow(self) -> int:
        """Follow every parcel to its end; return how many calls that took."""
        began = self.box.clock.now()
        while self.box.clock.now() - began < FOLLOWED:
            self.step(began)
        return self.box.ledger.count(GET_TRACKING.name)


@contextmanager
def served(plan: PollingPlan, *, retries: bool) -> Iterator[Office]:
    with Sandbox() as box:
        office = Office(box, MemoryJournal(clock=VirtualClock(box.clock)).events(), plan)
        server = make_server("127.0.0.1", 0, office.app, threaded=True)
        server.log = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        box.push_to(f"http://127.0.0.1:{server.server_port}/", secret=SECRET, retries=retries)
        with office.client:
            office.ship()
            yield office
        box.push_to(None)
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("retries", [True, False])
def test_hardly_a_parcel_is_polled_and_every_end_is_right(
    retries: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spshipping.sandbox.server.SandboxClock", StillClock)
    with served(DAILY_ONLY, retries=retries) as office:
        daily = office.follow()
    with served(PollingPlan(), retries=retries) as office:
        calls = office.follow()
        assert office.refused >= PARCELS / 50, "the hour in which the webhook was down has cost pushes"
        assert {each.timeline.status for each in office.watched.values()} == {"delivered"}
        now = office.box.clock.now()
        for tracking_id, each in office.watched.items():
            shipment = office.box._shipping._store.by_tracking[tracking_id]
            codes = [event.code for event in shipment.events_until(now)]
            assert [str(event.code) for event in each.timeline.events] == codes
    assert calls - daily <= 0.02 * office.hourly
