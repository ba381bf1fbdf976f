"""Who orders, who sells, where the goods go, and who pays."""

from typing import Annotated

from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Length
from spshipping.wire.model import Model, camel


class TaxRegistrationType(OpenEnum):
    """The kind of a tax registration."""

    VAT = "VAT"
    GST = "GST"


@camel(
    personal=(
        "name",
        "address_line1",
        "address_line2",
        "address_line3",
        "city",
        "county",
        "district",
        "postal_code",
        "phone",
    )
)
class Address(Model):
    """The address of a party."""

    name: str
    address_line1: str
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    county: str | None = None
    district: str | None = None
    state_or_region: str | None = None
    postal_code: str | None = None
    country_code: Annotated[str, Length(0, 2)]
    phone: str | None = None


@camel(personal=("tax_registration_number",))
class TaxRegistrationDetails(Model):
    """A tax registration of a party."""

    tax_registration_type: TaxRegistrationType
    tax_registration_number: str


@camel
class PartyIdentification(Model):
    """A party by its code: a vendor code, or that of a warehouse of Amazon."""

    party_id: str
    """Of the seller, the vendor code; of the ship-to party, the fulfilment centre."""
    address: Address | None = None
    tax_info: TaxRegistrationDetails | None = None
