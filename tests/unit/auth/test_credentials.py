import pickle
from collections.abc import Iterator

import pytest

from spshipping import ConfigurationError, Credentials, Secret


def test_credentials_hide_their_secrets_and_are_not_pickled() -> None:
    credentials = Credentials("client", "secret", Secret("Atzr|token"))
    assert repr(credentials) == "Credentials('client', Secret('…'), Secret('…'))"
    assert credentials.refresh_token == Secret("Atzr|token")
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(credentials)


def test_another_seller_has_the_same_client() -> None:
    other = Credentials("client", "secret", "one").for_seller("two")
    assert (other.client_id, other.client_secret, other.refresh_token) == (
        "client",
        Secret("secret"),
        Secret("two"),
    )


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (("", "s", "r"), "client_id is missing; set SPSHIPPING_CLIENT_ID or pass client_id="),
        (("c", "", "r"), "client_secret is missing; set SPSHIPPING_CLIENT_SECRET"),
        (("c", "s", "r\n"), "refresh_token has spaces or line breaks around or in it"),
        (("c", " s", "r"), "client_secret has spaces"),
        ((None, "s", "r"), "client_id is missing"),
        (("c", "s", 5), "refresh_token is missing"),
    ],
)
def test_a_missing_or_carelessly_pasted_value_is_named(values: tuple[str, str, str], text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Credentials(*values)
    assert str(caught.value).startswith(text)


def test_a_provider_is_asked_when_it_is_needed_and_what_it_brings_later_replaces_the_first() -> None:
    asked: Iterator[str | Secret] = iter([Secret("one"), "two"])
    credentials = Credentials("client", lambda: next(asked), "r", selling_partner_id="A1")
    assert credentials.is_provided
    assert [credentials.client_secret, credentials.client_secret] == [Secret("one")] * 2
    assert credentials.known_secret == Secret("one")
    assert credentials.accept_secret(credentials.provider()) == Secret("two")
    assert credentials.client_secret == credentials.known_secret == Secret("two")
    assert Credentials("client", lambda: "x").known_secret is None
    assert credentials.for_seller("other", "A2").is_provided
    assert repr(Credentials("client", lambda: "x")) == "Credentials('client', Secret('…'), None)"
    plain = Credentials("client", "secret")
    assert plain.known_secret == Secret("secret")
    assert not plain.is_provided


def test_what_a_provider_brings_is_checked_too() -> None:
    with pytest.raises(ConfigurationError, match="client_secret is missing"):
        Credentials("client", lambda: "").client_secret  # noqa: B018 - the property asks
