"""`spshipping unsettled` and `settle` over the journal in a real PostgreSQL."""

import json
import shlex
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from spshipping import (
    Client,
    Credentials,
    Marketplace,
    OutcomeUnknownError,
    PostgresDatabase,
    RetryPolicy,
    loads,
)
from spshipping.auth.cache import TokenCache
from spshipping.cli.app import app
from spshipping.journal import PostgresJournal
from spshipping.sandbox import Sandbox
from spshipping.sandbox.faults import Fault
from spshipping.shipping import GetRatesRequest, Purchases
from tests.engines.postgres.server import PASSWORD, Server, running
from tests.ship.worker import ORDER, Ahead

pytestmark = pytest.mark.engines

SELLER = "the shop"


@pytest.fixture
def server() -> Iterator[Server]:
    yield from running()


def leave_unsettled(sandbox: Sandbox, database: PostgresDatabase, reference: str) -> None:
    """Buy, as it was 25 minutes ago, and get no answer."""
    database.make_tables()
    sandbox.faults.add(Fault("purchaseShipment", "drop_after", count=2))
    with Client(
        Credentials(**sandbox.credentials),
        Marketplace.UK,
        endpoint=sandbox.url,
        token_url=sandbox.token_url,
        token_cache=TokenCache(),
        retry=RetryPolicy(attempts=2, base=0.0),
    ) as client:
        purchases = Purchases(client.context, PostgresJournal(database), seller=SELLER)
        with pytest.raises(OutcomeUnknownError):
            purchases.ship(loads(ORDER.read_bytes(), GetRatesRequest), reference=reference)


@pytest.mark.parametrize("is_named", [True, False])
def test_what_is_unsettled_in_the_database_is_listed_and_settled(
    server: Server, monkeypatch: pytest.MonkeyPatch, is_named: bool
) -> None:
    url = server.url(password=None)
    with (
        Sandbox() as sandbox,
        PostgresDatabase(url, password=PASSWORD, clock=Ahead(-1500.0)) as database,
    ):
        leave_unsettled(sandbox, database, "order 1001")
        facts = {"marketplace": "UK", "endpoint": sandbox.url, "token_url": sandbox.token_url}
        for name, value in {**sandbox.credentials, **facts}.items():
            monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)
        if is_named:
            monkeypatch.setenv("PGPASSWORD", PASSWORD)
        else:
            monkeypatch.setenv("SPSHIPPING_POSTGRES_URL", url)
            monkeypatch.setenv("SPSHIPPING_POSTGRES_PASSWORD", PASSWORD)
        named = ("--database", url) if is_named else ()

        def run(*words: str) -> Result:
            return CliRunner().invoke(app, [*words, *named, "--seller", SELLER])

        found = run("unsettled", "--json")
        assert found.exit_code == 1, found.output
        assert [each["reference"] for each in json.loads(found.output)["unsettled"]] == ["order 1001"]
        shown = " ".join(run("unsettled").output.split())
        advice = shown.partition("→ ")[2].partition(" --bought")[0]
        assert PASSWORD not in shown
        done = CliRunner().invoke(app, [*shlex.split(advice)[1:], "--not-bought", "--yes"])
        assert (done.exit_code, done.output) == (0, "✓ order 1001 is refused.\n")
        assert run("unsettled").output == "✓ Nothing is unsettled.\n"
