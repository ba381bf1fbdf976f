"""The words that are public: names and codes of Amazon's API, and codes of standards.

Only they may stay where Amazon's models have plain text, and only in fields that are not personal.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from spshipping.catalogue import operations
from spshipping.operation import Operation
from spshipping.regions import Marketplace, ShippingBusiness
from spshipping.testing.placeholders import ZPL
from spshipping.wire.enums import OpenEnum
from spshipping.wire.shapes import Shape, fields_of, shape_of

_CURRENCIES = """
AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KRW KWD MAD MXN
MYR NOK NZD PEN PHP PLN QAR RON SAR SEK SGD THB TRY TWD UAH USD VND ZAR
"""
# https://www.iso.org/iso-4217-currency-codes.html

_COUNTRIES = """
AD AE AL AM AR AT AU AZ BA BD BE BG BH BR BY CA CH CL CN CO CR CY CZ DE DK DO DZ EC EE EG ES FI FR
GB GE GR GT HK HR HU ID IE IL IN IS IT JO JP KE KR KW KZ LB LI LK LT LU LV MA MC MD ME MK MT MX MY
NG NL NO NZ OM PA PE PH PK PL PT PY QA RO RS SA SE SG SI SK SM TH TN TR TW UA UK US UY UZ VA VE VN
ZA
"""
# https://www.iso.org/iso-3166-country-codes.html

_CARRIERS = (
    *(f"AMZN_{business.name}" for business in ShippingBusiness),
    *("Amazon", "Amazon Shipping", "AMZN", "AMZL", "USPS", "UPS", "FEDEX", "FedEx", "DHL", "DHLEC", "OnTrac"),
    *("ONTRAC", "DPD", "GLS", "Royal Mail", "ROYAL_MAIL", "Evri", "Correos", "La Poste", "Poste Italiane"),
    *("Yamato", "YAMATO", "Sagawa", "SAGAWA", "Japan Post", "Other"),
)

_ERRORS = (
    *("AccessDenied", "InternalFailure", "InternalServerError", "InvalidInput", "InvalidInputException"),
    *("InvalidRequest", "NotFound", "QuotaExceeded", "ResourceNotFound", "SellingPartnerNotFoundError"),
    *(
        "ServiceUnavailable",
        "TOKEN_EXPIRED",
        "Unauthorized",
        "BAD_REQUEST",
        "Conflict",
        "UnsupportedMediaType",
    ),
    *("AccessDeniedException", "ValidationException", "InvalidQueryStringException"),
    "Access to requested resource is denied.",
    "Access token is missing in the request header.",
    "The access token you provided has expired.",
    "The access token you provided is revoked, malformed or invalid.",
    "Could not match input arguments",
    "You exceeded your quota for the requested resource.",
    "We encountered an internal error. Please try again.",
)
# https://developer-docs.amazon.com/sp-api/docs/response-format

_OTHER = (
    *(
        "true",
        "false",
        "null",
        "application/json",
        "application/pdf",
        "image/png",
        "text/html",
        "DEFAULT",
        "1.0",
    ),
    *("ORDER_CHANGE", "ANY_OFFER_CHANGED", "LEFT", "RIGHT", "Standard", "Expedited", "COD", "CVS", "VISA"),
    *(f"TEST_CASE_{code}" for code in (200, 204, 400, 401, 403, 404, 429, 500, 503)),
)

_OF_PSEUDONYMS = ("http", "https", "example", "arn:aws", "events", "iam", "lambda", "sns", "sqs")
"""What the pseudonyms of addresses and of resources have in common."""

_MEDIA_TYPES = ("charset", "plain", "octet-stream", "html", "json", "utf-8")
"""What the names of media types are made of."""

_SCHEMA = """
$schema $id $ref additionalProperties allOf anyOf array boolean const default definitions
description enum format integer items maxItems maxLength maximum minItems minLength minimum null
number object oneOf pattern properties required string title type uniqueItems
"""
SCHEMA_WORDS = frozenset(_SCHEMA.split())
"""What JSON Schema itself is made of: `getAdditionalInputs` answers with one."""


class Parts:
    """Everything that Amazon's models name: the fields, and the values that enums list."""

    def __init__(self) -> None:
        self.names: set[str] = {"payload", "errors", "error", "code", "message", "details"}
        self.values: set[str] = set()
        self._seen: set[type] = set()

    def add(self, shape: Shape) -> None:
        """Take in a shape and what it is made of."""
        if shape.item is not None:
            self.add(shape.item)
        elif shape.cls is not None and shape.cls not in self._seen:
            self._seen.add(shape.cls)
            if issubclass(shape.cls, OpenEnum):
                self.values |= {member.value for member in shape.cls}
                return
            for field in fields_of(shape.cls):
                self.names.add(field.wire)
                self.add(field.shape)


def shape_of_answer(operation: Operation[Any]) -> Shape | None:
    """Return what a success is read as; None where it has no body, or none that is JSON."""
    returns: Any = operation.returns
    return None if returns in (type(None), bytes) else shape_of(returns)[0]


@cache
def parts() -> Parts:
    """Return what the models of all operations name."""
    found = Parts()
    for operation in operations():
        for shape in (shape_of_answer(operation), operation.body and shape_of(operation.body)[0]):
            if shape:
                found.add(shape)
    return found


@cache
def words() -> frozenset[str]:
    """Return every text that is public."""
    return frozenset(
        (
            *parts().values,
            *_CURRENCIES.split(),
            *_COUNTRIES.split(),
            *(place.id for place in Marketplace),
            *(business.value for business in ShippingBusiness),
            *_CARRIERS,
            *_ERRORS,
            *_OTHER,
            *(element for operation in operations() for element in operation.pii_elements or ()),
            *(value for operation in operations() for value in _of_datasets(operation)),
        )
    )


def _of_datasets(operation: Operation[Any]) -> Iterator[str]:
    if operation.datasets:
        yield from (operation.datasets.datasets or {}).values()


@cache
def public_text() -> str:
    """Return all that is public as one text in small letters, to look whether something is a part of it."""
    return "\n".join(_public()).casefold()


@cache
def public_tokens() -> frozenset[str]:
    """Return the runs of letters and digits of what is public, in small letters."""
    return frozenset(tokens(public_text()))


def tokens(text: str) -> list[str]:
    """Return the runs of letters and digits in a text."""
    return re.findall(r"[^\W_]+", text)


def _public() -> Iterator[str]:
    yield from (*_OF_PSEUDONYMS, *_MEDIA_TYPES)
    yield ZPL.decode()
    yield from sorted(words())
    yield from sorted(parts().names)
    yield from sorted(SCHEMA_WORDS)
    for operation in operations():
        yield operation.name
        yield operation.route
        yield from (parameter.name for parameter in (*operation.query, *operation.headers))
