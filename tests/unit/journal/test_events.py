"""What holds of every log of pushed events: each is written once, and handed over at least once."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from spshipping import ConfigurationError, FileStore
from spshipping.journal import (
    Appended,
    EventLog,
    LoggedEvent,
    MemoryJournal,
    NewEvent,
    SqliteJournal,
)
from tests.kit import FakeClock

KEY = FileStore.new_key()
LEASE = 60.0
NEW = NewEvent("1", '{"code":"Departed"}', '{"city":"Ada Lovelace"}')
Journal = MemoryJournal | SqliteJournal
Make = Callable[[], Journal]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Journal]:
    if request.param == "memory":
        yield MemoryJournal(clock=clock)
        return
    with SqliteJournal(tmp_path / "journal.db", key=lambda: KEY, clock=clock) as made:
        yield made


@pytest.fixture
def log(journal: Journal) -> EventLog:
    return journal.events()


def claimed(log: EventLog) -> LoggedEvent:
    found = log.claim(LEASE)
    assert found is not None
    return found


def test_an_event_is_appended_once_and_claimed_by_one(log: EventLog, clock: FakeClock) -> None:
    assert log.keeps_personal
    assert [log.append(NEW), log.append(NEW)] == [Appended.NEW, Appended.REPEAT]
    found = claimed(log)
    assert (found.key, found.text, found.personal, found.deliveries) == (NEW.key, NEW.text, NEW.personal, 1)
    assert found.received_at == clock.now()
    assert log.claim(LEASE) is None
    assert log.done(found)
    clock.elapsed += 2 * LEASE
    assert log.claim(LEASE) is None
    assert log.append(NEW) is Appended.REPEAT, "one that was handed over is known as well"


def test_an_event_with_the_key_of_another_is_not_taken_for_a_repeat(log: EventLog) -> None:
    log.append(NEW)
    assert log.append(NEW._replace(text="{}")) is Appended.OTHER
    assert log.append(NEW._replace(personal="{}")) is Appended.REPEAT
    assert claimed(log).text == NEW.text


def test_events_are_claimed_in_the_order_in_which_they_came(log: EventLog) -> None:
    for key in ("b", "a", "c"):
        log.append(NEW._replace(key=key))
    assert [claimed(log).key for _ in range(3)] == ["b", "a", "c"]


def test_sources_never_meet(journal: Journal) -> None:
    one, other = journal.events("one"), journal.events("other")
    one.append(NEW)
    assert other.claim(LEASE) is None
    assert other.append(NEW) is Appended.NEW
    assert journal.events("one").append(NEW) is Appended.REPEAT


def test_where_no_source_is_named_it_is_the_one_that_earlier_versions_wrote(journal: Journal) -> None:
    journal.events("webhook").append(NEW)
    assert journal.events().append(NEW) is Appended.REPEAT


def test_one_that_dies_loses_the_event_when_its_lease_ends(log: EventLog, clock: FakeClock) -> None:
    log.append(NEW)
    late = claimed(log)
    clock.elapsed += LEASE
    again = claimed(log)
    assert again.deliveries == 2
    assert not log.done(late)
    assert not log.put_off(late, 0)
    assert log.done(again)
    assert not log.done(again)


def test_one_that_is_put_off_lets_others_go_first(log: EventLog, clock: FakeClock) -> None:
    log.append(NEW)
    log.append(NEW._replace(key="2"))
    assert log.put_off(claimed(log), 30)
    assert log.done(claimed(log))
    assert log.claim(LEASE) is None
    clock.elapsed += 30
    assert claimed(log).key == NEW.key


def test_an_unknown_event_is_neither_done_nor_put_off(log: EventLog, clock: FakeClock) -> None:
    event = LoggedEvent("none", "{}", None, clock.now(), 1)
    assert not log.done(event)
    assert not log.put_off(event, 1)


def test_a_clock_that_was_set_back_holds_up_nothing_for_long(log: EventLog, clock: FakeClock) -> None:
    log.append(NEW)
    assert log.put_off(claimed(log), 10 * 86_400), "an hour at most"
    clock.elapsed += 3601
    assert log.put_off(claimed(log), 60)
    clock.elapsed -= 30 * 86_400
    assert claimed(log).key == NEW.key


def test_what_cannot_be_read_is_kept_apart(log: EventLog) -> None:
    for key in ("c", "a", "b"):
        log.append(NewEvent(key, "{}", "<xml/>", unreadable="it is no JSON"))
    assert log.claim(LEASE) is None
    assert [each.key for each in log.quarantined()] == ["a", "b", "c"]
    (found,) = log.quarantined("a", 1)
    assert (found.key, found.personal, found.unreadable) == ("b", "<xml/>", "it is no JSON")


def test_a_hundred_of_what_cannot_be_read_are_returned_at_once(log: EventLog) -> None:
    for number in range(101):
        log.append(NewEvent(f"{number:03}", "?", unreadable="no JSON"))
    first = log.quarantined()
    assert [each.key for each in first] == [f"{number:03}" for number in range(100)]
    assert [each.key for each in log.quarantined(first[-1].key)] == ["100"]


def test_what_is_personal_is_erased_once_it_is_done(journal: Journal) -> None:
    log = journal.events()
    log.append(NEW)
    found = claimed(log)
    assert log.done(found)
    if isinstance(journal, SqliteJournal):
        with closing(sqlite3.connect(journal.path)) as connection:
            assert connection.execute("SELECT text, personal FROM events").fetchall() == [(NEW.text, None)]


def test_what_is_for_one_day_is_erased_at_its_end_and_still_handed_over(
    log: EventLog, clock: FakeClock
) -> None:
    code = NEW._replace(key="code", is_for_today=True)
    log.append(code)
    log.append(NEW)
    found = claimed(log)
    assert found.personal == code.personal
    assert log.put_off(found, 0)
    clock.elapsed += 12 * 3600 - 1  # it began at noon
    assert log.forget() == 0
    clock.elapsed += 1
    again = claimed(log)
    assert (again.key, again.text, again.personal) == ("code", code.text, None)
    assert claimed(log).personal == NEW.personal
    assert log.forget() == 0


def test_it_is_erased_although_nobody_claims_it(log: EventLog, clock: FakeClock) -> None:
    log.append(NEW._replace(is_for_today=True))
    clock.elapsed += 86_400
    assert log.forget() == 1
    log.append(NEW._replace(key="2", is_for_today=True))
    clock.elapsed += 86_400
    log.append(NEW._replace(key="3", is_for_today=True))
    assert log.forget() == 0, "the one that came has erased the one before"
    clock.elapsed += 86_400
    assert log.purge(clock.now()) == 0, "what waits stays"
    assert log.forget() == 0, "purging has erased it"


def test_purging_removes_what_is_done_and_what_was_in_quarantine(log: EventLog, clock: FakeClock) -> None:
    log.append(NEW)
    assert log.done(claimed(log))
    log.append(NEW._replace(key="waiting"))
    log.append(NewEvent("odd", "{}", unreadable="it is no JSON"))
    clock.elapsed += 60
    log.append(NewEvent("young", "{}", unreadable="it is no JSON"))
    assert log.purge(clock.now()) == 2
    assert [each.key for each in log.quarantined()] == ["young"]
    assert log.append(NEW) is Appended.NEW
    assert log.purge(clock.now() + timedelta(seconds=1)) == 1
    assert claimed(log).key == "waiting"


def test_an_event_shows_nothing_in_its_repr(log: EventLog) -> None:
    log.append(NEW)
    assert repr(NEW) == "<NewEvent>"
    assert repr(claimed(log)) == "<LoggedEvent, claimed 1 times>"


def test_without_a_key_nothing_personal_reaches_the_disk(tmp_path: Path) -> None:
    with SqliteJournal(tmp_path / "journal.db") as journal:
        log = journal.events()
        assert not log.keeps_personal
        log.append(NEW._replace(is_for_today=True))
        found = claimed(log)
        assert (found.text, found.personal) == (NEW.text, None)
        written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Departed" in written
    assert b"Lovelace" not in written


def test_with_a_key_it_is_sealed_for_its_event(tmp_path: Path) -> None:
    with SqliteJournal(tmp_path / "journal.db", key=lambda: KEY) as journal:
        log = journal.events()
        log.append(NEW)
        log.append(NEW._replace(key="2"))
        assert b"Lovelace" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
        with closing(sqlite3.connect(journal.path)) as connection:
            connection.execute("UPDATE events SET personal = (SELECT personal FROM events WHERE key = '2')")
            connection.commit()
        with pytest.raises(ConfigurationError, match="is damaged"):
            log.claim(LEASE)


_KILLED = """
import os, signal, sys
from spshipping.journal import NewEvent, SqliteJournal
log = SqliteJournal(sys.argv[1]).events()
log.append(NewEvent("1", "{}"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_is_killed_after_it_appended_has_lost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    done = subprocess.run([sys.executable, "-c", _KILLED, os.fspath(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    with SqliteJournal(path) as journal:
        assert claimed(journal.events()).key == "1"
