"""What tests import: a sandbox, replayed answers, factories, and assertions on what was sent."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spshipping.clock import FrozenClock
    from spshipping.testing import factories, strategies
    from spshipping.testing.factories import TIME
    from spshipping.testing.faults import NamedFaults
    from spshipping.testing.fixture import (
        Fixture,
        FixtureRequest,
        FixtureResponse,
        read_fixture,
        read_fixtures,
        write_fixture,
    )
    from spshipping.testing.kit import SandboxOptions, sandbox
    from spshipping.testing.leftovers import LeftoverError
    from spshipping.testing.network import blocked_network
    from spshipping.testing.record import Recording, import_cassette, recording
    from spshipping.testing.replay import Replay, ReplayError

__all__ = [
    "sandbox",
    "SandboxOptions",
    "Replay",
    "ReplayError",
    "recording",
    "import_cassette",
    "Recording",
    "LeftoverError",
    "factories",
    "strategies",
    "blocked_network",
    "NamedFaults",
    "FrozenClock",
    "TIME",
    "Fixture",
    "FixtureRequest",
    "FixtureResponse",
    "read_fixture",
    "read_fixtures",
    "write_fixture",
]

_PACKAGE = "spshipping.testing"
_HOMES = {
    "spshipping.clock": ("FrozenClock",),
    f"{_PACKAGE}.factories": ("TIME",),
    f"{_PACKAGE}.faults": ("NamedFaults",),
    f"{_PACKAGE}.fixture": (
        "Fixture",
        "FixtureRequest",
        "FixtureResponse",
        "read_fixture",
        "read_fixtures",
        "write_fixture",
    ),
    f"{_PACKAGE}.kit": ("SandboxOptions", "sandbox"),
    f"{_PACKAGE}.leftovers": ("LeftoverError",),
    f"{_PACKAGE}.record": ("Recording", "import_cassette", "recording"),
    f"{_PACKAGE}.network": ("blocked_network",),
    f"{_PACKAGE}.replay": ("Replay", "ReplayError"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # which would take every name for one that is there

    def __getattr__(name: str) -> Any:
        # pytest imports the plugin, which is in here, in every run: nothing else is loaded with it
        if name in ("factories", "strategies"):
            return importlib.import_module(f"{_PACKAGE}.{name}")
        if name not in _HOME_OF:
            raise AttributeError(f"module '{_PACKAGE}' has no attribute {name!r}")
        value = getattr(importlib.import_module(_HOME_OF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
