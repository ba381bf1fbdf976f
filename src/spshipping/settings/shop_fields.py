"""The fields of a shop's page for Amazon Shipping: orders, webhook, sender, label, packages, spending."""

import re

from spshipping.settings.field import TRUE, Field, items_of

ORDERS, WEBHOOK, SENDER, LABEL = "Orders", "Webhook", "Sender", "Label"
SERVICES, PACKAGES, SPENDING = "Services", "Packages", "Spending"

SENDER_PREFIX = "ship_from_"
DEFAULT_HEADER = "X-API-KEY"
MEASURES = ("length", "breadth", "height", "weight")
LENGTH_UNITS = ("CENTIMETER", "INCH", "MILLIMETER", "METER")
WEIGHT_UNITS = ("KILOGRAM", "GRAM", "POUND", "OUNCE")
_LENGTH_WORDS = {
    "cm": "CENTIMETER",
    "in": "INCH",
    "inches": "INCH",
    "mm": "MILLIMETER",
    "m": "METER",
}
_WEIGHT_WORDS = {
    "kg": "KILOGRAM",
    "g": "GRAM",
    "lb": "POUND",
    "lbs": "POUND",
    "oz": "OUNCE",
}


def _seller_fault(text: str) -> str | None:
    return None if len(text) <= 128 else "has more than 128 characters"


def _header_fault(text: str) -> str | None:
    if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text):
        return None
    return "is no name of a header or parameter: letters, digits, - and _"


def _country_fault(text: str) -> str | None:
    if text.upper() == "UK":  # that is the name of the marketplace
        return "is GB for the United Kingdom"
    return None if re.fullmatch("[A-Za-z]{2}", text) else "is not a country's two letters, such as GB"


def _ids_fault(text: str) -> str | None:
    ids = items_of(text)
    return None if all(ids) and len(set(ids)) == len(ids) else "lists an empty id, or one twice"


def _zone_fault(text: str) -> str | None:
    # imported here: only this field needs it
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(text)
    except (OSError, ValueError, LookupError):
        return "is no time zone that is known here, such as Europe/London"
    return None


def _shorter_than(most: int) -> Field:
    def fault(text: str) -> str | None:
        return None if len(text) <= most else f"has more than {most} characters"

    return Field("", "", "", section=SENDER, fault=fault)


_LINE, _NAME, _EMAIL, _PHONE = (_shorter_than(most) for most in (60, 50, 64, 20))
_SENDER = Field("", "", "", section=SENDER)

