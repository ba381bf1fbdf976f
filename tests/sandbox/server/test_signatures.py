"""AWS signatures: botocore signs, the sandbox judges the bytes that it received."""

import http.client
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.datastructures import Headers

from spshipping.sandbox import Sandbox
from spshipping.sandbox.signatures import canonical_request
from tests.sandbox.server.world import payload, refusal

KEYS = {"AKIDEXAMPLE": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
WHERE = "/sellers/v1/marketplaceParticipations"


@pytest.fixture
def judge() -> Iterator[Sandbox]:
    with Sandbox(verifies_signatures=True, aws_keys=KEYS) as running:
        yield running


def token_of(sandbox: Sandbox) -> str:
    grant = {"grant_type": "refresh_token", **sandbox.credentials}
    token: str = requests.post(sandbox.token_url, data=grant, timeout=5).json()["access_token"]
    return token


def signed(
    sandbox: Sandbox,
    target: str = WHERE,
    headers: Mapping[str, str] = MappingProxyType({}),
    *,
    method: str = "GET",
    body: bytes = b"",
    region: str = "eu-west-1",
    service: str = "execute-api",
    session: str | None = None,
) -> dict[str, str]:
    """Return all headers of a request that botocore signed."""
    shown = {"Host": urlsplit(sandbox.url).netloc, "x-amz-access-token": token_of(sandbox), **headers}
    request = AWSRequest(method, sandbox.url + target, headers=shown, data=body)
    (key_id, secret), *_ = KEYS.items()
    SigV4Auth(Credentials(key_id, secret, session), service, region).add_auth(request)
    return dict(request.headers)


def sent(
    sandbox: Sandbox, headers: dict[str, str], target: str = WHERE, method: str = "GET", body: bytes = b""
) -> requests.Response:
    """Send exactly this target, and return the answer in requests' form."""
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=5)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    raw = connection.getresponse()
    answer = requests.Response()
    answer.status_code, answer._content = raw.status, raw.read()
    connection.close()
    return answer


def problem(answer: requests.Response) -> str:
    """Return why a signature was refused."""
    status, code, text = refusal(answer)
    assert (status, code) == (403, "InvalidSignature")
    return text


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "us-west-2"])
def test_a_signed_request_is_let_through(judge: Sandbox, region: str) -> None:
    assert len(payload(sent(judge, signed(judge, region=region)))) == 5


def test_without_being_told_to_the_sandbox_reads_no_signature(sandbox: Sandbox) -> None:
    headers = {"x-amz-access-token": token_of(sandbox), "Authorization": "AWS4-HMAC-SHA256 nonsense"}
    assert sent(sandbox, {"Host": "x", **headers}).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "/shipping/v2/tracking?trackingId=a%2Bb%2F%3D%25~%20c&carrierId=%C3%A9",
        "/shipping/v2/tracking?carrierId=z&trackingId=2&trackingId=1&carrierId=&flag=",
        "/shipping/v1/shipments/a%2Fb%20%C3%A9%25%2B~",
        "/shipping/v2/tracking?",
        "/a/./b/../c//d/",
        "/..",
        "/a/.",
        "//a",
    ],
)
def test_the_bytes_of_the_request_line_are_what_is_verified(judge: Sandbox, target: str) -> None:
    good = sent(judge, signed(judge, target), target)
    assert good.status_code != 403 or refusal(good)[1] == "Unauthorized"


@pytest.mark.parametrize(
    ("was_signed", "was_sent"),
    [
        ("/shipping/v1/shipments/a%2Bb", "/shipping/v1/shipments/a+b"),
        ("/shipping/v1/shipments/a%2fb", "/shipping/v1/shipments/a%2Fb"),
        ("/shipping/v2/tracking?trackingId=1", "/shipping/v2/tracking?trackingId=2"),
    ],
)
def test_another_request_line_is_refused(judge: Sandbox, was_signed: str, was_sent: str) -> None:
    assert "of another request" in problem(sent(judge, signed(judge, was_signed), was_sent))


@pytest.mark.parametrize("value", ["a,b", "a+b", "a=b", "a%2cb", "%7E"])
def test_a_query_is_sent_in_the_encoding_that_is_signed(judge: Sandbox, value: str) -> None:
    target = f"/shipping/v2/tracking?trackingId={value}"
    assert "The query is not encoded" in problem(sent(judge, signed(judge, target), target))


def test_the_body_is_signed_too(judge: Sandbox) -> None:
    target, body = "/shipping/v2/shipments/rates", b'{"a": 1}'
    headers = signed(judge, target, {"Content-Type": "application/json"}, method="POST", body=body)
    assert sent(judge, headers, target, "POST", body).status_code == 400
    assert "of another request" in problem(sent(judge, headers, target, "POST", b'{"a": 2}'))


