"""An order to try things with."""

from pathlib import Path

from spshipping.shipping import GetRatesRequest
from spshipping.wire.convert import loads

_FILES = (
    Path(__file__).with_name("order.json"),  # in the wheel
    Path(__file__).parents[3] / "examples" / "order.json",  # in a checkout
)


def example_order() -> GetRatesRequest:
    """Return a request for rates that the sandbox takes: one parcel, from Liverpool to Bristol."""
    return loads(next(path for path in _FILES if path.is_file()).read_bytes(), GetRatesRequest)
