"""Accounts with carriers: what is secret of them."""

from spshipping import reveal
from spshipping.shipping import (
    LINK_CARRIER_ACCOUNT,
    CarrierAccountAttribute,
    LinkCarrierAccountRequest,
)


def test_a_carriers_password_shows_in_no_repr() -> None:
    password = CarrierAccountAttribute(attribute_name="password", value="hunter2")
    request = LinkCarrierAccountRequest(
        carrier_account_type="SHIPPER_ACCOUNT",
        carrier_account_attributes=[password],
        encrypted_carrier_account_attributes=[password],
    )
    call = LINK_CARRIER_ACCOUNT(path={"carrierId": "UPS"}, body=request)
    assert "password" in repr(request)
    for text in (repr(password), repr(request), repr(call), f"{request}", str([password])):
        assert "hunter2" not in text
    assert "hunter2" in reveal(request)
