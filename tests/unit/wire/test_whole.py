"""Models as plain data with every key."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from spshipping.wire.fast import function
from spshipping.wire.model import Model, camel
from spshipping.wire.source import Odd


def test_a_model_is_written_whole_with_every_key_and_its_sections() -> None:
    @camel
    class Part(Model):
        name: str | None = None

    @camel
    class Whole(Model):
        __sections__: ClassVar[frozenset[Any]] = frozenset({Part})
        made_at: datetime
        part: Part | None = None
        other_parts: list[Part] | None = None
        count: int | None = None

    written = function(Whole, "whole")
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert written(Whole(made_at=at, part=Part(name="lid"), other_parts=[Part()], count=2)) == {
        "madeAt": "2026-03-01T00:00:00Z",
        "part": {"name": "lid"},
        "otherParts": [{"name": None}],
        "count": 2,
    }
    assert written(Whole(made_at=at)) == {
        "madeAt": "2026-03-01T00:00:00Z",
        "part": {"name": None},
        "otherParts": None,
        "count": None,
    }
    with pytest.raises(Odd):
        written(Part())
