"""The vendor's page: as such pages spell it, in types, and from the environment."""

from typing import Any

import pytest

from spshipping import ConfigurationError
from spshipping.settings import Settings, VendorSettings

GOOD = {
    "client_id": "amzn1.application-oa2-client.c0ffee",
    "client_secret": "amzn1.oa2-cs.v1.s3cret",
    "refresh_token": "Atzr|t0ken",
    "marketplace": "US",
}


def read(**fields: Any) -> VendorSettings:
    given = {"connections": {"vendor": {**GOOD, **fields}}}
    return Settings.from_mapping(given).connection("vendor").vendor()


def test_what_a_page_leaves_out_has_the_defaults_of_the_type() -> None:
    assert read() == VendorSettings() == VendorSettings(True, True, True, False, False)


@pytest.mark.parametrize("name", VendorSettings._fields)
@pytest.mark.parametrize(("text", "is_on"), [("yes", True), ("off", False), (True, True), (False, False)])
def test_each_switch_turns_its_own_part(name: str, text: Any, is_on: bool) -> None:
    assert read(**{name: text}) == VendorSettings()._replace(**{name: is_on})


def test_the_spelling_of_a_page_is_taken() -> None:
    found = read(
        SynchronizationEnabled="no",
        **{"Orders Integration": "0", "import-new-orders": False, "ImportHistory": 1 == 1},
    )
    assert found == VendorSettings(False, False, False, False, True)


def test_the_switches_are_read_from_the_environment() -> None:
    names = {"CLIENT_ID": "client_id", "CLIENT_SECRET": "client_secret", "REFRESH_TOKEN": "refresh_token"}
    given = {f"SPSHIPPING_{key}": GOOD[name] for key, name in names.items()}
    given |= {"SPSHIPPING_MARKETPLACE": "US", "SPSHIPPING_IMPORT_HISTORY": "on"}
    found = Settings.from_env(given).connection("default").vendor()
    assert found == VendorSettings(import_history=True)


def test_a_connection_that_cannot_be_used_has_no_switches() -> None:
    with pytest.raises(ConfigurationError, match="import_history: is none of true, false"):
        read(import_history="perhaps")


def test_a_page_shows_the_switches_under_a_heading_of_their_own() -> None:
    found = [field for field in Settings.describe() if field["section"] == "Purchase orders"]
    assert [field["name"] for field in found] == list(VendorSettings._fields)
    defaults = VendorSettings()
    for field in found:
        assert field["type"] == "boolean"
        assert (field["default"] == "true") == getattr(defaults, field["name"])
        assert not field["required"]
