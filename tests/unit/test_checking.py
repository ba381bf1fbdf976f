import json
import pickle
from typing import Any, cast

import pytest

from spshipping import AuthError, ConfigurationError, Marketplace
from spshipping.checking import PROBES, PURPOSES, SIGN_IN, Outcome, Report, check
from spshipping.transport.http import HttpFailure
from spshipping.transport.io import run
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, refusal
from tests.unit.sellers.test_api import PART, PLACE

NO_PARCEL = refusal(404, "ResourceNotFound", "no such parcel")
GERMANY = {**PART, "marketplace": {**PLACE, "id": Marketplace.DE.id, "countryCode": "DE"}}
PLACES = answer(200, {"payload": [PART, GERMANY]})
CONNECT = HttpFailure("connect", was_sent=False)


async def at_once(seconds: float) -> None:
    """Sign in."""


def report_of(*steps: Any, sign_in: Any = at_once, **options: Any) -> tuple[Report, ScriptedTransport]:
    network = ScriptedTransport(steps)
    clock = FakeClock()
    return run(check(client_of(network, clock, **options).context, sign_in, "shipping")), network


def outcomes(report: Report) -> list[Outcome]:
    return [step.outcome for step in report.steps]


def test_a_connection_that_may_do_everything_works() -> None:
    report, network = report_of(NO_PARCEL, PLACES)
    assert report.is_ok
    assert outcomes(report) == [Outcome.WORKS] * 3
    assert [step.name for step in report.steps] == [SIGN_IN, "getTracking", "getMarketplaceParticipations"]
    assert report.steps[2].detail == "the seller can list in: DE, GB"
    paths = [request.url.partition(".com")[2].partition("?")[0] for request in network.requests]
    assert paths == ["/shipping/v2/tracking", "/sellers/v1/marketplaceParticipations"]


LEFT = {**PART, "participation": {"isParticipating": False, "hasSuspendedListings": False}}


@pytest.mark.parametrize(
    ("entries", "places"), [([], "no marketplace"), ([GERMANY], "DE"), ([LEFT, GERMANY], "DE")]
)
def test_g2_a_marketplace_where_the_seller_does_not_sell_is_not_ready(
    entries: list[Any], places: str
) -> None:
    report, _ = report_of(NO_PARCEL, answer(200, {"payload": entries}))
    assert not report.is_ok
    assert outcomes(report) == [Outcome.WORKS, Outcome.WORKS, Outcome.FAILED]
    assert report.steps[2].detail == f"the seller can list in: {places}"
    assert Marketplace.UK.id in (report.steps[2].remedy or "")


@pytest.mark.parametrize("entry", [{"storeName": "x"}, {"marketplace": {"id": "x"}}])
def test_g2_an_answer_that_does_not_name_the_marketplaces_is_no_refusal(entry: Any) -> None:
    report, _ = report_of(NO_PARCEL, answer(200, {"payload": [GERMANY, entry]}))
    assert report.is_ok
    assert report.steps[2].detail == "the answer does not say where the seller can list"


def test_g2_the_fixed_marketplaces_of_amazons_sandbox_are_not_compared() -> None:
    network = ScriptedTransport([NO_PARCEL, answer(200, {"payload": [GERMANY]})])
    client = client_of(network, environment="sandbox")
    report = run(check(client.context, at_once, "shipping", has_true_places=False))
    assert report.is_ok
    assert report.steps[2].detail == "the seller can list in: DE"


def test_a_parcel_that_is_there_works_as_well() -> None:
    parcel = {"trackingId": "T", "alternateLegTrackingId": "A", "eventHistory": [], "summary": {}}
    report, _ = report_of(answer(200, {"payload": parcel}), PLACES)
    assert outcomes(report)[1] is Outcome.WORKS


def test_a_missing_role_is_named() -> None:
    report, _ = report_of(refusal(403, "Unauthorized", "Access to requested resource is denied."), PLACES)
    assert not report.is_ok
    assert outcomes(report) == [Outcome.WORKS, Outcome.FAILED, Outcome.WORKS]
    step = report.steps[1]
    assert step.error == "AccessDeniedError"
    assert step.remedy
    assert "Direct-to-Consumer Shipping (Restricted), Amazon Logistics" in step.remedy
    assert step.detail
    assert "Access to requested resource is denied." in step.detail
    assert "[request req-1]" in step.detail
    assert step.remedy not in step.detail


