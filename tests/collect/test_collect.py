"""The end of the day: one form for each carrier and place, however often it is asked for."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pypdfium2
import pytest

from spshipping import Credentials, Marketplace
from spshipping.errors import (
    ConfigurationError,
    InvalidRequestError,
    OutcomeUnknownError,
    ServerError,
)
from spshipping.operation.keys import derive
from spshipping.shipping import Collected, CollectionStatus
from spshipping.shipping.collection_files import mark
from spshipping.wire.convert import to_dict
from tests.collect.conftest import Shop

HERE, THERE = "1 Dorset Street", "9 Harbour Road"


def seen(results: list[Collected]) -> list[tuple[str | None, str | None, str]]:
    return [
        (
            result.carrier_id,
            None if result.address is None else result.address.address_line1,
            result.status.value,
        )
        for result in results
    ]


def names(shop: Shop) -> list[str]:
    return sorted(path.name for path in shop.folder.iterdir()) if shop.folder.exists() else []


def test_each_carrier_and_place_has_a_form_that_is_waited_for_and_saved(shop: Shop) -> None:
    shop.buy("AMZN")
    shop.buy()
    shop.buy()
    shop.buy(street=THERE)
    shop.buy("UPS")
    results = shop.collect()
    assert sorted(seen(results), key=str) == [
        ("FEDEX", HERE, "saved"),
        ("FEDEX", THERE, "saved"),
        ("UPS", HERE, "saved"),
    ]
    assert shop.forms == 3
    assert shop.clock.slept == [2.0, 4.0, 8.0]
    paths = [result.path for result in results]
    assert sorted(path.name for path in paths if path) == names(shop)
    for path in paths:
        assert path is not None
        assert path.stat().st_mode & 0o077 == 0
        assert len(pypdfium2.PdfDocument(path.read_bytes())) == 1
    assert not any(result.is_repeat or result.has_more for result in results)


def test_the_same_collection_again_is_the_same_forms(shop: Shop) -> None:
    shop.buy()
    shop.buy("UPS")
    first = shop.collect()
    again = shop.collect()
    assert shop.forms == 2
    assert {result.form_id for result in again} == {result.form_id for result in first}
    assert {result.path for result in again} == {result.path for result in first}
    assert all(result.is_repeat and result.status is CollectionStatus.SAVED for result in again)
    assert shop.count("generateCollectionForm") == 2


def test_what_was_bought_since_is_for_the_next_collection(shop: Shop) -> None:
    shop.buy()
    (first,) = shop.collect()
    shop.buy()
    (again,) = shop.collect()
    assert (again.path, again.is_repeat, again.has_more) == (first.path, True, True)
    assert (shop.forms, shop.count("generateCollectionForm")) == (1, 1)

    results = shop.collect(number=2)
    before, new = sorted(results, key=lambda result: not result.is_repeat)
    assert (before.path, before.carrier_id, new.is_repeat, new.carrier_id) == (
        first.path,
        None,
        False,
        "FEDEX",
    )
    assert (shop.forms, len(names(shop))) == (2, 2)


def test_where_the_folder_is_lost_the_same_form_is_saved_again(shop: Shop) -> None:
    shop.buy()
    (first,) = shop.collect()
    assert first.path is not None
    data = first.path.read_bytes()
    first.path.unlink()
    shop.buy()
    (again,) = shop.collect()
    assert (again.form_id, again.path, shop.forms) == (first.form_id, first.path, 1)
    assert first.path.read_bytes() == data


def test_a_crash_before_the_form_is_saved_loses_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Crashed(BaseException):
        """As a process that is killed."""

    def crash() -> None:
        raise Crashed

    shop.buy()
    shop.buy("UPS")
    goes_on, shop.clock.on_sleep = shop.clock.on_sleep, crash
    with pytest.raises(Crashed):
        shop.collect()
    assert (shop.forms, names(shop)) == (2, [])

    shop.clock.on_sleep = goes_on
    results = shop.collect()
    assert [(result.status.value, result.carrier_name) for result in results] == [
        ("saved", "UPS"),
        ("saved", "FedEx"),
    ]
    assert shop.forms == 2
    assert shop.count("generateCollectionForm") == 2
    assert len(names(shop)) == 2
    assert [result.is_repeat for result in shop.collect()] == [True, True]


def test_a_lost_answer_makes_no_second_form(shop: Shop) -> None:
    shop.buy()
    shop.fail("drop_after", operation="generateCollectionForm")
    (result,) = shop.collect()
    assert (result.status, shop.forms, len(names(shop))) == (CollectionStatus.SAVED, 1, 1)


def test_a_form_whose_request_is_in_doubt_is_found_in_the_history(shop: Shop) -> None:
    shop.buy()
    shop.fail("drop_after", count=9, operation="generateCollectionForm")
    (result,) = shop.collect()
    assert (result.status, result.carrier_id, shop.forms) == (CollectionStatus.SAVED, "FEDEX", 1)


def test_a_request_in_doubt_that_made_no_form_is_an_error_after_the_wait(shop: Shop) -> None:
    shop.buy()
    shop.fail("drop_before", count=9, operation="generateCollectionForm")
    (result,) = shop.collect(wait=20)
    assert (result.status, shop.forms) == (CollectionStatus.FAILED, 0)
    assert isinstance(result.error, OutcomeUnknownError)
    assert sum(shop.clock.slept) >= 20


def test_one_that_fails_stops_no_other(shop: Shop) -> None:
    shop.buy()
    shop.buy("UPS")
    shop.fail("status", count=3, operation="getCollectionForm", status=500)
    results = shop.collect()
    assert sorted(result.status.value for result in results) == ["failed", "saved"]
    (failed,) = [result for result in results if result.status is CollectionStatus.FAILED]
    assert isinstance(failed.error, ServerError)
    assert failed.form_id is not None

    again = shop.collect()
    assert {result.status for result in again} == {CollectionStatus.SAVED}
    assert len(names(shop)) == shop.forms == 2


def test_a_refused_request_is_not_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.buy()
    shop.fail("status", operation="generateCollectionForm", status=400)
    (result,) = shop.collect()
    assert (result.status, result.carrier_id) == (CollectionStatus.FAILED, "FEDEX")
    assert result.error is not None
    assert shop.clock.slept == []


def test_a_form_that_takes_too_long_is_left_to_the_next_call(shop: Shop) -> None:
    shop.buy()
    (result,) = shop.collect(wait=0)
    assert (result.status, result.form_id is not None) == (CollectionStatus.IN_PROGRESS, True)
    assert shop.clock.slept == []
    shop.sandbox.clock.advance(60)
    (later,) = shop.collect(wait=0)
    assert (later.status, later.form_id) == (CollectionStatus.SAVED, result.form_id)


def test_amazons_own_carrier_has_nothing_to_collect_and_nothing_is_requested(shop: Shop) -> None:
    shop.buy("AMZN")
    before = len(list(shop.sandbox.ledger.requests()))
    results = shop.collect(carriers=["AMZN_UK"])
    assert seen(results) == [("AMZN_UK", None, "nothing_to_collect")]
    assert len(list(shop.sandbox.ledger.requests())) == before
    assert shop.collect() == []


def test_only_the_carriers_that_are_named_collect(shop: Shop) -> None:
    shop.buy()
    shop.buy("UPS")
    assert seen(shop.collect(carriers=["FEDEX", "AMZN_UK"])) == [
        ("AMZN_UK", None, "nothing_to_collect"),
        ("FEDEX", HERE, "saved"),
    ]
    assert shop.forms == 1
    assert seen(shop.collect(carriers=["FEDEX", "NONE"])) == [
        ("FEDEX", HERE, "saved"),
        ("NONE", None, "nothing_to_collect"),
    ]


def test_a_day_begins_in_its_time_zone(shop: Shop) -> None:
    shop.buy()
    now = shop.sandbox.clock.now()
    (result,) = shop.collect(day=now.date() - timedelta(days=2), time_zone="Pacific/Auckland")
    assert result.status is CollectionStatus.SAVED
    assert result.path is not None
    assert (now.date() - timedelta(days=2)).isoformat() in result.path.name
    assert shop.collect(day=now.date() + timedelta(days=2)) == []


def test_the_key_of_a_form_is_the_same_in_every_version(shop: Shop) -> None:
    shop.buy()
    day = date(2026, 3, 2)
    (result,) = shop.collect(day=day, seller="S", business="UK")
    (sent,) = [each for each in shop.sandbox.ledger.requests() if each.operation == "generateCollectionForm"]
    there = shop.history[0].ship_from_address
    assert there is not None
    fields = sorted(to_dict(there).items())
    address = [f"{name}={' '.join(str(value).split()).casefold()}" for name, value in fields]
    expected = derive([shop.sandbox.url, "S", "UK", "FEDEX", *address, "2026-03-02", "1"])
    assert result.path is not None
    assert mark(expected) in result.path.name
    assert sent.key == expected


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"number": 0}, InvalidRequestError, "number: is a whole number above 0"),
        ({"day": datetime(2026, 3, 2, tzinfo=UTC)}, InvalidRequestError, "day: is a date without a time"),
        ({"wait": -1}, InvalidRequestError, "wait: is a number of seconds"),
        ({"carriers": "FEDEX"}, InvalidRequestError, "carriers: is a list"),
        ({"time_zone": "Moon/Base"}, ConfigurationError, "'Moon/Base' is no time zone"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_sent(
    shop: Shop, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    before = len(list(shop.sandbox.ledger.requests()))
    with pytest.raises(error, match=message):
        shop.collect(**options)
    assert len(list(shop.sandbox.ledger.requests())) == before


def test_no_result_shows_an_address(shop: Shop) -> None:
    shop.buy()
    assert HERE not in repr(shop.collect())


def test_without_a_name_for_the_seller_or_a_business_nothing_is_sent(shop: Shop) -> None:
    nameless = shop.make_client(credentials=Credentials(**shop.sandbox.credentials))
    with pytest.raises(ConfigurationError, match="pass seller="):
        nameless.shipping.collect(shop.folder)
    elsewhere = shop.make_client(marketplace=Marketplace.DE)
    with pytest.raises(ConfigurationError, match="business"):
        elsewhere.shipping.collect(shop.folder, seller="S")
