"""vcrpy with both clients: whichever comes first, a cassette plays what it has, and nothing else leaves."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import vcr
from vcr.cassette import Cassette
from vcr.errors import CannotOverwriteExistingCassetteException

from spshipping import OutcomeUnknownError
from spshipping.operation import Call
from spshipping.transport.http import HttpRequest, HttpResponse
from tests.recorders.stage import BUY, TOKEN_PATH, WORD, Origin, Stage

GET_WORD: Call[dict[str, Any]] = WORD()
Make = Callable[[], Any]


@pytest.fixture
def make(stage: Stage, origin: Origin, trusted: str) -> Make:
    """Make a client of the server; each signs in by itself."""
    return lambda: stage.client(origin.url, ca_bundle=trusted)


@pytest.fixture
def tape(stage: Stage, make: Make, tmp_path: Path) -> str:
    """A cassette with a sign-in and the first word, which is no longer the server's."""
    path = str(tmp_path / "tape.yaml")
    with vcr.use_cassette(path, record_mode="once") as cassette:
        word = stage.call(make(), GET_WORD)
    assert (word, len(cassette), cassette.play_count) == ({"word": 2}, 2, 0)
    return path


def playing(path: str, **options: Any) -> Cassette:
    """Open a cassette that lets nothing out."""
    return vcr.use_cassette(path, record_mode="none", **options)


def test_g1_a_cassette_plays_the_sign_in_and_the_call_that_it_has(
    stage: Stage, origin: Origin, make: Make, tape: str
) -> None:
    assert origin.paths == [TOKEN_PATH, "/word"]
    with playing(tape) as cassette:
        assert stage.call(make(), GET_WORD) == {"word": 2}
    assert cassette.all_played
    assert len(origin.paths) == 2


@pytest.mark.parametrize("calls", [1, 3])
def test_g1_a_cassette_plays_after_earlier_calls_and_leaves_their_connections_alone(
    stage: Stage, origin: Origin, make: Make, tape: str, calls: int
) -> None:
    before = make()
    assert len(stage.call_all(before, [GET_WORD] * calls)) == calls  # leaves idle connections
    sent = len(origin.paths)
    with playing(tape, allow_playback_repeats=True) as cassette:
        assert stage.call(before, GET_WORD) == {"word": 2}
        assert stage.call(make(), GET_WORD) == {"word": 2}
    assert cassette.play_count == 3  # the client of before has signed in before
    assert len(origin.paths) == sent
    assert stage.call(before, GET_WORD) == {"word": sent + 1}


def test_g1_a_client_made_inside_a_cassette_is_a_usual_one_afterwards(
    stage: Stage, origin: Origin, make: Make, tape: str
) -> None:
    with playing(tape):
        inside = make()
        stage.call(inside, GET_WORD)
    assert stage.call(inside, GET_WORD) == {"word": 3}
    request = HttpRequest("GET", origin.url + "/word", {})
    assert isinstance(stage.exchange(request, trusted_of(inside)), HttpResponse)
    assert request.was_sent is True


def trusted_of(client: Any) -> str:
    """Return the CA bundle that a client was given."""
    return str(client._options["ca_bundle"])


def test_g1_cassettes_take_turns_with_calls_that_go_out(
    stage: Stage, origin: Origin, make: Make, tape: str
) -> None:
    client = make()
    for number in range(3):
        with playing(tape):
            assert stage.call(client if number else make(), GET_WORD) == {"word": 2}
        sent = len(origin.paths)
        assert stage.call(client, GET_WORD)["word"] > sent


def test_g1_what_is_recorded_within_a_client_of_before_is_played_by_one_of_after(
    stage: Stage, origin: Origin, make: Make, tmp_path: Path
) -> None:
    before, path = make(), str(tmp_path / "new.yaml")
    stage.call(before, GET_WORD)
    with vcr.use_cassette(path, record_mode="once") as cassette:
        recorded = [stage.call(before, GET_WORD), stage.call(make(), GET_WORD), stage.call(before, GET_WORD)]
    assert recorded == [{"word": 3}, {"word": 5}, {"word": 6}]
    assert len(cassette) == 4
    with vcr.use_cassette(path, record_mode="once") as cassette:
        after = make()
        assert [stage.call(after, GET_WORD) for _ in range(3)] == recorded
    assert cassette.all_played
    assert len(origin.paths) == 6


def test_g1_calls_side_by_side_are_recorded_and_played(
    stage: Stage, origin: Origin, make: Make, tmp_path: Path
) -> None:
    path, client = str(tmp_path / "many.yaml"), make()
    stage.call_all(client, [GET_WORD] * 8)  # signs in, and leaves idle connections
    sent = len(origin.paths)
    with vcr.use_cassette(path, record_mode="once") as cassette:
        recorded = stage.call_all(client, [GET_WORD] * 20)
    assert len(cassette) == 20
    assert len(origin.paths) == sent + 20
    with playing(path) as cassette:
        played = stage.call_all(client, [GET_WORD] * 20)
    assert {each["word"] for each in played} == {each["word"] for each in recorded}
    assert cassette.all_played
    assert len(origin.paths) == sent + 20
    assert len(stage.call_all(client, [GET_WORD] * 8)) == 8
    assert len(origin.paths) == sent + 28


def test_g1_calls_side_by_side_play_one_recording(
    stage: Stage, origin: Origin, make: Make, tape: str
) -> None:
    client = make()
    stage.call_all(client, [GET_WORD] * 8)
    sent = len(origin.paths)
    with playing(tape, allow_playback_repeats=True) as cassette:
        assert stage.call_all(client, [GET_WORD] * 20) == [{"word": 2}] * 20
    assert cassette.play_count == 20
    assert len(origin.paths) == sent


def test_g1_what_a_cassette_does_not_have_is_refused_and_does_not_leave(
    stage: Stage, origin: Origin, make: Make, tape: str
) -> None:
    client = make()
    stage.call(client, GET_WORD)
    sent = len(origin.paths)
    with playing(tape):
        stage.call(client, GET_WORD)
        with pytest.raises(CannotOverwriteExistingCassetteException, match="already been played"):
            stage.call(client, GET_WORD)  # it has been played
        with pytest.raises(OutcomeUnknownError, match="CannotOverwrite"):
            stage.call(client, BUY())  # whether it has left is not known, and counts as yes
    assert len(origin.paths) == sent


def test_g1_whether_a_played_request_was_sent_is_unknown(
    stage: Stage, origin: Origin, make: Make, tape: str
) -> None:
    sent = len(origin.paths)
    request = HttpRequest("GET", origin.url + "/word", {})
    with playing(tape):
        answer = stage.exchange(request, trusted_of(make()))
    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.request_id, request.was_sent) == (200, "recorded", None)
    assert len(origin.paths) == sent


def test_g1_a_cassette_that_was_closed_is_not_kept(stage: Stage, make: Make, tape: str) -> None:
    client = make()
    with playing(tape) as cassette:
        stage.call(client, GET_WORD)
    kept = weakref.ref(cassette)
    del cassette
    gc.collect()
    assert kept() is None
