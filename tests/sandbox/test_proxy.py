"""The sandbox under Amazon's own addresses, through a proxy."""

import json
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner

from spshipping import Client, ConfigurationError, Credentials, Marketplace, RetryPolicy
from spshipping.auth.cache import TokenCache
from spshipping.cli.app import app
from spshipping.sandbox import Sandbox, SandboxProxy, example_order
from spshipping.sandbox import http as sandbox_http
from spshipping.sandbox.proxy import HOSTS
from tests.sandbox.test_connecting import forget_the_environment

LWA = "https://api.amazon.com/auth/o2/token"
FAR = "https://sellingpartnerapi-eu.amazon.com"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - the address under test


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def proxy(sandbox: Sandbox, folder: Path) -> Iterator[SandboxProxy]:
    with SandboxProxy(sandbox) as opened:
        yield opened


@pytest.fixture
def started(proxy: SandboxProxy, monkeypatch: pytest.MonkeyPatch) -> SandboxProxy:
    """Run this process as one that was started with the variables."""
    forget_the_environment(monkeypatch)
    for name, value in proxy.environment.items():
        monkeypatch.setenv(name, value)
    return proxy


def line_to(sandbox: Sandbox, head: str) -> socket.socket:
    """Open a connection, send a head, and return it."""
    where = urlsplit(sandbox.url)
    line = socket.create_connection((where.hostname or "", where.port or 0), timeout=5)
    line.sendall(f"{head}\r\n\r\n".encode("latin-1"))
    return line


def answer_to(sandbox: Sandbox, head: str) -> bytes:
    """Return everything that comes back until the sandbox closes the connection."""
    with line_to(sandbox, head) as line, line.makefile("rb") as reader:
        return reader.read()


def tunnel(sandbox: Sandbox, host: str) -> socket.socket:
    line = line_to(sandbox, f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443")
    assert line.recv(1024) == b"HTTP/1.1 200 Connection established\r\n\r\n"
    return line


def trust(proxy: SandboxProxy) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=proxy.environment["SSL_CERT_FILE"])


def test_a_client_buys_and_tracks_at_amazons_own_addresses(started: SandboxProxy, sandbox: Sandbox) -> None:
    with Client(
        Credentials(**sandbox.credentials),
        Marketplace.UK,
        token_cache=TokenCache(),
        retry=RetryPolicy(base=0),
    ) as client:
        quote = client.shipping.get_rates(example_order())
        sandbox.add_fault("purchaseShipment", "drop_after", reset=True)
        sandbox.add_fault("purchaseShipment", "cut_body")
        bought = client.shipping.purchase_shipment(quote.purchase_request(quote.cheapest(), format="PDF"))
        (package,) = bought.package_document_details
        carrier = quote.cheapest().carrier_id
        tracked = client.shipping.get_tracking(tracking_id=str(package.tracking_id), carrier_id=carrier)
    assert tracked.tracking_id == package.tracking_id
    assert len(sandbox.ledger.labels) == 1
    assert sandbox.ledger.count("purchaseShipment") == 3
    assert sandbox.ledger.count("lwa") == 1


def test_the_hosts_are_those_of_the_sp_api_and_of_login_with_amazon() -> None:
    assert {
        "sellingpartnerapi-na.amazon.com",
        "sellingpartnerapi-eu.amazon.com",
        "sellingpartnerapi-fe.amazon.com",
        "sandbox.sellingpartnerapi-na.amazon.com",
        "sandbox.sellingpartnerapi-eu.amazon.com",
        "sandbox.sellingpartnerapi-fe.amazon.com",
        "api.amazon.com",
        "api.amazon.co.uk",
        "api.amazon.co.jp",
    } == set(HOSTS)


@pytest.mark.parametrize("host", HOSTS)
def test_the_certificate_is_for_these_hosts_and_no_other(
    proxy: SandboxProxy, sandbox: Sandbox, host: str
) -> None:
    with trust(proxy).wrap_socket(tunnel(sandbox, host), server_hostname=host) as line:
        names = (line.getpeercert() or {})["subjectAltName"]
        line.sendall(b"GET /_sandbox/ready HTTP/1.1\r\nHost: " + host.encode() + b"\r\n\r\n")
        assert b'{"ready":true}' in line.recv(4096)
    assert sorted(names) == sorted(("DNS", each) for each in HOSTS)


