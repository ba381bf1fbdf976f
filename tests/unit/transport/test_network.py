"""What both transports share about the network: proxies, CA bundles, failed handshakes."""

import ssl
from pathlib import Path

import pytest

from spshipping import ConfigurationError
from spshipping.transport.network import (
    Proxies,
    ca_bundle_of_environment,
    check_proxies,
    fault_of_proxy,
    found_file,
    is_distrust,
)

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
HTTPS = "https://a.example/path"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_proxies_that_were_given_are_used_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://env.example:1")
    given = Proxies({"https": "http://given.example:1"})
    assert given.one_for(HTTPS) == "http://given.example:1"
    assert given.one_for("http://a.example") is None
    assert Proxies({}).one_for(HTTPS) is None
    assert Proxies(None, trusts_environment=False).one_for(HTTPS) is None


def test_the_environment_is_read_once_for_each_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://env.example:1")
    monkeypatch.setenv("NO_PROXY", "b.example")
    proxies = Proxies(None)
    assert proxies.one_for(HTTPS) == "http://env.example:1"
    assert proxies.one_for("https://b.example") is None
    monkeypatch.setenv("HTTPS_PROXY", "http://other.example:1")
    assert proxies.one_for("https://a.example/other") == "http://env.example:1"


def test_a_proxy_that_cannot_be_used_is_found_out_beforehand_without_its_password() -> None:
    proxies = Proxies({"https": "ftp://user:pa55@proxy.example"})
    proxies.check(["http://a.example"])
    with pytest.raises(ConfigurationError, match=r"the proxy for a\.example: is no proxy's URL") as caught:
        proxies.check(["http://a.example", HTTPS])
    assert "pa55" not in str(caught.value)


@pytest.mark.parametrize(
    "proxy",
    ["http://p.example:3128", "https://u:p@p.example", "p.example:80", "socks5h://p.example:1", "", None],
)
def test_a_proxy_that_can_be_used_has_no_fault(proxy: str | None) -> None:
    assert fault_of_proxy(proxy) is None


@pytest.mark.parametrize("proxy", ["ftp://p.example", "http://", "http://p.example:99999", "http://[::1"])
def test_a_proxy_that_cannot_be_used_has_one(proxy: str) -> None:
    assert "is no proxy's URL" in str(fault_of_proxy(proxy))


def test_a_socks_proxy_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spshipping.transport.network.find_spec", lambda name: None)
    assert "pip install" in str(fault_of_proxy("socks5://p.example:1"))
    assert fault_of_proxy("http://p.example:1") is None


def test_the_names_of_proxies_are_checked() -> None:
    check_proxies(None)
    check_proxies({"https": "http://p.example", "all://a.example": "http://p.example", "http": ""})
    with pytest.raises(ConfigurationError, match=r"proxies\['htps'\] would never be used"):
        check_proxies({"htps": "http://p.example"})
    with pytest.raises(ConfigurationError, match=r"proxies\['https'\]: is no proxy's URL") as caught:
        check_proxies({"https": "ftp://u:pa55@p.example"})
    assert "pa55" not in str(caught.value)


def test_a_ca_bundle_is_a_file_or_folder_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("x")
    assert found_file("ca_bundle=", path) == found_file("ca_bundle=", str(path)) == str(path)
    assert found_file("ca_bundle=", tmp_path) == str(tmp_path)
    with pytest.raises(ConfigurationError, match="there is no file or folder"):
        found_file("ca_bundle=", tmp_path / "none.pem")
    for wrong in (False, None, "", 5):
        with pytest.raises(ConfigurationError, match="certificates are always checked"):
            found_file("ca_bundle=", wrong)


def test_the_ca_bundle_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert ca_bundle_of_environment() is None
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path))
    assert ca_bundle_of_environment() == str(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with pytest.raises(ConfigurationError, match="REQUESTS_CA_BUNDLE: there is no file"):
        ca_bundle_of_environment()


def wrapped(inner: BaseException, *, is_cause: bool) -> BaseException:
    outer = OSError("outer")
    if is_cause:
        outer.__cause__ = inner
    else:
        outer.__context__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ssl.SSLCertVerificationError("x"), True),
        (wrapped(ssl.SSLError("x"), is_cause=True), True),
        (wrapped(ssl.SSLError("x"), is_cause=False), True),
        (OSError(ssl.SSLError("x")), True),
        (ssl.SSLEOFError("x"), False),
        (OSError(ssl.SSLEOFError("x")), False),
        (wrapped(ssl.SSLZeroReturnError("x"), is_cause=True), False),
        (OSError("x"), False),
        (None, False),
    ],
)
def test_a_handshake_that_was_merely_cut_may_succeed_the_next_time(
    error: BaseException | None, expected: bool
) -> None:
    assert is_distrust(error) is expected
