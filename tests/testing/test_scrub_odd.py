"""The scrubber on odd answers: what it must not let through, and what must not stop a recording."""

import json
from decimal import Decimal
from typing import Any

import pytest

from spshipping.testing.leftovers import LeftoverError, Leftovers
from spshipping.testing.matching import differences
from spshipping.testing.pseudonyms import Pseudonyms
from spshipping.testing.record import origin_of
from spshipping.testing.scrub import scrub
from tests.testing.test_scrub import KEY, answered, exchange, one, tracking

SCHEMA = "/shipping/v2/shipments/additionalInputs/schema?rateId=R&requestToken=T"


def test_no_number_is_its_own_pseudonym() -> None:
    pseudonyms = Pseudonyms(KEY)
    numbers = [*range(-50, 2000), Decimal("1.5"), Decimal("0.1")]
    assert [number for number in numbers if pseudonyms.of_number(number) == number] == []


@pytest.mark.parametrize("word", ["default", "const", "enum"])
@pytest.mark.parametrize("value", [900417, [900417, [417]], True])
def test_what_a_schema_holds_as_data_is_replaced(word: str, value: Any) -> None:
    schema = {"payload": {"properties": {"x": {"type": "string", word: value}}}}
    (inner,) = answered(exchange(SCHEMA, schema))["payload"]["properties"].values()
    assert inner["type"] == "string"
    assert inner[word] != value


def test_a_limit_of_a_schema_stays_unless_it_has_too_many_digits() -> None:
    content = {"payload": {"maxLength": 40, "minimum": 0.44770090041712345}}
    payload = answered(exchange(SCHEMA, content))["payload"]
    assert payload["maxLength"] == 40
    assert payload["minimum"] != Decimal("0.44770090041712345")


@pytest.mark.parametrize(
    "kind", ["application/problem+json; charset=utf-8", "text/plain; charset=utf-8; x=y"]
)
def test_a_media_type_that_is_not_kept_does_not_stop_those_that_are(kind: str) -> None:
    kept = "text/plain; charset=utf-8"
    found = [exchange(answer=tracking(), headers={"content-type": each}) for each in (kind, kept)]
    first, second = scrub(found, origin=origin_of, key=KEY).fixtures
    assert first.response.headers["content-type"] != kind
    assert second.response.headers["content-type"] == kept


def test_a_time_of_day_does_not_stop_the_times_that_stay() -> None:
    payload = answered(exchange(answer=tracking(note="10:00:00")))["payload"]
    assert "10:00:00" not in payload.values()
    assert payload["eventHistory"][0]["eventTime"] == "2026-03-02T10:00:00Z"


def test_a_list_in_the_query_that_was_replaced_fits_any_list() -> None:
    ids = "113-4455667-8899001,113-4455667-8899002"
    path = f"/orders/v0/orders?MarketplaceIds=A1F83G8C2ARO7P&AmazonOrderIds={ids}"
    kept = one(exchange(path, {"payload": {"Orders": []}}), fits_any=True).request
    assert kept.query == {"MarketplaceIds": "A1F83G8C2ARO7P", "AmazonOrderIds": "<any>"}
    sent = one(exchange(path, {"payload": {"Orders": []}})).request
    assert list(differences(sent, kept)) == []


@pytest.mark.long
def test_the_last_look_finds_one_text_among_very_many_in_a_large_answer() -> None:
    names = {f"Person {number:06} of Zo" for number in range(20_000)}
    looks = Leftovers(names)
    harmless = [f"Somebody {number:06} of Ab" for number in range(20_000)]
    looks.check(one(exchange(answer={"payload": {}})))
    fixture = one(exchange(answer={"payload": {"x": harmless}}))
    looks.check(fixture)
    content = json.dumps({"x": [*harmless, "(pErson 019999 of zO)"]}).encode()
    changed = exchange(answer=b"{}")
    fixture = one(changed)
    object.__setattr__(fixture.response, "content", content)
    with pytest.raises(LeftoverError, match=r"response\.body"):
        looks.check(fixture)
