"""`make drift`: what another copy of Amazon's models says otherwise is listed, with file and class."""

import copy
import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import spshipping
from tests.contract.facts import spec
from tools import drift
from tools.drift_places import Places, Spot
from tools.make_spec import FILES

MODELS = os.environ.get("SPSHIPPING_MODELS")
Json = dict[str, Any]

RATES, TRACKING, POINTS = "/shipping/v2/shipments/rates", "/shipping/v2/tracking", "/shipping/v2/accessPoints"
CLAIMS, DOCUMENTS = "/shipping/v2/claims", "/shipping/v2/shipments/{shipmentId}/documents"
API = "src/spshipping/shipping/api.py ShippingApi"
DELIVERIES = "src/spshipping/shipping/deliveries.py DeliveriesApi"
MODEL = "src/spshipping/shipping/models"
EXPECTED = f"""
added    limit maxItems of GET {POINTS} query accessPointTypes (5): {DELIVERIES} GET_ACCESS_POINTS
added    value KIOSK of GET {POINTS} query accessPointTypes[]: {MODEL}/access_points.py AccessPointType
changed  required GET {POINTS} query countryCode (True -> False): {DELIVERIES} GET_ACCESS_POINTS
changed  type of GET {POINTS} query postalCode (string -> integer): {DELIVERIES} GET_ACCESS_POINTS
gone     parameter GET {DOCUMENTS} query dpi (number): {API} GET_SHIPMENT_DOCUMENTS
changed  deprecation of GET {TRACKING} (none -> true): {API} GET_TRACKING
added    parameter GET {TRACKING} query locale (string, required): {API} GET_TRACKING
changed  answer of POST {CLAIMS} ({{"status": 201, "schema": "CreateClaimResponse"}} ->\
 {{"status": 202, "schema": "CreateClaimResponse"}}): {DELIVERIES} CREATE_CLAIM
gone     operation POST /shipping/v2/ndrFeedback (submitNdrFeedback): {DELIVERIES} SUBMIT_NDR_FEEDBACK
added    operation POST /shipping/v2/refunds (createRefund): {API}
changed  quota of POST {RATES} (80 per second, burst 100 -> 40.5 per second, burst 60): {API} GET_RATES
added    limit maxLength of Address.companyName (30): {MODEL}/parties.py Address
gone     limit maxLength of Address.email (64): {MODEL}/parties.py Address
changed  limit maxLength of Address.name (50 -> 40): {MODEL}/parties.py Address
added    definition Carbon (object with grams): {MODEL}/offers.py Carbon
added    field Error.hint (string): src/spshipping/meta.py ErrorDetail
added    value Weighed of EventCode: {MODEL}/tracking.py EventCode
added    field GetRatesResponse.warnings (string): {API} GET_RATES
added    field Rate.carbon (Carbon, required): {MODEL}/offers.py Rate
gone     field Rate.carrierName (CarrierName): {MODEL}/offers.py Rate
changed  required field Rate.promise (True -> False): {MODEL}/offers.py Rate
added    limit maxLength of RateId (12): {MODEL}/purchases.py PurchaseShipmentRequest; {MODEL}/offers.py Rate
gone     value OUNCE of Weight.unit: {MODEL}/parcels.py WeightUnit
added    value STONE of Weight.unit: {MODEL}/parcels.py WeightUnit
changed  type of Weight.value (number -> string): {MODEL}/parcels.py Weight
"""


def edit_operations(paths: Json) -> None:
    """Change one thing of each kind about operations, in a Swagger file of Amazon Shipping."""
    refunds = copy.deepcopy(paths[CLAIMS])
    refunds["post"]["operationId"] = "createRefund"
    paths["/shipping/v2/refunds"] = refunds
    del paths["/shipping/v2/ndrFeedback"]
    rates = paths[RATES]["post"]
    rates["description"] = rates["description"].replace("| 80 | 100 |", "| 40.5 | 60 |")
    answers = paths[CLAIMS]["post"]["responses"]
    answers["202"] = answers.pop("201")
    tracking = paths[TRACKING]["get"]
    tracking["deprecated"] = True
    tracking["parameters"].append({"name": "locale", "in": "query", "required": True, "type": "string"})
    documents = paths[DOCUMENTS]["get"]
    documents["parameters"] = [one for one in documents["parameters"] if one["name"] != "dpi"]
    points = {one["name"]: one for one in paths[POINTS]["get"]["parameters"]}
    points["accessPointTypes"]["items"]["enum"].append("KIOSK")
    points["accessPointTypes"]["maxItems"] = 5
    points["countryCode"]["required"] = False
    points["postalCode"]["type"] = "integer"


