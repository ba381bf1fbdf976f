"""Nobody who ships to Amazon comes out anywhere but in the answer that tells of them, whatever goes wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spshipping import Reply, reveal
from spshipping.sandbox.faults import KINDS
from spshipping.wire.model import Model
from spshipping.wire.shapes import fields_of
from tests.security.canary import PERSONAL, surfaces
from tests.security.vendor_calls import got_goods, vendor_calls, vendor_facade_calls
from tests.security.watching import watching
from tests.security.world import World, attempt, parts_of

TOLD = {
    "buyer's name",
    "address line",
    "second address line",
    "third address line",
    "city",
    "county",
    "district",
    "postal code",
    "phone",
    "tax number",
}
"""What answers tell of the one who ships."""


def models(value: Any) -> Iterator[Model]:
    """Yield every model that a caller is told, and those that are in it."""
    if isinstance(value, Reply):
        yield from models(value.value)
    elif isinstance(value, list):
        for one in value:
            yield from models(one)
    elif isinstance(value, Model):
        yield value
        for field in fields_of(type(value)):
            yield from models(getattr(value, field.name, None))


def test_every_method_of_the_facades_is_called(here: World) -> None:
    with here.client() as client:
        named = set(vendor_facade_calls(client, got_goods(client, here.box)))
        facades = (client.vendor.orders, client.vendor.shipments, client.vendor.transactions)
        methods = {name for facade in facades for name in dir(facade) if not name.startswith("_")}
    assert methods - {"context"} == named


def test_everybody_is_told_to_the_caller_and_shown_nowhere_else(here: World, tmp_path: Path) -> None:
    with surfaces(tmp_path) as catch, watching(catch) as on_reply, here.client(on_reply=on_reply) as client:
        goods = got_goods(client, here.box)
        acts = {**vendor_calls(client, goods), **vendor_facade_calls(client, goods)}
        results = [attempt(catch, act) for act in acts.values()]
        catch.show(*parts_of(client), client.vendor, client.vendor.orders)
        catch.say("repr", *(repr(one) for one in models(results)), repr(goods))
    assert not [one for one in results if isinstance(one, BaseException)]
    told = " ".join(reveal(one) for one in models(results))
    assert {name for name, text in PERSONAL.items() if text in told} == TOLD
    assert catch.leaks() == {}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_shows_whatever_goes_wrong_with_a_call(here: World, tmp_path: Path, kind: str) -> None:
    with surfaces(tmp_path) as catch, watching(catch) as on_reply, here.client(on_reply=on_reply) as client:
        acts = vendor_calls(client, got_goods(client, here.box))
        for seed, (route, act) in enumerate(acts.items()):
            here.box.faults.clear()
            here.box.add_fault(route, kind, count=1 + seed % 2, seconds=0.001, seed=seed)
            attempt(catch, act)
        catch.show(*parts_of(client))
    struck = {seen.route for seen in here.box.ledger.requests() if seen.fault == kind}
    # on a connection that the other side has just closed, one may have gone astray
    assert len(acts.keys() - struck) <= 2
    assert catch.leaks() == {}
