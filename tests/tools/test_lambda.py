"""The handler of docs/lambda.md gets what AWS Lambda gets, on a file system that cannot be written."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from spshipping.journal import SqliteJournal
from spshipping.sandbox import Sandbox

pytestmark = pytest.mark.tools

ROOT = Path(__file__).parents[2]
KEY = "the key that you agreed on"
READ_ONLY = 'mount --make-rprivate / && mount -o remount,bind,ro / && exec "$@"'


def push(number: int) -> str:
    """Return the body of a push."""
    detail = {"trackingId": "TBA1", "eventCode": "Delivered", "eventTime": "2026-03-01T09:30:00Z"}
    return json.dumps({"id": f"p-{number}", "detail": detail})


def version_1(number: int, key: str = KEY) -> dict[str, Any]:
    """Return an event of API Gateway, version 1."""
    return {
        "version": "1.0",
        "httpMethod": "POST",
        "path": "/amazon",
        "headers": {"X-API-KEY": key},
        "multiValueHeaders": {"X-API-KEY": [key]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"httpMethod": "POST", "path": "/amazon", "identity": {"sourceIp": "192.0.2.1"}},
        "body": push(number),
        "isBase64Encoded": False,
    }


def version_2(number: int) -> dict[str, Any]:
    """Return an event of API Gateway, version 2, with its body in base64."""
    http = {"method": "POST", "path": "/amazon", "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}
    return {
        "version": "2.0",
        "rawPath": "/amazon",
        "rawQueryString": "",
        "headers": {"x-api-key": KEY},
        "requestContext": {"http": http},
        "body": base64.b64encode(push(number).encode()).decode(),
        "isBase64Encoded": True,
    }


def balancer(number: int) -> dict[str, Any]:
    """Return an event of a load balancer."""
    return {
        "requestContext": {
            "elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1"}
        },
        "httpMethod": "POST",
        "path": "/amazon",
        "queryStringParameters": {},
        "headers": {"x-api-key": KEY, "x-forwarded-for": "192.0.2.1"},
        "body": push(number),
        "isBase64Encoded": False,
    }


QUEUE = {
    "Records": [
        {
            "messageId": "m-1",
            "eventSource": "aws:sqs",
            "body": json.dumps({"NotificationType": "REPORT_DONE"}),
        },
        {"messageId": "m-2", "eventSource": "aws:sqs", "body": "no notification"},
    ]
}


def read_only() -> list[str]:
    """Return the command that runs another one with a file system that cannot be written."""
    for how in (["unshare", "-m"], ["unshare", "-r", "-m"]):
        command = [*how, "sh", "-c", READ_ONLY, "sh"]
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return command
    pytest.skip("this machine lets nobody mount a file system for one process")


def test_each_kind_of_event_is_answered_and_a_journal_is_refused(tmp_path: Path) -> None:
    journals = [tmp_path / "new" / "shipments.db", tmp_path / "shipments.db"]
    with SqliteJournal(journals[1]) as journal:
        journal.secret()
    events = [version_1(1), version_1(2, "a guess"), version_2(3), balancer(4), QUEUE]
    with Sandbox() as sandbox:
        done = subprocess.run(
            [*read_only(), sys.executable, "-m", "tests.tools.lambda_worker", *map(str, journals)],
            input=json.dumps(events),
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={
                **os.environ,
                **sandbox.environment,
                "PYTHONPATH": f"{ROOT}",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert len(sandbox.ledger.labels) == 1
    found = json.loads(done.stdout)
    *answers, queue = found["answers"]
    assert [answer["statusCode"] for answer in answers] == [200, 401, 200, 200]
    assert queue == {"batchItemFailures": [{"itemIdentifier": "m-2"}]}
    assert found["taken"] == ["p-1", "p-3", "p-4", "REPORT_DONE"]
    assert found["printed"].endswith("True\n")
    remedy = "; choose a file on a disk of this machine that can be written, and that outlasts the program"
    assert found["journals"][0] == f"the journal {journals[0]} cannot be used: Read-only file system{remedy}"
    assert found["journals"][1].startswith(f"the journal {journals[1]} cannot be used: ")
    assert found["journals"][1].endswith(remedy)
    shown = f"cannot be used: Read-only file system{remedy}"
    assert shown in (ROOT / "docs" / "lambda.md").read_text("utf-8")