def test_names_of_hosts_are_the_same_in_any_case(proxy: SandboxProxy, sandbox: Sandbox) -> None:
    with trust(proxy).wrap_socket(
        tunnel(sandbox, "API.Amazon.com"), server_hostname="api.amazon.com"
    ) as line:
        assert line.getpeercert()


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("example.com:443", "example.com:443"),
        ("sellingpartnerapi-eu.amazon.com:80", "sellingpartnerapi-eu.amazon.com:80"),
        ("sellingpartnerapi-eu.amazon.com", "sellingpartnerapi-eu.amazon.com"),
        ("x.sellingpartnerapi-eu.amazon.com:443", "x.sellingpartnerapi-eu.amazon.com:443"),
        ("api.amazon.com.example.com:443", "api.amazon.com.example.com:443"),
        ("127.0.0.1:443", "127.0.0.1:443"),
        ("[::1]:443", "[::1]:443"),
        ("\x1b[2J:443", "this target"),
        ("x" * 200 + ":443", "this target"),
        ("b\xfccher.example:443", "this target"),
    ],
)
def test_a_tunnel_to_anything_else_is_refused(
    proxy: SandboxProxy, sandbox: Sandbox, target: str, shown: str
) -> None:
    answer = answer_to(sandbox, f"CONNECT {target} HTTP/1.1").decode("ascii")
    why = f"{shown} is not port 443 of a host of the SP-API or Login with Amazon, and is not reached"
    assert answer.startswith(f"HTTP/1.1 403 {why}\r\n")
    assert answer.endswith(f"\r\n\r\n{why}\n")


def test_a_program_shows_why_it_was_refused(started: SandboxProxy) -> None:
    with pytest.raises(requests.exceptions.ProxyError, match=r"example\.com:443 is not port 443 of a host"):
        requests.get("https://example.com/", timeout=5)


def test_plain_http_is_not_passed_on(proxy: SandboxProxy, sandbox: Sandbox) -> None:
    answer = answer_to(sandbox, "GET http://api.amazon.com/_sandbox/ready HTTP/1.1")
    assert answer.startswith(b"HTTP/1.1 403 this proxy opens tunnels for https only, with CONNECT\r\n")
    assert requests.get(f"{sandbox.url}/_sandbox/ready", timeout=5).json() == {"ready": True}


def test_without_a_proxy_there_are_no_tunnels(sandbox: Sandbox, folder: Path) -> None:
    head = "CONNECT api.amazon.com:443 HTTP/1.1\r\nConnection: close"
    refused = answer_to(sandbox, head)
    assert refused.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    with SandboxProxy(sandbox):
        tunnel(sandbox, "api.amazon.com").close()
    assert answer_to(sandbox, head).startswith(b"HTTP/1.1 403 Forbidden\r\n")


def test_whoever_does_not_trust_the_certificate_does_not_reach_the_sandbox(
    started: SandboxProxy,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name)
    with pytest.raises(requests.exceptions.SSLError):
        requests.post(LWA, data={"grant_type": "refresh_token", **sandbox.credentials}, timeout=5)
    with tunnel(sandbox, "api.amazon.com") as line:
        line.sendall(b"GET / HTTP/1.1\r\n\r\n" * 10)
        while line.recv(1024):
            pass
    sandbox.close()
    assert sandbox.ledger.token_requests() == []
    assert capfd.readouterr().err == ""


def test_closing_the_sandbox_ends_what_is_in_a_tunnel(proxy: SandboxProxy, sandbox: Sandbox) -> None:
    silent = tunnel(sandbox, "api.amazon.com")
    host = urlsplit(FAR).netloc
    with trust(proxy).wrap_socket(tunnel(sandbox, host), server_hostname=host) as idle, silent:
        sandbox.close()
        assert silent.recv(1024) == b""
        assert idle.recv(1024) == b""


def test_a_server_that_is_stopped_takes_no_more_connections(sandbox: Sandbox) -> None:
    server = sandbox_http.Server("127.0.0.1", 0, sandbox.respond, sandbox.clock)
    server.closing.set()
    near, far = socket.socketpair()
    server.process_request(near, ("127.0.0.1", 1))
    assert far.recv(1) == b""
    far.close()
    server.server_close()


