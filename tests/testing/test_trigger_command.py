"""`spshipping trigger`, against a sandbox that is running."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from spshipping.cli.app import app
from spshipping.sandbox import Sandbox
from tests.testing.test_triggers import START, Webhook, order_in


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(frozen_at=START, orders=40, purchase_orders=20) as running:
        monkeypatch.setenv("SPSHIPPING_ENDPOINT", running.url)
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        yield running


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["trigger", *arguments])


def test_an_event_happens_and_its_message_is_shown(sandbox: Sandbox) -> None:
    order_id = order_in(sandbox, "Unshipped")
    shown = invoke("ORDER_CHANGE", f"order_id={order_id}", "status=Shipped")
    assert shown.exit_code == 0, shown.output
    first, _, rest = shown.output.partition("\n")
    assert first == "ORDER_CHANGE: it is in the queue"
    assert json.loads(rest) == sandbox.notifications()[0]
    assert sandbox.order_changes()[-1].order_id == order_id


def test_for_a_program_it_is_one_line(sandbox: Sandbox) -> None:
    shown = invoke("PURCHASE_ORDER_CHANGE", "change=window", "--json")
    assert json.loads(shown.output)["message"]["change"] == "window"
    payload = invoke("FEED_PROCESSING_FINISHED", 'payload={"feedId": "1"}', "--json")
    assert json.loads(payload.output)["message"]["Payload"] == {"feedId": "1"}
    refused = invoke("ORDER_CHANGE", "status=Lost", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.output)["message"].startswith("status is one of PendingAvailability")


def test_the_answer_of_the_webhook_is_shown(sandbox: Sandbox) -> None:
    hook = Webhook()
    try:
        sandbox.push_to(hook.url, secret="key")
        assert "ORDER_CHANGE: the webhook answered 204\n" in invoke("ORDER_CHANGE", "--to", "webhook").output
    finally:
        hook.close()
    assert "the webhook did not answer\n" in invoke("ORDER_CHANGE", "--to", "webhook").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ORDER_CHANGE", "status"], "'status' is not NAME=VALUE"),
        (["FEED", "payload={"], "payload= is JSON, as in payload="),
        (["LOST"], "there is no event 'LOST'"),
        (["ORDER_CHANGE", "--endpoint", "ftp://x"], "--endpoint= is not https:// and a host"),
        (["ORDER_CHANGE", "--endpoint", "http://127.0.0.1:9"], "no sandbox answers at http://127.0.0.1:9 ("),
    ],
)
def test_what_cannot_be_is_said(sandbox: Sandbox, arguments: list[str], message: str) -> None:
    shown = invoke(*arguments)
    assert shown.exit_code == 1
    assert message in shown.output
    assert sandbox.notifications() == []


def test_something_else_than_a_sandbox_is_noticed(sandbox: Sandbox) -> None:
    hook = Webhook()
    hook.status = 404
    try:
        shown = invoke("ORDER_CHANGE", "--endpoint", hook.url.rstrip("/"))
        assert "this is not a sandbox that has triggers" in shown.output
        hook.status = 204
        assert "no sandbox answers at" in invoke("ORDER_CHANGE", "--endpoint", hook.url.rstrip("/")).output
    finally:
        hook.close()
    assert sandbox.notifications() == []
