"""The pages about moving here: the other clients' programs run, and what is said of those clients is so."""

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.foreign.pages import DOCS, PAGES, calls_of, steps_of
from tests.foreign.running import ROOT, clean, is_here, served

pytestmark = [pytest.mark.foreign, pytest.mark.timeout(600)]

_MODULES = {
    "python-amazon-sp-api": "sp_api",
    "amzn-selling-partner": "amzn_selling_partner",
    "amzn-sp-api": "spapi",
}


@pytest.fixture(params=PAGES)
def name(request: pytest.FixtureRequest) -> str:
    """Return each client that is installed."""
    found: str = request.param
    return _needed(found)


def _needed(name: str) -> str:
    if not is_here(_MODULES[name]):
        pytest.skip(f"{name} is not installed here: run make foreign")
    return name


def _environment(facts: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return the variables with which each client finds its credentials, and the sandbox."""
    known = [facts[key] for key in ("client_id", "client_secret", "refresh_token")]
    names = {
        "python-amazon-sp-api": ("LWA_APP_ID", "LWA_CLIENT_SECRET", "SP_API_REFRESH_TOKEN"),
        "amzn-selling-partner": tuple(
            f"AMZN_SELLING_PARTNER_{key}" for key in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")
        ),
        "amzn-sp-api": tuple(f"SPSHIPPING_{key}" for key in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")),
    }[name]
    own = dict(zip(names, known, strict=True))
    if name == "amzn-sp-api":
        places = {f"SPSHIPPING_{key.upper()}": facts[key] for key in ("endpoint", "token_url")}
        return clean(**own, **places)
    return clean(**own, **facts["environment"])


def _run(facts: Mapping[str, Any], name: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        env=_environment(facts, name),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _ledger(facts: Mapping[str, Any]) -> dict[str, Any]:
    with urlopen(f"{facts['endpoint']}/_sandbox/ledger", timeout=60) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found


def _strike(facts: Mapping[str, Any], **fault: Any) -> None:
    urlopen(Request(f"{facts['endpoint']}/_sandbox/faults", json.dumps(fault).encode()), timeout=60).close()


def _shipping(name: str) -> str:
    """Return the program of the page that signs in and ships, printing first what went wrong."""
    programs = [step.text for step in steps_of((DOCS / PAGES[name]).read_text("utf-8")) if step.is_program]
    return "\n".join(programs[:3])


def test_their_programs_print_what_ours_print(name: str) -> None:
    with served() as facts:
        assert json.loads(_run(facts, name, "-m", "tests.foreign.pages", PAGES[name])) == []
        answered = {(one["operation"], one["status"]) for one in _ledger(facts)["requests"]}
    assert {("purchaseShipment", 200), ("submitAcknowledgement", 202), ("getTracking", 404)} <= answered
    assert {("SubmitShipmentConfirmations", 202), ("createRestrictedDataToken", 200)} <= answered


def test_every_call_in_the_table_is_one_of_theirs(name: str) -> None:
    calls = calls_of((DOCS / PAGES[name]).read_text("utf-8"))
    assert len(calls) > 30
    if name == "amzn-selling-partner":
        client = import_module("amzn_selling_partner").SellingPartner
        own = import_module("amzn_selling_partner.sdk.resources").OPERATIONS
        for operation, theirs, _ in calls:
            _, resource, method = theirs.split(".")
            assert hasattr(client, resource), theirs
            assert own[f"{resource}.{operation}"][0] == method
        return
    module = import_module("sp_api.api" if name == "python-amazon-sp-api" else "spapi")
    for _, theirs, _ in calls:
        cls, method = theirs.replace("()", "").split(".")
        assert callable(getattr(getattr(module, cls), method)), theirs


def test_python_amazon_sp_api_sends_no_key_and_takes_a_page_of_html_for_an_answer() -> None:
    name = _needed("python-amazon-sp-api")
    with served() as facts:
        _run(facts, name, "-c", _shipping(name))
        (bought,) = (one for one in _ledger(facts)["requests"] if one["operation"] == "purchaseShipment")
        assert bought["key"] is None
        _strike(facts, operation="getTracking", kind="html")
        program = """
from sp_api.api import ShippingV2
from sp_api.base import Marketplaces
client = ShippingV2(Marketplaces.UK)
print(client.amzn_shipping_business.name)
print(client.get_tracking(trackingId="TBA000000000000", carrierId="AMZN_UK").payload)
"""
        assert _run(facts, name, "-c", program).split() == ["US", "{}"]


def test_python_amazon_sp_api_repeats_no_page() -> None:
    program = """
from sp_api.base.exceptions import SellingApiRequestThrottledException
from sp_api.util import load_all_pages, throttle_retry
seen = []
@throttle_retry(tries=3, delay=0)
@load_all_pages()
def search():
    seen.append(1)
    raise SellingApiRequestThrottledException([{"code": "QuotaExceeded", "message": ""}])
try:
    list(search())
except SellingApiRequestThrottledException:
    print(len(seen))
"""
    name = _needed("python-amazon-sp-api")
    with served() as facts:
        assert _run(facts, name, "-c", program).strip() == "1"


def test_amzn_selling_partner_loses_a_label_to_an_odd_field_and_repeats_without_a_key() -> None:
    name = _needed("amzn-selling-partner")
    program = _shipping(name).replace('x_amzn_idempotency_key="ORDER-1001-1",', "")
    caught = "import amzn_selling_partner as theirs\ntry:\n"
    caught += "".join(f"    {line}\n" for line in program.splitlines())
    caught += "except theirs.APIResponseValidationError:\n    print('the answer was not read')\n"
    with served() as facts:
        _strike(facts, operation="purchaseShipment", kind="unknown_enum")
        assert _run(facts, name, "-c", caught).strip() == "the answer was not read"
        assert len(_ledger(facts)["labels"]) == 1
        _strike(facts, operation="purchaseShipment", kind="status_after", status=503)
        _run(facts, name, "-c", program)
        bought = [label["is_cancelled"] for label in _ledger(facts)["labels"]]
        assert bought == [False, False, True]  # the second one is unknown to the program


def test_amzn_sp_api_does_not_read_a_purchase_with_a_null() -> None:
    name = _needed("amzn-sp-api")
    with served() as facts:
        _strike(facts, operation="purchaseShipment", kind="null_field", path="payload.shipmentId")
        program = _shipping(name)
        caught = "try:\n" + "".join(f"    {line}\n" for line in program.splitlines())
        caught += "except ValueError:\n    print('the answer was not read')\n"
        assert _run(facts, name, "-c", caught).strip() == "the answer was not read"
        assert len(_ledger(facts)["labels"]) == 1
