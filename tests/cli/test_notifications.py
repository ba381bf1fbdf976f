"""`spshipping notifications list` and `ensure`, against the local SP-API."""

import json

import pytest
from rich.console import Console

from spshipping.cli import notifications as command
from spshipping.cli.notifications import show
from spshipping.notifications import Destination, DestinationResource, EventBridgeResource
from spshipping.sandbox import Sandbox
from tests.cli.conftest import Run

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:orders"
ENSURE = ("notifications", "ensure", "ORDER_CHANGE", QUEUE)


def test_where_nothing_is_subscribed_that_is_said(run: Run) -> None:
    result = run("notifications", "list")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "The application has no destination.",
        "",
        "The seller has no subscription to ORDER_CHANGE.",
    ]
    assert json.loads(run("notifications", "list", "--json").stdout) == {
        "destinations": [],
        "subscriptions": [],
    }


def test_a_type_that_amazon_has_no_subscriptions_for_has_none(run: Run, sandbox: Sandbox) -> None:
    sandbox.add_fault("getSubscriptions", "status", status=404)
    result = run("notifications", "list", "BRANDED_ITEM_CONTENT_CHANGE")
    assert result.exit_code == 1
    assert "The seller has no subscription to BRANDED_ITEM_CONTENT_CHANGE." in result.stdout


def test_what_is_ensured_is_listed_and_made_once(run: Run, sandbox: Sandbox) -> None:
    first, second = run(*ENSURE, "--yes", "--json"), run(*ENSURE, "--yes", "--json")
    assert (first.exit_code, second.exit_code) == (0, 0)
    made, found = json.loads(first.stdout), json.loads(second.stdout)
    assert (made["has_made_destination"], made["has_made_subscription"]) == (True, True)
    assert (found["has_made_destination"], found["has_made_subscription"]) == (False, False)
    assert found["subscription"] == made["subscription"]
    assert sandbox.ledger.count("createSubscription") == 1

    listed = run("notifications", "list", "ORDER_CHANGE", "ANY_OFFER_CHANGED")
    assert listed.exit_code == 0
    assert QUEUE in listed.stdout
    assert made["subscription"]["subscriptionId"] in listed.stdout
    facts = json.loads(run("notifications", "list", "--json").stdout)
    assert [each["notificationType"] for each in facts["subscriptions"]] == ["ORDER_CHANGE"]


def test_it_is_sent_only_if_somebody_agrees(
    run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = run(*ENSURE)
    assert refused.exit_code == 2
    assert "give --yes" in refused.stderr
    monkeypatch.setattr(command, "has_terminal", lambda: True)
    assert run(*ENSURE, input="n\n").exit_code == 1
    assert sandbox.ledger.count("createSubscription") == 0
    agreed = run(*ENSURE, input="y\n")
    assert agreed.exit_code == 0
    assert f"Have ORDER_CHANGE sent to {QUEUE}, by {sandbox.url}?" in agreed.stderr
    assert agreed.stdout.startswith(f"✓ ORDER_CHANGE is sent to {QUEUE}: made destination ")


def test_a_subscription_that_differs_is_not_changed_and_how_it_differs_is_said(run: Run) -> None:
    directive = {
        "eventFilter": {"eventFilterType": "ORDER_CHANGE", "orderChangeTypes": ["OrderStatusChange"]}
    }
    filtered = run(*ENSURE, "--directive", "-", "--yes", input=json.dumps(directive))
    assert filtered.exit_code == 0, filtered.output
    assert " yes\n" in run("notifications", "list").stdout
    result = run(*ENSURE, "--yes", "--json")
    assert result.exit_code == 1
    error = json.loads(result.stdout)
    assert error["error"] == "ConflictError"
    assert "nothing was changed" in error["message"]


def test_a_directive_that_is_none_is_refused(run: Run) -> None:
    result = run(*ENSURE, "--directive", "-", "--yes", input="no JSON")
    assert result.exit_code == 2
    assert "--directive holds no processingDirective in JSON" in result.stderr


def test_a_destination_that_is_no_queue_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    event_bridge = EventBridgeResource(name="aws.partner/orders", region="eu-west-1", account_id="1")
    destinations = [
        Destination(name="a", destination_id="1", resource=DestinationResource(event_bridge=event_bridge)),
        Destination(name="b", destination_id="2", resource=DestinationResource()),
    ]
    show(destinations, [], ["ORDER_CHANGE"], Console())
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[-1] for row in rows[1:3]] == ["aws.partner/orders", "–"]
