"""The judge of the storm can say no: each broken client is caught."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from spshipping import (
    Call,
    Client,
    Credentials,
    Marketplace,
    OutcomeUnknownError,
    Reply,
    RetryPolicy,
    TransportError,
)
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Sandbox
from spshipping.sandbox.headers import IDEMPOTENCY_KEY as KEY
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.retry import Facts, Outcome
from tests.matrix.ways import Blocking
from tests.sandbox.storm import Judgement, judge, read_journal
from tests.sandbox.storm_worker import Plan, settle, work


class Rekeying:
    """A transport under which every try has a key of its own."""

    def __init__(self) -> None:
        self._inner = RequestsTransport()

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        if KEY in request.headers:
            request = request.with_header(KEY, str(uuid4()))
        return self._inner.exchange(request, limits)

    def close(self) -> None:
        self._inner.close()


class Reckless(RetryPolicy):
    """A policy that repeats whatever was not refused."""

    def decide(self, facts: Facts) -> float | None:
        return None if facts.outcome is Outcome.REFUSED or facts.attempt > 5 else 0.0


class Hasty(Client):
    """A client that takes a lost answer for a failure."""

    def send(self, call: Call[Any], **options: Any) -> Reply[Any]:
        try:
            return super().send(call, **options)
        except OutcomeUnknownError:
            raise TransportError("it did not work") from None


class Forgetful(Client):
    """A client that gives another key back than the one it bought with."""

    def send(self, call: Call[Any], **options: Any) -> Reply[Any]:
        reply = super().send(call, **options)
        return Reply(reply.value, reply.meta, reply.raw, call.with_key("other") if call.key else call)


BROKEN: list[tuple[type[Client], dict[str, Any], str]] = [
    (
        Client,
        {"transport": Rekeying, "retry": lambda: RetryPolicy(base=0.0)},
        "bought, and in nobody's journal",
    ),
    (Client, {"retry": Reckless}, "bought 2 times"),
    (Hasty, {"retry": lambda: RetryPolicy(attempts=1)}, "refused, and bought all the same"),
    (Forgetful, {"retry": lambda: RetryPolicy(base=0.0)}, "came back with the key other"),
]

IDS = ["a key for each try", "repeats everything", "lost is failed", "gives another key back"]


@pytest.fixture
def judged(tmp_path: Path, sandbox: Sandbox) -> Callable[..., Judgement]:
    """Let one client buy while answers get lost, and judge it."""

    def run(cls: type[Client], options: dict[str, Any]) -> Judgement:
        plan = Plan(
            "w0", str(tmp_path / "w0"), sandbox.url, sandbox.token_url, sandbox.credentials, 40, threads=1
        )
        sandbox.add_fault("*", "drop_after", count=1000, share=0.4, seed=1)
        made = {name: make() for name, make in options.items()}
        with cls(
            Credentials(**sandbox.credentials),
            Marketplace.UK,
            endpoint=sandbox.url,
            token_url=sandbox.token_url,
            token_cache=TokenCache(),
            **made,
        ) as client:
            work(plan, Blocking(client))
        if "transport" in made:
            made["transport"].close()
        sandbox.faults.clear()
        with plan.client() as honest:
            return judge(sandbox, settle(honest, read_journal(Path(plan.journal)).values()))

    return run


def test_the_judge_has_no_complaint_of_the_real_client(judged: Callable[..., Judgement]) -> None:
    verdict = judged(Client, {"retry": lambda: RetryPolicy(base=0.0)})
    assert verdict.complaints == []
    assert verdict.in_hand > 30


@pytest.mark.parametrize(("cls", "options", "complaint"), BROKEN, ids=IDS)
def test_the_judge_catches_a_broken_client(
    judged: Callable[..., Judgement], cls: type[Client], options: dict[str, Any], complaint: str
) -> None:
    assert any(text.endswith(complaint) for text in judged(cls, options).complaints)
