"""Clients of the sandbox whose quota and tokens are in one Redis."""

import asyncio

import pytest

from benchmarks.scenarios import ANSWER, OPERATION, STATED
from spshipping import (
    AsyncClient,
    Client,
    Credentials,
    FileStore,
    NotFoundError,
    RedisQuota,
    RedisStore,
    TokenCache,
)
from spshipping.auth.vault import VARIABLE
from spshipping.sandbox import Sandbox
from tests.engines.redis.crew import Crew, say
from tests.engines.redis.servers import Server
from tests.virtual import StillClock, VirtualClock

pytestmark = pytest.mark.engines

WORKERS = 16
CALLS = 10
IDEAL_SECONDS = (WORKERS * CALLS - STATED.burst) / STATED.rate


def test_sixteen_workers_use_the_quota_draw_no_429_and_fail_no_call(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On virtual time, so that a busy machine is not taken for a slow client."""
    monkeypatch.setattr("spshipping.sandbox.server.SandboxClock", StillClock)
    key = FileStore.new_key()
    with Sandbox(quotas={OPERATION.name: STATED}) as box:
        box.add_operation(OPERATION, ANSWER)
        clock = VirtualClock(box.clock)
        moments: list[float] = []

        def work() -> None:
            quota = RedisQuota(server.url, clock=clock)
            quota._time = clock.monotonic
            tokens = TokenCache(clock, RedisStore(server.url, key=lambda: key, clock=clock))
            options = {"endpoint": box.url, "token_url": box.token_url, "quota": quota, "token_cache": tokens}
            with Client(Credentials(**box.credentials), "UK", clock=clock, **options) as client:  # type: ignore[arg-type]
                for _ in range(CALLS):
                    client.send(OPERATION(query={"limit": "1"}))
                    moments.append(clock.monotonic())

        began = clock.monotonic()
        clock.run([work] * WORKERS)
        assert len(box.ledger.token_requests()) == 1
        assert box.ledger.count(OPERATION.name, 429) == 0
    assert len(moments) == WORKERS * CALLS
    assert IDEAL_SECONDS / (max(moments) - began) >= 0.97


@pytest.mark.soak
def test_sixteen_processes_use_the_quota_draw_no_429_and_fail_no_call(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, FileStore.new_key().reveal())
    with Sandbox(quotas={OPERATION.name: STATED}) as box:
        box.add_operation(OPERATION, ANSWER)
        job = {
            "redis": server.url,
            "calls": CALLS,
            "credentials": box.credentials,
            "url": box.url,
            "token_url": box.token_url,
        }
        with Crew("tests.engines.redis.client_worker", job, WORKERS) as crew:
            began = crew.begin()
            results = crew.results()
        refused = box.ledger.count(OPERATION.name, 429)
        assert len(box.ledger.token_requests()) == 1
    moments = [moment for found, _ in results for moment in found]
    share = IDEAL_SECONDS / (max(moments) - began)
    say(f"{WORKERS} processes: {share:.3f} of the quota, {refused} refused")
    assert [failed for _, failed in results] == [[]] * WORKERS
    assert refused == 0
    assert share >= 0.97


def test_a_client_of_an_event_loop_shares_them_too(server: Server) -> None:
    key = FileStore.new_key()

    async def track(box: Sandbox) -> None:
        async with AsyncClient(
            Credentials(**box.credentials),
            "UK",
            endpoint=box.url,
            token_url=box.token_url,
            quota=RedisQuota(server.url),
            token_cache=TokenCache(store=RedisStore(server.url, key=lambda: key)),
        ) as client:

            async def once() -> None:
                with pytest.raises(NotFoundError):
                    await client.shipping.get_tracking(tracking_id="unknown", carrier_id="ATS")

            await asyncio.gather(*(once() for _ in range(5)))

    with Sandbox() as box:
        for _ in range(2):
            asyncio.run(track(box))
        assert len(box.ledger.token_requests()) == 1
        assert box.ledger.count("getTracking", 404) == 10
