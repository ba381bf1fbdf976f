"""What the shipping models refuse, and what they hide."""

from decimal import Decimal
from typing import Any

import pytest

import spshipping.shipping
from spshipping.errors import InvalidRequestError
from spshipping.shipping import (
    CancelShipmentResult,
    Currency,
    DangerousGoodsDetails,
    DirectPurchaseRequest,
    Geocode,
    Location,
    OneClickShipmentRequest,
    ServiceSelection,
    ShipperInstruction,
    TaxDetail,
    TaxType,
)
from spshipping.wire.convert import dumps, encode_request, loads
from spshipping.wire.model import Model, extra, reveal
from tests.unit.shipping.build import address, external, package, rates_request, specification


def one_click(**changes: Any) -> OneClickShipmentRequest:
    fields: dict[str, Any] = {
        "ship_from": address(),
        "packages": [package()],
        "channel_details": external(),
        "label_specifications": specification(),
        "service_selection": ServiceSelection(service_id=["std-us-swa-mfn"]),
    }
    return OneClickShipmentRequest(**{**fields, **changes})


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (one_click(packages=[]), "packages"),
        (DirectPurchaseRequest(channel_details=external(), packages=[]), "packages"),
        (rates_request(ship_to=address(name="")), "ship_to.name"),
        (rates_request(ship_to=address(name="n" * 51)), "ship_to.name"),
        (rates_request(ship_from=address(address_line1="n" * 61)), "ship_from.address_line1"),
        (rates_request(ship_from=address(address_line2="")), "ship_from.address_line2"),
        (rates_request(return_to=address(address_line3="")), "return_to.address_line3"),
        (rates_request(ship_from=address(email="e" * 65)), "ship_from.email"),
        (rates_request(ship_from=address(phone_number="1" * 21)), "ship_from.phone_number"),
        (one_click(shipper_instruction=ShipperInstruction(delivery_notes="n" * 257)), "shipper_instruction"),
        (
            one_click(packages=[package(insured_value=Currency(value=Decimal(1), unit="GB"))]),
            "packages[0].insured_value.unit",
        ),
        (DangerousGoodsDetails(united_nations_regulatory_id="UN12"), "united_nations_regulatory_id"),
        (DangerousGoodsDetails(transportation_regulatory_class="0"), "transportation_regulatory_class"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_amazon_would_refuse_is_refused_before_it_is_sent(request_: Model, path: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        encode_request(request_)
    assert str(caught.value).startswith(path)


@pytest.mark.parametrize(
    "request_",
    [
        one_click(),
        rates_request(),
        DirectPurchaseRequest(channel_details=external()),
        DangerousGoodsDetails(united_nations_regulatory_id="UN1263", transportation_regulatory_class="5.1"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_valid_request_reads_as_it_was_written(request_: Model) -> None:
    assert loads(encode_request(request_), type(request_)) == request_


@pytest.mark.parametrize(
    "model",
    [
        address(
            **dict.fromkeys(
                ["name", "address_line1", "address_line2", "address_line3", "company_name"], "SECRET"
            ),
            **dict.fromkeys(["city", "postal_code", "email", "phone_number"], "SECRET"),
            geocode=Geocode(latitude="SECRET", longitude="SECRET"),
        ),
        Location(city="SECRET", postal_code="SECRET", country_code="GB"),
        Geocode(latitude="SECRET", longitude="SECRET"),
        ShipperInstruction(delivery_notes="SECRET"),
        TaxDetail(tax_type=TaxType.GST, tax_registration_number="SECRET"),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_is_personal_is_not_in_a_repr(model: Model) -> None:
    assert "SECRET" not in repr(model)
    assert "SECRET" in reveal(model)


def test_where_somebody_lives_is_shown_no_closer_than_the_country_and_region() -> None:
    text = repr(address())
    assert "country_code='GB'" in text
    assert "state_or_region='London'" in text
    assert "Sutton" not in text


def test_a_cancellation_keeps_what_amazon_may_one_day_say() -> None:
    result = loads('{"refund": 1}', CancelShipmentResult)
    assert result == CancelShipmentResult()
    assert extra(result) == {"refund": 1}
    assert dumps(result) == b'{"refund":1}'


def test_every_public_name_exists_once() -> None:
    names = spshipping.shipping.__all__
    assert len(names) == len(set(names))
    assert all(getattr(spshipping.shipping, name) is not None for name in names)
