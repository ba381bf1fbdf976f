import pytest

from spshipping import ConfigurationError
from spshipping.environment import (
    CONNECTION,
    ENGINES,
    OTHERS,
    PREFIX,
    SHOP,
    VENDOR,
    Variables,
    refuse_second_machine,
    variables,
)
from spshipping.settings.connection_fields import CONNECTION_FIELDS
from spshipping.settings.engines import ENGINE_FIELDS
from spshipping.settings.field import Keys
from spshipping.settings.fields import FIELDS
from spshipping.settings.shop_fields import SHOP_FIELDS
from spshipping.settings.vendor_fields import VENDOR_FIELDS


def test_every_field_of_a_connection_and_each_of_its_names_has_a_variable() -> None:
    fields = [field for field in CONNECTION_FIELDS if field.name not in ("name", "client")]
    keys = {key.upper() for key in Keys(fields)}
    assert set(CONNECTION) == keys
    assert len(CONNECTION) == len(keys)
    assert not keys & set(OTHERS)


def test_every_field_of_a_shops_page_has_one_variable() -> None:
    assert list(SHOP) == [field.name.upper() for field in SHOP_FIELDS]
    assert not {*SHOP} & {*CONNECTION, *OTHERS}


def test_every_field_of_a_vendors_page_has_one_variable() -> None:
    assert list(VENDOR) == [field.name.upper() for field in VENDOR_FIELDS]
    assert not {*VENDOR} & {*CONNECTION, *SHOP, *OTHERS}


def test_every_field_of_the_engines_has_one_variable() -> None:
    assert list(ENGINES) == [field.name.upper() for field in ENGINE_FIELDS]
    assert not {*ENGINES} & {*CONNECTION, *SHOP, *VENDOR, *OTHERS}


@pytest.mark.parametrize("text", ["", " ", "1", " 1 ", "01"])
def test_one_machine_may_have_what_belongs_to_one(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_MACHINES", text)
    refuse_second_machine("a journal", "Share it.")
    monkeypatch.setenv("SPSHIPPING_MACHINES", "2")  # it is this variable that decides
    with pytest.raises(ConfigurationError, match="a journal"):
        refuse_second_machine("a journal", "Share it.")


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "1000000"])
def test_a_number_of_machines_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_MACHINES", text)
    with pytest.raises(ConfigurationError, match="SPSHIPPING_MACHINES is no number of machines: 1 or more"):
        refuse_second_machine("a journal", "Share it.")


def test_a_second_machine_is_refused_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="there are 3"):
        refuse_second_machine("a journal", "Share it.", 3)
    monkeypatch.setenv("SPSHIPPING_MACHINES", "2")
    with pytest.raises(ConfigurationError) as caught:
        refuse_second_machine("a journal", "Share it.")
    assert caught.value.message == (
        "a journal belongs to one machine, and there are 2: each would have its own. Share it."
    )


def test_the_variable_that_a_field_names_is_one_that_is_read() -> None:
    named = {field.variable for field in (*FIELDS, *ENGINE_FIELDS) if field.has_variable}
    assert named <= {PREFIX + name for name in (*CONNECTION, *SHOP, *VENDOR, *ENGINES, "NAME")}


def test_what_is_set_and_not_blank_is_found() -> None:
    found = Variables(
        {"SPSHIPPING_ENDPOINT": "x", "SPSHIPPING_REGION": " \n", "REGION": "EU", "PATH": "/bin"}
    )
    assert found.get("ENDPOINT") == "x"
    assert found.get("REGION") is None
    assert found.get("STORE") is None
    with pytest.raises(LookupError, match="SPSHIPPING_ENDPOIMT is in no table"):
        found.get("ENDPOIMT")


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_STORE", "here")
    assert Variables().get("STORE") == variables().get("STORE") == "here"


def test_d2_an_unknown_variable_is_refused_with_the_nearest_known_name() -> None:
    environ = {
        "SPSHIPPING_ENDPOIMT": "http://secret",
        "SPSHIPPING_": "secret",
        "SPSHIPPING_COLOUR": "secret",
        "SPSHIPPING_BLANK": "",
    }
    with pytest.raises(ConfigurationError) as caught:
        variables(environ)
    assert str(caught.value) == (
        "SPSHIPPING_ is no variable of spshipping: remove or rename it; "
        "SPSHIPPING_COLOUR is no variable of spshipping: remove or rename it; "
        "SPSHIPPING_ENDPOIMT is no variable of spshipping: did you mean SPSHIPPING_ENDPOINT?"
    )


def test_the_variables_of_the_test_suite_and_of_kubernetes_are_let_through() -> None:
    names = ["MODELS", "SOAK", "SERVICE_HOST", "SERVICE_PORT_HTTP", "PORT", "PORT_80_TCP_ADDR"]
    assert [*variables({PREFIX + name: "x" for name in names}).unknown()] == []
    with pytest.raises(ConfigurationError, match="SPSHIPPING_PORTS"):
        variables({"SPSHIPPING_PORTS": "x"})


def test_no_repr_shows_a_value() -> None:
    assert "secret" not in repr(Variables({"SPSHIPPING_CLIENT_SECRET": "secret"}))
