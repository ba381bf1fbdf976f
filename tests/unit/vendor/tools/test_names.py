"""What can be imported from the tools, and what that loads."""

import subprocess
import sys

import pytest

import spshipping.vendor.tools as tools


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in tools.__all__:
        assert getattr(tools, name).__doc__
        assert name in dir(tools)
    with pytest.raises(AttributeError, match="no attribute 'three_way_mach'"):
        tools.three_way_mach  # type: ignore[attr-defined]  # noqa: B018 - the point of the test


def test_nothing_else_imports_the_tools_and_each_is_loaded_when_it_is_used() -> None:
    code = (
        "import sys, spshipping.vendor.api, spshipping.vendor.sync, spshipping.vendor.asn\n"
        "def loaded(): return [m for m in sys.modules if m.startswith('spshipping.vendor.tools')]\n"
        "print(loaded()); import spshipping.vendor.tools as tools; print(loaded())\n"
        "tools.Mappings; print('spshipping.vendor.tools.offers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "['spshipping.vendor.tools']", "False"]
