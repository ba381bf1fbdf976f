"""Every operation against the sandbox, with something in between that watches."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from itertools import chain
from typing import Any

from spshipping import SpShippingError
from spshipping.notifications import DELETE_DESTINATION, DELETE_SUBSCRIPTION_BY_ID
from spshipping.shipping import GetCollectionFormHistoryRequest
from tests.contract.facts import operations
from tests.prism.driving import Seen, Watching
from tests.security.order_calls import Known, got_to_know, operation_calls
from tests.security.vendor_calls import got_goods, vendor_calls
from tests.security.world import World, calls, prepared, world

Between = Callable[[str], AbstractContextManager[str]]
"""Runs what is in between for a block, and gives its address."""


def driven(between: Between, watch: Callable[[str], Watching] = Watching) -> dict[str, list[Seen]]:
    """Call every operation that the sandbox answers; return what was seen of each, by route."""
    with world() as place, between(place.box.url) as address:
        watching = watch(address)
        # Prism takes its time on a busy machine
        with place.client(endpoint=address, transport=watching, timeout=(5.0, 60.0)) as client:
            quote, bought = prepared(client, place.order)
            known = got_to_know(client, place.orders)
            # the cancellation comes last of those of a shipment
            acts = {**calls(client, place.order, quote, bought), **operation_calls(client, known)}
            acts.pop("getShipment")  # of Shipping v1, which only the sandbox knows
            in_order = sorted(acts, key=lambda name: "cancel" in name.lower())
            for act in chain(
                (acts[name] for name in in_order),
                _forms(client, place),
                _removals(client, known),
                _of_vendors(client, place),
            ):
                with suppress(SpShippingError):  # a refusal is an answer too
                    act()
    return by_route(watching.seen)


def _forms(client: Any, place: World) -> Iterator[Callable[[], Any]]:
    """Print the first collection form, once it is made."""
    history = GetCollectionFormHistoryRequest()
    records = client.shipping.get_collection_form_history(history).collection_forms_history_record_list
    place.box.clock.advance(60)
    yield lambda: client.shipping.get_collection_form(records[0].collection_form_id)


def _removals(client: Any, known: Known) -> Iterator[Callable[[], Any]]:
    subscription = {"notificationType": "ORDER_CHANGE", "subscriptionId": known.subscription}
    yield lambda: client.send(DELETE_SUBSCRIPTION_BY_ID(path=subscription))
    yield lambda: client.send(DELETE_DESTINATION(path={"destinationId": known.destination}))


def _of_vendors(client: Any, place: World) -> Iterator[Callable[[], Any]]:
    """Yield the calls of vendors; last, for days pass until there are labels."""
    yield from vendor_calls(client, got_goods(client, place.box)).values()


def by_route(all_seen: list[Seen]) -> dict[str, list[Seen]]:
    """Return what was seen of each operation."""
    patterns = {
        operation.route: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(operation.route)))
        for operation in operations()
    }
    found: dict[str, list[Seen]] = defaultdict(list)
    for seen in all_seen:
        for route, pattern in patterns.items():
            if pattern.fullmatch(f"{seen.method} {seen.path}"):
                found[route].append(seen)
    return found
