import pytest

from spshipping.errors import ConfigurationError
from spshipping.urls import checked_url, url_fault

SHAPE = "is not https:// and a host, without user, query or fragment"
PLAIN = "is plain http, which is accepted for this machine only"

GOOD = [
    "https://example.com",
    "https://example.com/",
    "HTTPS://Example.com:8443/a/path",
    "https://[2001:db8::1]:443",
    "http://127.0.0.1:8462",
    "http://localhost/auth/o2/token",
    "http://LOCALHOST",
    "http://[::1]:1",
]
BAD = [
    "",
    "example.com",
    "//example.com",
    "ftp://example.com",
    "https://",
    "https:///path",
    "https://:443",
    "https://example.com:0",
    "https://example.com:65536",
    "https://example.com:port",
    "https://[::1",
    "https://exa mple.com",
    "https://example.com/a b",
    "https://example.com\\@evil.example",
    "https://example.com\n",
    "https://exämple.com",
    "https://example.com%00.evil.example",
    "https://user@example.com",
    "https://user:pa55@example.com",
    "https://:pa55@example.com",
    "https://@example.com",
    "https://example.com?",
    "https://example.com/?key=pa55",
    "https://example.com#",
    "https://example.com/#pa55",
    None,
    5,
    b"https://example.com",
]


@pytest.mark.parametrize("url", GOOD)
def test_d3_https_and_a_host_is_a_url(url: str) -> None:
    assert checked_url(url, "endpoint") == url


@pytest.mark.parametrize("url", BAD)
def test_d3_anything_else_is_refused_without_showing_it(url: object) -> None:
    assert url_fault(url, allow_http=True) == SHAPE
    with pytest.raises(ConfigurationError) as caught:
        checked_url(url, "endpoint")
    assert str(caught.value) == f"endpoint= {SHAPE}"


@pytest.mark.parametrize("url", ["http://example.com", "http://127.0.0.1.example.com", "http://10.0.0.1:80"])
def test_d3_plain_http_is_for_this_machine_unless_it_is_allowed(url: str) -> None:
    assert url_fault(url) == PLAIN
    assert checked_url(url, "endpoint", allow_http=True) == url


def test_a_query_is_accepted_where_it_is_allowed_and_nothing_else_is() -> None:
    assert checked_url("https://example.com/?a=b", "page", allow_query=True) == "https://example.com/?a=b"
    assert url_fault("https://example.com/?a=b#c", allow_query=True) == SHAPE.replace(", query", "")
    assert url_fault("https://:pa55@example.com/?a=b", allow_query=True) == SHAPE.replace(", query", "")
