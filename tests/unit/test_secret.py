import copy
import pickle

import attrs
import pytest

from spshipping import Secret

TEXT = "Atzr|very-secret"


@attrs.define
class Holder:
    token: Secret


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret(TEXT)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>20}",
        repr(Holder(secret)),
        repr(attrs.asdict(Holder(secret))),
    ]
    assert not any(TEXT in text or "very" in text for text in shown)
    assert secret.reveal() == TEXT


def test_a_secret_is_never_pickled() -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Secret(TEXT))


def test_copies_are_the_secret_itself() -> None:
    secret = Secret(TEXT)
    assert copy.copy(secret) is secret
    assert copy.deepcopy(secret) is secret
    assert Secret(secret).reveal() == TEXT


def test_e6_a_secret_with_a_lone_surrogate_compares_like_any() -> None:
    assert {Secret("\udcff"), Secret("\udcff"), Secret("?")} == {Secret("\udcff"), Secret("?")}


def test_secrets_compare_by_text_and_with_nothing_else() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert not Secret("")
    assert Secret("ü").fingerprint() != Secret("u").fingerprint()
