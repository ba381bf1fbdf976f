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
        (("c", "s", 5), "refresh_token is of type int"),
        ((b"c", "s", "r"), "client_id is of type bytes"),
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


CLIENT_ID = "amzn1.application-oa2-client.c0ffee"
CLIENT_SECRET = "amzn1.oa2-cs.v1.c0ffee"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (
            (CLIENT_SECRET, CLIENT_ID, "Atzr|x"),
            "client_secret holds a client_id",
        ),
        (("ab" * 32, "s", "Atzr|x"), "client_id holds a client_secret"),
        (("Atzr|x", CLIENT_SECRET, CLIENT_ID), "client_id holds a refresh_token"),
        ((CLIENT_ID, "Atzr|x", None), "client_secret holds a refresh_token"),
        (
            (CLIENT_ID, CLIENT_SECRET, "Atza|x"),
            "refresh_token holds an access token",
        ),
        (("amzn1.sp.solution.c0ffee", CLIENT_SECRET, "Atzr|x"), "client_id holds an application's id"),
    ],
)
def test_g5_a_value_in_the_place_of_another_is_refused(values: tuple[str, str, str], text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Credentials(*values)
    assert str(caught.value).startswith(text)
    assert not any(len(value or "") > 5 and value in str(caught.value) for value in values)


def test_g5_values_in_their_places_are_accepted() -> None:
    assert Credentials(CLIENT_ID, CLIENT_SECRET, "Atzr|x").client_id == CLIENT_ID
    assert Credentials(CLIENT_ID, "ab" * 32).known_secret == Secret("ab" * 32)


def test_g5_what_a_provider_brings_is_no_client_id() -> None:
    with pytest.raises(ConfigurationError, match="client_secret holds a client_id"):
        Credentials("client", lambda: CLIENT_ID).client_secret  # noqa: B018 - the property asks
