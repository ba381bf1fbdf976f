import copy
import pickle

import pytest

from spshipping.wire.enums import Members, OpenEnum


class Color(OpenEnum):
    RED = "Red"
    DARK_RED = "DarkRed"


def test_an_unlisted_value_becomes_a_member_that_equals_its_text() -> None:
    new = Color("Mauve")
    assert isinstance(new, Color)
    assert new == "Mauve"
    assert new == Color("Mauve")
    assert hash(new) == hash("Mauve")
    assert not new.is_known
    assert Color.RED.is_known
    assert "Mauve" not in Color._value2member_map_


def test_a_value_named_like_a_member_is_still_unknown() -> None:
    odd = Color("DARK_RED")
    assert not odd.is_known
    assert odd != Color.DARK_RED


@pytest.mark.parametrize("color", [Color.RED, Color("Mauve")])
def test_enums_write_themselves_as_amazon_does(color: Color) -> None:
    assert str(color) == f"{color}" == color.value
    assert f"{color:>8}" == color.value.rjust(8)


@pytest.mark.parametrize("color", [Color.RED, Color("Mauve")])
def test_enums_pickle_and_copy(color: Color) -> None:
    for twin in (pickle.loads(pickle.dumps(color)), copy.deepcopy(color)):
        assert twin == color
        assert twin.is_known == color.is_known


def test_the_repr_tells_known_from_unknown() -> None:
    assert repr(Color.RED) == "<Color.RED: 'Red'>"
    assert repr(Color("Mauve")) == "<Color: 'Mauve'>"


def test_only_text_is_a_value() -> None:
    with pytest.raises(ValueError, match="5 is not a valid Color"):
        Color(5)
    members = Members(Color)
    assert members["Red"] is Color.RED
    assert members["Mauve"] == "Mauve"
    with pytest.raises(TypeError):
        members[5]  # type: ignore[index]  # what a broken answer does