def test_the_key_is_never_left_in_a_file(sandbox: Sandbox, folder: Path) -> None:
    with SandboxProxy(sandbox) as proxy:
        (private,) = folder.iterdir()
        (bundle,) = private.iterdir()
        assert str(bundle) == proxy.environment["SSL_CERT_FILE"]
        assert re.findall("-----BEGIN (.*)-----", bundle.read_text()) == ["CERTIFICATE"]
        assert str(private) == proxy.environment["SSL_CERT_DIR"]
        assert private.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


def test_what_fails_while_it_opens_leaves_nothing(
    sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        (private,) = folder.iterdir()
        assert "PRIVATE KEY" in (private / "key.pem").read_text()
        assert (private / "key.pem").stat().st_mode & 0o777 == 0o600
        raise KeyboardInterrupt

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", fail)
    with pytest.raises(KeyboardInterrupt), SandboxProxy(sandbox):
        pass
    assert list(folder.iterdir()) == []


def test_the_proxy_is_for_this_machine_only(folder: Path) -> None:
    sandbox = Sandbox(host=EVERYWHERE)
    with pytest.raises(ConfigurationError, match="the sandbox is not listening"), SandboxProxy(sandbox):
        pass
    with (
        sandbox,
        pytest.raises(ConfigurationError, match=r"this machine only, and http://0\.0\.0\.0:\d+ is not"),
    ):
        SandboxProxy(sandbox).__enter__()
    assert list(folder.iterdir()) == []


def test_a_missing_library_is_named_with_its_extra(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    remedy = r'the proxy needs trustme: pip install "spshipping\[proxy\]"'
    with pytest.raises(ConfigurationError, match=remedy), SandboxProxy(sandbox):
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_a_proxy_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-m", "spshipping.cli", "sandbox", "--port", "0", "--proxy", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        environment = facts["environment"]
        granted = requests.post(
            LWA,
            data={
                "grant_type": "refresh_token",
                **{name: facts[name] for name in ("client_id", "client_secret", "refresh_token")},
            },
            proxies={"https": environment["HTTPS_PROXY"]},
            verify=environment["REQUESTS_CA_BUNDLE"],
            timeout=5,
        )
        assert granted.status_code == 200
        assert [path.name for path in tmp_path.rglob("*.pem")] == ["ca.pem"]
        process.send_signal(number)
        assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_the_command_tells_a_person_what_to_set_for_other_programs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "spshipping.cli", "sandbox", "--port", "0", "--proxy"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        shown = "".join(process.stdout.readline() for _ in range(23))
        process.send_signal(signal.SIGINT)
    printed = dict(re.findall(r"^  export (\w+)='(.*)'$", shown, re.MULTILINE))
    assert printed["HTTPS_PROXY"] == printed["https_proxy"] == printed["SPSHIPPING_ENDPOINT"]
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
    assert len({printed[name] for name in names}) == 1
    assert shown.endswith("/_sandbox/ledger\n")


def test_the_command_refuses_a_proxy_for_other_machines() -> None:
    options = ["sandbox", "--host", EVERYWHERE, "--port", "0", "--proxy", "--json"]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 1
    assert json.loads(result.output)["error"] == "ConfigurationError"


def test_the_end_of_a_tunnel_is_no_proxy(sandbox: Sandbox, proxy: SandboxProxy) -> None:
    tls = ssl.create_default_context(cafile=proxy.environment["SSL_CERT_FILE"])
    with line_to(sandbox, "CONNECT api.amazon.com:443 HTTP/1.1") as line:
        assert b" 200 " in line.recv(1000)
        with tls.wrap_socket(line, server_hostname="api.amazon.com") as inner:
            inner.sendall(b"CONNECT api.amazon.com:443 HTTP/1.1\r\n\r\n")
            assert b"403 this is the end of a tunnel, and no proxy" in inner.recv(1000)


def test_a_second_proxy_is_refused_and_the_first_goes_on(
    sandbox: Sandbox, proxy: SandboxProxy, folder: Path
) -> None:
    before = list(folder.iterdir())
    with pytest.raises(ConfigurationError, match="one at a time"), SandboxProxy(sandbox):
        pass
    assert list(folder.iterdir()) == before
    assert proxy.environment
    with line_to(sandbox, "CONNECT api.amazon.com:443 HTTP/1.1") as line:
        assert b" 200 " in line.recv(1000)
