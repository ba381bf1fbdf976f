"""What several machines share, as settings say it."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spshipping import ConfigurationError, FileQuota, FileStore, RedisQuota, Secret
from spshipping.auth.cache import TokenCache
from spshipping.auth.stores import MemoryStore
from spshipping.journal import SqliteJournal
from spshipping.settings import Settings, engines
from spshipping.sync import FileCheckpoint
from spshipping.vendor.ledger import SqliteLedger
from spshipping.vendor.sscc import SqliteSerials
from spshipping.vendor.tools.offers import SqliteOffers

GOOD = {
    "client_id": "amzn1.application-oa2-client.c0ffee",
    "client_secret": "amzn1.oa2-cs.v1.s3cret",
    "refresh_token": "Atzr|t0ken",
    "marketplace": "UK",
}
REDIS = "rediss://redis.example:6379/0"
POSTGRES = "postgresql://sp%40cloud@db.example/sp?application_name=a@b"


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SPSHIPPING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(engines, "_quotas", {})
    monkeypatch.setattr(engines, "_caches", {})


def settings(store: MemoryStore | None = None, **values: Any) -> Settings:
    return Settings.from_mapping({"connections": {"uk": GOOD}, "engines": values}, store=store)


def test_without_engines_nothing_is_handed_to_a_client() -> None:
    found = Settings.from_mapping({"connections": {"uk": GOOD}})
    assert found.engines.machines == 1
    assert found.engines.redis_url is found.engines.postgres_url is None
    assert found.engines.redis_password is found.engines.postgres_password is None
    assert repr(found.engines) == "<Engines: none>"
    assert found.connection("uk").client_options().options == {}
    assert not found.problems()


def test_a_redis_gives_quota_and_tokens_to_all_clients_of_the_process() -> None:
    found = settings(redis_url=REDIS, redis_password="precious", machines=4)
    options = found.connection("uk").client_options().options
    assert isinstance(options["quota"], RedisQuota)
    assert options["quota"].workers == 4
    assert isinstance(options["token_cache"], TokenCache)
    again = settings(redis_url=REDIS, redis_password="precious", machines=4)
    assert again.connection("uk").client_options().options == options
    other = settings(redis_url=REDIS, redis_password="other", machines=4).engines.client_options()
    assert other["quota"] is not options["quota"]
    assert other["token_cache"] is not options["token_cache"]


def test_what_is_given_otherwise_is_not_made() -> None:
    found = settings(redis_url=REDIS).connection("uk")
    assert set(found.client_options(given=["quota"]).options) == {"token_cache"}
    assert found.client_options(given=["quota", "token_cache"]).options == {}
    assert settings(machines=2).connection("uk").client_options(given=["quota"]).options == {}
    wrong = settings(redis_url="http://x").connection("uk")
    assert wrong.client_options(given=["quota", "token_cache"]).options == {}


def test_postgres_is_named_and_opened_by_who_needs_it() -> None:
    found = settings(postgres_url=POSTGRES, postgres_password=Secret("precious")).engines
    assert found.postgres_url == POSTGRES
    assert found.postgres_password == Secret("precious")
    assert repr(found) == "<Engines: postgres>"
    assert found.client_options() == {}
    both = "postgresql://shop@one:5432,two:5433/shop?target_session_attrs=read-write"
    assert settings(postgres_url=both).engines.problems() == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"redis_url": "http://redis"}, "engines.redis_url: is not rediss://"),
        ({"redis_url": "redis://:precious@h"}, "engines.redis_url: holds a password"),
        ({"postgres_url": "mysql://precious"}, "engines.postgres_url: is not postgresql://"),
        ({"postgres_url": "postgresql://h:99999/precious"}, "engines.postgres_url: is not postgresql://"),
        ({"postgres_url": "postgresql://u:precious@h"}, "engines.postgres_url: holds a password"),
        ({"redis_url": "redis://precious@precious@h"}, "engines.redis_url: has an @ within"),
        (
            {"postgres_url": "postgresql://u:precious@precious@h"},
            "engines.postgres_url: has an @ or a / within",
        ),
        ({"postgres_url": "postgresql://u:12/precious@h/d"}, "engines.postgres_url: has an @ or a / within"),
        ({"postgres_url": "postgresql://u@precious@h/d"}, "engines.postgres_url: has an @ or a / within"),
        ({"postgres_url": "postgresql://h/d?password=precious"}, "engines.postgres_url: holds a password"),
        ({"postgres_url": "postgresql://h/d?pass%77ord=precious"}, "engines.postgres_url: holds a password"),
        ({"postgres_url": "postgresql://u:1?precious@h"}, "engines.postgres_url: holds a password"),
        ({"postgres_url": "postgresql://h,i:0/precious"}, "engines.postgres_url: is not postgresql://"),
        ({"redis_password": "precious"}, "engines.redis_url: is missing, and a password is given"),
        ({"postgres_password": "precious"}, "engines.postgres_url: is missing, and a password is given"),
        ({"machines": 0}, "engines.machines: is no whole number above 0"),
        ({"machines": 10_000_000}, "engines.machines: is no number of machines"),
        ({"machines": True}, "engines.machines: must be a number"),
        (
            {"machines": 2},
            "engines.redis_url: is missing, and there are 2 machines: each would",
        ),
        ({"redis": "redis://precious"}, "engines.redis: is no setting: did you mean redis_url?"),
    ],
)
def test_what_is_wrong_is_said_without_the_value(values: dict[str, Any], problem: str) -> None:
    found = settings(**values)
    (only,) = found.problems()
    assert str(only).startswith(problem)
    assert "precious" not in str(only)
    with pytest.raises(ConfigurationError, match="the engines cannot be used"):
        found.connection("uk").client_options()


def test_the_table_has_to_be_one() -> None:
    found = Settings.from_mapping({"engines": "redis"})
    assert [str(problem) for problem in found.problems()] == ["engines: must be a table"]


def test_a_variable_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f'[engines]\nredis_url = "redis://file"\npostgres_url = "{POSTGRES}"\nmachines = 2\n')
    monkeypatch.setenv("SPSHIPPING_REDIS_URL", REDIS)
    monkeypatch.setenv("SPSHIPPING_REDIS_PASSWORD", "precious")
    found = Settings.load(path).engines
    assert (found.redis_url, found.postgres_url, found.machines) == (REDIS, POSTGRES, 2)
    assert found.redis_password == Secret("precious")
    assert "precious" not in repr(vars(found))


def test_the_environment_alone_is_enough() -> None:
    names = {f"SPSHIPPING_{name.upper()}": value for name, value in GOOD.items()}
    found = Settings.from_env({**names, "SPSHIPPING_REDIS_URL": REDIS, "SPSHIPPING_MACHINES": "3"})
    options = found.connection("default").client_options().options
    assert options["quota"].workers == 3


def test_a_password_goes_into_the_store_and_is_found_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, store = tmp_path / "settings.toml", MemoryStore()
    path.write_text(f'[engines]\nredis_url = "{REDIS}"\nredis_password = "precious"\nmachines = 2\n')
    path.chmod(0o644)
    with caplog.at_level(logging.WARNING):
        found = Settings.load(path, store=store)
    assert "holds secrets and is open to others" in caplog.text or os.name != "posix"
    found.save()
    assert store.load_secret("engines.redis_password") == Secret("precious")
    text = path.read_text()
    assert "precious" not in text
    assert "machines = 2" in text
    again = Settings.load(path, store=store)
    assert again.engines.redis_password == Secret("precious")
    again.update_engines({"RedisUrl": None, "redis_password": None, "machines": 1})
    again.save()
    assert store.load_secret("engines.redis_password") is None
    assert Settings.load(path, store=store).engines.redis_url is None


def test_what_a_page_sends_is_taken_over_or_said_to_be_wrong() -> None:
    found = settings(redis_url="http://x")
    assert not found.update_engines({"redis_url": REDIS}).problems()
    (problem,) = found.update_engines({"redis": REDIS}).problems()
    assert problem.field == "engines.redis"


def test_a_secret_without_a_store_for_it_is_not_saved(tmp_path: Path) -> None:
    found = Settings.from_mapping(
        {"engines": {"redis_url": REDIS, "redis_password": "precious"}}, path=tmp_path / "settings.toml"
    )
    with pytest.raises(ConfigurationError, match="no store for secrets"):
        found.save()


OF_ONE_MACHINE: dict[str, Callable[[Path], object]] = {
    "a FileQuota": FileQuota,
    "a FileStore of tokens": lambda path: FileStore(path).load("key"),
    "a FileCheckpoint": FileCheckpoint,
    "a journal in a file": SqliteJournal,
    "a ledger of submissions in a file": SqliteLedger,
    "a ledger of serials in a file": SqliteSerials,
    "a ledger of offers in a file": SqliteOffers,
}


@pytest.mark.parametrize("what", OF_ONE_MACHINE)
def test_what_belongs_to_one_machine_is_refused_where_there_are_two(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    OF_ONE_MACHINE[what](tmp_path / "one")
    monkeypatch.setenv("SPSHIPPING_MACHINES", "2")
    with pytest.raises(ConfigurationError, match=f"{what} belongs to one machine, and there are 2"):
        OF_ONE_MACHINE[what](tmp_path / "two")


def test_secrets_may_lie_on_each_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_MACHINES", "2")
    store = FileStore(tmp_path, key=lambda: b"k" * 32)
    store.save_secret("name", Secret("precious"))
    assert store.load_secret("name") == Secret("precious")
