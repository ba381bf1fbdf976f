"""Random shipments of accepted lines, and replacements: nothing wrong passes the check, and all else does."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest

from spshipping import InvalidRequestError, dumps, loads
from spshipping.vendor import shipments as asn
from spshipping.vendor.rules import History, RuleContext, RuleRegion, SentConfirmation, check
from tests.unit.vendor.rules.clean import NOW, PREPAID, accept_all, details_of, purchase_order
from tests.unit.vendor.rules.packed import LTL, Goods, S, confirmation_of, part

STORM = 5_000 if os.environ.get("SPSHIPPING_SOAK") == "full" else 500
STRICT = ("L-049", "L-051")
ORIGINAL, REPLACE = asn.ShipmentConfirmationType.ORIGINAL, asn.ShipmentConfirmationType.REPLACE


@dataclass
class World:
    """What was accepted of each line, and what reached Amazon, in plain numbers of the order's unit."""

    accepted: list[int]
    shipped: dict[str, list[int]] = field(default_factory=dict)
    """By identifier."""
    sent: list[SentConfirmation] = field(default_factory=list)

    def others(self, identifier: str, line: int) -> int:
        return sum(each[line] for name, each in self.shipped.items() if name != identifier)


@dataclass
class Wish:
    """A shipment that somebody wants to send."""

    identifier: str
    kind: asn.ShipmentConfirmationType
    amounts: list[int]
    packed: list[int]


def wish_of(world: World, rng: Random, step: int) -> Wish:
    """Draw a shipment, most of them right."""
    known = list(world.shipped)
    kind = REPLACE if known and rng.random() < 0.4 else ORIGINAL
    identifier = rng.choice(known) if known and (kind == REPLACE or rng.random() < 0.1) else f"S{step}"
    if kind == REPLACE and rng.random() < 0.1:
        identifier = "UNKNOWN"
    before = world.shipped.get(identifier)
    amounts = []
    for line, accepted in enumerate(world.accepted):
        left = max(0, accepted - world.others(identifier, line))
        most = before[line] if before is not None and kind == REPLACE else left
        amounts.append(rng.randint(0, most) + (rng.choice([1, 5]) if rng.random() < 0.1 else 0))
    packed = [amount + (rng.choice([-1, 1]) if rng.random() < 0.05 else 0) for amount in amounts]
    return Wish(identifier, kind, amounts, [max(0, each) for each in packed])


def is_legal(world: World, wish: Wish) -> bool:
    """Judge a shipment by plain numbers."""
    before = world.shipped.get(wish.identifier)
    if wish.amounts != wish.packed:
        return False
    if (wish.kind == REPLACE) is (before is None):
        return False
    if before is not None and any(new > old for new, old in zip(wish.amounts, before, strict=True)):
        return False
    return all(
        amount + world.others(wish.identifier, line) <= world.accepted[line]
        for line, amount in enumerate(wish.amounts)
    )


def written(template: asn.ShipmentConfirmation, wish: Wish) -> asn.ShipmentConfirmation:
    document = loads(dumps(template), asn.ShipmentConfirmation)
    document.shipment_identifier, document.shipment_confirmation_type = wish.identifier, wish.kind
    assert document.cartons
    for item, amount, packed in zip(document.shipped_items, wish.amounts, wish.packed, strict=True):
        item.shipped_quantity.amount = amount
        document.cartons[0].items.append(part(Goods(item, amount), packed))
    return document


def run(seed: int) -> tuple[int, int]:
    """Play one sequence; return how many shipments passed, and how many were refused."""
    rng = Random(seed)
    order = purchase_order(rng, RuleRegion.EU, PREPAID, count=rng.randint(1, 3))
    acknowledged = accept_all(order, NOW - timedelta(hours=1))
    world = World([line.ordered_quantity.amount or 0 for line in details_of(order).items])
    template = confirmation_of(rng, [order], LTL, S.LOOSE_ASSORTMENT_CASE, perishable=False)
    # one carton; its code is not looked at here
    template.cartons = [asn.Carton(carton_sequence_number="001", items=[])]
    passed = refused = 0
    for step in range(rng.randint(3, 8)):
        wish = wish_of(world, rng, step)
        document = written(template, wish)
        context = RuleContext(
            now=NOW,
            region=RuleRegion.EU,
            orders=[order],
            freight=PREPAID,
            history=History(acknowledgements=[acknowledged], confirmations=world.sent),
        )
        try:
            check(document, context, raise_to_error=STRICT)
        except InvalidRequestError:
            has_passed = False
            refused += 1
        else:
            has_passed = True
            passed += 1
        assert has_passed is is_legal(world, wish), (seed, step, wish, world)
        if has_passed:
            world.shipped[wish.identifier] = wish.amounts
            world.sent.append(SentConfirmation(document, NOW - timedelta(minutes=60 - step)))
    return passed, refused


@pytest.mark.parametrize("count", [100, pytest.param(STORM, marks=pytest.mark.soak)])
def test_nothing_is_shipped_twice_or_above_what_was_accepted(count: int) -> None:
    played = [run(seed) for seed in range(count)]
    passed, refused = (sum(each) for each in zip(*played, strict=True))
    assert passed > count / 2
    assert refused > count / 2
