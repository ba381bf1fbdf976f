"""JSON objects, and small changes to them."""

import re
from typing import Any

Json = dict[str, Any]


def without_none(data: Json) -> Json:
    """Return *data* without the fields that are None."""
    return {name: value for name, value in data.items() if value is not None}


def upper_snake(name: str) -> str:
    """Write a value of Orders v0 as Orders 2026-01-01 does: `SecondDay` is `SECOND_DAY`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).replace(" ", "_").upper()
