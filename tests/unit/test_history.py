"""What a client remembers: bounded, by owner, and usable after a fork."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from spshipping.operation import History


def test_what_was_settled_and_then_cancelled_is_undone() -> None:
    history = History()
    history.undo("S9")
    history.settle("key", "S1")
    assert history.is_settled("key")
    assert not history.is_undone("key")
    history.undo("S1")
    assert history.is_undone("key")
    assert history.is_settled("key")
    assert not history.is_settled("other")
    assert not history.is_undone("other")


def test_a_key_that_is_settled_anew_is_no_longer_undone() -> None:
    history = History()
    history.settle("key", "S1")
    history.undo("S1")
    history.settle("key", "S2")
    assert not history.is_undone("key")


def test_the_parts_of_two_owners_know_nothing_of_each_other() -> None:
    history = History()
    history.of("seller 1").settle("key", "S1")
    history.of("seller 2").undo("S1")
    assert history.of("seller 1").is_settled("key")
    assert not history.of("seller 1").is_undone("key")
    assert not history.of("seller 2").is_settled("key")
    assert not history.is_settled("key")


def test_what_was_noted_is_returned_to_its_owner() -> None:
    history = History(most=2)
    history.of("seller 1").note("a", 1)
    assert history.of("seller 2").noted("a") is None
    for name in "bc":
        history.of("seller 1").note(name, name)
    assert [history.of("seller 1").noted(name) for name in "abc"] == [None, "b", "c"]


def test_the_oldest_are_dropped() -> None:
    history = History(most=3)
    for number in range(4):
        history.settle(f"key {number}", f"S{number}")
        history.undo(f"S{number}")
    history.settle("key 1", "S1")
    history.settle("key 4", "S4")
    assert [history.is_settled(f"key {number}") for number in range(5)] == [False, True, False, True, True]
    assert [history.is_undone(f"key {number}") for number in range(5)] == [False, True, False, True, False]


def test_threads_lose_nothing() -> None:
    history = History()

    def work(number: int) -> None:
        history.settle(f"k{number}", f"S{number}")
        history.undo(f"S{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(500)))
    assert all(history.is_undone(f"k{n}") for n in range(500))


def test_a_lock_that_another_thread_held_is_left_behind() -> None:
    history = History()
    with history._memory.lock:
        history._memory.renew_locks()
        history.settle("key", "S1")
    assert history.is_settled("key")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_while_the_lock_is_held_leaves_a_usable_memory() -> None:
    history = History()
    history.settle("key", "S1")
    with history._memory.lock:
        child = os.fork()
        if not child:
            os._exit(0 if history.is_settled("key") else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
