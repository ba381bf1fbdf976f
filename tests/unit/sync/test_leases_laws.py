"""What holds of leases, wherever they are kept: one owner at a time, and each change once."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spshipping import InvalidRequestError, LeaseLostError
from spshipping.sync import (
    Checkpoint,
    NewChange,
    Noted,
    PendingChange,
    SellerLease,
    SellerState,
    SyncLeases,
    Window,
)
from tests.kit import FakeClock

LEASE = 60.0
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
POINT = Checkpoint(AT, {"marketplaceIds": "A"}, delivered={"1": AT})
NEW = NewChange("n1", "a", "order-1", AT)
Pass = Callable[[float], None]
"""Lets the time of the store pass."""


def claimed(leases: SyncLeases, owner: str = "one", lease: float = LEASE) -> SellerLease:
    found = leases.claim(owner, lease)
    assert found is not None
    return found


def state(leases: SyncLeases, name: str = "a") -> SellerState:
    (found,) = [one for one in leases.sellers() if one.name == name]
    return found


def near(seconds: float | None, expected: float) -> bool:
    """A store whose clock cannot be stopped may be a little later."""
    return seconds is not None and abs(seconds - expected) < 1


def test_without_a_seller_there_is_nothing_to_claim(leases: SyncLeases) -> None:
    assert leases.claim("one", LEASE) is None
    assert leases.next_in() is None
    assert list(leases.sellers()) == []
    assert leases.note(NEW) is Noted.UNKNOWN
    assert not leases.pull_forward("a")
    assert not leases.remove("a")
    assert leases.purge(0) == 0


def test_a_seller_is_added_once_and_is_due_now(leases: SyncLeases) -> None:
    assert leases.add(["b", "a"]) == 2
    assert leases.next_in() == 0
    found = claimed(leases)
    found.save(POINT)
    assert leases.add(["a", "b", "c"]) == 1
    assert [one.name for one in leases.sellers()] == ["a", "b", "c"]
    assert found.load() == POINT
    assert found.failures == 0
    assert near(found.search_in, 0)


def test_a_row_is_one_owner_s_until_it_is_released(leases: SyncLeases, wait: Pass) -> None:
    leases.add(["a", "b"])
    first, second = claimed(leases), claimed(leases, "two")
    assert {first.seller, second.seller} == {"a", "b"}
    assert leases.claim("three", LEASE) is None
    assert near(leases.next_in(), LEASE)
    assert state(leases).is_owned
    first.release(10)
    assert near(leases.next_in(), 10)
    assert leases.claim("three", LEASE) is None
    wait(10.1)
    again = claimed(leases, "three")
    assert again.seller == first.seller
    assert again.fence > first.fence


def test_only_the_rows_of_those_that_are_named_are_claimed(leases: SyncLeases, wait: Pass) -> None:
    leases.add(["a", "b", "c"])
    leases.note(NEW)
    assert leases.claim("one", LEASE, frozenset()) is None
    assert leases.next_in(frozenset()) is None
    own = frozenset(["b", "c", "not there"])
    assert leases.next_in(own) == 0
    taken = [leases.claim("one", LEASE, own) for _ in range(3)]
    assert [one and one.seller for one in taken] == ["b", "c", None]
    assert near(leases.next_in(own), LEASE)
    assert leases.next_in() == 0
    assert (state(leases).is_owned, state(leases).failures, state(leases).changes) == (False, 0, 1)
    assert claimed(leases, "two").seller == "a"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("a\0b", "NUL"),
        ("\ud800", "surrogate"),
        ("", "is empty"),
        (" ", "is empty"),
        ("é" * 101, "has 202 bytes in UTF-8, and at most 200"),
        (7, "is not a text"),
        (None, "is not a text"),
    ],
)
def test_a_name_that_not_every_store_can_keep_is_refused(leases: SyncLeases, name: Any, fault: str) -> None:
    with pytest.raises(InvalidRequestError, match=rf"^sellers\[1\]: .*{fault}"):
        leases.add(["a", name])
    assert leases.sellers() == []
    with pytest.raises(InvalidRequestError, match="takes a list of names"):
        leases.add("abc")
    longest = "é" * 100
    assert leases.add([longest, "Ada\nLovelace"]) == 2
    assert claimed(leases).seller in (longest, "Ada\nLovelace")


def test_what_has_been_due_longest_is_claimed_first(leases: SyncLeases, wait: Pass) -> None:
    for name, seconds in {"a": 3.0, "b": 1.0, "c": 2.0}.items():
        leases.add([name])
        claimed(leases).release(seconds)
    wait(5)
    assert [claimed(leases).seller for _ in range(3)] == ["b", "c", "a"]


def test_an_expired_lease_is_claimed_by_another_and_the_late_owner_changes_nothing(
    leases: SyncLeases, wait: Pass
) -> None:
    leases.add(["a"])
    leases.note(NEW)
    late = claimed(leases)
    (change,) = late.take(10)
    wait(LEASE + 0.1)
    late.save(POINT)  # nobody has taken over: it still holds, and is extended
    assert leases.claim("two", LEASE) is None
    wait(LEASE + 0.1)
    assert not state(leases).is_owned
    second = claimed(leases, "two")
    after = second.load()
    for attempt in (
        lambda: late.save(POINT._replace(until=AT + timedelta(days=1))),
        lambda: late.renew(),
        lambda: late.take(1),
        lambda: late.done([change]),
        lambda: late.put_off(change, 60),
        lambda: late.set_aside(change, "odd"),
        lambda: late.release(1000),
    ):
        with pytest.raises(LeaseLostError):
            attempt()
    assert second.load() == after == POINT
    assert [one.item_id for one in second.take(10)] == ["order-1"]
    assert list(leases.quarantined()) == []


def test_a_lease_that_was_given_back_holds_no_longer(leases: SyncLeases) -> None:
    leases.add(["a"])
    found = claimed(leases)
    found.release(100)
    with pytest.raises(LeaseLostError):
        found.save(POINT)
    with pytest.raises(LeaseLostError):
        found.release(0)
    assert near(leases.next_in(), 100)


def test_a_seller_that_was_removed_is_nobody_s_also_when_it_is_added_again(leases: SyncLeases) -> None:
    leases.add(["a", "b"])
    leases.note(NEW)
    found = next(one for one in [claimed(leases), claimed(leases)] if one.seller == "a")
    found.save(POINT)
    assert leases.remove("a")
    assert found.load() is None
    with pytest.raises(LeaseLostError):
        found.save(POINT)
    leases.add(["a"])
    assert leases.note(NEW) is Noted.NEW, "its changes are forgotten with it"
    fresh = claimed(leases)
    assert fresh.seller == "a"
    assert fresh.load() is None
    with pytest.raises(LeaseLostError):
        found.save(POINT)


def test_saving_and_renewing_extend_the_lease(leases: SyncLeases, wait: Pass) -> None:
    leases.add(["a"])
    found = claimed(leases)
    for is_saved in (True, False):
        wait(LEASE - 5)
        if is_saved:
            found.save(POINT)
        else:
            found.renew()
        assert near(leases.next_in(), LEASE)
    wait(LEASE - 5)
    assert leases.claim("two", LEASE) is None


def test_a_checkpoint_is_read_as_it_was_saved(leases: SyncLeases, wait: Pass) -> None:
    leases.add(["a"])
    whole = POINT._replace(
        window=Window(AT, AT + timedelta(hours=1)), cursor="2", pages=1, items=3, digests={"1": "ab"}
    )
    found = claimed(leases)
    assert found.load() is None
    assert state(leases).until is None
    found.save(whole)
    found.release(0)
    assert state(leases).until == AT
    wait(0.1)
    assert claimed(leases, "two").load() == whole


def test_changes_are_taken_in_their_order_and_done_once(leases: SyncLeases, wait: Pass) -> None:
    leases.add(["a"])
    for number in range(3):
        leases.note(NewChange(f"n{9 - number}", "a", f"order-{number}", AT))
    found = claimed(leases)
    taken = found.take(2)
    assert taken == [PendingChange("n9", "order-0", 0), PendingChange("n8", "order-1", 0)]
    found.done(taken)
    found.done(taken)
    assert state(leases).changes == 1
    assert leases.note(NewChange("n9", "a", "order-0", AT)) is Noted.REPEAT, "also where it is done"
    assert [one.key for one in found.take(10)] == ["n7"]
    found.release(100)
    assert near(leases.next_in(), 0), "what was taken and is not done waits"
    wait(0.1)
    assert claimed(leases).take(10) == [PendingChange("n7", "order-2", 0)]


def test_a_change_makes_its_seller_due_and_leaves_the_search_when_it_was(
    leases: SyncLeases, wait: Pass
) -> None:
    leases.add(["a"])
    claimed(leases).release(1000)
    wait(100)
    leases.note(NEW)
    assert leases.next_in() == 0
    found = claimed(leases)
    assert near(found.search_in, 900)
    # one that comes while the row is owned is not forgotten
    leases.note(NEW._replace(key="n2", item_id="order-2"))
    found.done([one for one in found.take(10) if one.key == "n1"])
    found.release(found.search_in)
    assert leases.next_in() == 0
    found = claimed(leases)
    found.done(found.take(10))
    found.release(found.search_in)
    assert near(leases.next_in(), 900)


def test_a_seller_whose_changes_wait_stands_behind_those_that_are_due_already(
    leases: SyncLeases, wait: Pass
) -> None:
    leases.add(["a"])
    leases.note(NEW)
    wait(1)
    leases.add(["b"])
    wait(1)
    found = claimed(leases)
    assert found.seller == "a"
    found.take(1)
    found.release(1000)
    wait(0.1)
    assert [claimed(leases).seller for _ in range(2)] == ["b", "a"]


def test_a_change_that_is_put_off_does_not_make_its_seller_due_before(leases: SyncLeases, wait: Pass) -> None:
    leases.add(["a"])
    leases.note(NEW)
    found = claimed(leases)
    (change,) = found.take(10)
    found.put_off(change, 30)
    assert list(found.take(10)) == []
    found.release(1000)
    assert near(leases.next_in(), 30)
    assert state(leases).changes == 1
    wait(30.1)
    (again,) = claimed(leases).take(10)
    assert again == change


def test_what_is_set_aside_is_not_taken_and_can_be_listed(leases: SyncLeases, clock: FakeClock) -> None:
    leases.add(["a"])
    leases.note(NEW)
    found = claimed(leases)
    (change,) = found.take(10)
    found.set_aside(change, "NotFoundError")
    found.set_aside(change, "again")  # it waits no longer
    found.put_off(change, 5)
    assert leases.note(NEW) is Noted.REPEAT
    assert leases.reject("m1", "is no notification")
    assert not leases.reject("m1", "is no notification")
    assert not leases.reject("n1", "is known as a change")
    found.release(1000)
    assert near(leases.next_in(), 1000)
    assert state(leases).changes == 0
    rejected, aside = leases.quarantined()
    assert (rejected.key, rejected.reason) == ("m1", "is no notification")
    assert (rejected.seller, rejected.item_id) == (None, None)
    assert (aside.key, aside.reason, aside.seller, aside.item_id) == ("n1", "NotFoundError", "a", "order-1")
    assert aside.set_aside_at.utcoffset() == timedelta(0)
    assert [one.key for one in leases.quarantined(after="m1")] == ["n1"]
    assert [one.key for one in leases.quarantined(most=1)] == ["m1"]


def test_a_seller_is_pulled_forward_and_never_back(leases: SyncLeases, wait: Pass) -> None:
    leases.add(["a"])
    claimed(leases).release(1000)
    assert leases.pull_forward("a", 50)
    assert leases.pull_forward("a", 200)
    assert near(leases.next_in(), 50)
    wait(50.1)
    found = claimed(leases)
    assert near(found.search_in, 0), "it is the search that was pulled"
    # while it is owned: after it is released
    leases.pull_forward("a", 20)
    leases.pull_forward("a", 30)
    found.release(1000)
    assert near(leases.next_in(), 20)
    wait(20.1)
    claimed(leases).release(1000)
    assert near(leases.next_in(), 1000), "once"


def test_a_seller_that_fails_is_due_no_earlier_whatever_comes(leases: SyncLeases, wait: Pass) -> None:
    leases.add(["a"])
    leases.note(NEW)
    found = claimed(leases)
    leases.pull_forward("a")
    found.release(300, failures=2)
    assert state(leases).failures == 2
    leases.note(NEW._replace(key="n2", item_id="order-2"))
    leases.pull_forward("a")
    assert near(leases.next_in(), 300)
    wait(300.1)
    found = claimed(leases)
    assert found.failures == 2
    assert near(found.search_in, 0)
    found.release(1000)
    assert leases.next_in() == 0, "its changes wait"
    assert state(leases).failures == 0


def test_what_is_over_is_forgotten_after_a_while(leases: SyncLeases, wait: Pass) -> None:
    leases.add(["a"])
    for number in range(3):
        leases.note(NewChange(f"n{number}", "a", f"order-{number}", AT))
    leases.reject("m1", "is no notification")
    found = claimed(leases)
    first, second, _ = found.take(10)
    found.done([first])
    found.set_aside(second, "odd")
    assert leases.purge(10) == 0
    wait(11)
    assert leases.purge(10) == 3
    assert list(leases.quarantined()) == []
    assert state(leases).changes == 1, "what waits stays"
    assert leases.note(NewChange("n0", "a", "order-0", AT)) is Noted.NEW


def test_times_are_bounded(leases: SyncLeases) -> None:
    leases.add(["a"])
    claimed(leases, lease=1e12).release(-5)
    assert leases.next_in() == 0
    claimed(leases).release(1e12)
    assert near(leases.next_in(), 30 * 86_400)


@pytest.mark.parametrize("seed", range(5))
def test_over_random_steps_no_row_has_two_owners_and_no_change_is_lost(
    leases: SyncLeases, wait: Pass, seed: int
) -> None:
    draw = random.Random(seed)
    leases.add(["a", "b", "c"])
    held: dict[str, SellerLease] = {}
    noted: set[str] = set()
    done: list[str] = []
    for step in range(300):
        act = draw.randrange(5)
        if act == 0:
            key = f"n{step}"
            assert leases.note(NewChange(key, draw.choice("abc"), f"order-{step}")) is Noted.NEW
            noted.add(key)
        elif act == 1:
            found = leases.claim("one", LEASE)
            if found:
                assert found.fence > max((one.fence for one in held.values()), default=0)
                held[found.seller] = found
        elif held:
            found = held[draw.choice(sorted(held))]
            taken = found.take(2)
            if act == 2:
                found.done(taken)
                done += [one.key for one in taken]
            elif act == 3:
                held.pop(found.seller).release(draw.randrange(3))
        if draw.randrange(20) == 0:  # all workers die
            held.clear()
            wait(LEASE + 0.1)
    wait(LEASE + 3)
    while found := leases.claim("last", LEASE):
        while taken := found.take(5):
            found.done(taken)
            done += [one.key for one in taken]
        found.release(1000)
    assert len(done) == len(set(done))
    assert set(done) == noted


@pytest.mark.parametrize("odd", ["a\0", "\ud800", "x" * 1001, "é" * 501, 7, None])
def test_a_name_that_some_place_cannot_keep_is_refused_by_each(leases: SyncLeases, odd: Any) -> None:
    leases.add(["a"])
    attempts: dict[str, Callable[[], object]] = {
        "sellers[1]": lambda: leases.add(["b", odd]),
        "seller": lambda: leases.note(NEW._replace(seller=odd)),
        "key": lambda: leases.note(NEW._replace(key=odd)),
        "item_id": lambda: leases.note(NEW._replace(item_id=odd)),
    }
    for path, attempt in attempts.items():
        with pytest.raises(InvalidRequestError) as caught:
            attempt()
        assert caught.value.path == path
        assert str(odd) not in str(caught.value) or not isinstance(odd, str)
    others: list[Callable[[], object]] = [
        lambda: leases.reject(odd, "odd"),
        lambda: leases.pull_forward(odd),
        lambda: leases.remove(odd),
    ]
    for use in others:
        with pytest.raises(InvalidRequestError):
            use()
    assert [one.name for one in leases.sellers()] == ["a"]
    assert list(leases.quarantined()) == []


def test_the_longest_names_are_kept(leases: SyncLeases) -> None:
    draw = random.Random(1)

    def drawn(length: int) -> str:
        return "".join(draw.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(length))

    seller = drawn(200)
    leases.add([seller])
    assert leases.note(NewChange(drawn(1000), seller, drawn(1000), AT)) is Noted.NEW


def test_a_reason_may_hold_anything(leases: SyncLeases) -> None:
    reason = "a\nline, a NUL \0, and \ud800"
    leases.add(["a"])
    leases.note(NEW)
    leases.reject("odd", reason)
    lease = claimed(leases)
    (change,) = lease.take(1)
    lease.set_aside(change, reason)
    assert [one.reason for one in leases.quarantined()] == ["a\nline, a NUL \\x00, and \\ud800"] * 2