def edit_definitions(definitions: Json) -> None:
    """Change one thing of each kind about models, enums, and what has no class of ours."""
    rate = definitions["Rate"]
    rate["properties"]["carbon"] = {"$ref": "#/definitions/Carbon"}
    definitions["Carbon"] = {"type": "object", "properties": {"grams": {"type": "number"}}}
    del rate["properties"]["carrierName"]
    changed = {*rate["required"], "carbon"} - {"carrierName", "promise"}
    rate["required"] = sorted(changed)
    weight = definitions["Weight"]["properties"]
    weight["value"] = {"type": "string"}
    weight["unit"]["enum"] = ["GRAM", "KILOGRAM", "POUND", "STONE"]
    definitions["EventCode"]["enum"].append("Weighed")
    address = definitions["Address"]["properties"]
    address["name"]["maxLength"] = 40
    del address["email"]["maxLength"]
    address["companyName"]["maxLength"] = 30
    definitions["RateId"]["maxLength"] = 12
    definitions["GetRatesResponse"]["properties"]["warnings"] = {"type": "string"}
    definitions["Error"]["properties"]["hint"] = {"type": "string"}


def rewrite(path: Path, *edits: Any) -> None:
    document = json.loads(path.read_text("utf-8"))
    for key, edit in edits:
        edit(document[key])
    path.unlink()
    path.write_text(json.dumps(document), "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of Amazon's models."""
    if not MODELS:
        pytest.skip("Amazon's Swagger files are not here; SPSHIPPING_MODELS names their folder")
    for name in FILES:
        shutil.copyfile(Path(MODELS) / f"{name}.json", tmp_path / f"{name}.json")
    return tmp_path


def test_the_same_models_give_an_empty_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert drift.main([str(folder)]) == 0
    first = "This version is made from Amazon's models of 05 August 2026."
    assert capsys.readouterr().out == f"{first}\n\nNothing differs.\n"


def test_one_change_of_every_kind_is_reported_with_its_file_and_class(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edits = (("paths", edit_operations), ("definitions", edit_definitions))
    rewrite(folder / "shippingV2.json", *edits)
    assert drift.main([str(folder)]) == 0
    _, _, name, *found = capsys.readouterr().out.rstrip("\n").split("\n")
    assert name == "shippingV2.json"
    assert [line.removeprefix("  ") for line in found] == EXPECTED.strip("\n").split("\n")
    for line in found:
        for place in line.rpartition(": ")[2].split("; "):
            path, *names = place.split(" ")
            text = (Path(__file__).parents[2] / path).read_text("utf-8")
            assert all(each in text for each in names if each != "Carbon")


@pytest.mark.parametrize("text", ["[]", "5", "null", '{"definitions": []}', "[" * 100_000, "{"])
def test_what_is_no_swagger_file_is_reported(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (folder / "sellers.json").write_text(text)
    assert drift.main([str(folder)]) == 1
    first, second = capsys.readouterr().out.split("\n")[2:4]
    assert first == "sellers.json"
    assert second.startswith("  changed  not understood: ")


def test_a_file_that_is_new_gone_or_not_understood_is_reported(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sellers.json").unlink()
    (folder / "ordersV1.json").write_text('{"swagger": "2.0"}')
    (folder / "notification.schema.json").write_text("{}")
    rewrite(folder / "vendorOrders.json", ("definitions", lambda every: every["Money"].update(oneOf=[])))
    assert drift.main([str(folder)]) == 1
    assert capsys.readouterr().out.split("\n")[2:] == [
        "sellers.json",
        "  gone     the whole file: tools/make_spec.py (FILES)",
        "",
        "vendorOrders.json",
        "  changed  not understood: Money: oneOf: tools/make_spec.py",
        "",
        "ordersV1.json",
        "  added    the whole file: tools/make_spec.py (FILES), src/spshipping/catalogue.py (DOMAINS)",
        "",
        "",
    ]


def test_a_folder_inside_a_folder_is_found(folder: Path, tmp_path: Path) -> None:
    inner = tmp_path / "shipping-api-model"
    inner.mkdir()
    (folder / "shippingV2.json").rename(inner / "shippingV2.json")
    assert drift.report(tmp_path) == ([], True)


def test_without_a_folder_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert drift.main(["/nowhere"]) == 2
    assert "python -m tools.drift FOLDER" in capsys.readouterr().out


@pytest.mark.parametrize("name", FILES)
def test_the_committed_facts_do_not_differ_from_themselves(name: str) -> None:
    assert list(drift.changes(spec(name), copy.deepcopy(spec(name)))) == []


@pytest.mark.parametrize("name", FILES)
def test_everything_that_could_change_has_a_place(name: str) -> None:
    facts = spec(name)
    places = Places(name, facts)
    spots = [Spot(route=route) for route in facts["operations"]]
    spots += [Spot(definition=definition) for definition in facts["definitions"]]
    for spot in spots:
        for place in places.of(spot):
            assert (Path(__file__).parents[2] / place.file).is_file()


def test_the_date_of_the_models_is_there_to_read() -> None:
    assert date(2026, 8, 5) == spshipping.MODELS_DATE
    page = Path(__file__).parents[2] / "docs" / "reference" / "operations-and-calls.md"
    assert "| `MODELS_DATE` |" in page.read_text("utf-8")
