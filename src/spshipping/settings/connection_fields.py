"""The fields by which a client connects: credentials, marketplace, servers, AWS keys."""

import re

from spshipping.auth.lwa import LWA_URL
from spshipping.regions import Marketplace, Region, ShippingBusiness, is_marketplace_id
from spshipping.settings.field import Field

SERVERS, AWS = "Servers", "AWS keys"


def _name_fault(text: str) -> str | None:
    return None if text else "is missing"


def _client_id_fault(text: str) -> str | None:
    if text.startswith(("amzn1.sp.", "amzn1.sellerapps.")):
        return "is the application's id; the client id is beside it: amzn1.application-oa2-client.…"
    if not re.fullmatch(r"amzn1\.application-oa2-client\.[\w-]+", text):
        return "is not amzn1.application-oa2-client.… as Amazon's developer console shows it"
    return None


def _role_fault(text: str) -> str | None:
    if not re.fullmatch(r"arn:aws(-[a-z]+)*:iam::\d{12}:role/[\w+=,.@/-]+", text):
        return "is not arn:aws:iam::, twelve digits, :role/ and the role's name"
    return None


def _marketplace_fault(text: str) -> str | None:
    if marketplace_of(text) is None and not is_marketplace_id(text):
        return "is neither a marketplace's name, such as UK, nor an id, such as A1F83G8C2ARO7P"
    return None


def _business_fault(text: str) -> str | None:
    if re.fullmatch(r"AmazonShipping_[A-Z]+", business_of(text)):
        return None
    return "is no Amazon Shipping business: AmazonShipping_ and a country"


def marketplace_of(text: str) -> Marketplace | None:
    """Return the marketplace of an id, name or country code, or None if this version lists none."""
    upper = text.upper()
    return next((one for one in Marketplace if upper in (one.id, one.name, one.country_code)), None)


def business_of(text: str) -> ShippingBusiness:
    """Return the business named `AmazonShipping_UK` or `UK`."""
    return ShippingBusiness.__members__.get(text) or ShippingBusiness(text)


CONNECTION_FIELDS: tuple[Field, ...] = (
    Field(
        "name",
        "Name",
        "What you call this connection; programs and commands name it so.",
        is_required=True,
        fault=_name_fault,
    ),
    Field(
        "client",
        "Shared client",
        "A client of these settings, whose client id and secret this connection uses.",
        has_variable=False,
    ),
    Field(
        "client_id",
        "Client id",
        "From your application's page in Amazon's developer console, under LWA credentials.",
        is_required=True,
        is_shared=True,
        fault=_client_id_fault,
    ),
    Field(
        "client_secret",
        "Client secret",
        "Beside the client id. It has to be renewed every 180 days.",
        is_required=True,
        is_sensitive=True,
        is_shared=True,
    ),
    Field(
        "refresh_token",
        "Refresh token",
        "What the seller or vendor granted: from the consent page, or from self-authorization.",
        is_required=True,
        is_sensitive=True,
    ),
    Field(
        "marketplace",
        "Marketplace",
        "Its id, name or country code. An id that is not listed needs its region as well.",
        is_required=True,
        examples=tuple(marketplace.name for marketplace in Marketplace),
        aliases=("marketplace_id",),
        fault=_marketplace_fault,
    ),
    Field(
        "region",
        "Region",
        "Follows from the marketplace.",
        type="choice",
        choices=tuple(region.name for region in Region),
        words={region.aws_region: region.name for region in Region},
    ),
    Field(
        "environment",
        "Environment",
        "production (or live), or Amazon's own sandbox (or test).",
        type="choice",
        default="production",
        choices=("production", "sandbox"),
        words={"live": "production", "test": "sandbox"},
        aliases=("mode",),
    ),
    Field(
        "shipping_business",
        "Shipping business",
        "The Amazon Shipping business; follows from the marketplace where that has one.",
        examples=tuple(business.value for business in ShippingBusiness),
        fault=_business_fault,
    ),
    Field(
        "vendor_code",
        "Vendor code",
        "For vendors: the code under which Amazon orders from you; filters purchase orders.",
    ),
    Field(
        "endpoint",
        "Base URI",
        "Where the API is; follows from region and environment. For a proxy or a local sandbox.",
        type="url",
        aliases=("base_uri", "base_url"),
        section=SERVERS,
    ),
    Field(
        "authorization_url",
        "Authorization URL",
        "The page where a seller gives consent; follows from the marketplace.",
        type="url",
        may_have_query=True,
        aliases=("authorize_url",),
        section=SERVERS,
    ),
    Field(
        "token_url",
        "Access token URL",
        "Where access tokens are requested.",
        type="url",
        default=LWA_URL,
        aliases=("access_token_url",),
        section=SERVERS,
    ),
    Field(
        "role_arn",
        "Role ARN",
        "Of older set-ups: the role to assume with the access key. Amazon has needed none since 2023.",
        aliases=("role",),
        fault=_role_fault,
        section=AWS,
    ),
    Field(
        "sts_url",
        "STS URL",
        "Where the role's temporary keys are requested; follows from the region.",
        type="url",
        section=AWS,
    ),
    Field(
        "access_key_id",
        "Access key",
        "Of older set-ups: the AWS access key id.",
        aliases=("access_key", "aws_access_key_id"),
        section=AWS,
    ),
    Field(
        "secret_access_key",
        "Secret key",
        "Of older set-ups: the AWS secret access key.",
        is_sensitive=True,
        aliases=("secret_key", "aws_secret_access_key"),
        section=AWS,
    ),
)
