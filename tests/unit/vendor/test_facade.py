"""The facade of vendors, for threads and for asyncio."""

import importlib
import subprocess
import sys

import pytest

from spshipping import vendor
from spshipping.vendor import AsyncVendorApi, VendorApi
from tests.drives import async_client_of
from tests.kit import ScriptedTransport, client_of


def test_each_api_is_behind_the_facade_of_either_client() -> None:
    client, other = client_of(ScriptedTransport()), async_client_of(ScriptedTransport())
    assert isinstance(client.vendor, VendorApi)
    assert isinstance(other.vendor, AsyncVendorApi)
    for name in ("orders", "shipments", "transactions"):
        for facade in (client.vendor, other.vendor):
            assert type(getattr(facade, name)).__module__.startswith(f"spshipping.vendor.{name}.api")
            assert getattr(facade, name).context == facade.context
    assert client.vendor is client.vendor
    assert other.vendor is other.vendor


def test_the_names_of_the_package_are_loaded_when_they_are_used() -> None:
    assert set(vendor.__all__) <= set(dir(vendor))
    for name in vendor.__all__:
        assert getattr(importlib.reload(vendor), name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'VendroApi'"):
        vendor.VendroApi  # type: ignore[attr-defined]  # noqa: B018 - the point of the test


def test_the_facade_loads_no_model() -> None:
    code = "import sys; from spshipping.vendor import VendorApi; print('attr' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
