"""Other people's clients do the main job against the sandbox: their own code, and nothing of it replaced."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.request import urlopen

import pytest

from spshipping import operations
from tests.foreign.running import ROOT, clean, is_here, served

pytestmark = [pytest.mark.foreign, pytest.mark.timeout(600)]

_NODE = """
const request = require('http').request({
  host: '127.0.0.1', port: new URL(process.env.HTTPS_PROXY).port,
  method: 'CONNECT', path: 'api.amazon.com:443',
})
request.on('connect', (answer, socket) => {
  require('https').get({host: 'api.amazon.com', path: '/_sandbox/ready', socket, agent: false}, (answer) => {
    answer.on('data', (data) => process.stdout.write(data))
    answer.on('end', () => process.exit())
  })
})
request.end()
"""
"""A tunnel by hand, for not every version of Node reads HTTPS_PROXY."""


class Foreign(NamedTuple):
    """A client."""

    package: str
    module: str
    user_agent: str
    """A regular expression for its beginning."""
    cannot: frozenset[str]
    """What of the job it has not, or sends otherwise than Amazon takes it."""
    through_proxy: bool = True


_TOKENS_OF_ITS_OWN = frozenset({"orders_v0 getOrderAddress", "orders_v0 getOrderBuyerInfo"})
CLIENTS = (
    Foreign(
        "python-amazon-sp-api",
        "sp_api",
        "python-sp-api-",
        frozenset({"notifications getSubscriptionById", "notifications deleteSubscriptionById"}),
    ),
    Foreign("amzn-selling-partner", "amzn_selling_partner", "amzn_selling_partner/", frozenset()),
    Foreign(
        "amzn-sp-api",
        "spapi",
        "amazon-selling-partner-api-sdk/",
        _TOKENS_OF_ITS_OWN | {"notifications createDestination"},
        through_proxy=False,
    ),
)


class Seen(NamedTuple):
    """What became of the job: the client's report, and the ledger of the sandbox."""

    report: dict[str, Any]
    ledger: dict[str, Any]

    @property
    def answered(self) -> set[str]:
        """The routes of the operations that succeeded."""
        return {one["route"] for one in self.ledger["requests"] if one["route"] and one["status"] < 300}


def _run(foreign: Foreign) -> Seen:
    with served() as facts:
        environment: Mapping[str, str] = facts["environment"] if foreign.through_proxy else {}
        done = subprocess.run(
            [sys.executable, "-m", "tests.foreign.clients", foreign.package],
            input=json.dumps(facts) + "\n",
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=clean(**environment),
            check=False,
        )
        assert done.returncode == 0, done.stderr
        with urlopen(f"{facts['endpoint']}/_sandbox/ledger", timeout=60) as answer:
            return Seen(json.loads(done.stdout), json.loads(answer.read()))


_done: dict[str, Seen] = {}


@pytest.fixture(params=CLIENTS, ids=lambda foreign: foreign.package)
def foreign(request: pytest.FixtureRequest) -> Foreign:
    """Return each client that is installed."""
    found: Foreign = request.param
    if not is_here(found.module):
        pytest.skip(f"{found.package} is not installed here: run make foreign")
    return found


@pytest.fixture
def seen(foreign: Foreign) -> Seen:
    """Let the client do the job, once."""
    if foreign.package not in _done:
        _done[foreign.package] = _run(foreign)
    return _done[foreign.package]


def test_a_client_does_the_whole_job(foreign: Foreign, seen: Seen) -> None:
    assert set(seen.report["lacking"]) == foreign.cannot
    refused = [one for one in seen.ledger["requests"] if one["status"] >= 300]
    assert refused == []
    # one of them fetches a token without saying who it is
    agents = {one["user_agent"] for one in seen.ledger["requests"]} - {None}
    assert agents
    assert [agent for agent in agents if not re.match(foreign.user_agent, agent)] == []


def test_a_client_uses_most_operations(foreign: Foreign, seen: Seen) -> None:
    assert seen.answered <= {operation.route for operation in operations()}
    assert len(seen.answered) >= (25 if foreign.through_proxy else 9)


def test_a_client_reads_what_the_sandbox_says(foreign: Foreign, seen: Seen) -> None:
    report = seen.report
    labels = {label["shipment_id"]: label for label in seen.ledger["labels"]}
    assert set(labels) == {report["cancelled"], *report["bought"]}
    assert [name for name, label in labels.items() if label["is_cancelled"]] == [report["cancelled"]]
    assert report["is PNG"]
    assert report["is tracked"]
    assert str(report["claim"]).isdigit()
    assert (report["access points"], report["carriers"]) == (3, 2)
    assert len(report["marketplaces"]) == 5
    assert (report["status"], report["status of 2026"]) == ("Shipped", "SHIPPED")
    assert report["has an address"] is not ("orders_v0 getOrderAddress" in foreign.cannot)
    assert report["orders of 2026"] > 10
    assert report["transaction"] == "Processing"
    if "notifications createDestination" not in foreign.cannot:
        assert report["destinations"] == ["orders", "spare"]


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node here")
def test_node_trusts_the_proxy_by_its_variable() -> None:
    with served() as facts:
        command = ["node", "-e", _NODE]
        trusting = subprocess.run(
            command, env=clean(**facts["environment"]), capture_output=True, text=True, check=False
        )
        assert (trusting.stdout, trusting.returncode) == ('{"ready":true}', 0), trusting.stderr
        less = {name: value for name, value in facts["environment"].items() if name != "NODE_EXTRA_CA_CERTS"}
        other = subprocess.run(command, env=clean(**less), capture_output=True, text=True, check=False)
        assert "UNABLE_TO_VERIFY_LEAF_SIGNATURE" in other.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_reaches_amazons_addresses_and_no_other() -> None:
    with served() as facts:
        found = [
            subprocess.run(
                ["curl", "-sS", f"https://{host}/_sandbox/ready"],
                env=clean(**facts["environment"]),
                capture_output=True,
                text=True,
                check=False,
            )
            for host in ("sellingpartnerapi-fe.amazon.com", "example.com")
        ]
    assert found[0].stdout == '{"ready":true}', found[0].stderr
    assert "403" in found[1].stderr
