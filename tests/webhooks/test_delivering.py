"""What was written down is handed over at least once, and one that fails holds up no other."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from spshipping import ConfigurationError, InvalidRequestError
from spshipping.shipping.webhooks import Delivered, Push, parse_push
from spshipping.shipping.webhooks.delivering import LEASE_SECONDS
from spshipping.shipping.webhooks.logged import event_of
from tests.unit.shipping.webhooks.build import DETAIL, posted
from tests.webhooks.conftest import Shop


def pushed(shop: Shop, *keys: str) -> None:
    for key in keys:
        assert shop.push(id=key) == 200


def test_pushes_are_handed_over_in_the_order_in_which_they_came(shop: Shop) -> None:
    pushed(shop, "b", "a", "c")
    assert shop.deliver_pending(most=2) == Delivered(2, 0)
    assert shop.deliver_pending() == Delivered(1, 0)
    assert shop.deliver_pending() == Delivered()
    assert shop.keys == ["b", "a", "c"]


def test_one_that_fails_waits_longer_each_time_and_holds_up_no_other(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    pushed(shop, "a", "b")
    shop.failures = [OSError("Lovelace") for _ in range(12)]
    assert shop.deliver_pending(most=1) == Delivered(0, 1)
    rest, shop.failures = shop.failures, []
    assert shop.deliver_pending() == Delivered(1, 0)
    assert shop.keys == ["b"]
    shop.failures = rest
    waits = []
    while shop.failures:
        seconds = 0
        while shop.deliver_pending() == Delivered():
            shop.clock.elapsed += 5
            seconds += 5
        waits.append(seconds)
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
    shop.clock.elapsed += 3600
    assert shop.deliver_pending() == Delivered(1, 0)
    assert "handing over a push failed, for the 1th time: OSError" in caplog.text
    assert "Lovelace" not in caplog.text


def test_one_whose_owner_died_is_handed_over_again_with_the_same_key(shop: Shop) -> None:
    pushed(shop, "a")
    shop.failures = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        shop.deliver_pending()
    assert shop.deliver_pending() == Delivered()
    shop.clock.elapsed += LEASE_SECONDS
    assert shop.deliver_pending() == Delivered(1, 0)
    assert shop.keys == ["a"]


def test_a_coroutine_function_is_awaited_under_asyncio(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    async def deliver(push: Push) -> None:
        shop.deliver(push)

    pushed(shop, "a")
    if shop.way == "asyncio":
        assert shop.deliver_pending(deliver) == Delivered(1, 0)
        return
    with pytest.raises(ConfigurationError, match="deliver is a coroutine function"):
        shop.deliver_pending(deliver)
    with pytest.raises(ConfigurationError, match="deliver is a coroutine function"):
        shop.receiver.run(deliver)
    assert shop.deliver_pending(lambda push: deliver(push)) == Delivered(0, 1)
    assert "only AsyncClient awaits those" in caplog.text


def test_a_generator_takes_no_push_and_is_refused(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    def deliver(push: Push) -> Iterator[Push]:
        yield push

    pushed(shop, "a")
    with pytest.raises(ConfigurationError, match="deliver is a generator function"):
        shop.deliver_pending(deliver)
    with pytest.raises(ConfigurationError, match="deliver is a generator function"):
        shop.run(shop.receiver.run(deliver))
    assert shop.deliver_pending(lambda push: deliver(push)) == Delivered(0, 1)
    assert "deliver returned a generator" in caplog.text


class Stop:
    """Says to stop once a number of pushes was handed over."""

    def __init__(self, shop: Shop, count: int) -> None:
        self._shop, self._count = shop, count

    def is_set(self) -> bool:
        return len(self._shop.delivered) >= self._count


def test_run_hands_over_what_comes_until_it_is_stopped(shop: Shop) -> None:
    pushed(shop, *map(str, range(150)))
    late = event_of(parse_push(posted(id="late")))
    shop.clock.on_sleep = lambda: shop.log.append(late)
    shop.run(shop.receiver.run(shop.deliver, every=timedelta(seconds=3), stop=Stop(shop, 151)))
    assert len(shop.keys) == len(set(shop.keys)) == 151
    assert shop.clock.slept == [1, 1, 1], "a stop is noticed within a second"


def test_run_ends_at_once_where_it_is_stopped_already(shop: Shop) -> None:
    pushed(shop, "a")
    stop = threading.Event()
    stop.set()
    shop.run(shop.receiver.run(shop.deliver, stop=stop))
    assert shop.keys == []


class Enough(BaseException):
    """Ends what has no other end."""


def test_run_asks_a_log_that_fails_again_later(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    class Failing:
        def append(self, event: Any) -> None: ...

        def claim(self, lease: float) -> Any:
            if len(shop.clock.slept) == 7:
                raise Enough
            if len(shop.clock.slept) == 6:
                return None
            raise OSError("Lovelace")

    shop.log = Failing()  # type: ignore[assignment]
    with pytest.raises(Enough):
        shop.run(shop.receiver.run(shop.deliver, every=2))
    assert shop.clock.slept == [4, 8, 16, 32, 64, 64, 2]
    assert "the journal of pushes failed, 6 in a row: OSError" in caplog.text
    assert "Lovelace" not in caplog.text


@pytest.mark.parametrize(
    "arguments", [{"deliver": None}, {"every": 0}, {"every": "often"}, {"stop": 1}], ids=str
)
def test_run_refuses_what_it_cannot_use(shop: Shop, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError):
        shop.run(shop.receiver.run(**{"deliver": shop.deliver, **arguments}))
    with pytest.raises(InvalidRequestError):
        shop.deliver_pending(7)  # type: ignore[arg-type]


def test_what_is_handed_over_is_what_was_pushed(shop: Shop) -> None:
    assert shop.push() == 200
    shop.deliver_pending()
    (push,) = shop.delivered
    assert push.tracking_id == DETAIL["trackingId"]  # type: ignore[attr-defined]
    assert push.events[0].place.city == "Lovelace"  # type: ignore[attr-defined]
