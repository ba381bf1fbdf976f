"""The example of a host's settings page, driven over HTTP as a browser would."""

import importlib.util
import re
import sys
from html import unescape
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from spshipping import Secret
from spshipping.auth.file_store import FileStore
from spshipping.auth.stores import MemoryStore
from spshipping.sandbox import Sandbox
from spshipping.settings import Settings
from spshipping.settings.fields import FIELDS

pytestmark = pytest.mark.dates

EXAMPLE = Path(__file__).parents[2] / "examples" / "settings_page.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("settings_page", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Page:
    """The page, and a browser that is on it."""

    def __init__(self, example: ModuleType, path: Path) -> None:
        self.path = path
        self.store = MemoryStore()
        self.page: Any = example.SettingsPage(path, self.store)
        self.browser = Browser(self.page.wsgi)

    def get(self, path: str) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == 200
        return unescape(answer.text)

    def post(self, path: str, **values: str) -> TestResponse:
        return self.browser.post(path, data={"token": self.page.token, **values}, follow_redirects=True)


@pytest.fixture
def page(example: ModuleType, tmp_path: Path) -> Page:
    return Page(example, tmp_path / "settings.toml")


@pytest.fixture
def values(sandbox: Sandbox) -> dict[str, str]:
    return {
        **sandbox.credentials,
        "name": "box",
        "marketplace": "UK",
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
    }


def test_a_new_page_has_every_field_and_no_complaint(page: Page) -> None:
    shown = page.get("/new")
    for field in FIELDS:
        assert f"<label for={field.name}>{field.label}" in shown
        assert field.help in shown
        is_password = re.search(f"<input id={field.name} [^>]*type=password", shown) is not None
        assert is_password == field.is_sensitive
    assert "<option>sandbox</option>" in shown
    assert "class=problem" not in shown


def test_what_was_entered_is_kept_and_its_secrets_are_only_set(page: Page, values: dict[str, str]) -> None:
    answer = page.post("/new", **values)
    assert answer.request.path == "/connections/box"
    assert values["client_id"] in answer.text
    assert re.search(r'<input id=refresh_token [^>]*placeholder="set"', answer.text)
    for name in ("client_secret", "refresh_token"):
        assert values[name] not in answer.text + page.path.read_text()
        assert page.store.load_secret(f"connections.box.{name}") == Secret(values[name])
    assert "box</a> (no problems)" in page.get("/")


def test_problems_stand_beside_their_fields(page: Page) -> None:
    answer = page.post("/new", name="shop", marketplace="UK", region="NA", client_id="<b>")
    shown = unescape(answer.text)
    beside = r"<label for=region>.*?</select><small class=problem>contradicts the marketplace: UK is in EU"
    assert re.search(beside, shown)
    assert re.search(r"<label for=client_secret>.*?<small class=problem>is missing", shown)
    assert "<b>" not in answer.text
    assert "<option selected>NA</option>" in shown
    assert "Mend what is wrong first" in page.post("/connections/shop/test", name="shop", region="NA").text


def test_the_button_tests_the_connection(page: Page, values: dict[str, str], sandbox: Sandbox) -> None:
    page.post("/new", **values)
    blank = {**values, "client_secret": "", "refresh_token": ""}
    shown = unescape(page.post("/connections/box/test", **blank).text)
    assert "The connection works." in shown
    assert "sign in: works" in shown
    shown = unescape(page.post("/connections/box/test", **{**blank, "refresh_token": "Atzr|revoked"}).text)
    assert "The connection does not work yet." in shown
    assert "authorize again" in shown
    assert "Atzr|revoked" not in shown


def test_a_connection_keeps_its_name_and_takes_no_others(page: Page, values: dict[str, str]) -> None:
    assert "Give it a name." in page.post("/new", **{**values, "name": " "}).text
    page.post("/new", **values)
    again = page.post("/new", **{**values, "marketplace": "FR"})
    assert "There is one of that name." in again.text
    assert 'placeholder="set"' not in again.text
    assert Settings.load(page.path).connection("box").get("marketplace") == "UK"


def test_a_connection_may_choose_a_shared_client(page: Page, values: dict[str, str]) -> None:
    settings = Settings.load(page.path, store=page.store)
    shared = {name: values.pop(name) for name in ("client_id", "client_secret")}
    settings.update_client("shop", shared)
    settings.save()
    shown = page.post("/new", **values, client="shop").text
    assert "<option selected>shop</option>" in shown
    assert shared["client_id"] in shown
    assert "class=problem" not in shown


def test_names_of_all_kinds_have_their_own_address(page: Page) -> None:
    answer = page.post("/new", name="a/b & c?")
    assert "<h1>a/b &amp; c?</h1>" in answer.text
    assert "a/b & c?</a>" in page.get("/")


def test_what_is_not_the_pages_own_is_refused(page: Page) -> None:
    for answer, status in (
        (page.browser.post("/new", data={"name": "x"}), 403),
        (page.browser.get("/connections/none"), 404),
        (page.browser.get("/", headers={"host": "evil.example"}), 400),
    ):
        assert answer.status_code == status
    assert not page.path.exists()


def test_settings_that_cannot_be_read_are_told(page: Page) -> None:
    page.path.write_text("[connections")
    answer = page.browser.get("/")
    assert answer.status_code == 400
    assert "is no TOML" in answer.text


@pytest.mark.parametrize("key", [None, FileStore.new_key().reveal()], ids=["plain", "with a key"])
def test_it_runs_as_a_script(
    example: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str | None
) -> None:
    served: list[Any] = []
    monkeypatch.setattr(example, "run_simple", lambda *args, **options: served.append(args))
    monkeypatch.setattr(sys, "argv", ["settings_page.py", str(tmp_path / "settings.toml")])
    monkeypatch.delenv("SPSHIPPING_STORE_KEY", raising=False)
    if key:
        monkeypatch.setenv("SPSHIPPING_STORE_KEY", key)
    example.main()
    ((host, _, wsgi),) = served
    assert host == "127.0.0.1"
    assert Browser(wsgi).get("/").status_code == 200
