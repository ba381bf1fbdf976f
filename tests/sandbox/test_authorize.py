"""`spshipping authorize`, run as a person would run it, with a browser that clicks at once."""

import json
import socket
import webbrowser
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result

from spshipping import (
    Client,
    ConfigurationError,
    Credentials,
    FileStore,
    Marketplace,
    NotFoundError,
    Secret,
)
from spshipping.cli.authorize import authorize
from spshipping.cli.choice import Choice
from spshipping.cli.landing import Landing
from spshipping.sandbox import Sandbox

NAME = "connections.default.refresh_token"


class Browser:
    """Goes wherever it is sent, and remembers what it saw."""

    def __init__(self) -> None:
        self.visited: list[str] = []
        self.pages: list[bytes] = []
        self.ended_at = ""

    def open(self, url: str) -> bool:
        """Visit, and follow redirects; an address that nobody serves is what is left in its bar."""
        self.visited.append(url)
        with urlopen(url, timeout=5) as answer:
            self.pages.append(answer.read())
            self.ended_at = answer.geturl()
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
        return True


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    found = Browser()
    monkeypatch.setattr(webbrowser, "open", found.open)
    return found


@pytest.fixture
def environ(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    facts = {
        "CLIENT_ID": sandbox.credentials["client_id"],
        "CLIENT_SECRET": sandbox.credentials["client_secret"],
        "APPLICATION_ID": "amzn1.sellerapps.app.sandbox",
        "AUTHORIZATION_URL": f"{sandbox.url}/apps/authorize/consent",
        "TOKEN_URL": sandbox.token_url,
        "SETTINGS": str(tmp_path / "settings.toml"),
        "STORE_KEY": FileStore.new_key().reveal(),
    }
    variables = {f"SPSHIPPING_{name}": value for name, value in facts.items()}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def run(*options: str, **rest: Any) -> Result:
    return CliRunner().invoke(authorize, [*options], **rest)


def stored(tmp_path: Path, name: str = NAME) -> str | None:
    secret = FileStore(tmp_path / "store").load_secret(name)
    return secret.reveal() if secret else None


def test_a_consent_is_stored_unseen_and_works(
    sandbox: Sandbox, browser: Browser, environ: dict[str, str], tmp_path: Path
) -> None:
    result = run("--port", "0")
    assert result.exit_code == 0, result.output
    token = stored(tmp_path)
    assert token
    assert token.startswith("Atzr|")
    assert f"where: {tmp_path / 'store'}\n  as:    {NAME}\n" in result.output
    assert browser.visited[0] in result.output
    assert b"back to the terminal" in browser.pages[0]
    code = browser.ended_at.partition("spapi_oauth_code=")[2].partition("&")[0]
    assert code
    for secret in (token, code, environ["SPSHIPPING_CLIENT_SECRET"]):
        assert secret not in result.output
        assert secret.encode() not in browser.pages[0]
    files = [path.read_bytes() for path in (tmp_path / "store").iterdir()]
    assert len(files) == 1
    assert b"Atzr" not in files[0]
    secrets = {name: sandbox.credentials[name] for name in ("client_id", "client_secret")}
    credentials = Credentials(**secrets, refresh_token=token)
    with (
        Client(credentials, Marketplace.UK, endpoint=sandbox.url, token_url=sandbox.token_url) as client,
        pytest.raises(NotFoundError),
    ):
        client.shipping.get_tracking(tracking_id="none", carrier_id="AMZN_UK")


def test_a_program_gets_two_lines_of_json(
    browser: Browser, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPSHIPPING_NAME", "shop")
    result = run("--port", "0", "--json")
    assert result.exit_code == 0, result.output
    where, what = (json.loads(line) for line in result.stdout.splitlines())
    assert where == {"url": browser.visited[0]}
    partner = browser.ended_at.partition("selling_partner_id=")[2].partition("&")[0]
    stored_as = "connections.shop.refresh_token"
    assert what == {"selling_partner_id": partner, "store": str(tmp_path / "store"), "stored_as": stored_as}
    assert stored(tmp_path, stored_as)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_a_registered_address_of_this_machine_is_listened_at(
    browser: Browser, environ: dict[str, str], tmp_path: Path
) -> None:
    address = f"http://localhost:{free_port()}/amazon/back"
    result = run("--redirect-uri", address)
    assert result.exit_code == 0, result.output
    assert browser.ended_at.startswith(f"{address}?")
    assert stored(tmp_path)


def ending_address(url: str) -> str:
    """Return where the consent page sends a browser, without going there."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=5)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    connection.close()
    return answer.headers["Location"]


@pytest.mark.parametrize("options", [["--paste"], ["--redirect-uri", "https://shop.example/back"]])
def test_the_address_can_be_pasted(
    options: list[str], environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pasted: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: pasted.append(ending_address(url)))
    monkeypatch.setattr("click.prompt", lambda text, **_: pasted[0])
    result = run(*options)
    assert result.exit_code == 0, result.output
    assert stored(tmp_path)


def test_a_secret_that_is_not_set_is_asked_for_unseen(
    browser: Browser, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPSHIPPING_CLIENT_SECRET")
    result = run("--port", "0", input=environ["SPSHIPPING_CLIENT_SECRET"] + "\n")
    assert result.exit_code == 0, result.output
    assert environ["SPSHIPPING_CLIENT_SECRET"] not in result.output
    assert stored(tmp_path)


def test_nothing_is_opened_where_that_is_not_wanted(browser: Browser, environ: dict[str, str]) -> None:
    result = run("--port", "0", "--no-browser", "--wait", "0.01")
    assert browser.visited == []
    assert result.exit_code == 1
    assert "no answer came within 0.01 seconds; try --paste" in result.output


@pytest.mark.parametrize(
    ("place", "options", "page", "draft"),
    [
        ("GB", [], "https://sellercentral-europe.amazon.com/apps/authorize/consent?", False),
        ("DE", ["--vendor"], "https://vendorcentral.amazon.de/apps/authorize/consent?", False),
        ("US", ["--draft"], "https://sellercentral.amazon.com/apps/authorize/consent?", True),
    ],
)
def test_the_page_is_the_one_of_the_account(
    place: str,
    options: list[str],
    page: str,
    draft: bool,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SPSHIPPING_AUTHORIZATION_URL")
    monkeypatch.delenv("SPSHIPPING_TOKEN_URL")
    monkeypatch.setenv("SPSHIPPING_MARKETPLACE", place)
    result = run("--port", "0", "--no-browser", "--wait", "0.01", "--json", *options)
    url = json.loads(result.stdout.splitlines()[0])["url"]
    assert url.startswith(page)
    assert ("version=beta" in url) is draft


SHOP = """
[clients.app]
client_id = "{client_id}"

[connections.shop]
client = "app"
marketplace = "UK"
endpoint = "{url}"
token_url = "{token_url}"
authorization_url = "{url}/apps/authorize/consent"

[connections.empty]
marketplace = "UK"
"""


@pytest.fixture
def shop(sandbox: Sandbox, environ: dict[str, str], tmp_path: Path) -> Choice:
    """A connection that has everything but its refresh token."""
    path = tmp_path / "settings.toml"
    client_id = sandbox.credentials["client_id"]
    path.write_text(SHOP.format(client_id=client_id, url=sandbox.url, token_url=sandbox.token_url))
    secret = Secret(sandbox.credentials["client_secret"])
    FileStore(tmp_path / "store").save_secret("clients.app.client_secret", secret)
    return Choice(path, "shop")


def test_a_connection_of_the_settings_works_from_then_on(
    shop: Choice, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPSHIPPING_CLIENT_SECRET")
    with pytest.raises(ConfigurationError, match="refresh_token: is missing"):
        shop.client()
    result = run("--port", "0", obj=shop)
    assert result.exit_code == 0, result.output
    assert "connections.shop.refresh_token" in result.output
    with shop.client() as client, pytest.raises(NotFoundError):
        client.shipping.get_tracking(tracking_id="none", carrier_id="AMZN_UK")


def test_the_token_may_go_to_another_store(shop: Choice, browser: Browser, tmp_path: Path) -> None:
    result = run("--port", "0", "--store", str(tmp_path / "other"), obj=shop)
    assert result.exit_code == 0, result.output
    assert FileStore(tmp_path / "other").load_secret("connections.shop.refresh_token")


def test_the_secret_of_another_client_is_never_sent(
    shop: Choice, sandbox: Sandbox, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FileStore(tmp_path / "store").delete_secret("clients.app.client_secret")
    monkeypatch.setenv("SPSHIPPING_CLIENT_ID", "amzn1.application-oa2-client.another")
    result = run("--port", "0", obj=shop, input=sandbox.credentials["client_secret"] + "\n")
    assert result.exit_code == 0, result.output
    assert "Client secret" in result.output


def test_a_connection_without_a_client_is_told(shop: Choice, browser: Browser) -> None:
    result = run("--port", "0", obj=Choice(shop.path, "empty"))
    assert result.exit_code == 1
    assert "the connection 'empty' has no client id" in result.output
    assert browser.visited == []


def test_without_a_key_nobody_is_asked_for_a_consent_in_vain(
    browser: Browser, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPSHIPPING_STORE_KEY")
    result = run("--port", "0")
    assert result.exit_code == 1
    assert "set SPSHIPPING_STORE_KEY" in result.output
    assert browser.visited == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--redirect-uri", "http://127.0.0.1:99999/"], "ConfigurationError: redirect_uri= is"),
        (["--redirect-uri", "http://shop.example/"], "redirect_uri= is plain http"),
        (["--application-id", "mine"], "what Amazon's console shows"),
    ],
)
def test_what_cannot_be_right_is_told(
    options: list[str], message: str, browser: Browser, environ: dict[str, str]
) -> None:
    result = run(*options)
    assert result.exit_code == 1
    assert message in result.output
    assert browser.visited == []


def test_a_taken_port_is_told(browser: Browser, environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--port", str(port))
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{port}: choose another port, or paste the address" in result.output


def test_a_refusal_of_amazon_is_told(
    browser: Browser, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPSHIPPING_CLIENT_SECRET", "amzn1.oa2-cs.v1.rotated")
    result = run("--port", "0")
    assert result.exit_code == 1
    assert "AuthError: LWA token 401 invalid_client" in result.output
    assert "load the new one" in result.output
    assert "rotated" not in result.output.replace("was rotated", "")
    assert stored(tmp_path) is None


def test_only_the_right_state_lands(capfd: pytest.CaptureFixture[str]) -> None:
    with Landing(0, "/back") as landing:
        for path in ("/back", "/back?state=wrong&code=x", "/back?state=%FF"):
            with urlopen(landing.url.replace("/back", path), timeout=5) as answer:
                assert answer.status == 200
        with pytest.raises(HTTPError, match="404") as caught:
            urlopen(landing.url.replace("/back", "/favicon.ico?state=right"), timeout=5)
        caught.value.close()
        assert landing.wait("right", 0.01) is None
        urlopen(f"{landing.url}?state=right&code=CANARY", timeout=5).close()
        assert landing.wait("right", 5) == Secret("/back?state=right&code=CANARY")
    out, errors = capfd.readouterr()
    assert out + errors == ""


def test_a_port_that_cannot_be_is_told() -> None:
    with pytest.raises(ConfigurationError, match="cannot listen"):
        Landing(70000)
