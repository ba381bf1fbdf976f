"""Products and quantities become a package: exact, whatever their order, or refused by name."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping import ConfigurationError, InvalidRequestError, to_dict
from spshipping.settings import MeasureSettings, PackageSettings
from spshipping.shipping import DangerousGoodsDetails, LengthUnit, WeightUnit
from spshipping.shipping.gateway import ItemToShip, MeasuredItem, PackageBuilder, Size
from spshipping.wire.model import Model
from spshipping.wire.text import parse


def measure(attribute: str | None, default: str | None = None) -> MeasureSettings:
    return MeasureSettings(attribute, None if default is None else Decimal(default))


SETTINGS = PackageSettings(
    length=measure("length", "30"),
    breadth=measure("breadth", "20"),
    height=measure("height", "5"),
    weight=measure("weight", "0.5"),
    length_unit="CENTIMETER",
    weight_unit="KILOGRAM",
)
BOWL = {"length": 24, "breadth": "24.5", "height": Decimal("9.0"), "weight": 0.55}


def builder(**changes: Any) -> PackageBuilder:
    return PackageBuilder(SETTINGS._replace(**changes), "GBP")


def line(product: object = None, quantity: int = 1, **more: Any) -> ItemToShip:
    return ItemToShip("BOWL-24", quantity, product, **more)


def test_a_product_has_its_attributes_and_the_defaults_for_the_rest() -> None:
    package = builder().package([line({"weight": 0.55, "height": " "})])
    assert to_dict(package.dimensions) == {
        "length": Decimal(30),
        "width": Decimal(20),
        "height": Decimal(5),
        "unit": "CENTIMETER",
    }
    assert (package.weight.value, package.weight.unit) == (Decimal("0.55"), WeightUnit.KILOGRAM)


def test_products_lie_on_the_largest_footprint_on_top_of_each_other() -> None:
    flat = {"length": 10, "breadth": 40, "height": 1, "weight": 1}
    package = builder().package([line(BOWL, 2), line(flat, 3)])
    size = package.dimensions
    assert (size.length, size.width, size.height) == (Decimal(40), Decimal("24"), Decimal("21.0"))
    assert package.weight.value == Decimal("4.10")


def test_a_product_may_be_an_object() -> None:
    @dataclass
    class Product:
        length: int = 24
        weight: Decimal | None = Decimal(2)
        height: str | None = None

    package = builder().package([line(Product())])
    assert package.weight.value == Decimal(2)
    assert (package.dimensions.length, package.dimensions.height) == (Decimal(24), Decimal(5))


@pytest.mark.parametrize(
    ("unit", "given", "amazons", "sent"),
    [
        ("CENTIMETER", "30.5", LengthUnit.CENTIMETER, "30.5"),
        ("INCH", "12.25", LengthUnit.INCH, "12.25"),
        ("MILLIMETER", "305", LengthUnit.CENTIMETER, "30.5"),
        ("METER", "0.305", LengthUnit.CENTIMETER, "30.5"),
    ],
)
def test_lengths_are_converted_to_a_unit_that_amazon_has(
    unit: str, given: str, amazons: LengthUnit, sent: str
) -> None:
    same = measure("side", given)
    made = builder(length_unit=unit, length=same, breadth=same, height=same).package([line()])
    assert made.dimensions.unit == amazons
    assert {made.dimensions.length, made.dimensions.width, made.dimensions.height} == {Decimal(sent)}


@pytest.mark.parametrize("unit", ["KILOGRAM", "GRAM", "POUND", "OUNCE"])
def test_weights_keep_their_unit(unit: str) -> None:
    made = builder(weight_unit=unit, weight=measure("weight", "2.5")).package([line(quantity=2)])
    assert (made.weight.value, made.weight.unit) == (Decimal("5.0"), unit)
    assert made.items[0].weight is not None
    assert made.items[0].weight.value == Decimal("2.5")


def test_values_items_and_dangerous_goods_are_carried() -> None:
    goods = DangerousGoodsDetails(united_nations_regulatory_id="UN3481")
    package = builder().package(
        [
            line(quantity=2, value=Decimal("24.00"), description="Bowl", is_hazmat=False),
            line(quantity=3, item_id="item-7", dangerous_goods=goods),
        ],
        reference="parcel",
        seller_display_name="Harbour Lane",
    )
    bowl, other = package.items
    assert (bowl.item_identifier, bowl.description, bowl.quantity) == ("BOWL-24", "Bowl", 2)
    assert bowl.item_value is not None
    assert (bowl.item_value.value, bowl.item_value.unit) == (Decimal("24.00"), "GBP")
    assert other.item_value is not None
    assert other.item_value.value == 1
    assert (other.item_identifier, other.is_hazmat, other.dangerous_goods_details) == ("item-7", True, goods)
    assert (package.insured_value.value, package.insured_value.unit) == (Decimal("51.00"), "GBP")
    assert (package.is_hazmat, package.seller_display_name) == (True, "Harbour Lane")
    assert package.package_client_reference_id == "parcel"


@pytest.mark.parametrize(
    ("known", "carried"),
    [([None, None], None), ([False, None], None), ([False, False], False), ([None, True], True)],
)
def test_a_package_is_harmless_only_where_all_items_are(
    known: list[bool | None], carried: bool | None
) -> None:
    assert builder().package([line(is_hazmat=each) for each in known]).is_hazmat is carried


def test_a_value_for_insurance_and_a_currency_may_be_given() -> None:
    package = builder().package([line(value=Decimal(9), currency="EUR")], insured_value=Decimal("12.50"))
    assert (package.insured_value.value, package.insured_value.unit) == (Decimal("12.50"), "EUR")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "is not above 0"),
        (Decimal("-0.5"), "is not above 0"),
        ("-3", "is not above 0"),
        ("heavy", "is no number"),
        ("0,55", "is no number"),
        ("1_0", "is no number"),
        ("٣", "is no number"),
        ("nan", "is no number"),
        (float("nan"), "is no number"),
        (Decimal("NaN"), "is no number"),
        (Decimal("sNaN"), "is no number"),
        (float("inf"), "is no number"),
        (True, "is no number"),
        ({"value": 1}, "is no number"),
        pytest.param(10**5000, "is no number", id="thousands of digits"),
        ("0." + 40 * "1", "is no number"),
        (550, "is implausible as its weight"),
        (Decimal("0.0004"), "is implausible as its weight"),
        (Decimal("0.00055"), None),
    ],
)
def test_what_makes_no_sense_is_refused_by_product_and_attribute(value: object, told: str | None) -> None:
    if told is None:
        assert builder().package([line({"weight": value})]).weight.value == value
        return
    with pytest.raises(InvalidRequestError) as caught:
        builder().package([line(BOWL), line({"weight": value})])
    assert str(caught.value).startswith(f"product BOWL-24: its attribute weight {told}")
    assert "550" not in str(caught.value)


def test_what_differs_from_the_default_by_a_thousand_is_refused() -> None:
    grams = {"weight_unit": "GRAM", "weight": measure("weight", "5")}
    assert builder(**grams).package([line({"weight": 4999})]).weight.value == 4999
    with pytest.raises(InvalidRequestError, match="wrong by a factor of a thousand"):
        builder(**grams).package([line({"weight": 5000})])
    with pytest.raises(InvalidRequestError, match="wrong by a factor of a thousand"):
        builder(weight_unit="GRAM", weight=measure("weight", "5000")).package([line({"weight": 5})])


def test_without_a_default_the_attribute_is_needed() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        builder(weight=measure("weight")).package([line({"length": 3})])
    assert str(caught.value) == (
        "product BOWL-24: its weight is not known: its attribute weight is empty, and there is no"
        " default_weight"
    )
    with pytest.raises(InvalidRequestError, match="no attribute is named, and there is no default_height"):
        builder(height=measure(None)).package([line(BOWL)])


@pytest.mark.parametrize("changes", [{"weight": measure("w", "500")}, {"height": measure("h", "0.001")}])
def test_an_implausible_default_is_refused_at_once(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"default_{next(iter(changes))} is implausible"):
        builder(**changes)


@pytest.mark.parametrize("changes", [{"length_unit": "YARD"}, {"weight_unit": "STONE"}])
def test_an_unknown_unit_is_refused_at_once(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="units of length and weight"):
        builder(**changes)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "items: is empty"),
        ([line(quantity=0)], "product BOWL-24: its quantity"),
        ([line(quantity=True)], "product BOWL-24: its quantity"),
        ([line(quantity=100_001)], "product BOWL-24: its quantity"),
        ([line(value=Decimal(-1))], "product BOWL-24: its value: is no Decimal"),
        ([line(value=2.5)], "product BOWL-24: its value: is no Decimal"),
        ([line(value=Decimal(1)), line(currency="EUR")], r"items: is in several currencies \(EUR, GBP\)"),
    ],
)
def test_what_cannot_be_packed_is_refused(lines: list[ItemToShip], told: str) -> None:
    with pytest.raises(InvalidRequestError, match=told):
        builder().package(lines)


def test_a_packing_of_your_own_decides_the_size() -> None:
    seen: list[MeasuredItem] = []

    def boxed(items: Any) -> Size:
        seen.extend(items)
        return Size(Decimal(40), Decimal(30), Decimal(20))

    package = PackageBuilder(SETTINGS, "GBP", packing=boxed).package([line(BOWL, 2)])
    assert (package.dimensions.length, package.dimensions.width) == (Decimal(40), Decimal(30))
    assert seen == [MeasuredItem("BOWL-24", 2, Decimal(24), Decimal("24.5"), Decimal("9.0"), Decimal("0.55"))]


def test_a_packing_that_returns_something_else_is_refused() -> None:
    wrong: Any = lambda _: (Decimal(1), Decimal(1), Decimal(1))  # noqa: E731
    with pytest.raises(InvalidRequestError, match="packing: must return a Size"):
        PackageBuilder(SETTINGS, "GBP", packing=wrong).package([line()])


def test_what_has_no_value_has_the_currency_of_the_others() -> None:
    package = builder().package([line(value=Decimal(9), currency="EUR"), line()])
    assert (package.insured_value.value, package.insured_value.unit) == (Decimal(10), "EUR")


@pytest.mark.parametrize("value", [0, 1.5, Decimal(-1), Decimal("Infinity")])
def test_a_packing_that_returns_nonsense_is_refused(value: Any) -> None:
    wrong = PackageBuilder(SETTINGS, "GBP", packing=lambda _: Size(Decimal(1), value, Decimal(1)))
    with pytest.raises(InvalidRequestError, match=r"breadth: is no Decimal above 0: see packing="):
        wrong.package([line()])


numbers = st.decimals(min_value=Decimal("0.1"), max_value=Decimal(40), places=6)
measures = numbers | numbers.map(str) | st.integers(1, 40) | st.floats(0.1, 40).map(lambda one: round(one, 9))
products = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("length", "breadth", "height", "weight"), measures)
)
lines = st.lists(
    st.builds(
        line,
        products,
        st.integers(1, 1000),
        value=st.none() | st.decimals(0, 10_000, places=2),
    ),
    min_size=1,
    max_size=8,
)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, Model):
        return [each for name in value.__wire_names__ for each in leaves(getattr(value, name))]
    return [each for one in value for each in leaves(one)] if isinstance(value, list) else [value]


def exactly(product: Any, name: str, default: str) -> Fraction:
    return Fraction(str(product.get(name, default)))


@given(lines)
def test_nothing_is_a_float_and_nothing_is_rounded(found: list[ItemToShip]) -> None:
    package = builder().package(found)
    assert not any(isinstance(each, float) for each in leaves(package))
    total = sum(one.quantity * exactly(one.product, "weight", "0.5") for one in found)
    stack = sum(one.quantity * exactly(one.product, "height", "5") for one in found)
    worth = sum(one.quantity * Fraction(1 if one.value is None else one.value) for one in found)
    assert Fraction(package.weight.value) == total
    assert Fraction(package.dimensions.height) == stack
    assert Fraction(package.insured_value.value) == worth
    written = parse(bytes(str(package.weight.value), "ascii"))
    assert written == package.weight.value


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_products_makes_no_other_package(found: list[ItemToShip], chance: Any) -> None:
    mixed = list(found)
    chance.shuffle(mixed)
    one, other = builder().package(found), builder().package(mixed)
    assert (one.dimensions, one.weight, one.insured_value) == (
        other.dimensions,
        other.weight,
        other.insured_value,
    )


@given(lines)
def test_every_product_fits_into_the_package(found: list[ItemToShip]) -> None:
    size = builder().package(found).dimensions
    assert size.length >= size.width
    for one in found:
        sides = sorted(
            exactly(one.product, name, usual) for name, usual in (("length", "30"), ("breadth", "20"))
        )
        assert sides[0] <= Fraction(size.width)
        assert sides[1] <= Fraction(size.length)
