import logging
import os
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from spshipping import ConfigurationError, Secret
from spshipping.auth.aws import AwsRole
from spshipping.auth.file_store import FileStore
from spshipping.auth.stores import MemoryStore
from spshipping.settings import Settings
from spshipping.settings.file import default_path

CLIENT_ID = "amzn1.application-oa2-client.c0ffee"
GOOD = {
    "client_id": CLIENT_ID,
    "client_secret": "amzn1.oa2-cs.v1.s3cret",
    "refresh_token": "Atzr|t0ken",
    "marketplace": "UK",
}
TEXT = """
[clients.shop]
client_id = "amzn1.application-oa2-client.c0ffee"
client_secret = "amzn1.oa2-cs.v1.s3cret"

[connections.uk]   # a comment
client = "shop"
refresh_token = "Atzr|t0ken-uk"
marketplace = "UK"

[connections."de 2"]
client = "shop"
refresh_token = "Atzr|t0ken-de"
marketplace = "DE"
environment = "live"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "settings.toml"
    made.write_text(TEXT)
    made.chmod(0o600)
    return made


@pytest.fixture
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SPSHIPPING_")]:
        monkeypatch.delenv(name)


pytestmark = pytest.mark.usefixtures("_no_variables")


def test_a_file_holds_connections_that_share_a_client(path: Path) -> None:
    settings = Settings.load(path)
    assert settings.names == ("uk", "de 2")
    assert settings.clients == ("shop",)
    assert settings.problems() == []
    ids = {settings.connection(name).client_options().credentials.client_id for name in settings.names}
    assert ids == {CLIENT_ID}
    assert repr(settings) == f"<Settings of {path}: uk, de 2>"


def test_a_file_that_is_not_there_yet_has_no_connections(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path / "none.toml")
    assert settings.names == ()
    assert repr(settings).endswith("none.toml: no connections>")
    with pytest.raises(ConfigurationError, match=r"no connection 'uk' in .*none\.toml; there are: none"):
        settings.connection("uk")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"SPSHIPPING_SETTINGS": "/etc/shop.toml", "XDG_CONFIG_HOME": "/x"}, "/etc/shop.toml"),
        ({"XDG_CONFIG_HOME": "/x", "APPDATA": "/y"}, "/x/spshipping/settings.toml"),
        ({"APPDATA": "/y"}, "/y/spshipping/settings.toml"),
        ({}, "~/.config/spshipping/settings.toml"),
    ],
)
def test_settings_are_looked_for_where_users_keep_them(environ: dict[str, str], expected: str) -> None:
    assert default_path(environ) == Path(expected).expanduser()


def test_the_variable_names_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_SETTINGS", str(path))
    assert Settings.load().names == ("uk", "de 2")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[connections.uk]\nrefresh_token = Atzr|t0ken", "is no TOML: .*line 2"),
        (b"a = " + b"[" * 100_000, "is no TOML: it nests too deep"),
        (b"\xff\xfe", "is not UTF-8"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_without_its_content(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "settings.toml"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=told) as caught:
        Settings.load(path)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "t0ken" not in str(caught.value)
    trace = caught.value.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename != __file__:
            assert "t0ken" not in repr(trace.tb_frame.f_locals)
        trace = trace.tb_next


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_secrets_in_a_file_that_others_can_read_are_warned_of(
    path: Path, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    with caplog.at_level(logging.WARNING, "spshipping"):
        Settings.load(path)
        assert caplog.messages == []
        path.chmod(mode)
        Settings.load(path)
    assert len(caplog.messages) == 1
    assert "chmod 600" in caplog.messages[0]


def test_what_is_wrong_with_the_settings_as_a_whole_is_told_at_once() -> None:
    data: dict[str, Any] = {
        "conections": {},
        "connections": {"uk": "x"},
        "clients": {"shop": {"client_ids": "x"}},
        "store": {"key": "vault", "path": 7, "pth": "x"},
    }
    assert [str(problem) for problem in Settings.from_mapping(data).problems()] == [
        "conections: is no table of settings: did you mean connections?",
        "connections.uk: must be a table",
        "store.key: must be environment or keyring",
        "store.path: must be text",
        "store.pth: is no setting: did you mean path?",
        "clients.shop.client_ids: is no setting: did you mean client_id?",
    ]
    (problem,) = Settings.from_mapping({"connections": []}).problems()
    assert str(problem) == "connections: must be a table"


def test_a_connection_that_is_not_there_is_told_with_the_nearest_or_with_all() -> None:
    settings = Settings.from_mapping({"connections": {"north": GOOD, "south": GOOD}, "colour": 1})
    with pytest.raises(ConfigurationError, match="no connection 'nort' in a mapping; did you mean north"):
        settings.connection("nort")
    with pytest.raises(ConfigurationError, match="there are: north, south\n  colour: is no table"):
        settings.connection("x")


def test_the_environment_holds_one_connection() -> None:
    environ = {f"SPSHIPPING_{name.upper()}": value for name, value in GOOD.items()}
    settings = Settings.from_env({**environ, "SPSHIPPING_STORE_KEY": "x", "PATH": "/bin"})
    assert settings.names == ("default",)
    found = settings.connection("default")
    assert found.problems() == []
    assert found.client_options().credentials.client_id == CLIENT_ID
    assert repr(settings) == "<Settings of the environment: default>"
    assert Settings.from_env({**environ, "SPSHIPPING_NAME": "uk"}).names == ("uk",)


def test_a_misspelt_variable_is_told_and_a_missing_one_named() -> None:
    environ = {f"SPSHIPPING_{name.upper()}": value for name, value in GOOD.items()}
    del environ["SPSHIPPING_REFRESH_TOKEN"]
    found = Settings.from_env({**environ, "SPSHIPPING_REFESH_TOKEN": "Atzr|x"}).connection("default")
    assert [str(problem) for problem in found.problems()] == [
        "refresh_token: is missing: set SPSHIPPING_REFRESH_TOKEN",
        "SPSHIPPING_REFESH_TOKEN: is no variable of spshipping: did you mean SPSHIPPING_REFRESH_TOKEN?",
    ]


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)
    assert Settings.from_env().connection("default").problems() == []


def test_saving_moves_every_secret_into_the_store(path: Path) -> None:
    store = MemoryStore()
    settings = Settings.load(path, store=store)
    settings.save()
    data = tomllib.loads(path.read_text())
    assert data == {
        "clients": {"shop": {"client_id": CLIENT_ID}},
        "connections": {
            "uk": {"client": "shop", "marketplace": "UK"},
            "de 2": {"client": "shop", "marketplace": "DE", "environment": "live"},
        },
    }
    assert store.load_secret("connections.de 2.refresh_token") == Secret("Atzr|t0ken-de")
    for each in (settings, Settings.load(path, store=store)):
        assert each.connection("uk").values()["refresh_token"] == "set"
        assert each.connection("uk").problems() == []
        assert "t0ken" not in repr(vars(each))
    settings.save()


def test_what_is_saved_is_for_its_owner_only_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.toml"
    settings = Settings.from_mapping({"connections": {"uk": GOOD}}, path=path, store=MemoryStore())
    settings.save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_the_file_names_its_store(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_STORE_KEY", FileStore.new_key().reveal())
    path.write_text(TEXT + '\n[store]\npath = "vault"\nkey = "environment"\n')
    settings = Settings.load(path)
    settings.save()
    again = Settings.load(path)
    assert again.connection("uk").client_options().credentials.refresh_token == Secret("Atzr|t0ken-uk")
    assert tomllib.loads(path.read_text())["store"] == {"path": "vault", "key": "environment"}
    kept = list((path.parent / "vault").iterdir())
    assert len(kept) == 3
    for each in (path, *kept):
        assert b"t0ken" not in each.read_bytes()
    monkeypatch.setenv("SPSHIPPING_STORE", str(path.parent / "elsewhere"))
    assert {problem.kind for problem in Settings.load(path).connection("uk").problems()} == {"missing"}


def test_without_a_key_for_the_store_nothing_is_saved(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="SPSHIPPING_STORE_KEY"):
        Settings.load(path).save()
    assert path.read_text() == TEXT


def test_the_keyring_may_hold_the_stores_key(path: Path) -> None:
    path.write_text('[store]\nkey = "keyring"')
    store = Settings.load(path).store
    assert isinstance(store, FileStore)
    assert store._source == "keyring"


def test_a_page_changes_fields_and_leaves_blank_secrets_alone(path: Path) -> None:
    store = MemoryStore()
    settings = Settings.load(path, store=store)
    settings.save()
    found = settings.update(
        "uk", {"name": "uk", "client": "shop", "refresh_token": "", "marketplace_id": "FR", "region": ""}
    )
    assert found.values() == {
        "name": "uk",
        "client": "shop",
        "client_id": CLIENT_ID,
        "client_secret": "set",
        "refresh_token": "set",
        "marketplace": "FR",
    }
    settings.update("uk", {"refresh_token": Secret("Atzr|new"), "marketplace": None})
    settings.save()
    assert store.load_secret("connections.uk.refresh_token") == Secret("Atzr|new")
    assert "marketplace" not in tomllib.loads(path.read_text())["connections"]["uk"]


def test_a_secret_that_was_emptied_is_forgotten_once_that_is_saved(path: Path) -> None:
    store = MemoryStore()
    settings = Settings.load(path, store=store)
    settings.save()
    found = settings.update("uk", {"refresh_token": None})
    assert [problem.field for problem in found.problems()] == ["refresh_token"]
    assert store.load_secret("connections.uk.refresh_token")
    settings.save()
    assert store.load_secret("connections.uk.refresh_token") is None
    settings.update("uk", {"refresh_token": None})
    settings.update("uk", {"refresh_token": "Atzr|again"})
    settings.save()
    assert store.load_secret("connections.uk.refresh_token") == Secret("Atzr|again")


def test_a_page_that_sends_the_shared_clients_fields_back_changes_nothing(path: Path) -> None:
    settings = Settings.load(path, store=MemoryStore())
    assert settings.update("uk", {"client_id": CLIENT_ID}).problems() == []
    (problem,) = settings.update("uk", {"client_id": CLIENT_ID + "2"}).problems()
    assert str(problem) == "client_id: is the shared client's: change it there"
    assert settings.update("uk", {"client_id": CLIENT_ID}).problems() == []


def test_a_connection_that_comes_to_share_a_client_forgets_its_own(tmp_path: Path) -> None:
    store = MemoryStore()
    data = {"clients": {"shop": {"client_id": CLIENT_ID}}, "connections": {"uk": GOOD}}
    settings = Settings.from_mapping(data, path=tmp_path / "settings.toml", store=store)
    settings.update_client("shop", {"client_secret": "amzn1.oa2-cs.v1.shared"})
    settings.save()
    found = settings.update("uk", {"client": "shop", "client_id": None})
    assert found.problems() == []
    settings.save()
    assert store.load_secret("connections.uk.client_secret") is None
    assert found.client_options().credentials.client_secret == Secret("amzn1.oa2-cs.v1.shared")


def test_connections_and_clients_are_made_and_removed(tmp_path: Path) -> None:
    store = MemoryStore()
    settings = Settings(path=tmp_path / "settings.toml", store=store)
    settings.update_client("shop", {"client_id": CLIENT_ID, "client_secret": "s"})
    settings.update("uk", {"client": "shop", "refresh_token": "t", "marketplace": "UK"})
    settings.save()
    assert settings.connection("uk").problems() == []
    settings.remove_client("shop")
    assert [problem.field for problem in settings.connection("uk").problems()] == ["client"]
    settings.remove("uk")
    settings.save()
    assert settings.names == settings.clients == ()
    assert store._secrets == {}
    assert (tmp_path / "settings.toml").read_text() == ""


def test_a_key_that_nobody_knows_is_never_written_nor_lost(path: Path) -> None:
    settings = Settings.load(path, store=MemoryStore())
    found = settings.update("uk", {"refesh_token": "Atzr|misspelt"})
    settings.update_client("shop", {"client_sekret": "misspelt"})
    assert {problem.kind for problem in found.problems()} == {"unknown"}
    with pytest.raises(ConfigurationError) as caught:
        settings.save()
    assert "\n  refesh_token: is no setting: did you mean refresh_token?" in str(caught.value)
    assert "\n  clients.shop.client_sekret: is no setting: did you mean client_secret?" in str(caught.value)
    assert "misspelt" not in str(caught.value)
    assert path.read_text() == TEXT
    settings.update("uk", {"refesh_token": None})
    settings.update_client("shop", {"client_sekret": None})
    settings.save()


def test_a_file_that_somebody_else_changed_is_not_overwritten(path: Path) -> None:
    store = MemoryStore()
    first, second = Settings.load(path, store=store), Settings.load(path, store=store)
    first.save()
    with pytest.raises(ConfigurationError, match="is not as it was read"):
        second.save()
    with pytest.raises(ConfigurationError, match="is not as it was read"):
        Settings.from_mapping({}, path=path).save()


def test_what_cannot_be_saved_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="have no file"):
        Settings.from_mapping({"connections": {"uk": GOOD}}).save()
    homeless = Settings.from_mapping({"connections": {"uk": GOOD}}, path=path.parent / "new.toml")
    with pytest.raises(ConfigurationError, match="have no store for secrets"):
        homeless.save()
    monkeypatch.setitem(sys.modules, "tomli_w", None)
    with pytest.raises(ConfigurationError, match=r'pip install "spshipping\[settings\]"'):
        Settings.load(path, store=MemoryStore()).save()


def test_settings_without_secrets_need_no_store(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    settings = Settings.from_mapping({"connections": {"uk": {"marketplace": "UK"}}}, path=path)
    settings.update("uk", {"region": ""})
    settings.save()
    assert settings.connection("uk").values() == {"name": "uk", "marketplace": "UK"}


def test_a_write_that_fails_leaves_the_file_and_the_secrets(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    settings = Settings.load(path, store=MemoryStore())
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ConfigurationError, match=r"cannot be written \(No space left on device\)"):
            settings.save()
    assert path.read_text() == TEXT
    assert list(path.parent.iterdir()) == [path]
    settings.save()
    assert settings.connection("uk").problems() == []


def test_a_link_stays_a_link(path: Path) -> None:
    link = path.parent / "link.toml"
    link.symlink_to(path)
    Settings.load(link, store=MemoryStore()).save()
    assert link.is_symlink()
    assert "t0ken" not in path.read_text()


def test_d2_a_variable_that_is_not_known_is_a_problem() -> None:
    environ = {"SPSHIPPING_CLIENT_ID": "x", "SPSHIPPING_MODELS": "elsewhere", "SPSHIPPING_COLOUR": "red"}
    problems = Settings.from_env(environ).connection("default").problems()
    unknown = [str(problem) for problem in problems if problem.kind == "unknown"]
    assert unknown == ["SPSHIPPING_COLOUR: is no variable of spshipping: remove or rename it"]


def test_d2_a_misspelt_variable_of_the_store_or_the_file_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPSHIPPING_STOER", "elsewhere")
    store = FileStore(path.parent / "store")
    for act in (lambda: Settings.load(path), Settings.load, lambda: store.save_secret("x", Secret("y"))):
        with pytest.raises(ConfigurationError, match=r"SPSHIPPING_STOER is no .* mean SPSHIPPING_STORE\?"):
            act()


def test_g12_aws_keys_can_be_tried_at_another_sts() -> None:
    role = {"role_arn": "arn:aws:iam::123456789012:role/x", "access_key_id": "AKIA1"}
    table = {**GOOD, **role, "secret_access_key": "s", "sts_url": "http://127.0.0.1:9/sts"}
    settings = Settings.from_mapping({"connections": {"uk": table}})
    aws = settings.connection("uk").client_options().options["aws"]
    assert isinstance(aws, AwsRole)
    assert aws.sts_url == "http://127.0.0.1:9/sts"
    problems = settings.update("uk", {"role_arn": None}).problems()
    assert [str(one) for one in problems] == [
        "role_arn: is missing, and an STS URL is given: STS is used for roles only"
    ]


def test_what_is_passed_to_the_client_otherwise_is_neither_needed_nor_checked() -> None:
    table = {**GOOD, "marketplace": "Atlantis!", "endpoint": "nonsense", "access_key_id": "AKIA1"}
    connection = Settings.from_mapping({"connections": {"uk": table}}).connection("uk")
    found = connection.client_options(given=["marketplace_id", "endpoint", "aws", "strict"])
    assert (found.marketplace, found.options) == (None, {})
    plain = Settings.from_mapping({"connections": {"uk": {**GOOD, "endpoint": "http://shop.lan"}}})
    assert plain.connection("uk").client_options(allow_http=True).options == {"endpoint": "http://shop.lan"}
    with pytest.raises(ConfigurationError, match="endpoint: is plain http"):
        plain.connection("uk").client_options()
