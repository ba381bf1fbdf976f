"""Orders that come and go as the clock runs: nothing is lost, and pages stay still."""

from collections import Counter

import pytest
import requests

from spshipping.sandbox import OrderSupply, Sandbox
from spshipping.sandbox.clock import write_time as text
from tests.sandbox.server.order_world import (
    LONG_AGO,
    V0,
    earlier,
    found,
    get,
    orders_2026,
    orders_v0,
    pages_v0,
)
from tests.sandbox.server.world import Shop

pytestmark = pytest.mark.dates

DAY = 86400


def test_a_sandbox_can_begin_without_orders() -> None:
    with Sandbox(orders=0) as sandbox:
        assert sandbox.orders() == []
        assert sandbox.order_changes() == []


@pytest.mark.long
def test_twenty_thousand_orders_are_there_at_once() -> None:
    sandbox = Sandbox(orders=20_000, seed=3)
    changes = sandbox.order_changes()
    assert len({change.order_id for change in changes}) == 20_000
    assert len(changes) > 50_000


def test_the_seed_decides_what_happens() -> None:
    one, same, other = (Sandbox(orders=40, seed=seed) for seed in (1, 1, 2))
    for sandbox in (one, same, other):
        sandbox.clock.advance(3 * DAY)
    ids, same_ids, other_ids = ([c.order_id for c in box.order_changes()] for box in (one, same, other))
    assert set(ids[:60]) == set(same_ids[:60])
    assert set(ids).isdisjoint(other_ids)


def test_new_orders_come_as_the_clock_runs_and_old_ones_go_on() -> None:
    sandbox = Sandbox(orders=300)
    first = len(sandbox.order_changes())
    before = {order.id: order.status for order in sandbox.orders()}
    sandbox.clock.advance(10 * DAY)
    after = {order.id: order.status for order in sandbox.orders()}
    assert 90 <= len(after.keys() - before.keys()) <= 110
    moves = Counter((was, after[id_]) for id_, was in before.items() if was != after[id_])
    assert moves["Unshipped", "Shipped"]
    assert all(was not in ("Shipped", "Canceled", "Unfulfillable") for was, _ in moves)
    changes = sandbox.order_changes(after=first)
    assert [change.number for change in changes] == list(range(first + 1, first + 1 + len(changes)))
    assert {change.kind for change in changes} == {"OrderStatusChange", "BuyerRequestedChange"}


def test_every_change_is_the_last_update_of_its_order(shop: Shop) -> None:
    shop.sandbox.clock.advance(2 * DAY)
    last = {change.order_id: change for change in shop.sandbox.order_changes()}
    other = Shop(shop.sandbox)
    for order in orders_v0(other, LastUpdatedAfter=LONG_AGO):
        change = last[order["AmazonOrderId"]]
        assert (order["LastUpdateDate"], order["OrderStatus"]) == (text(change.time), change.status)
    other.close()


def test_a_change_may_be_shown_late_but_never_before_an_earlier_one_of_its_order() -> None:
    sandbox = Sandbox(orders=OrderSupply(200, seed=1, days=2, late=900))
    changes = sandbox.order_changes()
    delays = [change.seen - change.time for change in changes]
    assert min(delays) >= 0
    assert max(delays) > 600
    assert [change.seen for change in changes] == sorted(change.seen for change in changes)
    assert [change.time for change in changes] != sorted(change.time for change in changes)


def test_a_late_change_shows_up_behind_a_search_that_was_done() -> None:
    with Sandbox(orders=OrderSupply(2000, seed=1, days=2, late=900)) as sandbox:
        shop = Shop(sandbox)
        end = earlier(sandbox, 125)
        query = {
            "lastUpdatedAfter": earlier(sandbox, 3000),
            "lastUpdatedBefore": end,
            "maxResultsPerPage": 100,
        }
        done = {(o["orderId"], o["lastUpdatedTime"]) for o in orders_2026(shop, **query)}
        sandbox.clock.advance(900)
        again = {(o["orderId"], o["lastUpdatedTime"]) for o in orders_2026(shop, **query)}
        assert again - done
        shop.close()


def test_who_turns_pages_while_orders_change_misses_none_of_them() -> None:
    with Sandbox(orders=OrderSupply(400, seed=4, days=1, late=0), quotas=False) as sandbox:
        shop = Shop(sandbox)
        seen: dict[str, str] = {}
        begin = LONG_AGO
        for _ in range(4):
            for page in pages_v0(shop, LastUpdatedAfter=begin, MaxResultsPerPage=37):
                seen |= {order["AmazonOrderId"]: order["LastUpdateDate"] for order in page["Orders"]}
                begin_next = page["LastUpdatedBefore"]
                sandbox.clock.advance(200)
            begin = begin_next
        last = {change.order_id: change.time for change in sandbox.order_changes()}
        due = {id_: text(time) for id_, time in last.items() if text(time) <= begin}
        assert len(due) > 300
        assert {id_: seen.get(id_) for id_ in due} == due
        shop.close()


def test_the_control_route_tells_of_changes(sandbox: Sandbox) -> None:
    def ask(query: str) -> list[dict[str, object]]:
        answer = requests.get(f"{sandbox.url}/_sandbox/orders/changes{query}", timeout=5)
        assert answer.status_code == 200
        changes: list[dict[str, object]] = answer.json()["changes"]
        return changes

    everything = ask("")
    assert everything == [change.as_dict() for change in sandbox.order_changes()]
    assert ask(f"?after={len(everything) - 2}") == everything[-2:]
    assert ask("?seller=AOTHER")[0]["order_id"] != everything[0]["order_id"]
    assert requests.get(f"{sandbox.url}/_sandbox/orders/changes?after=x", timeout=5).status_code == 400


def test_a_reset_begins_the_orders_anew(shop: Shop) -> None:
    sandbox = shop.sandbox
    sandbox.clock.advance(3 * DAY)
    assert len(sandbox.orders()) > 300
    sandbox.reset()
    assert len(sandbox.orders()) == 300
    assert found(get(shop, f"{V0}/{sandbox.orders()[0].id}"))