@pytest.mark.parametrize(
    ("answers", "error", "remedy"),
    [
        ([refusal(403, "Unauthorized", details="not valid for region")], "AccessDeniedError", "region"),
        ([answer(404, b"<html>no</html>")], "NotFoundError", "does not answer as Amazon does"),
        ([refusal(400, "InvalidInput")], "BadRequestError", None),
        ([refusal(429, "QuotaExceeded")] * 7, "ThrottledError", "wait a minute"),
        ([refusal(500, "InternalFailure")] * 4, "ServerError", "again later"),
        ([CONNECT] * 4, "TransportError", "the proxy and the endpoint"),
    ],
)
def test_every_fault_says_what_to_do(answers: list[Any], error: str, remedy: str | None) -> None:
    report, network = report_of(*answers, PLACES)
    assert not report.is_ok
    step = report.steps[1]
    assert (step.outcome, step.error) == (Outcome.FAILED, error)
    assert step.remedy is None if remedy is None else remedy in (step.remedy or "")
    assert network.steps == []


def test_a_business_that_nobody_can_know_fails_with_what_to_set() -> None:
    network = ScriptedTransport([PLACES])
    client = client_of(network).for_seller("Atzr|other", Marketplace.PL)
    report = run(check(client.context, at_once, "shipping"))
    assert outcomes(report) == [Outcome.WORKS, Outcome.FAILED, Outcome.FAILED]
    assert "shipping_business=" in (report.steps[1].detail or "")


@pytest.mark.parametrize("answers", [[refusal(403, "Unauthorized")], [refusal(500, "x")] * 4])
def test_whoever_may_not_ask_for_marketplaces_need_not(answers: list[Any]) -> None:
    report, _ = report_of(NO_PARCEL, *answers)
    assert report.is_ok
    step = report.steps[2]
    assert step.outcome is Outcome.NOT_NEEDED
    assert step.detail
    assert step.remedy is None


def test_a_network_that_breaks_on_the_way_is_no_refusal() -> None:
    report, _ = report_of(NO_PARCEL, *[CONNECT] * 4)
    assert outcomes(report) == [Outcome.WORKS, Outcome.WORKS, Outcome.FAILED]


def test_checking_often_never_waits_for_the_slow_quota() -> None:
    clock = FakeClock()
    network = ScriptedTransport([NO_PARCEL, PLACES] * 15 + [NO_PARCEL])
    client = client_of(network, clock)
    for _ in range(15):
        assert run(check(client.context, at_once, "shipping")).steps[2].outcome is Outcome.WORKS
    report = run(check(client.context, at_once, "shipping"))
    assert report.is_ok
    assert report.steps[2].error == "QuotaError"
    assert sum(clock.slept) < 1


def test_without_signing_in_nothing_else_is_tried() -> None:
    async def sign_in(seconds: float) -> None:
        assert seconds == 30
        raise AuthError("revoked", code="invalid_grant", remedy="authorize again")

    report, network = report_of(sign_in=sign_in)
    assert not report.is_ok
    assert outcomes(report) == [Outcome.FAILED, Outcome.NOT_TRIED, Outcome.NOT_TRIED]
    assert (report.steps[0].detail, report.steps[0].remedy) == ("invalid_grant: revoked", "authorize again")
    assert network.requests == []


def test_a_report_is_data() -> None:
    report, _ = report_of(refusal(403, "Unauthorized"), PLACES)
    assert pickle.loads(pickle.dumps(report)) == report
    data = json.loads(json.dumps(report.as_dict()))
    assert (data["purpose"], data["is_ok"]) == ("shipping", False)
    assert [(step["name"], step["outcome"], step["is_ok"]) for step in data["steps"]] == [
        ("sign in", "works", True),
        ("getTracking", "failed", False),
        ("getMarketplaceParticipations", "works", True),
    ]
    assert data["steps"][1]["error"] == "AccessDeniedError"


def test_a_purpose_that_is_not_there_is_told() -> None:
    client = client_of(ScriptedTransport())
    with pytest.raises(
        ConfigurationError, match="'baking' cannot be checked: use shipping, orders, vendor, notif"
    ):
        run(check(client.context, at_once, cast("Any", "baking")))


def test_every_purpose_has_a_probe() -> None:
    assert set(PROBES) == set(PURPOSES)


TOKEN = answer(200, {"restrictedDataToken": "Atz.sprdt|1", "expiresIn": 3600})
DENIED = refusal(403, "Unauthorized", "Access to requested resource is denied.")


