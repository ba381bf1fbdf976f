"""Answers purchase orders in a process of its own, which may be killed at any step of it."""

import contextlib
import json
import sys
from typing import Any, NamedTuple

from spshipping import AsyncClient, Client, Credentials, Marketplace, RetryPolicy, SpShippingError
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.aio import AiohttpTransport
from spshipping.vendor.acknowledge import Acknowledgement
from spshipping.vendor.ledger import SqliteLedger
from tests.fuse import Fuse
from tests.onloop import Loop, OnLoop
from tests.ship.worker import Ahead

STEPS = ("begin", "settle", "history", "own", "find", "entries")


class Plan(NamedTuple):
    """What one process has to do; fit for JSON."""

    endpoint: str
    token_url: str
    credentials: dict[str, str]
    ledger: str
    orders: list[str]
    way: str = "threads"
    offset: float = 0.0
    """Seconds by which its clock is ahead."""
    killed_at: int = 0
    """The step before which it is killed, the first being 1; 0 for none."""


@contextlib.contextmanager
def opened(plan: Plan) -> Any:
    """Yield the facade of a plan and its ledger, which its fuse is built into."""
    fuse, clock = Fuse(plan.killed_at), Ahead(plan.offset)
    options: dict[str, Any] = {
        "endpoint": plan.endpoint,
        "token_url": plan.token_url,
        "clock": clock,
        "retry": RetryPolicy(attempts=2, base=0.002, throttled_base=0.02),
        "timeout": (2.0, 2.0),
    }
    credentials = Credentials(**plan.credentials)
    with SqliteLedger(plan.ledger, clock=clock) as ledger:
        for name in STEPS:
            setattr(ledger, name, fuse.around(getattr(ledger, name)))
        if plan.way == "threads":
            transport = RequestsTransport(clock=clock)
            transport.exchange = fuse.around(transport.exchange)  # type: ignore[method-assign]
            with (
                contextlib.closing(transport),
                Client(credentials, Marketplace.US, transport=transport, **options) as client,
            ):
                yield client.vendor, ledger
            return
        loop, stepped = Loop(), AiohttpTransport(clock=clock)
        exchange = stepped.exchange

        async def in_steps(*args: Any, **more: Any) -> Any:
            fuse.step()
            answer = await exchange(*args, **more)
            fuse.step()
            return answer

        stepped.exchange = in_steps  # type: ignore[method-assign]
        made = AsyncClient(credentials, Marketplace.US, transport=stepped, **options)
        yield OnLoop(made.vendor, loop), ledger
        loop.run(made.close())
        loop.run(stepped.close())
        loop.close()


def work(plan: Plan, vendor: Any, ledger: SqliteLedger) -> list[str]:
    """Accept every order that was not answered yet; return those that were submitted now."""
    answered = {each.reference for each in vendor.submissions(ledger=ledger)}
    done = []
    for number in plan.orders:
        if number in answered:
            continue
        with contextlib.suppress(SpShippingError):
            order = vendor.orders.get_purchase_order(number)
            vendor.submit(Acknowledgement.of(order, accept_po_cost=True).accept_all(), ledger=ledger)
            done.append(number)
    return done


if __name__ == "__main__":
    its_plan = Plan(**json.loads(sys.argv[1]))
    with opened(its_plan) as (its_vendor, its_ledger):
        sys.stdout.write(json.dumps(work(its_plan, its_vendor, its_ledger)))
