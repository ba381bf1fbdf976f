"""Every operation over Amazon's own description, served by Prism; and the sandbox, validated by it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from spshipping import SpShippingError
from spshipping.operation import Operation
from spshipping.sandbox import Sandbox
from spshipping.sellers import GET_MARKETPLACE_PARTICIPATIONS
from spshipping.shipping import GET_TRACKING
from spshipping.wire.text import parse
from tests.contract.facts import operations
from tests.prism.compared import Change, changes, written_again
from tests.prism.driving import Seen, Watching, call_of, client_of
from tests.prism.exceptions import EVERY, KNOWN, OF_THE_SANDBOX, REFUSED, Broken, Known, Refused
from tests.prism.merged import merged
from tests.prism.sandboxed import driven
from tests.prism.server import FOLDER, missing, prism

MISSING = missing()
pytestmark = [
    pytest.mark.prism,
    pytest.mark.timeout(600),
    pytest.mark.skipif(MISSING is not None, reason=MISSING or ""),
]
SEEDS = range(1, 11)
MODES = ("static", *(f"seed {seed}" for seed in SEEDS))


class Outcome(NamedTuple):
    """What became of one call."""

    operation: Operation[Any]
    seen: tuple[Seen, ...]
    error: str | None
    changes: tuple[Change, ...]

    @property
    def has_bare_errors(self) -> bool:
        """Whether the answer has errors, and no item of what was asked for."""
        body = json.loads(self.seen[-1].body or b"null")
        if not isinstance(body, dict) or "errors" not in body:
            return False
        payload = body.get("payload", [])
        return [] in payload.values() if isinstance(payload, dict) else payload == []


Runs = dict[str, list[Outcome]]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return Amazon's files as one."""
    path = tmp_path_factory.mktemp("prism") / "selling-partner-api.json"
    path.write_text(json.dumps(merged(Path(FOLDER))), "utf-8")
    return path


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(orders=0) as box:
        yield box


@pytest.fixture(scope="module")
def mock(document: Path) -> Iterator[str]:
    with prism("mock", str(document)) as address:
        yield address


@pytest.fixture(scope="module")
def runs(mock: str, sandbox: Sandbox) -> Runs:
    """Call every operation once over Amazon's examples, and once for each seed of generated answers."""
    found = {"static": _run(mock, sandbox, 0)}
    for seed in SEEDS:
        found[f"seed {seed}"] = _run(mock, sandbox, seed, __dynamic="true", __seed=seed)
    return found


def _run(mock: str, sandbox: Sandbox, seed: int, **parameters: object) -> list[Outcome]:
    with client_of(mock, sandbox, **parameters) as (client, watching):
        return [_outcome(client, watching, operation, seed) for operation in operations()]


def _outcome(client: Any, watching: Watching, operation: Operation[Any], seed: int) -> Outcome:
    before = len(watching.seen)
    options: dict[str, Any] = {"pii": operation.restricted} if operation.restricted else {}
    try:
        reply = client.send(call_of(operation, seed), **options)
    except SpShippingError as error:
        if not watching.seen[before:]:
            raise
        return Outcome(operation, tuple(watching.seen[before:]), type(error).__name__, ())
    (seen,) = watching.seen[before:]
    if operation.returns is type(None):
        return Outcome(operation, (seen,), None, ())
    came = parse(seen.body)
    opened = came["payload"] if operation.envelope and isinstance(came, dict) and "payload" in came else came
    return Outcome(operation, (seen,), None, tuple(changes(opened, written_again(reply.value))))


@pytest.mark.parametrize("mode", MODES)
def test_no_request_breaks_amazons_description(runs: Runs, mode: str) -> None:
    assert len(runs[mode]) == len(operations())
    found = {
        outcome.operation.name: seen.of_the_request or seen.status
        for outcome in runs[mode]
        for seen in outcome.seen
        if seen.of_the_request or seen.status >= 300
    }
    assert not found


@pytest.mark.parametrize("mode", MODES)
def test_what_is_read_is_written_as_it_came(runs: Runs, mode: str) -> None:
    kind = mode.partition(" ")[0].replace("seed", "dynamic")
    found = {
        (outcome.operation.name, change)
        for outcome in runs[mode]
        for change in outcome.changes
        if not any(known.fits(outcome.operation.name, kind, change) for known in KNOWN)
    }
    assert not found


