"""What Prism answers with Amazon's examples is recorded, scrubbed, and replayed."""

import json
from pathlib import Path
from typing import Any

import pytest

from spshipping import SpShippingError
from spshipping.sandbox import Sandbox
from spshipping.testing import Replay, read_fixtures, recording
from tests.contract.facts import operations
from tests.fixtures.calls import call_of as call_of_fixture
from tests.fixtures.calls import operation_of
from tests.prism.driving import call_of, client_of
from tests.prism.merged import merged
from tests.prism.server import FOLDER, missing, prism

MISSING = missing()
pytestmark = [
    pytest.mark.prism,
    pytest.mark.timeout(600),
    pytest.mark.skipif(MISSING is not None, reason=MISSING or ""),
]


def sent(client: Any, call: Any) -> str:
    """Send a call, and say what became of it."""
    try:
        client.send(call)
    except SpShippingError as error:
        return type(error).__name__
    return "read"


def test_every_operation_is_recorded_from_prism_and_replayed(tmp_path: Path) -> None:
    document = tmp_path / "selling-partner-api.json"
    document.write_text(json.dumps(merged(Path(FOLDER))), "utf-8")
    folder = tmp_path / "fixtures"
    with (
        Sandbox(orders=0) as sandbox,
        prism("mock", str(document)) as address,
        recording(folder) as made,
        client_of(address, sandbox) as (client, _),
    ):
        ends = {operation.route: sent(client, call_of(operation, 0)) for operation in operations()}
    fixtures = [read_fixtures(path)[0] for path in made.files]
    assert {fixture.operation for fixture in fixtures} == {operation.name for operation in operations()}
    assert all(fixture.why.startswith("Answered by a mock, not by Amazon") for fixture in fixtures)
    replay = Replay(folder, repeats=True)
    with replay.client(restricted_data_token="Atz.sprdt|given") as client:
        again = {operation_of(fixture).route: sent(client, call_of_fixture(fixture)) for fixture in fixtures}
    assert again == ends
    assert list(ends.values()).count("read") > len(ends) // 2
    replay.check()
