"""An answer that breaks off at each of its bytes, with both ends of a line, for every effect."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from spshipping import Effect, OutcomeUnknownError
from spshipping.auth.cache import TokenCache
from spshipping.operation import Operation
from spshipping.shipping import CANCEL_SHIPMENT, GET_TRACKING, ONE_CLICK_SHIPMENT, PURCHASE_SHIPMENT
from tests.kit import FakeClock
from tests.matrix import faults
from tests.matrix.expected import answer, lost
from tests.matrix.proxy import Answer, Proxy, spoken
from tests.matrix.stage import UNLINK, Outcome, Stage, Trial

REQUEST_ID = "0123456789"
OPERATIONS = (GET_TRACKING, PURCHASE_SHIPMENT, ONE_CLICK_SHIPMENT, CANCEL_SHIPMENT, UNLINK)


def small(full: Answer) -> Answer:
    """Leave out most headers and most of the label, so that there are not too many places to cut."""
    data = json.loads(full.body)
    for parcel in data.get("payload", {}).get("packageDocumentDetails", ()):
        for document in parcel["packageDocuments"]:
            document["contents"] = "XlhBXlha"
    body = json.dumps(data, separators=(",", ":")).encode()
    status = full.head.partition(b"\r\n")[0].decode()[len("HTTP/1.1 ") :]
    whole = spoken(body, f"x-amzn-RequestId: {REQUEST_ID}", faults.JSON, status=status)
    return Answer(whole[: -len(body)], body)


class Cutter:
    """Cuts the first answer of one call after another, at a given byte."""

    def __init__(self, stage: Stage, proxy: Proxy) -> None:
        self.stage = stage
        self._proxy = proxy
        self._tokens = TokenCache()

    def length(self, operation: str) -> tuple[int, int]:
        """Return how many bytes the headers of an answer have, and how many there are in all."""
        found: list[Answer] = []

        def where(whole: Answer) -> int:
            found.append(whole)
            return 0

        self._run(where, operation, with_reset=False)
        return len(found[0].head), len(found[0].whole)

    def cut(self, operation: str, at: int, length: int, *, with_reset: bool) -> Outcome:
        """Send a call whose first answer ends after *at* bytes, and return what it comes to."""

        def where(whole: Answer) -> int:
            assert len(whole.whole) == length, "the answers differ in length"
            return at

        return self._run(where, operation, with_reset=with_reset)

    def _run(self, where: faults.Cut, operation: str, *, with_reset: bool) -> Outcome:
        clock = FakeClock(datetime.now(UTC))
        trial = Trial(self.stage, self._proxy, operation, "once", clock, self._proxy.url, tokens=self._tokens)
        # what follows is the call after the next cut
        trial.is_curable = False
        trial.strike(faults.cut(where, with_reset=with_reset))
        return self.stage.outcome(trial)


@pytest.fixture(scope="module")
def cutter(stage: Stage) -> Iterator[Cutter]:
    with Proxy(stage.upstream, rewrite=small) as proxy:
        yield Cutter(stage, proxy)


def expected(operation: Operation[Any]) -> Outcome:
    """Return what a call comes to whose first answer was cut."""
    if operation is UNLINK:
        return answer(2).idempotent
    return lost("TransportError", 1).of(operation.effect)


@pytest.mark.parametrize("with_reset", [False, True], ids=["FIN", "RST"])
@pytest.mark.parametrize("step", [pytest.param(1, id="each byte", marks=pytest.mark.soak), 5])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_wherever_an_answer_is_cut_it_is_true_in_the_end_or_unknown(
    cutter: Cutter, operation: Operation[Any], step: int, with_reset: bool
) -> None:
    name, effect = operation.name, operation.effect
    head, length = cutter.length(name)
    for at in sorted({*range(0, length, step), head - 1, head, length - 1}):
        outcome = cutter.cut(name, at, length, with_reset=with_reset)
        if effect is Effect.ONCE:
            assert isinstance(cutter.stage.result, OutcomeUnknownError)
            assert at < head or cutter.stage.result.request_id == REQUEST_ID
        assert outcome == expected(operation), f"cut after {at} of {length} bytes"
    assert cutter.cut(name, length, length, with_reset=with_reset) == answer(1).of(effect)