@pytest.mark.parametrize(
    ("purpose", "answers", "names"),
    [
        ("orders", [refusal(404, "NotFound"), TOKEN], ["getOrder", "createRestrictedDataToken"]),
        ("orders", [refusal(400, "InvalidInput"), TOKEN], ["getOrder", "createRestrictedDataToken"]),
        (
            "notifications",
            [answer(200, {"payload": []}), refusal(404, "NotFound")],
            ["getDestinations", "getSubscription"],
        ),
    ],
)
def test_d8_orders_and_notifications_are_checked_too(
    purpose: Any, answers: list[Any], names: list[str]
) -> None:
    network = ScriptedTransport([*answers, PLACES])
    report = run(check(client_of(network).context, at_once, purpose))
    assert report.is_ok
    assert outcomes(report) == [Outcome.WORKS] * 4
    assert [step.name for step in report.steps] == [SIGN_IN, *names, "getMarketplaceParticipations"]
    assert network.steps == []


@pytest.mark.parametrize(
    ("purpose", "second"),
    [("orders", TOKEN), ("notifications", refusal(404, "NotFound"))],
)
def test_d8_a_missing_role_fails_the_purpose(purpose: Any, second: Any) -> None:
    network = ScriptedTransport([DENIED, second, PLACES])
    report = run(check(client_of(network).context, at_once, purpose))
    assert not report.is_ok
    assert outcomes(report)[1] is Outcome.FAILED
    assert report.steps[1].remedy


def test_d8_a_missing_role_for_personal_data_is_told_and_fails_nothing() -> None:
    network = ScriptedTransport([refusal(404, "NotFound"), DENIED, PLACES])
    report = run(check(client_of(network).context, at_once, "orders"))
    assert report.is_ok
    step = report.steps[2]
    assert (step.name, step.outcome) == ("createRestrictedDataToken", Outcome.NOT_NEEDED)
    assert step.error == "AccessDeniedError"
    assert step.detail
    assert "without names and addresses: the application needs the role Direct-to-Consumer" in step.detail
    network = ScriptedTransport([refusal(404, "NotFound"), *[refusal(500, "x")] * 4, PLACES])
    report = run(check(client_of(network).context, at_once, "orders"))
    assert outcomes(report)[2] is Outcome.FAILED


NO_ORDER = refusal(404, "ResourceNotFound")
NO_TRANSACTION = refusal(400, "InvalidInput", "Invalid transmission ID.")
NO_SHIPMENT = answer(200, {"payload": {"shipments": []}})
OF_VENDORS = [SIGN_IN, "getPurchaseOrder", "GetShipmentDetails", "getTransaction"]


@pytest.mark.parametrize("shipment", [NO_SHIPMENT, refusal(404, "NotFound")])
def test_a_vendor_is_checked_in_all_three_apis_and_not_as_a_seller(shipment: Any) -> None:
    network = ScriptedTransport([NO_ORDER, shipment, NO_TRANSACTION])
    report = run(check(client_of(network).context, at_once, "vendor"))
    assert report.is_ok
    assert [step.name for step in report.steps] == OF_VENDORS
    assert outcomes(report) == [Outcome.WORKS] * 4
    assert network.steps == []


def test_a_vendor_without_the_roles_is_told_which_there_are() -> None:
    network = ScriptedTransport([DENIED, NO_SHIPMENT, NO_TRANSACTION])
    report = run(check(client_of(network).context, at_once, "vendor"))
    assert not report.is_ok
    assert "Amazon Fulfillment, Inventory and Order Tracking" in (report.steps[1].remedy or "")


def test_a_vendor_who_pays_the_freight_needs_no_pickups() -> None:
    network = ScriptedTransport([NO_ORDER, DENIED, NO_TRANSACTION])
    report = run(check(client_of(network).context, at_once, "vendor"))
    assert report.is_ok
    step = report.steps[2]
    assert step.outcome is Outcome.NOT_NEEDED
    assert "pickups cannot be requested" in (step.detail or "")


def test_without_signing_in_no_step_of_a_vendor_is_tried() -> None:
    async def sign_in(seconds: float) -> None:
        raise AuthError("revoked")

    report = run(check(client_of(ScriptedTransport()).context, sign_in, "vendor"))
    assert [step.name for step in report.steps] == OF_VENDORS
    assert outcomes(report) == [Outcome.FAILED, *[Outcome.NOT_TRIED] * 3]


def test_d8_without_signing_in_no_step_of_orders_is_tried() -> None:
    async def sign_in(seconds: float) -> None:
        raise AuthError("revoked")

    report = run(check(client_of(ScriptedTransport()).context, sign_in, "orders"))
    assert outcomes(report) == [Outcome.FAILED, *[Outcome.NOT_TRIED] * 3]


def test_d8_what_is_no_text_is_no_purpose() -> None:
    client = client_of(ScriptedTransport())
    with pytest.raises(ConfigurationError, match="cannot be checked"):
        run(check(client.context, at_once, cast("Any", ["shipping"])))
