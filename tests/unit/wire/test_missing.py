"""A field that Amazon promises, and that did not come."""

import copy
import pickle
from decimal import Decimal
from typing import Any

import attrs
import jinja2
import pytest

from spshipping import (
    InvalidRequestError,
    MissingFieldError,
    SpShippingError,
    dumps,
    extra,
    from_dict,
    has,
    loads,
    replace,
    reveal,
    set_extra,
    to_dict,
)
from spshipping.shipping import GetRatesResult, PurchaseShipmentResult
from spshipping.wire.convert import encode_request, structure
from spshipping.wire.model import Model, camel
from tests.unit.wire.samples import FULL, Parcel, Unit, Weight


@camel(local=("note",))
class Shelf(Model):
    """A class with a property, and with what later versions may have more."""

    name: str
    parcels: list[Parcel]
    width: int | None = None
    note: str = "none"

    @property
    def owner(self) -> str:
        """Who owns the first parcel."""
        return self.parcels[0].owner

    @property
    def label(self) -> str:
        """What is written on it."""
        return self.name.upper()


def holey() -> Parcel:
    """Read a parcel whose owner and weight did not come."""
    data = {name: value for name, value in FULL.items() if name not in ("owner", "weight")}
    value, _ = structure({**data, "weight": None, "new": 7}, Parcel, request_id="req-1")
    assert isinstance(value, Parcel)
    return value


def test_b5_reading_what_did_not_come_says_which_field_of_which_answer() -> None:
    with pytest.raises(MissingFieldError) as caught:
        holey().owner  # noqa: B018 - reading is the point
    error = caught.value
    assert isinstance(error, SpShippingError)
    assert isinstance(error, AttributeError)
    assert str(error) == (
        "Parcel.owner is missing: Amazon's answer has no 'owner' that can be read [request req-1]"
    )
    assert (error.model, error.name, error.wire_name, error.request_id) == (
        "Parcel",
        "owner",
        "owner",
        "req-1",
    )
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.name, again.model) == (str(error), "owner", "Parcel")
    with pytest.raises(MissingFieldError, match=r"can be read$"):
        from_dict({"weight": None}, Parcel).owner  # noqa: B018 - reading is the point


def test_has_and_getattr_ask_without_an_error() -> None:
    parcel = holey()
    assert [has(parcel, name) for name in ("owner", "weight", "price", "supported_dpis")] == [
        False,
        False,
        True,
        True,
    ]
    assert (getattr(parcel, "owner", None), getattr(parcel, "owner", "x")) == (None, "x")
    assert has(parcel, "received_at")
    with pytest.raises(TypeError, match="Parcel has no field 'ownr'"):
        has(parcel, "ownr")
    parcel.owner = "Ada"
    assert (has(parcel, "owner"), parcel.owner) == (True, "Ada")


def test_a_misspelt_name_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'Parcel' object has no attribute 'ownr'") as caught:
        holey().ownr  # type: ignore[attr-defined]  # noqa: B018 - the point
    assert not isinstance(caught.value, MissingFieldError)
    assert (caught.value.name, type(caught.value.obj)) == ("ownr", Parcel)


def test_repr_shows_that_it_is_missing() -> None:
    assert repr(holey()).startswith("Parcel(owner=<missing>, weight=<missing>, supported_dpis=[203, 300]")
    assert reveal(holey()).startswith("Parcel(owner=<missing>,")


def test_a_property_names_the_field_that_is_missing_and_not_itself() -> None:
    shelf = from_dict({"parcels": [{"supportedDPIs": []}]}, Shelf)
    for name, model, field in (("owner", "Parcel", "owner"), ("label", "Shelf", "name")):
        with pytest.raises(MissingFieldError) as caught:
            getattr(shelf, name)
        assert (caught.value.model, caught.value.name) == (model, field)


@pytest.mark.parametrize(
    "twin",
    [copy.copy, copy.deepcopy, replace, lambda m: pickle.loads(pickle.dumps(m))],
    ids=["copy", "deepcopy", "replace", "pickle"],
)
def test_every_copy_lacks_it_too_and_writes_what_came(twin: Any) -> None:
    original = holey()
    made = twin(original)
    assert made == original
    assert made != from_dict(FULL, Parcel)
    assert repr(made) == repr(original)
    assert extra(made) == {"weight": None, "new": 7}
    assert to_dict(made) == to_dict(original)
    assert dumps(made) == dumps(original)
    with pytest.raises(MissingFieldError, match="req-1"):
        made.weight  # noqa: B018 - reading is the point


def test_what_was_absent_stays_absent_and_what_was_null_stays_null() -> None:
    written = to_dict(holey())
    assert "owner" not in written
    assert written["weight"] is None
    assert loads(dumps(holey()), Parcel) == holey()
    weight = Weight(value=Decimal(1), unit=Unit.GRAM)
    assert to_dict(replace(holey(), weight=weight))["weight"] == {"value": 1, "unit": "GRAM"}


