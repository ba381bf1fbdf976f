"""What a shop's page says of Amazon Shipping, in types, and what contradicts what."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, NamedTuple, cast

from spshipping.secret import Secret
from spshipping.settings.connection_fields import business_of
from spshipping.settings.field import TRUE, Problem, Value, items_of, number_of
from spshipping.settings.fields import BY_NAME, SENDER_NEEDS, SHOP_NEEDS
from spshipping.settings.shop_fields import SENDER_PREFIX

WebhookMode = Literal["header", "query", "basic", "oauth"]
_ORDERS_NEED = ("seller", "ship_from_name")
"""What must be there before orders become shipments."""


class ShipFrom(NamedTuple):
    """Who ships, and from where."""

    name: str
    line1: str
    city: str
    postal_code: str
    country: str
    """Its two letters."""
    company: str | None = None
    line2: str | None = None
    line3: str | None = None
    region: str | None = None
    phone: str | None = None
    email: str | None = None

    def __repr__(self) -> str:
        return "<ShipFrom>"


class LabelSettings(NamedTuple):
    """How labels are printed; None leaves it to the rate."""

    format: str
    length: Decimal | None
    width: Decimal | None
    unit: str
    dpi: int | None


class MeasureSettings(NamedTuple):
    """Where one measure of a product comes from."""

    attribute: str | None
    """The attribute that holds it."""
    default: Decimal | None
    """What it is where the product has none."""


class PackageSettings(NamedTuple):
    """Where the measures of products come from, and in which units they are."""

    length: MeasureSettings
    breadth: MeasureSettings
    height: MeasureSettings
    weight: MeasureSettings
    length_unit: str
    weight_unit: str


class WebhookSettings(NamedTuple):
    """How Amazon's pushes come, and how they are recognized."""

    is_enabled: bool
    url: str | None
    mode: WebhookMode | None
    header_name: str
    """Of the header, or of the query parameter."""
    user_name: str | None
    secret: Secret | None
    account: str | None
    """The shipping party account."""


class ShopSettings(NamedTuple):
    """The shop's page of one connection."""

    is_enabled: bool
    creates_orders: bool
    """Whether orders become shipments; if not, it is only said what would be sent."""
    seller: str | None
    """The name under which purchases are kept."""
    business: str | None
    """The Amazon Shipping business; None where it follows from the marketplace."""
    ship_from: ShipFrom | None
    label: LabelSettings
    packages: PackageSettings
    webhook: WebhookSettings
    choose: Literal["cheapest", "fastest"]
    service_policy: Literal["refuse", "cheapest"]
    """What is done where a rate requires an extra, and none of the preferred ones answers."""
    preferred_services: tuple[str, ...]
    goods_owner: str | None
    service_ids: tuple[str, ...]
    """The services that may be bought in one step, without quotes; empty where rates are quoted."""
    spending_limit: Decimal | None
    """For one day."""
    max_charge: Decimal | None
    time_zone: str


class _Read:
    """Reads fields that were checked, with their defaults."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        field, value = BY_NAME[name], self._values.get(name)
        return field.default if value is None else field.choice(str(value))

    def needed(self, name: str) -> str:
        return self.text(name) or ""

    def number(self, name: str) -> Decimal | None:
        return number_of(self.needed(name))

    def items(self, name: str) -> tuple[str, ...]:
        text = self.text(name)
        return tuple(items_of(text)) if text else ()

    def is_on(self, name: str) -> bool:
        return self.text(name) == TRUE

    def secret(self, name: str) -> Secret | None:
        value = self._values.get(name)
        return None if value is None else Secret(value)

    def measure(self, name: str) -> MeasureSettings:
        return MeasureSettings(self.text(f"{name}_attribute"), self.number(f"default_{name}"))


def shop_settings(values: Mapping[str, Value]) -> ShopSettings:
    """Return what the fields of a connection say, in types. They were checked before."""
    read = _Read(values)
    business = read.text("shipping_business")
    return ShopSettings(
        is_enabled=read.is_on("is_enabled"),
        creates_orders=read.is_on("enable_order_creation"),
        seller=read.text("seller"),
        business=business_of(business).value if business else None,
        ship_from=_ship_from(read),
        label=_label(read),
        packages=PackageSettings(
            length=read.measure("length"),
            breadth=read.measure("breadth"),
            height=read.measure("height"),
            weight=read.measure("weight"),
            length_unit=read.needed("length_unit"),
            weight_unit=read.needed("weight_unit"),
        ),
        webhook=_webhook(read),
        choose=cast('Literal["cheapest", "fastest"]', read.text("rate_choice")),
        service_policy=cast('Literal["refuse", "cheapest"]', read.text("service_policy")),
        preferred_services=read.items("preferred_services"),
        goods_owner=read.text("goods_owner"),
        service_ids=read.items("service_ids"),
        spending_limit=read.number("spending_limit"),
        max_charge=read.number("max_charge"),
        time_zone=read.needed("time_zone"),
    )


def _ship_from(read: _Read) -> ShipFrom | None:
    if not read.text(f"{SENDER_PREFIX}name"):
        return None
    found = {name: read.text(f"{SENDER_PREFIX}{name}") for name in ShipFrom._fields}
    return ShipFrom(**cast("dict[str, str]", {**found, "country": (found["country"] or "").upper()}))


def _label(read: _Read) -> LabelSettings:
    dpi = read.number("label_dpi")
    return LabelSettings(
        format=read.needed("label_format"),
        length=read.number("label_length"),
        width=read.number("label_width"),
        unit=read.needed("label_unit"),
        dpi=None if dpi is None else int(dpi),
    )


def _webhook(read: _Read) -> WebhookSettings:
    return WebhookSettings(
        is_enabled=read.is_on("webhook_enabled"),
        url=read.text("webhook_url"),
        mode=cast("WebhookMode | None", read.text("webhook_mode")),
        header_name=read.needed("webhook_header_name"),
        user_name=read.text("webhook_user_name"),
        secret=read.secret("webhook_secret"),
        account=read.text("shipping_party_account"),
    )


def contradictions(values: Mapping[str, str]) -> list[Problem]:
    """Return what is missing on the shop's page because of what else is set, of which *values* is all."""
    problems = [_missing(needed, given) for given, needed in SHOP_NEEDS if given in values]
    sender = next((name for name in values if name.startswith(SENDER_PREFIX)), None)
    if sender:
        problems += [_missing(needed, sender) for needed in SENDER_NEEDS]
    if _is_on(values, "enable_order_creation"):
        problems += [_missing(needed, "enable_order_creation") for needed in _ORDERS_NEED]
    if _is_on(values, "webhook_enabled"):
        problems.append(_missing("webhook_mode", "webhook_enabled"))
    mode = BY_NAME["webhook_mode"].choice(values.get("webhook_mode", ""))
    if mode in ("header", "query", "basic"):
        problems.append(_missing("webhook_secret", "webhook_mode"))
    if mode == "basic":
        problems.append(_missing("webhook_user_name", "webhook_mode"))
    found = {problem.field: problem for problem in reversed(problems) if problem.field not in values}
    return list(found.values())


def _is_on(values: Mapping[str, str], name: str) -> bool:
    return BY_NAME[name].choice(values.get(name, "")) == TRUE


def _missing(needed: str, given: str) -> Problem:
    return Problem(needed, "contradiction", f"is missing, and needed with {given}")
