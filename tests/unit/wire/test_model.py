import copy
import pickle
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from spshipping import InvalidRequestError, extra, from_dict, replace, reveal, set_extra, to_dict
from spshipping.wire.model import Model, camel
from spshipping.wire.shapes import shape_of
from tests.unit.wire.samples import FULL, Order, Parcel, Unit, Weight


def parcel() -> Parcel:
    return from_dict({**FULL, "newField": 7}, Parcel)


def test_models_are_equal_by_their_fields_alone() -> None:
    one, other = parcel(), parcel()
    set_extra(other, {})
    other.received_at = datetime(2026, 1, 1, tzinfo=UTC)
    assert one == other
    other.owner = "Grace"
    assert one != other
    assert one != "a parcel"


def test_models_are_mutable_and_so_not_hashable() -> None:
    with pytest.raises(TypeError):
        hash(parcel())


def test_a_misspelt_attribute_is_refused() -> None:
    with pytest.raises(AttributeError):
        parcel().ownr = "x"  # type: ignore[attr-defined]  # the point of the test


def test_repr_hides_personal_fields_and_reveal_shows_them() -> None:
    text = repr(parcel())
    assert "Ada" not in text
    assert "owner=…" in text
    assert "parts=[Weight(value=Decimal('2'), unit=<Unit: 'STONE'>)]" in text
    assert "received_at" not in text
    assert "owner='Ada'" in reveal(parcel())
    assert "by_day={'MONDAY': Weight(value=Decimal('1'), unit=<Unit.GRAM: 'GRAM'>)}" in text


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, replace, lambda m: pickle.loads(pickle.dumps(m))])
def test_every_kind_of_copy_keeps_values_and_unknown_fields(twin: object) -> None:
    original = parcel()
    original.received_at = datetime(2026, 1, 1, tzinfo=UTC)
    made = twin(original)  # type: ignore[operator]  # one of four functions
    assert made == original
    assert extra(made) == {"newField": 7}
    assert made.received_at == original.received_at


def test_replace_changes_what_it_is_told_and_nothing_else() -> None:
    original = parcel()
    changed = replace(original, owner="Grace", received_at=None)
    assert (changed.owner, original.owner) == ("Grace", "Ada")
    set_extra(changed, {"other": 1})
    assert extra(original) == {"newField": 7}
    with pytest.raises(TypeError, match="no field 'ownr'"):
        replace(original, ownr="x")


def test_unknown_fields_travel_only_where_they_were_put() -> None:
    order = Order(amazon_order_id="1")
    assert to_dict(order) == {"AmazonOrderId": "1"}
    assert extra(replace(order)) == {}
    set_extra(order, {"GiftNote": "hello"})
    assert to_dict(order) == {"AmazonOrderId": "1", "GiftNote": "hello"}
    with pytest.raises(InvalidRequestError, match="SellerSKU: Order has this field"):
        set_extra(order, {"SellerSKU": "x"})


def test_names_on_the_wire_follow_the_decorator() -> None:
    assert to_dict(Order(amazon_order_id="1", sku="A"))["SellerSKU"] == "A"
    weight = Weight(value=Decimal(1), unit=Unit.GRAM)
    assert "supportedDPIs" in to_dict(Parcel(owner="a", weight=weight, supported_dpis=[1]))


def test_a_decorator_that_names_a_missing_field_is_an_error() -> None:
    with pytest.raises(TypeError, match="Broken has no field 'nme'"):

        @camel(personal=("nme",))
        class Broken(Model):
            name: str


@pytest.mark.parametrize("annotation", [float, set[str], int | str, dict[int, str], dict, list])
def test_a_type_without_a_form_on_the_wire_is_an_error(annotation: object) -> None:
    with pytest.raises(TypeError, match="no form on the wire"):
        shape_of(annotation)
