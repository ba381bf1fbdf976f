"""A3: the three servers for a repeated idempotency key: replay, refuse another body, key forgotten."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from spshipping.sandbox import KeyRules, Sandbox
from tests.sandbox.server.world import Json, Shop, payload, rates_request, refusal, specification

Purchase = Callable[[Shop, Json], requests.Response]


@contextmanager
def shop_of(**options: Any) -> Iterator[Shop]:
    """Run a sandbox with these options, and return a seller."""
    with Sandbox(**options) as sandbox:
        shop = Shop(sandbox)
        try:
            yield shop
        finally:
            shop.close()


def purchase(shop: Shop, body: Json) -> requests.Response:
    """Buy a quoted rate with the key `k`."""
    return shop.purchase(body, key="k")


def direct(shop: Shop, body: Json) -> requests.Response:
    """Buy directly with the key `k`."""
    return shop.direct(key="k", **body)


def quoted(shop: Shop) -> tuple[Json, Json]:
    """Return two bodies that buy the same rate in different formats."""
    body = shop.purchase_request()
    return body, {**body, "requestedDocumentSpecification": specification("ZPL")}


def unquoted(_shop: Shop) -> tuple[Json, Json]:
    """Return two bodies that buy directly, in different formats."""
    bodies = [rates_request(labelSpecifications=specification(name)) for name in ("PNG", "ZPL")]
    return bodies[0], bodies[1]


BOTH = pytest.mark.parametrize(
    ("buy", "bodies"), [(purchase, quoted), (direct, unquoted)], ids=["purchaseShipment", "directPurchase"]
)
Bodies = Callable[[Shop], tuple[Json, Json]]


@BOTH
def test_a3_replay_returns_the_first_purchase_whatever_the_body(buy: Purchase, bodies: Bodies) -> None:
    with shop_of() as shop:
        assert shop.sandbox.keys == KeyRules("replay")
        body, other = bodies(shop)
        first = payload(buy(shop, body))
        shop.sandbox.clock.advance(700)
        assert payload(buy(shop, body)) == first
        assert payload(buy(shop, other)) == first
        assert [label.key for label in shop.sandbox.ledger.labels] == ["k"]


@BOTH
def test_a3_refuse_other_body_says_that_the_key_was_used(buy: Purchase, bodies: Bodies) -> None:
    with shop_of(keys="refuse_other_body") as shop:
        body, other = bodies(shop)
        first = payload(buy(shop, body))
        status, code, text = refusal(buy(shop, other))
        assert (status, code) == (400, "InvalidInput")
        assert "idempotency key was used before, with another request" in text
        assert payload(buy(shop, body)) == first
        assert len(shop.sandbox.ledger.labels) == 1


@BOTH
def test_a3_forget_buys_again_when_the_key_is_forgotten(buy: Purchase, bodies: Bodies) -> None:
    with shop_of(keys="forget") as shop:
        body, other = bodies(shop)
        first = payload(buy(shop, body))
        shop.sandbox.clock.advance(290)
        assert payload(buy(shop, other)) == first
        shop.sandbox.clock.advance(10)
        second = payload(buy(shop, body))
        assert second["shipmentId"] != first["shipmentId"]
        assert payload(buy(shop, body)) == second
        assert [label.key for label in shop.sandbox.ledger.labels] == ["k", "k"]


def test_a3_the_lifetime_of_a_key_can_be_set() -> None:
    with shop_of(keys=KeyRules("forget", lifetime=60)) as shop:
        body = shop.purchase_request()
        assert shop.purchase(body, key="k").status_code == 200
        shop.sandbox.clock.advance(60)
        assert shop.purchase(body, key="k").status_code == 200
        assert len(shop.sandbox.ledger.labels) == 2


@pytest.mark.parametrize("is_checked_first", [False, True])
def test_a3_a_repeat_after_ten_minutes_depends_on_what_is_checked_first(is_checked_first: bool) -> None:
    with shop_of(keys=KeyRules(checks_expiry_first=is_checked_first)) as shop:
        body = shop.purchase_request()
        first = payload(shop.purchase(body, key="k"))
        shop.sandbox.clock.advance(590)
        assert payload(shop.purchase(body, key="k")) == first
        shop.sandbox.clock.advance(10)
        repeat = shop.purchase(body, key="k")
        if is_checked_first:
            assert refusal(repeat)[:2] == (400, "TOKEN_EXPIRED")
        else:
            assert payload(repeat) == first
        assert len(shop.sandbox.ledger.labels) == 1


def test_a3_a_forgotten_key_of_an_expired_quote_buys_nothing() -> None:
    with shop_of(keys="forget") as shop:
        body = shop.purchase_request()
        assert shop.purchase(body, key="k").status_code == 200
        shop.sandbox.clock.advance(600)
        assert refusal(shop.purchase(body, key="k"))[:2] == (400, "TOKEN_EXPIRED")
        assert len(shop.sandbox.ledger.labels) == 1


def test_a3_a_refused_purchase_does_not_use_its_key_up(shop: Shop) -> None:
    body = shop.purchase_request()
    assert shop.purchase({**body, "rateId": "none"}, key="k").status_code == 400
    assert shop.purchase(body, key="k").status_code == 200


def test_a3_the_same_key_from_many_threads_buys_once(shop: Shop) -> None:
    body = shop.purchase_request(requestedDocumentSpecification=specification("ZPL"))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: payload(shop.purchase(body, key="k")), range(16)))
    assert all(answer == answers[0] for answer in answers)
    assert len(shop.sandbox.ledger.labels) == 1


def control(shop: Shop, method: str, json: Any = None) -> requests.Response:
    return requests.request(method, f"{shop.sandbox.url}/_sandbox/keys", json=json, timeout=5)


def test_a3_the_rules_are_read_and_set_over_http_and_return_with_a_reset() -> None:
    with shop_of(keys=KeyRules("forget", lifetime=60)) as shop:
        start = {"mode": "forget", "lifetime": 60, "checks_expiry_first": False}
        assert control(shop, "GET").json() == start
        changed = {"mode": "refuse_other_body", "checks_expiry_first": True}
        assert control(shop, "POST", changed).json() == {**changed, "lifetime": 300}
        assert shop.sandbox.keys == KeyRules("refuse_other_body", checks_expiry_first=True)
        assert control(shop, "POST", "replay").json()["mode"] == "replay"
        shop.sandbox.reset()
        assert control(shop, "GET").json() == start


def test_a3_the_rules_are_set_in_the_process(shop: Shop) -> None:
    body, other = quoted(shop)
    assert shop.purchase(body, key="k").status_code == 200
    shop.sandbox.keys = KeyRules("refuse_other_body")
    assert shop.purchase(other, key="k").status_code == 400


def test_a3_a_reset_forgets_every_key(shop: Shop) -> None:
    assert shop.purchase(shop.purchase_request(), key="k").status_code == 200
    shop.sandbox.reset()
    assert shop.purchase(shop.purchase_request(), key="k").status_code == 200
    assert len(shop.sandbox.ledger.labels) == 1


@pytest.mark.parametrize(
    "rules",
    [
        "remember",
        {"mode": "remember"},
        {"mode": ["replay"]},
        {"mode": "forget", "lifetime": -1},
        {"mode": "forget", "lifetime": "60"},
        {"mode": "forget", "lifetime": True},
        {"lifetime": float("inf")},
        {"checks_expiry_first": 1},
        {"colour": "red"},
        [],
        7,
    ],
)
def test_a3_rules_that_do_not_exist_are_refused(shop: Shop, rules: Any) -> None:
    if rules != {"lifetime": float("inf")}:  # no JSON
        answer = control(shop, "POST", rules)
        assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    with pytest.raises(ValueError, match=r"keys|checks_expiry_first"):
        Sandbox(keys=rules)
    assert shop.sandbox.keys == KeyRules()
