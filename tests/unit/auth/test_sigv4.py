"""The signer against AWS's published vectors, and against botocore on random requests."""

import random
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from spshipping import Secret
from spshipping.auth.aws import AwsCredentials, GivenKeys
from spshipping.auth.sigv4 import SERVICE, SigV4Signer, canonical_request, sign
from spshipping.transport.http import HttpRequest
from spshipping.transport.io import run
from tests.kit import FakeClock, io_of

# of AWS's Signature Version 4 test suite
KEYS = AwsCredentials("AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
HOST = "https://example.amazonaws.com"
UNRESERVED = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8"
    "YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE"
    "8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2"
    "ICCR/oLxBA=="
)
FORM = {"content-type": "application/x-www-form-urlencoded"}
FORM_UTF8 = {"content-type": "application/x-www-form-urlencoded; charset=utf8"}
VECTORS: dict[str, tuple[HttpRequest, str]] = {
    "get-vanilla": (
        HttpRequest("GET", f"{HOST}/", {}),
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    "get-vanilla-query-order-key-case": (
        HttpRequest("GET", f"{HOST}/?Param2=value2&Param1=value1", {}),
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    "get-vanilla-query-unreserved": (
        HttpRequest("GET", f"{HOST}/?{UNRESERVED}={UNRESERVED}", {}),
        "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
    ),
    "get-unreserved": (
        HttpRequest("GET", f"{HOST}/{UNRESERVED}", {}),
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ),
    "get-utf8": (
        HttpRequest("GET", f"{HOST}/ሴ", {}),
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    ),
    "get-vanilla-utf8-query": (
        HttpRequest("GET", f"{HOST}/?{quote('ሴ')}=bar", {}),
        "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
    ),
    "get-header-key-duplicate": (
        HttpRequest("GET", f"{HOST}/", {"My-Header1": "value2,value2,value1"}),
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    "get-header-value-trim": (
        HttpRequest("GET", f"{HOST}/", {"My-Header1": " value1", "My-Header2": ' "a   b   c"'}),
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    "post-vanilla": (
        HttpRequest("POST", f"{HOST}/", {}),
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    "post-vanilla-query": (
        HttpRequest("POST", f"{HOST}/?Param1=value1", {}),
        "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
    ),
    "post-x-www-form-urlencoded": (
        HttpRequest("POST", f"{HOST}/", FORM, b"Param1=value1"),
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
    "post-x-www-form-urlencoded-parameters": (
        HttpRequest(
            "POST", f"{HOST}/", {"content-type": f"{FORM['content-type']}; charset=utf8"}, b"Param1=value1"
        ),
        "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
    ),
}


def signature(request: HttpRequest, keys: AwsCredentials = KEYS) -> str:
    made = sign(request, keys, region="us-east-1", service="service", at=AT)
    assert made.headers["x-amz-date"] == "20150830T123600Z"
    return made.headers["authorization"].partition("Signature=")[2]


@pytest.mark.parametrize("name", VECTORS)
def test_aws_own_vectors_are_reproduced(name: str) -> None:
    request, expected = VECTORS[name]
    assert signature(request) == expected


def test_a_session_token_is_signed_too() -> None:
    request = HttpRequest("POST", f"{HOST}/", {})
    expected = "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
    assert signature(request, KEYS._replace(session_token=Secret(TOKEN))) == expected


def botocore_signature(request: HttpRequest, keys: AwsCredentials) -> tuple[str, str]:
    """Return the canonical request and the signature that botocore makes of the same request."""
    token = keys.session_token.reveal() if keys.session_token else None
    auth = SigV4Auth(
        BotoCredentials(keys.access_key_id, keys.secret_access_key.reveal(), token), SERVICE, "eu-west-1"
    )
    headers = {**request.headers, "X-Amz-Date": "20150830T123600Z"}
    if token:
        headers["X-Amz-Security-Token"] = token
    made = AWSRequest(method=request.method, url=request.url, headers=headers, data=request.body)
    made.context["timestamp"] = "20150830T123600Z"
    canonical = auth.canonical_request(made)
    return canonical, auth.signature(auth.string_to_sign(made, canonical), made)


def random_request(source: random.Random) -> HttpRequest:
    """Make a request as this package makes them: odd text everywhere, encoded once."""

    def text(least: int = 1) -> str:
        alphabet = "abcXYZ019 +/=%~-._!*'()@:;,?&#$é日本\u00a0\"<>|"
        return "".join(source.choice(alphabet) for _ in range(source.randint(least, 12)))

    def segment() -> str:
        # operations refuse dot segments, which botocore would resolve
        made = text()
        return segment() if made in (".", "..") else quote(made, safe="")

    path = "/".join(segment() for _ in range(source.randint(1, 5)))
    pairs = [(quote(text(), safe=""), quote(text(0), safe="")) for _ in range(source.randint(0, 4))]
    query = "&".join(f"{name}={value}" for name, value in pairs)
    headers = {f"x-h{n}": f" {text()}  {text()} ".strip() for n in range(source.randint(0, 3))}
    headers["x-amz-access-token"] = text()
    body = source.choice([None, b"", text().encode()])
    url = f"https://sellingpartnerapi-eu.amazon.com/{path}" + (f"?{query}" if query else "")
    return HttpRequest(source.choice(["GET", "PUT", "POST"]), url, headers, body)


@pytest.mark.long
def test_ten_thousand_random_requests_agree_with_botocore() -> None:
    source = random.Random(20150830)
    for number in range(10_000):
        request = random_request(source)
        keys = KEYS._replace(session_token=Secret("tok/en+=")) if number % 2 else KEYS
        made = sign(request, keys, region="eu-west-1", service=SERVICE, at=AT)
        canonical, expected = botocore_signature(request, keys)
        assert made.headers["authorization"].endswith(f"Signature={expected}"), canonical
        assert (made.url, made.body) == (request.url, request.body)


def test_what_a_proxy_may_change_is_not_sign() -> None:
    headers = {"user-agent": "MyShop/1.2", "Accept-Encoding": "gzip", "accept": "application/json"}
    made = sign(HttpRequest("GET", f"{HOST}/", headers), KEYS, region="us-east-1", service="service", at=AT)
    assert "SignedHeaders=accept;host;x-amz-date," in made.headers["authorization"]
    assert made.headers["user-agent"] == "MyShop/1.2"
    assert canonical_request(HttpRequest("GET", HOST, {}), {})[1].startswith("GET\n/\n\n\n")


def test_each_attempt_is_signed_anew() -> None:
    clock = FakeClock()
    asked: list[float] = []

    def give() -> AwsCredentials:
        asked.append(clock.elapsed)
        return KEYS

    signer = SigV4Signer(GivenKeys(give, io_of()), "eu-west-1", clock)
    request = HttpRequest("GET", f"{HOST}/", {"x-amz-access-token": "Atza|1"})
    first: Any = run(signer.sign(request, 0.0))
    clock.sleep(5)
    second: Any = run(signer.sign(request, 0.0))
    assert first.headers["x-amz-date"] == "20260301T120000Z"
    assert second.headers["x-amz-date"] == "20260301T120005Z"
    assert "host;x-amz-access-token;x-amz-date" in first.headers["authorization"]
    assert asked == [0.0, 5.0]
