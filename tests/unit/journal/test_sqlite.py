"""The journal in a file: what is in it, whose it is, and what happens when it is not as it was."""

import errno
import multiprocessing
import os
import pickle
import secrets
import signal
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spshipping import ConfigurationError, FileStore, SpendingLimitError, disk
from spshipping.clock import SystemClock
from spshipping.journal import (
    Charge,
    Entry,
    NewEntry,
    NewEvent,
    Outcome,
    Owned,
    Scope,
    SpendingLimit,
    SqliteJournal,
    State,
    steps,
)
from spshipping.journal import file as module
from spshipping.journal.entry import OPEN

SCOPE = Scope("https://example.test", "A1SELLER", "AmazonShipping_UK", "1001")
NEW = NewEntry(SCOPE, {"ship_to.name": "5f"}, '{"name":"Ada Lovelace"}')
KEY = FileStore.new_key()
LEASE = 60.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal(path) as made:
        yield made


def owned(found: Owned | Entry) -> Owned:
    assert isinstance(found, Owned)
    return found


def test_a_later_version_finds_the_secret_under_its_name(journal: SqliteJournal, path: Path) -> None:
    assert journal.secret()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM facts").fetchall() == [("secret",)]


@pytest.mark.parametrize("found", [b"", b"abc", b"zz" * 32, b"ab" * 31, b"\xff", None])
def test_a_secret_that_is_not_whole_is_refused(
    journal: SqliteJournal, path: Path, found: bytes | None
) -> None:
    journal.find(SCOPE)
    with closing(sqlite3.connect(path)) as connection, connection:
        if found is None:
            connection.execute("DELETE FROM facts")
        else:
            connection.execute("UPDATE facts SET value = ?", (found,))
    with pytest.raises(ConfigurationError, match="is damaged: bring back a copy of it that is whole"):
        journal.secret()


@pytest.mark.parametrize("column", ["state", "fields", "amount"])
def test_a_purchase_that_is_not_whole_is_refused(journal: SqliteJournal, path: Path, column: str) -> None:
    journal.begin(NEW, LEASE)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE purchases SET {column} = 'odd'")  # noqa: S608
    with pytest.raises(ConfigurationError, match="is damaged: bring back a copy of it that is whole"):
        journal.find(SCOPE)


def test_each_owner_has_a_fence_that_none_had_before() -> None:
    first = steps.begun(None, NEW, 0.0, LEASE)
    assert first is not None
    second = steps.claimed(first._replace(read_at=2 * LEASE), OPEN, 2 * LEASE, LEASE)
    assert second is not None
    third = steps.begun(second._replace(read_at=4 * LEASE), NEW, 4 * LEASE, LEASE)
    assert third is not None
    assert [first.fence, second.fence, third.fence] == [1, 2, 3]


def test_the_file_belongs_to_its_owner_and_nothing_is_left_beside_it(journal: SqliteJournal) -> None:
    journal.begin(NEW, LEASE)
    for path in journal.path.parent.iterdir():
        assert path.name.startswith("journal.db")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    journal.close()
    assert [path.name for path in journal.path.parent.iterdir()] == ["journal.db"]


def test_what_is_written_is_there_for_the_next(journal: SqliteJournal, path: Path) -> None:
    mine = owned(journal.begin(NEW, LEASE))
    with SqliteJournal(path) as other:
        found = other.find(SCOPE)
        assert found is not None
        assert found == mine.entry._replace(read_at=found.read_at)
        assert other.secret() == journal.secret()
    journal.close()
    assert journal.renew(mine, LEASE), "a closed journal opens again"


def test_every_commit_reaches_the_disk(journal: SqliteJournal, path: Path) -> None:
    journal.begin(NEW, LEASE)
    with journal._file.used() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_with_a_key_texts_are_sealed(path: Path) -> None:
    with SqliteJournal(path, key=lambda: KEY) as journal:
        assert journal.keeps_personal
        mine = owned(journal.begin(NEW, LEASE))
        journal.quote(mine, '{"call":"Ada Lovelace"}', None)
        journal.sending(mine, LEASE)
        journal.settle(mine, Outcome.BOUGHT, '{"result":"Ada Lovelace"}')
        found = journal.find(SCOPE)
        assert found is not None
        assert (found.wanted, found.call) == (NEW.wanted, '{"call":"Ada Lovelace"}')
        assert found.result == '{"result":"Ada Lovelace"}'
        written = b"".join(each.read_bytes() for each in path.parent.iterdir())
        assert b"Lovelace" not in written
        assert journal.secret().hex().encode() not in written


def test_without_a_key_it_keeps_nothing_personal(journal: SqliteJournal) -> None:
    assert not journal.keeps_personal


def test_the_key_comes_from_the_variable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_STORE_KEY", KEY.reveal())
    with SqliteJournal(path) as journal:
        assert journal.keeps_personal