_ORDERS = (
    Field(
        "seller",
        "Seller name",
        "A name for the seller that never changes: purchases are kept under it.",
        section=ORDERS,
        aliases=("seller_name", "selling_partner_id"),
        fault=_seller_fault,
    ),
    Field(
        "is_enabled",
        "Is enabled",
        "Whether the connection is in use. When it is not, nothing is sent.",
        type="boolean",
        default=TRUE,
        section=ORDERS,
        aliases=("enabled", "active"),
    ),
    Field(
        "enable_order_creation",
        "Enable order creation",
        "Whether orders become shipments, which costs money. When not, it is only said what would be sent.",
        type="boolean",
        default="false",
        section=ORDERS,
        aliases=("order_creation", "order_creation_enabled"),
    ),
)
_WEBHOOK = (
    Field(
        "webhook_enabled",
        "Webhook enabled",
        "Whether Amazon pushes tracking events to you.",
        type="boolean",
        default="false",
        section=WEBHOOK,
        aliases=("enable_webhook", "is_webhook_enabled"),
    ),
    Field(
        "webhook_url",
        "Webhook URL",
        "Where Amazon is to send events. Amazon sets it up by hand: give it to your account manager.",
        type="url",
        section=WEBHOOK,
        aliases=("webhook_address", "webhook_endpoint"),
    ),
    Field(
        "webhook_mode",
        "Webhook mode",
        "How Amazon signs in: by a header, a query parameter, a user name and password, or OAuth.",
        type="choice",
        choices=("header", "query", "basic", "oauth"),
        words={
            **dict.fromkeys(("api key", "api_key", "apikey"), "header"),
            **dict.fromkeys(("parameter", "query parameter", "query_parameter"), "query"),
            **dict.fromkeys(("password", "user password", "user_password"), "basic"),
        },
        section=WEBHOOK,
        aliases=("webhook_auth", "webhook_authentication"),
    ),
    Field(
        "webhook_header_name",
        "Webhook header name",
        "The name of the header, or of the query parameter, that has the secret.",
        default=DEFAULT_HEADER,
        section=WEBHOOK,
        aliases=("webhook_header", "webhook_parameter_name", "webhook_parameter"),
        fault=_header_fault,
    ),
    Field(
        "webhook_user_name",
        "Webhook user name",
        "The user name, in basic mode.",
        section=WEBHOOK,
        aliases=("webhook_user",),
    ),
    Field(
        "webhook_secret",
        "Webhook secret",
        "The API key, or the password.",
        is_sensitive=True,
        section=WEBHOOK,
        aliases=("webhook_password", "webhook_key", "webhook_api_key"),
    ),
    Field(
        "shipping_party_account",
        "Shipping party account",
        "Your account id at Amazon Shipping; Amazon asks for it when it sets up the webhook.",
        section=WEBHOOK,
        aliases=("shipping_party_account_id",),
    ),
)
_SHIP_FROM = (
    _NAME._replace(
        name="ship_from_name",
        label="Sender's name",
        help="The person or business that ships.",
    ),
    _NAME._replace(
        name="ship_from_company", label="Company", help="The company, where the name is a person."
    ),
    _LINE._replace(
        name="ship_from_line1",
        label="Address line 1",
        help="Street and number.",
        aliases=("ship_from_address_line1", "ship_from_street", "ship_from_address"),
    ),
    _LINE._replace(
        name="ship_from_line2",
        label="Address line 2",
        help="More of the address.",
        aliases=("ship_from_address_line2", "ship_from_street2"),
    ),
    _LINE._replace(
        name="ship_from_line3",
        label="Address line 3",
        help="More of the address.",
        aliases=("ship_from_address_line3", "ship_from_street3"),
    ),
    _SENDER._replace(name="ship_from_city", label="City", help="The city or town."),
    _SENDER._replace(
        name="ship_from_region",
        label="State or region",
        help="The state, county or region, where addresses have one.",
        aliases=("ship_from_state", "ship_from_state_or_region", "ship_from_county"),
    ),
    _SENDER._replace(
        name="ship_from_postal_code",
        label="Postal code",
        help="The postal code.",
        aliases=("ship_from_zip", "ship_from_zip_code", "ship_from_postcode"),
    ),
    _SENDER._replace(
        name="ship_from_country",
        label="Country",
        help="The country's two letters, such as GB.",
        aliases=("ship_from_country_code",),
        fault=_country_fault,
    ),
    _PHONE._replace(
        name="ship_from_phone",
        label="Phone",
        help="The sender's phone number.",
        aliases=("ship_from_phone_number", "ship_from_telephone"),
    ),
    _EMAIL._replace(
        name="ship_from_email",
        label="E-mail",
        help="The sender's e-mail address.",
        aliases=("ship_from_email_address", "ship_from_mail"),
    ),
)
_LABEL = (
    Field(
        "label_format",
        "Label format",
        "The format of the label's file.",
        type="choice",
        default="PDF",
        choices=("PDF", "PNG", "ZPL"),
        section=LABEL,
        aliases=("label_file_format", "label_type"),
    ),
    Field(
        "label_length",
        "Label length",
        "How long the label is, with its width; the first size that the rate supports, unless given.",
        type="number",
        section=LABEL,
        aliases=("label_height",),
    ),
    Field("label_width", "Label width", "How wide the label is.", type="number", section=LABEL),
    Field(
        "label_unit",
        "Label unit",
        "The unit of the label's length and width.",
        type="choice",
        default="INCH",
        choices=("INCH", "CENTIMETER"),
        words={"in": "INCH", "inches": "INCH", "cm": "CENTIMETER"},
        section=LABEL,
        aliases=("label_size_unit",),
    ),
    Field(
        "label_dpi",
        "Label resolution",
        "Dots per inch; the first that the rate supports, unless given.",
        type="number",
        section=LABEL,
        aliases=("dpi", "label_resolution"),
        is_whole=True,
    ),
)
_SERVICE_FIELDS = (
    Field(
        "rate_choice",
        "Choice of rate",
        "Which of the quoted rates is bought.",
        type="choice",
        default="cheapest",
        choices=("cheapest", "fastest"),
        section=SERVICES,
        aliases=("choose", "shipping_preference"),
    ),
    Field(
        "service_policy",
        "Service policy",
        "How an extra is chosen where a rate requires one: refuse the rate, or take the cheapest extra.",
        type="choice",
        default="refuse",
        choices=("refuse", "cheapest"),
        section=SERVICES,
        aliases=("value_added_service_policy",),
    ),
    Field(
        "preferred_services",
        "Preferred extras",
        "Ids of the extras that are taken first where a rate requires one, separated by commas.",
        is_list=True,
        section=SERVICES,
        aliases=("preferred_value_added_services",),
        fault=_ids_fault,
    ),
    Field(
        "goods_owner",
        "Goods owner",
        "Merchant id of the seller whose goods you ship, where that is not you; needs the service ids.",
        section=SERVICES,
        aliases=("goods_owner_id", "goods_owner_merchant_id"),
    ),
    Field(
        "service_ids",
        "Service ids",
        "For buying in one step: the services that may be bought, the first one first, separated by commas.",
        is_list=True,
        section=SERVICES,
        aliases=("ordered_service_ids",),
        fault=_ids_fault,
    ),
)