def test_headers_are_signed_in_their_canonical_form(judge: Sandbox) -> None:
    headers = signed(judge, headers={"User-Agent": "Shop/1", "X-Note": "  two   words  "})
    assert sent(judge, headers).status_code == 200
    assert "of another request" in problem(sent(judge, {**headers, "X-Note": "one word"}))


def test_a_session_token_is_signed_with_the_rest(judge: Sandbox) -> None:
    headers = signed(judge, session="session/token==")
    assert sent(judge, headers).status_code == 200
    unsigned = {**signed(judge), "X-Amz-Security-Token": "session/token=="}
    assert "not signed: x-amz-security-token" in problem(sent(judge, unsigned))


def test_a_request_without_a_signature_is_refused_before_anything_else(judge: Sandbox) -> None:
    headers = {"Host": "x", "x-amz-access-token": token_of(judge)}
    assert "missing" in problem(sent(judge, headers))
    assert "missing" in problem(sent(judge, headers, "/nothing"))
    assert "missing" in problem(sent(judge, {**headers, "Authorization": "Bearer x"}))
    assert "missing" in problem(sent(judge, {"Host": "x"}))


@pytest.mark.parametrize(
    ("pattern", "instead", "text"),
    [
        ("AKIDEXAMPLE", "AKIDOTHER", "access key id is unknown"),
        ("eu-west-1", "eu-central-1", "execute-api in eu-central-1"),
        ("execute-api", "sts", "sts in eu-west-1"),
        ("eu-west-1", "us-east-1", "of another request"),
        ("host;", "", "not signed: host"),
        (";x-amz-date", "", "not signed: x-amz-date"),
        ("x-amz-access-token;", "", "not signed: x-amz-access-token"),
        ("Signature=.", "Signature=", "missing"),
        (r"Credential=AKIDEXAMPLE/\d{8}", "Credential=AKIDEXAMPLE/20200101", "on the credential's day"),
    ],
)
def test_a_signature_that_was_changed_is_refused(
    judge: Sandbox, pattern: str, instead: str, text: str
) -> None:
    headers = signed(judge)
    headers["Authorization"] = re.sub(pattern, instead, headers["Authorization"])
    assert text in problem(sent(judge, headers))


def test_another_secret_is_refused_and_keys_can_be_added_later(judge: Sandbox) -> None:
    headers = signed(judge)
    judge.aws_keys["AKIDEXAMPLE"] = "another secret"
    assert "with another secret" in problem(sent(judge, headers))
    judge.aws_keys.update(KEYS)
    assert sent(judge, headers).status_code == 200


def test_a_date_that_is_none_is_refused(judge: Sandbox) -> None:
    headers = signed(judge)
    headers["X-Amz-Date"] = headers["X-Amz-Date"][:8]
    assert "x-amz-date is no time" in problem(sent(judge, headers))


@pytest.mark.parametrize(("minutes", "is_good"), [(14, True), (-14, True), (16, False), (-16, False)])
def test_a_signature_is_good_for_fifteen_minutes_of_sandbox_time(
    judge: Sandbox, monkeypatch: pytest.MonkeyPatch, minutes: int, is_good: bool
) -> None:
    now = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=minutes)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: now)
    answer = sent(judge, signed(judge))
    assert answer.status_code == (200 if is_good else 403)
    if not is_good:
        assert "Signature expired" in problem(answer)


def test_the_sandboxs_clock_decides(judge: Sandbox) -> None:
    headers = signed(judge)
    judge.clock.advance(1000)
    assert "Signature expired" in problem(sent(judge, headers))


def test_the_refusal_never_shows_what_was_signed(judge: Sandbox) -> None:
    headers = signed(judge)
    text = sent(judge, headers, WHERE + "?x=1").text
    assert headers["x-amz-access-token"] not in text


def test_signing_in_and_the_sandboxs_own_routes_need_no_signature(judge: Sandbox) -> None:
    assert token_of(judge)
    assert requests.get(f"{judge.url}/_sandbox/ready", timeout=5).status_code == 200
    assert requests.get(judge.consent_url, timeout=5).status_code == 400


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        ("/", ["GET", "/", ""]),
        ("/example/..", ["GET", "/", ""]),
        ("/./", ["GET", "/", ""]),
        ("//example//", ["GET", "/example/", ""]),
        ("/?Param2=value2&Param1=value1", ["GET", "/", "Param1=value1&Param2=value2"]),
        ("/?Param1=value2&Param1=Value1", ["GET", "/", "Param1=Value1&Param1=value2"]),
        ("/?-._~0=%E1%88%B4&B&a=", ["GET", "/", "-._~0=%E1%88%B4&B=&a="]),
    ],
)
def test_a_request_is_written_as_awss_own_examples_are(target: str, lines: list[str]) -> None:
    headers = Headers({"Host": "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z"})
    written = canonical_request("GET", target.encode(), headers, ["x-amz-date", "host"], b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    head = ["host:example.amazonaws.com", "x-amz-date:20150830T123600Z", "", "host;x-amz-date", empty]
    assert written.decode() == "\n".join([*lines, *head])