def test_another_key_opens_nothing(path: Path) -> None:
    with SqliteJournal(path, key=lambda: KEY) as journal:
        journal.begin(NEW, LEASE)
    with (
        SqliteJournal(path, key=FileStore.new_key) as other,
        pytest.raises(ConfigurationError, match="another key"),
    ):
        other.find(SCOPE)
    with SqliteJournal(path) as keyless, pytest.raises(ConfigurationError, match="no key"):
        keyless.find(SCOPE)


@pytest.mark.parametrize("way", ["secret", "events"])
def test_the_first_use_with_a_key_seals_the_secret_and_refuses_another_key(path: Path, way: str) -> None:
    def use(journal: SqliteJournal) -> object:
        event = NewEvent(secrets.token_hex(8), "{}", "Ada Lovelace")
        return journal.secret() if way == "secret" else journal.events().append(event)

    with SqliteJournal(path) as keyless:
        secret = keyless.secret()
    for _ in range(2):
        with SqliteJournal(path, key=lambda: KEY) as journal:
            use(journal)
            assert journal.secret() == secret
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT value FROM facts").fetchone() != (secret.hex().encode(),)
    with (
        SqliteJournal(path, key=FileStore.new_key) as other,
        pytest.raises(ConfigurationError, match="sealed under another key: give the journal") as caught,
    ):
        use(other)
    assert "never remove it" in str(caught.value)
    assert "or remove it" not in str(caught.value)


def test_a_text_does_not_open_in_the_place_of_another(path: Path) -> None:
    other = SCOPE._replace(reference="1002")
    with SqliteJournal(path, key=lambda: KEY) as journal:
        journal.begin(NEW, LEASE)
        journal.begin(NEW._replace(scope=other), LEASE)
        with journal._file.used() as connection:
            connection.execute("UPDATE purchases SET wanted = (SELECT wanted FROM purchases LIMIT 1)")
        with pytest.raises(ConfigurationError, match="is damaged"):
            journal.find(other)
        assert journal.find(SCOPE) is not None


