"""The models of Sellers v1: an account, its business, and the marketplaces it takes part in."""

from typing import Annotated

from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Pattern
from spshipping.wire.model import Model, camel


class BusinessType(OpenEnum):
    """The legal form of the seller."""

    CHARITY = "CHARITY"
    CRAFTSMAN = "CRAFTSMAN"
    NATURAL_PERSON_COMPANY = "NATURAL_PERSON_COMPANY"
    PUBLIC_LISTED = "PUBLIC_LISTED"
    PRIVATE_LIMITED = "PRIVATE_LIMITED"
    SOLE_PROPRIETORSHIP = "SOLE_PROPRIETORSHIP"
    STATE_OWNED = "STATE_OWNED"
    INDIVIDUAL = "INDIVIDUAL"


class SellingPlan(OpenEnum):
    """What the seller pays Amazon for."""

    PROFESSIONAL = "PROFESSIONAL"
    INDIVIDUAL = "INDIVIDUAL"


@camel
class Marketplace(Model):
    """A marketplace as Amazon describes it: `spshipping.Marketplace.find(marketplace.id)`."""

    id: str
    name: str
    country_code: Annotated[str, Pattern("^([A-Z]{2})$")]
    default_currency_code: str | None = None
    """getAccount may leave it out, and the next one."""
    default_language_code: str | None = None
    domain_name: str


@camel
class Participation(Model):
    """Whether the seller sells there."""

    is_participating: bool
    has_suspended_listings: bool
    """The seller's listings are set to inactive, as on holidays."""


@camel
class MarketplaceParticipation(Model):
    """One marketplace, and the seller's part in it."""

    marketplace: Marketplace
    participation: Participation
    store_name: str


@camel(personal=("address_line1", "address_line2", "city", "postal_code"))
class Address(Model):
    """Where a business is registered, or a person lives."""

    address_line1: str
    address_line2: str | None = None
    country_code: str
    state_or_province_code: str | None = None
    city: str | None = None
    postal_code: str | None = None


@camel(personal=("name", "company_tax_identification_number", "non_latin_name"))
class Business(Model):
    """The business behind the account; which fields there are depends on its legal form."""

    name: str
    """A sole proprietor's is a person's."""
    registered_business_address: Address
    company_registration_number: str | None = None
    company_tax_identification_number: str | None = None
    non_latin_name: str | None = None


@camel(personal=("name", "non_latin_name"))
class PrimaryContact(Model):
    """The person who answers for the account."""

    name: str
    address: Address
    non_latin_name: str | None = None


@camel
class Account(Model):
    """A seller's account."""

    marketplace_participation_list: list[MarketplaceParticipation]
    business_type: BusinessType
    selling_plan: SellingPlan
    business: Business | None = None
    primary_contact: PrimaryContact | None = None
