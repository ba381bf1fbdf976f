"""What a user can import, and what importing it costs."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import spshipping
import spshipping.shipping


def run(code: str) -> str:
    """Run *code* in a fresh interpreter and return what it prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", spshipping.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(spshipping, name)
    assert name in dir(spshipping)
    assert getattr(value, "__doc__", None)


def test_the_names_shown_to_editors_are_the_public_ones() -> None:
    source = Path(spshipping.__file__).read_text(encoding="utf-8")
    shown = source.split("if TYPE_CHECKING:")[1].split("__all__")[0]
    assert all(name in shown for name in spshipping.__all__ if name != "__version__")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Clinet'"):
        spshipping.Clinet  # type: ignore[attr-defined]  # noqa: B018 - the point of the test


def test_every_name_of_the_domain_is_there() -> None:
    for name in spshipping.shipping.__all__:
        assert getattr(spshipping.shipping, name) is not None


HEAVY = (
    "attr",
    "attrs",
    "cattrs",
    "dateutil",
    "spshipping.shipping",
    "spshipping.wire.model",
    "werkzeug",
    "click",
)


def test_the_client_is_reached_without_loading_models() -> None:
    code = f"import sys, spshipping; spshipping.Client; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert run(code) == "[]"


def test_importing_the_package_alone_loads_next_to_nothing() -> None:
    names = ("requests", "attr", "spshipping.client")
    code = f"import sys, spshipping; print([m for m in {names!r} if m in sys.modules])"
    assert run(code) == "[]"


def test_a_well_formed_answer_is_read_without_cattrs_and_dateutil() -> None:
    code = (
        "import sys, spshipping\n"
        "from spshipping.shipping import GetTrackingResult\n"
        'spshipping.loads(b\'{"trackingId":"T","alternateLegTrackingId":"A","eventHistory":[],'
        '"promisedDeliveryDate":"2026-01-01T00:00:00Z","summary":{}}\', GetTrackingResult)\n'
        "print([m for m in ('cattrs', 'dateutil') if m in sys.modules])"
    )
    assert run(code) == "[]"


def test_the_package_logs_nowhere_by_itself() -> None:
    code = (
        "import logging, spshipping\n"
        "print(logging.getLogger('spshipping').handlers, logging.getLogger().handlers)"
    )
    assert run(code) == "[<NullHandler (NOTSET)>] []"


def test_operations_are_listed_and_pickle() -> None:
    found = spshipping.operations()
    assert {operation.name for operation in found} >= {"getRates", "purchaseShipment", "oneClickShipment"}
    assert len({operation.route for operation in found}) == len(found)
    for operation in found:
        assert pickle.loads(pickle.dumps(operation)) == operation
