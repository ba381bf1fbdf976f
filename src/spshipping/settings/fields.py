"""What a connection consists of: one table, from which pages, checks and variables follow."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypedDict

from spshipping.auth.lwa import LWA_URL
from spshipping.environment import PREFIX
from spshipping.regions import Marketplace, Region, ShippingBusiness, is_marketplace_id
from spshipping.urls import url_fault

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SPACES = "has spaces or line breaks around or in it, as a careless paste does"


class Problem(NamedTuple):
    """One fault of a connection or of the settings. It never holds a value."""

    field: str
    """Where: the field's name, the unknown key, or the table (`clients.shop.client_id`)."""
    kind: Literal["missing", "unknown", "invalid", "contradiction"]
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def _nothing(_: str) -> str | None:
    return None


class Field(NamedTuple):
    """One field of a connection."""

    name: str
    label: str
    help: str
    type: Literal["text", "url", "choice"] = "text"
    is_required: bool = False
    is_sensitive: bool = False
    is_shared: bool = False
    """Whether a named client has it for all its connections."""
    default: str | None = None
    choices: tuple[str, ...] = ()
    words: Mapping[str, str] = MappingProxyType({})
    """Other words for each choice, in small letters."""
    examples: tuple[str, ...] = ()
    """Some of what it may be, where there is more than can be listed."""
    aliases: tuple[str, ...] = ()
    """What other pages call it."""
    has_variable: bool = True
    may_have_query: bool = False
    """Whether a URL may have a query."""
    fault: Callable[[str], str | None] = _nothing
    """Returns what is wrong with a value, without the value."""

    @property
    def variable(self) -> str | None:
        """The environment variable, if it has one."""
        return f"{PREFIX}{self.name.upper()}" if self.has_variable else None

    def choice(self, text: str) -> str:
        """Return the choice that *text* means; without choices, the text itself."""
        lowered = text.lower()
        named = (choice for choice in self.choices if choice.lower() == lowered)
        return self.words.get(lowered) or next(named, text)

    def check(self, text: str, *, allow_http: bool = False) -> str | None:
        """Return what is wrong with *text*, without repeating it; None if nothing is."""
        if text.strip() != text or not text.isprintable():
            return _SPACES
        if self.choices and self.choice(text) not in self.choices:
            return f"is none of {', '.join((*self.choices, *self.words))}"
        if self.type == "url":
            return url_fault(text, allow_http=allow_http, allow_query=self.may_have_query)
        return self.fault(text)


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


FIELDS: tuple[Field, ...] = (
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
    ),
    Field(
        "authorization_url",
        "Authorization URL",
        "The page where a seller gives consent; follows from the marketplace.",
        type="url",
        may_have_query=True,
        aliases=("authorize_url",),
    ),
    Field(
        "token_url",
        "Access token URL",
        "Where access tokens are requested.",
        type="url",
        default=LWA_URL,
        aliases=("access_token_url",),
    ),
    Field(
        "role_arn",
        "Role ARN",
        "Of older set-ups: the role to assume with the access key. Amazon has needed none since 2023.",
        aliases=("role",),
        fault=_role_fault,
    ),
    Field(
        "sts_url",
        "STS URL",
        "Where the role's temporary keys are requested; follows from the region.",
        type="url",
    ),
    Field(
        "access_key_id",
        "Access key",
        "Of older set-ups: the AWS access key id.",
        aliases=("access_key", "aws_access_key_id"),
    ),
    Field(
        "secret_access_key",
        "Secret key",
        "Of older set-ups: the AWS secret access key.",
        is_sensitive=True,
        aliases=("secret_key", "aws_secret_access_key"),
    ),
)

BY_NAME = {field.name: field for field in FIELDS}
CONNECTION_KEYS = {key: field for field in FIELDS for key in (field.name, *field.aliases)}
"""What a connection's table may hold."""
CLIENT_KEYS = {key: field for key, field in CONNECTION_KEYS.items() if field.is_shared}
"""What a shared client's table may hold."""
TOGETHER = (("access_key_id", "secret_access_key"), ("secret_access_key", "access_key_id"))
ROLE_NEEDS = ("role_arn", "access_key_id")
STS_NEEDS = ("sts_url", "role_arn")


class FieldDescription(TypedDict):
    """One field, as data: what a page needs to draw it."""

    name: str
    label: str
    type: str
    required: bool
    sensitive: bool
    shared: bool
    """Whether a shared client may have it in this connection's stead."""
    default: str | None
    help: str
    choices: list[str]
    """All that it may be, or nothing if that is open."""
    examples: list[str]
    env: str | None


def describe() -> list[FieldDescription]:
    """List the fields of a connection, in the order of a page."""
    return [_description(field) for field in FIELDS]


def _description(field: Field) -> FieldDescription:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "required": field.is_required,
        "sensitive": field.is_sensitive,
        "shared": field.is_shared,
        "default": field.default,
        "help": field.help,
        "choices": list(field.choices),
        "examples": list(field.examples),
        "env": field.variable,
    }


def json_schema() -> dict[str, Any]:
    """Describe a connection as a JSON Schema (draft 2020-12).

    Sensitive fields are `writeOnly`. A connection that names a shared client need not have what that has.
    """
    required = [field for field in FIELDS if field.is_required]
    return {
        "$schema": SCHEMA_DIALECT,
        "title": "Amazon Selling Partner connection",
        "type": "object",
        "properties": {field.name: _property(field) for field in FIELDS},
        "required": [field.name for field in required if not field.is_shared],
        "if": {"required": ["client"]},
        "then": {"properties": {field.name: False for field in FIELDS if field.is_shared}},
        "else": {"required": [field.name for field in required if field.is_shared]},
        "dependentRequired": {given: [needed] for given, needed in (*TOGETHER, ROLE_NEEDS, STS_NEEDS)},
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "string", "title": field.label, "description": field.help, "minLength": 1}
    if field.default is not None:
        made["default"] = field.default
    if field.choices:
        made["enum"] = [*field.choices, *field.words]
    if field.examples:
        made["examples"] = list(field.examples)
    if field.is_sensitive:
        made |= {"writeOnly": True, "format": "password"}
    elif field.type == "url":
        made["format"] = "uri"
    return made


def unknown(field: str, message: str, key: str, known: Iterable[str]) -> Problem:
    """Make the problem of an unknown name, with the nearest known one."""
    near = nearest(key, known)
    return Problem(field, "unknown", f"{message}: did you mean {near}?" if near else message)


def nearest(key: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Return the known name most like *key*, if one is."""
    close = difflib.get_close_matches(key, list(known), n=1, cutoff=likeness)
    return close[0] if close else None