def test_replace_fills_it_and_refuses_a_name_that_is_none() -> None:
    assert replace(holey(), owner="Ada").owner == "Ada"
    with pytest.raises(TypeError, match="no field 'ownr'"):
        replace(holey(), ownr="x")
    filled = replace(holey(), owner="Ada")
    set_extra(filled, {"other": 1})
    assert extra(filled) == {"other": 1}


def test_attrs_says_what_is_missing() -> None:
    with pytest.raises(MissingFieldError, match=r"Parcel\.owner"):
        attrs.asdict(holey())
    with pytest.raises(MissingFieldError, match=r"Parcel\.owner"):
        attrs.evolve(holey(), count=3)
    filled = attrs.evolve(holey(), owner="Ada", weight=from_dict(FULL, Parcel).weight, received_at=None)
    assert filled == from_dict(FULL, Parcel)


def test_attrs_shows_the_fields_of_a_model_and_nothing_else() -> None:
    parcel = from_dict({**FULL, "new": 7}, Parcel)
    assert extra(parcel) == {"new": 7}
    assert list(attrs.asdict(parcel)) == [*Parcel.__wire_names__, *Parcel.__local__]
    assert attrs.asdict(parcel)["weight"] == {"value": Decimal("1.5"), "unit": Unit.GRAM}


def test_a_pattern_that_needs_it_does_not_match() -> None:
    def kind(parcel: Parcel) -> str:
        match parcel:
            case Parcel(owner=str(), count=3):
                return "owned"
            case Parcel(count=3):
                return "of nobody"
        return "other"

    assert (kind(holey()), kind(from_dict(FULL, Parcel))) == ("of nobody", "owned")


def test_jinja_shows_nothing_and_can_be_strict() -> None:
    text = (
        "{{ parcel.owner }}|{{ parcel.owner or 'nobody' }}|{{ parcel.owner is defined }}|{{ parcel.count }}"
    )
    assert jinja2.Environment(autoescape=True).from_string(text).render(parcel=holey()) == "|nobody|False|3"
    strict = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    with pytest.raises(jinja2.UndefinedError, match="owner"):
        strict.from_string(text).render(parcel=holey())


def test_a_pickle_of_an_older_version_is_filled_with_what_may_be_left_out() -> None:
    reduced: Any = Shelf(name="A", parcels=[]).__reduce_ex__(2)
    state = reduced[2]
    for name in ("name", "width", "note"):
        del state[1][name]
    old = Shelf.__new__(Shelf)
    old.__setstate__(state)
    assert (old.width, old.note, old.parcels, extra(old)) == (None, "none", [], {})
    assert not has(old, "name")
    with pytest.raises(MissingFieldError, match=r"Shelf\.name is missing"):
        old.name  # noqa: B018 - reading is the point


def test_a_local_field_has_its_default() -> None:
    data = {"name": "A", "parcels": []}
    assert [from_dict(data, Shelf).note, from_dict({"name": "A"}, Shelf).note] == ["none", "none"]


def test_a_request_that_lacks_it_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequestError, match=r"owner: is required, and is missing \(and weight\)"):
        encode_request(holey())


def test_a_whole_class_stays_as_quick_as_it_was_until_a_field_is_missing() -> None:
    @camel
    class Fresh(Model):
        name: str
        width: int | None = None

    assert "__getattr__" not in vars(Fresh)
    from_dict({"name": "A", "width": "5"}, Fresh)
    assert "__getattr__" not in vars(Fresh)
    from_dict({"width": 5}, Fresh)
    assert "__getattr__" in vars(Fresh)


def test_b5_the_answer_to_a_purchase_says_what_it_lacks_and_keeps_the_rest() -> None:
    bought = loads(
        '{"shipmentId": "S", "packageDocumentDetails": '
        '[{"trackingId": 7, "packageDocuments": [{"type": "LABEL"}]}]}',
        PurchaseShipmentResult,
    )
    assert (bought.tracking_id, len(bought.labels)) == ("7", 1)
    with pytest.raises(MissingFieldError, match=r"PurchaseShipmentResult\.promise"):
        bought.promise  # noqa: B018 - reading is the point
    with pytest.raises(SpShippingError, match="call get_shipment_documents"):
        bought.labels[0].data  # noqa: B018 - reading is the point


def test_b3_b4_rates_that_did_not_come_and_rates_that_cannot_be_read() -> None:
    absent = loads('{"requestToken":"t"}', GetRatesResult)
    assert (absent.rates, dumps(absent)) == ([], b'{"requestToken":"t"}')
    body = {"requestToken": "t", "rates": [[], {"rateId": "r"}]}
    odd, deviations = structure(body, GetRatesResult)
    assert [rate.rate_id for rate in odd.rates] == ["r"]
    assert ("rates[0]", "unreadable") in deviations
    assert to_dict(odd) == body
    assert odd.cheapest().rate_id == odd.fastest().rate_id == "r"