@pytest.mark.parametrize("mode", MODES)
def test_every_answer_is_read(runs: Runs, mode: str) -> None:
    kind = mode.partition(" ")[0].replace("seed", "dynamic")
    found = {
        outcome.operation.name: outcome.error
        for outcome in runs[mode]
        if outcome.error and not any(_is_refused(outcome, kind, refused) for refused in REFUSED)
    }
    assert not found


def _is_refused(outcome: Outcome, kind: str, refused: Refused) -> bool:
    return refused.operation in (EVERY, outcome.operation.name) and (
        refused.mode,
        refused.error,
        refused.has_errors,
    ) == (kind, outcome.error, outcome.has_bare_errors)


def _of(runs: Runs, kind: str) -> list[Outcome]:
    return runs["static"] if kind == "static" else [one for seed in SEEDS for one in runs[f"seed {seed}"]]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: f"{known.operation} {known.mode} {known.kind}")
def test_a_known_difference_is_still_one(runs: Runs, known: Known) -> None:
    assert known.why
    assert any(
        known.fits(outcome.operation.name, known.mode, change)
        for outcome in _of(runs, known.mode)
        for change in outcome.changes
    )


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: f"{refused.operation} {refused.mode}")
def test_a_known_refusal_is_still_one(runs: Runs, refused: Refused) -> None:
    assert refused.why
    assert any(_is_refused(outcome, refused.mode, refused) for outcome in _of(runs, refused.mode))


def test_the_seeds_give_different_answers(runs: Runs) -> None:
    bodies = {tuple(outcome.seen[-1].body for outcome in runs[f"seed {seed}"]) for seed in SEEDS}
    assert len(bodies) == len(SEEDS)


def test_prism_sees_a_request_that_breaks_the_description(mock: str, sandbox: Sandbox) -> None:
    call = GET_TRACKING(
        query={"trackingId": "1", "carrierId": "2"},
        headers={"x-amzn-shipping-business-id": "AmazonShipping_ZZ"},
    )
    with client_of(mock, sandbox) as (client, watching):
        with pytest.raises(SpShippingError):
            client.send(call)
        assert watching.seen[-1].of_the_request


@pytest.fixture(scope="module")
def through(document: Path) -> dict[str, list[Seen]]:
    """Return what Prism saw of every operation between the client and the sandbox, by route."""
    return driven(lambda behind: prism("proxy", str(document), behind))


def test_the_sandbox_answered_every_operation(through: dict[str, list[Seen]]) -> None:
    answered = {route for route, seen in through.items() if any(200 <= one.status < 300 for one in seen)}
    assert answered == {operation.route for operation in operations()}


def test_nothing_between_client_and_sandbox_breaks_amazons_description(
    through: dict[str, list[Seen]],
) -> None:
    found = {
        (route, text)
        for route, text in _violations(through)
        if not any(_is_known(broken, route, text) for broken in OF_THE_SANDBOX)
    }
    assert not found


def test_every_known_fault_of_the_sandbox_is_still_one(through: dict[str, list[Seen]]) -> None:
    found = list(_violations(through))
    for broken in OF_THE_SANDBOX:
        assert broken.why
        assert any(_is_known(broken, route, text) for route, text in found), broken


def test_prism_sees_an_answer_of_the_sandbox_that_breaks_the_description(
    document: Path, sandbox: Sandbox
) -> None:
    sandbox.add_fault("getMarketplaceParticipations", "null_field", path="payload.0.marketplace.id")
    call = GET_MARKETPLACE_PARTICIPATIONS()
    with prism("proxy", str(document), sandbox.url) as address, client_of(address, sandbox) as made:
        client, watching = made
        client.send(call)
        client.send(call)
    broken, whole = watching.seen
    assert "marketplace.id" in broken.of_the_answer[0]
    assert not whole.violations


def _violations(through: dict[str, list[Seen]]) -> Iterator[tuple[str, str]]:
    for route, all_seen in through.items():
        for seen in all_seen:
            yield from ((route, f"request {text}") for text in seen.of_the_request)
            yield from ((route, f"answer {text}") for text in seen.of_the_answer)


def _is_known(broken: Broken, route: str, text: str) -> bool:
    names = {operation.name for operation in operations() if operation.route == route}
    return broken.operation in names and re.search(broken.text, text) is not None
