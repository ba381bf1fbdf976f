"""Factories and strategies: whatever they make is valid."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spshipping import dumps, loads
from spshipping.notifications import DestinationResourceSpecification
from spshipping.sandbox import Sandbox
from spshipping.shipping import Address, ChannelDetails, ChannelType, GetRatesRequest, Package
from spshipping.testing import factories, strategies
from spshipping.wire.check import problems
from spshipping.wire.shapes import fields_of
from tests.contract.facts import models

SEEDS = range(4)
DOMAINS: dict[str, list[Any]] = {}
for _cls in models():
    DOMAINS.setdefault(_cls.__module__.split(".")[1], []).append(_cls)
every_domain = pytest.mark.parametrize("domain", DOMAINS)


@every_domain
def test_whatever_a_factory_makes_is_valid_and_reads_back(domain: str) -> None:
    for cls in DOMAINS[domain]:
        seeded = [factories.valid(cls, seed=seed) for seed in SEEDS]
        for model in (factories.minimal(cls), factories.full(cls), *seeded):
            assert list(problems(model)) == []
            assert loads(dumps(model), cls) == model


@every_domain
def test_a_minimal_one_has_no_more_and_a_full_one_all(domain: str) -> None:
    for cls in DOMAINS[domain]:
        least, most = factories.minimal(cls), factories.full(cls)
        for field in fields_of(cls):
            if field.name not in cls.__exactly_one__:
                assert (getattr(least, field.name) is not None) is field.is_required, field
                assert getattr(most, field.name) is not None, field


def test_fields_take_the_place_of_what_the_factory_chooses() -> None:
    address = factories.minimal(Address, city="Łódź", country_code="PL")
    assert (address.city, address.country_code, address.name) == ("Łódź", "PL", "Ada Example")
    assert factories.full(Address, city="Ulm").city == "Ulm"
    assert factories.valid(Address, seed=2, city="Ulm").city == "Ulm"
    with pytest.raises(TypeError, match="Address has no field 'town'"):
        factories.minimal(Address, town="Ulm")


def test_a_seed_gives_the_same_again_and_another_one_another() -> None:
    made = [factories.valid(Package, seed=seed) for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]


def test_of_some_fields_there_is_exactly_one() -> None:
    found = [factories.valid(DestinationResourceSpecification, seed=seed) for seed in range(10)]
    assert {(one.sqs is None, one.event_bridge is None) for one in found} == {(True, False), (False, True)}


def test_the_sandbox_takes_what_a_factory_makes() -> None:
    channel = ChannelDetails(channel_type=ChannelType.EXTERNAL)
    package = factories.minimal(Package)
    with (
        Sandbox(frozen_at=factories.TIME, orders=0, purchase_orders=0) as sandbox,
        sandbox.client() as client,
    ):
        for request in (
            factories.minimal(
                GetRatesRequest,
                packages=[package],
                channel_details=channel,
                ship_to=factories.minimal(Address),
            ),
            factories.full(GetRatesRequest, packages=[package], carrier_accounts=None),
        ):
            assert client.shipping.get_rates(request).rates


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.data())
def test_strategies_make_valid_models_with_listed_values(data: st.DataObject) -> None:
    request = data.draw(strategies.models(GetRatesRequest, unlisted=False))
    assert list(problems(request)) == []
    assert loads(dumps(request), GetRatesRequest) == request