def _measure_fields(name: str, others: tuple[str, ...]) -> tuple[Field, Field]:
    """Return the fields of one measure of products: the attribute that holds it, and the default."""
    label, keys = name.capitalize(), (name, *others)
    return (
        Field(
            f"{name}_attribute",
            f"{label} attribute",
            f"The attribute of a product that holds its {name}.",
            section=PACKAGES,
            aliases=tuple(
                alias
                for key in keys
                for alias in (f"{key}_attribute", f"{key}_attribute_name", f"product_{key}_attribute")
                if alias != f"{name}_attribute"
            ),
        ),
        Field(
            f"default_{name}",
            f"Default {name}",
            f"The {name} of a product that has none.",
            type="number",
            section=PACKAGES,
            aliases=tuple(
                alias
                for key in keys
                for alias in (f"default_{key}", f"{key}_default", f"default_package_{key}")
                if alias != f"default_{name}"
            ),
        ),
    )


_PACKAGES = (
    *_measure_fields("length", ()),
    *_measure_fields("breadth", ("width",)),
    *_measure_fields("height", ()),
    *_measure_fields("weight", ()),
    Field(
        "length_unit",
        "Unit of length",
        "The unit of lengths, of products and of defaults.",
        type="choice",
        default="CENTIMETER",
        choices=LENGTH_UNITS,
        words=_LENGTH_WORDS,
        section=PACKAGES,
        aliases=("dimension_unit", "dimensions_unit", "unit_of_length"),
    ),
    Field(
        "weight_unit",
        "Unit of weight",
        "The unit of weights, of products and of defaults.",
        type="choice",
        default="KILOGRAM",
        choices=WEIGHT_UNITS,
        words=_WEIGHT_WORDS,
        section=PACKAGES,
        aliases=("unit_of_weight",),
    ),
)
_SPENDING = (
    Field(
        "spending_limit",
        "Spending limit",
        "What labels may cost on one day, in the currency of the business; no limit unless given.",
        type="number",
        section=SPENDING,
        aliases=("daily_limit", "spending_limit_per_day", "daily_spending_limit"),
    ),
    Field(
        "max_charge",
        "Highest charge",
        "What one parcel may cost that is bought in one step; needed there while a spending limit is set.",
        type="number",
        section=SPENDING,
        aliases=("maximum_charge", "highest_charge"),
    ),
    Field(
        "time_zone",
        "Time zone",
        "Where the day of the spending limit begins.",
        default="UTC",
        examples=("Europe/London", "Europe/Paris", "America/New_York"),
        section=SPENDING,
        aliases=("spending_time_zone",),
        fault=_zone_fault,
    ),
)

SHOP_FIELDS: tuple[Field, ...] = (
    *_ORDERS,
    *_WEBHOOK,
    *_SHIP_FROM,
    *_LABEL,
    *_SERVICE_FIELDS,
    *_PACKAGES,
    *_SPENDING,
)

AMBIGUOUS: dict[str, tuple[str, ...]] = {
    "secret": ("client_secret", "webhook_secret"),
    "password": ("webhook_secret", "client_secret"),
    "key": ("access_key_id", "webhook_secret"),
    "url": ("endpoint", "webhook_url", "token_url"),
    "unit": ("length_unit", "weight_unit", "label_unit"),
    "account": ("seller", "shipping_party_account"),
    **{name: (f"{name}_attribute", f"default_{name}") for name in MEASURES},
    "width": ("breadth_attribute", "default_breadth", "label_width"),
}
"""Keys that could mean several fields, and which: they are refused."""