def write(path: Path, *statements: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_file_of_something_else_is_left_alone(journal: SqliteJournal, path: Path) -> None:
    write(path, "CREATE TABLE mine (name TEXT)")
    with pytest.raises(ConfigurationError, match="is no journal: choose another file"):
        journal.find(SCOPE)
    path.write_bytes(b"a diary" * 1000)
    with pytest.raises(ConfigurationError, match="cannot be used: file is not a database"):
        journal.find(SCOPE)
    assert path.read_bytes().startswith(b"a diary")


@pytest.mark.parametrize(("version", "remedy"), [(3, "a newer package"), (1, "the package that made it")])
def test_a_journal_of_another_version_is_refused(
    journal: SqliteJournal, path: Path, version: int, remedy: str
) -> None:
    journal.find(SCOPE)
    journal.close()
    write(path, f"PRAGMA user_version = {version}")
    with pytest.raises(ConfigurationError, match=f"version {version}, .* reads version 2: use {remedy}"):
        journal.find(SCOPE)


def test_a_folder_in_its_place_is_refused(journal: SqliteJournal, path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(
        ConfigurationError, match="cannot be used: unable to open database file; choose a file"
    ):
        journal.find(SCOPE)


def test_a_file_that_was_replaced_while_it_was_in_use_is_written_no_more(
    journal: SqliteJournal, path: Path
) -> None:
    journal.begin(NEW, LEASE)
    other = path.with_name("other.db")
    with SqliteJournal(other) as made:
        made.secret()
    other.replace(path)
    with pytest.raises(ConfigurationError, match="removed or replaced"):
        journal.find(SCOPE)


@pytest.mark.parametrize("state", list(State))
def test_the_file_spells_a_state_as_it_did_in_earlier_versions(
    journal: SqliteJournal, path: Path, state: State
) -> None:
    journal.begin(NEW, LEASE)
    journal.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE purchases SET state = ?", [state.name.lower()])
    found = journal.find(SCOPE)
    assert found is not None
    assert found.state is state


def test_a_file_system_without_links_is_refused(
    journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(ConfigurationError, match="cannot be used: Operation not permitted"):
        journal.begin(NEW, LEASE)
    assert list(path.parent.iterdir()) == []


def test_a_file_system_that_cannot_be_written_is_refused_with_what_to_do(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(disk, "claim", refuse)
    with pytest.raises(ConfigurationError, match="Read-only file system; choose a file on a disk"):
        journal.begin(NEW, LEASE)


def test_a_file_that_another_process_made_meanwhile_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, publish = SqliteJournal(path), disk.publish

    def late(temporary: Path, target: Path) -> bool:
        monkeypatch.setattr(disk, "publish", publish)
        other.begin(NEW, LEASE)
        return publish(temporary, target)

    monkeypatch.setattr(disk, "publish", late)
    with SqliteJournal(path) as journal, other:
        assert isinstance(journal.begin(NEW, LEASE), Entry)
        assert journal.secret() == other.secret()
    assert [each.name for each in path.parent.iterdir()] == ["journal.db"]


def test_a_step_that_fails_leaves_nothing(journal: SqliteJournal) -> None:
    def fail(found: Entry | None, now: float) -> Entry | None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal._step(SCOPE, fail)
    assert owned(journal.begin(NEW, LEASE)).entry.attempt == 1


def test_a_signal_handler_within_a_step_is_refused(journal: SqliteJournal) -> None:
    def interrupted(found: Entry | None, now: float) -> Entry | None:
        with pytest.raises(ConfigurationError, match="a signal handler interrupted"):
            journal.begin(NEW, LEASE)
        return None

    journal._step(SCOPE, interrupted)
    assert journal.find(SCOPE) is None


def test_a_file_that_stays_locked_is_named(
    journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.01)
    journal.find(SCOPE)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConfigurationError, match=r"cannot be used: database is locked$"):
            journal.begin(NEW, LEASE)
    assert isinstance(journal.begin(NEW, LEASE), Owned)


def test_a_journal_does_not_pickle(journal: SqliteJournal) -> None:
    assert "journal.db" in repr(journal)
    with pytest.raises(TypeError, match="open the same file"):
        pickle.dumps(journal)


def test_a_limit_holds_among_threads(journal: SqliteJournal) -> None:
    limit, charge = SpendingLimit(Decimal("1.00"), "GBP"), Charge(Decimal("0.10"), "GBP")
    reserved: list[bool] = []

    def reserve(part: int) -> None:
        for number in range(5):
            mine = owned(
                journal.begin(NEW._replace(scope=SCOPE._replace(reference=f"{part}.{number}")), LEASE)
            )
            with suppress(SpendingLimitError):
                reserved.append(journal.quote(mine, "{}", charge, limit))

    threads = [threading.Thread(target=reserve, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reserved == [True] * 10


SCOPES = [SCOPE._replace(reference=str(number)) for number in range(20)]


def win(journal: SqliteJournal) -> list[str]:
    """Begin every purchase; return the references of those that are owned here."""
    found = [journal.begin(NEW._replace(scope=scope), LEASE) for scope in SCOPES]
    return [each.scope.reference for each in found if isinstance(each, Owned)]


def test_threads_share_one_journal(journal: SqliteJournal) -> None:
    won: list[str] = []
    threads = [threading.Thread(target=lambda: won.extend(win(journal))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(scope.reference for scope in SCOPES)


def in_process(path: str, queue: Any) -> None:
    with SqliteJournal(path) as journal:
        queue.put(win(journal))


def gathered(targets: list[Callable[..., object]], *arguments: Any, way: str) -> list[str]:
    context: Any = multiprocessing.get_context(way)
    queue = context.Queue()
    processes = [context.Process(target=target, args=(*arguments, queue)) for target in targets]
    for process in processes:
        process.start()
    won = [reference for _ in processes for reference in queue.get(timeout=60)]
    for process in processes:
        process.join()
    return won


def test_processes_share_one_file_and_make_it_once(path: Path) -> None:
    won = gathered([in_process] * 3, str(path), way="spawn")
    assert sorted(won) == sorted(scope.reference for scope in SCOPES)


def after_fork(journal: SqliteJournal, queue: Any) -> None:
    queue.put(win(journal))
    journal.close()


def test_a_journal_can_be_used_after_a_fork(journal: SqliteJournal) -> None:
    mine = owned(journal.begin(NEW, LEASE))
    with journal._file._lock:
        won = gathered([after_fork] * 2, journal, way="fork")
    assert sorted([*won, SCOPE.reference]) == sorted([*(s.reference for s in SCOPES), SCOPE.reference])
    assert journal.renew(mine, LEASE)
    assert {entry.state for entry in journal.entries(SCOPE.account, list(State))} == {State.RESERVED}


def until_killed(path: str, queue: Any) -> None:
    journal = SqliteJournal(path)
    for number in range(10_000):
        scope = SCOPE._replace(reference=f"k{number:05}")
        mine = owned(journal.begin(NEW._replace(scope=scope), LEASE))
        journal.quote(mine, "{}", None)
        journal.sending(mine, LEASE)
        queue.put(scope.reference)


def test_nothing_that_was_acknowledged_is_lost_with_a_process(path: Path) -> None:
    context: Any = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    process = context.Process(target=until_killed, args=(str(path), queue))
    process.start()
    known = [queue.get() for _ in range(5)]
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with SqliteJournal(path, clock=SystemClock()) as journal:
        for reference in known:
            found = journal.find(SCOPE._replace(reference=reference))
            assert found is not None
            assert found.state is State.SENDING


def test_a_child_leaves_its_parents_connection_alone(journal: SqliteJournal) -> None:
    journal.begin(NEW, LEASE)
    with journal._file.used() as connection:
        journal._file.renew_locks()
    assert module._left_behind[-1] is connection
    assert connection.execute("SELECT 1").fetchone() == (1,), "it is not closed"
    assert journal.find(SCOPE) is not None
    module._left_behind.pop().close()
