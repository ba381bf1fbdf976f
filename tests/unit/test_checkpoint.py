"""A checkpoint: a small document, and the file that holds it."""

import json
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from spshipping import ConfigurationError
from spshipping.sync import Checkpoint, FileCheckpoint, Window
from tests.kit import START

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

WHOLE = Checkpoint(
    until=START,
    filters={"places": "UK"},
    delivered={"902-1": START - MINUTE},
    window=Window(START, START + timedelta(seconds=1.5)),
    cursor="{page}",
    pages=3,
    items=250,
)
E6_YEARS = ("0001", "1994", "9001", "9999")
CHECKPOINTS = [
    WHOLE,
    WHOLE._replace(cursor=None),
    Checkpoint(START),
    Checkpoint(START, delivered={"a": START}),
]


@pytest.mark.parametrize("checkpoint", CHECKPOINTS)
def test_a_checkpoint_is_read_as_it_was_written(checkpoint: Checkpoint, tmp_path: Path) -> None:
    assert Checkpoint.from_json(checkpoint.to_json()) == checkpoint
    store = FileCheckpoint(tmp_path / "deep" / "sync.json")
    assert store.load() is None
    store.save(Checkpoint(START - DAY))
    store.save(checkpoint)
    assert store.load() == checkpoint
    assert [path.name for path in store.path.parent.iterdir()] == ["sync.json"]


def test_a_checkpoint_is_small_and_plain() -> None:
    assert json.loads(WHOLE.to_json()) == {
        "version": 1,
        "until": "2026-03-01T12:00:00Z",
        "filters": {"places": "UK"},
        "delivered": {"902-1": "2026-03-01T11:59:00Z"},
        "pass": {
            "after": "2026-03-01T12:00:00Z",
            "before": "2026-03-01T12:00:01.500Z",
            "cursor": "{page}",
            "pages": 3,
            "items": 250,
        },
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        "\ud800",
        '{"version": 2}',
        '{"version": 1}',
        '{"version": 1, "until": "2026-03-01", "filters": {}, "delivered": {}}',
        '{"version": 1, "until": "2026-03-01T12:00:00Z", "filters": {"a": 1}, "delivered": {}}',
        '{"version": 1, "until": "2026-03-01T12:00:00Z", "filters": {}, "delivered": []}',
        '{"version": 1, "until": "2026-03-01T12:00:00Z", "filters": {}, "delivered": {}, "pass": {}}',
        WHOLE.to_json().replace('"{page}"', "7"),
        WHOLE.to_json().replace('"{page}"', "[]"),
        *(WHOLE.to_json().replace("2026-03-01T12:00:00Z", f"{year}-01-01T00:00:00Z") for year in E6_YEARS),
    ],
)
def test_what_is_no_checkpoint_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ConfigurationError, match="remove it, and say with since="):
        Checkpoint.from_json(text)


def test_a_file_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sync.json"
    path.write_text("{}")
    with pytest.raises(ConfigurationError, match=r"sync\.json is no checkpoint"):
        FileCheckpoint(path).load()
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match=r"sync\.json cannot be read: UnicodeDecodeError"):
        FileCheckpoint(path).load()


@pytest.mark.skipif(os.name != "posix", reason="rights are those of POSIX")
def test_e1_the_file_is_its_owners_whatever_was_left_or_planted_there(tmp_path: Path) -> None:
    store = FileCheckpoint(tmp_path / "sync.json")
    victim, left = tmp_path / "victim", tmp_path / ".sync.json.new"
    victim.write_text("precious")
    left.symlink_to(victim)
    store.path.symlink_to(victim)
    store.save(WHOLE)
    assert stat.S_IMODE(store.path.lstat().st_mode) == 0o600
    assert victim.read_text() == "precious"
    assert store.load() == WHOLE


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such pipes")
def test_e4_a_pipe_in_the_place_of_a_checkpoint_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "sync.json")
    with pytest.raises(ConfigurationError, match=r"sync\.json cannot be read: OSError"):
        FileCheckpoint(tmp_path / "sync.json").load()


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_what_fails_while_it_is_written_leaves_the_old_checkpoint(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileCheckpoint(tmp_path / "sync.json")
    store.save(WHOLE)

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", fail) if step == "fsync" else monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="full"):
        store.save(Checkpoint(START + DAY))
    monkeypatch.undo()
    assert store.load() == WHOLE
    store.save(Checkpoint(START + DAY))
    assert store.load() == Checkpoint(START + DAY)


@pytest.mark.parametrize("text", [b"{}", None, {}])
def test_what_is_no_text_is_no_checkpoint(text: Any) -> None:
    with pytest.raises(ConfigurationError, match="is no text: remove it"):
        Checkpoint.from_json(text)
