"""`spshipping record` and the fixture `sp_record`, against the local sandbox."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import vcr
from click.testing import CliRunner, Result

from spshipping.cli.app import app
from spshipping.sandbox import Sandbox
from spshipping.testing import Replay
from tests.sandbox.conftest import ORDER

_ROOT = Path(__file__).parents[2]
PROGRAM = f"""
import sys
from pathlib import Path
from spshipping import Client, loads
from spshipping.auth.cache import TokenCache
from spshipping.shipping import GetRatesRequest

with Client.from_env(token_cache=TokenCache()) as client:
    client.shipping.get_rates(loads(Path({str(ORDER)!r}).read_bytes(), GetRatesRequest))
print("said", *sys.argv[1:])
"""
Invoke = Callable[..., Result]


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


@pytest.fixture
def environ(box: Sandbox) -> dict[str, str]:
    facts = {**box.credentials, "marketplace": "UK", "endpoint": box.url, "token_url": box.token_url}
    return {f"SPSHIPPING_{name.upper()}": str(value) for name, value in facts.items()}


@pytest.fixture
def invoke(environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text(PROGRAM)
    return lambda *words: CliRunner().invoke(app, ["record", "--to", "fixtures", *words])


def test_a_script_runs_with_its_arguments_and_the_files_are_printed(invoke: Invoke, tmp_path: Path) -> None:
    arguments, path = list(sys.argv), list(sys.path)
    result = invoke("program.py", "--to", "Zoe")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "said --to Zoe",
        str(Path("fixtures/shipping/getRates/200-1.json")),
        "1 fixtures; 1 other exchanges, such as signing in, were dropped.",
    ]
    assert (sys.argv, sys.path) == (arguments, path)
    replay = Replay(tmp_path / "fixtures")
    assert [fixture.operation for fixture in replay.fixtures] == ["getRates"]


def test_a_module_runs_and_json_names_the_files(invoke: Invoke) -> None:
    result = invoke("--json", "--any", "-m", "program")
    assert result.exit_code == 0, result.output
    written = json.loads(result.output.splitlines()[-1])
    assert written == {"files": [str(Path("fixtures/shipping/getRates/200-1.json"))], "left_out": 1}
    assert '"<any>"' in Path(written["files"][0]).read_text("utf-8")


@pytest.mark.parametrize(
    ("end", "code"), [("raise SystemExit(3)", 3), ("raise SystemExit", 0), ("exit('sorry')", 1)]
)
def test_the_exit_code_is_the_programs(invoke: Invoke, tmp_path: Path, end: str, code: int) -> None:
    (tmp_path / "ending.py").write_text(PROGRAM + end)
    result = invoke("ending.py")
    assert result.exit_code == code
    assert "1 fixtures" in result.output


def test_an_error_passes_after_the_fixtures_were_written(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(PROGRAM + "1 / 0")
    assert isinstance(invoke("broken.py").exception, ZeroDivisionError)
    assert (tmp_path / "fixtures" / "shipping" / "getRates" / "200-1.json").exists()


def test_a_cassette_is_read_with_a_key_of_ones_own(invoke: Invoke, box: Sandbox, tmp_path: Path) -> None:
    with vcr.use_cassette(str(tmp_path / "tape.yaml")), box.client() as client:
        client.sellers.get_marketplace_participations()
    (tmp_path / "key").write_text("a long enough secret of ours\n")
    result = invoke("--cassette", "tape.yaml", "--key-file", "key")
    assert result.exit_code == 0, result.output
    assert "getMarketplaceParticipations" in result.output
    first = (tmp_path / "fixtures/sellers/getMarketplaceParticipations/200-1.json").read_bytes()
    assert invoke("--cassette", "tape.yaml", "--key-file", "key").exit_code == 0
    second = (tmp_path / "fixtures/sellers/getMarketplaceParticipations/200-2.json").read_bytes()
    assert first == second


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "name a script, or a module with -m, or a cassette with --cassette"),
        (("none.py",), "there is no file none.py"),
        (("--cassette", "program.py", "program.py"), "--cassette runs nothing: leave the program out"),
        (("--cassette", "program.py"), "program.py: it is no cassette of vcrpy"),
        (("--key-file", "none", "program.py"), "--key-file cannot be read: No such file"),
        (("--key-file", "short", "program.py"), "--key-file holds less than 16 characters"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    invoke: Invoke, tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    (tmp_path / "short").write_text("short")
    result = invoke(*words)
    assert result.exit_code == 1
    assert reason in result.output
    assert not (tmp_path / "fixtures").exists()
    as_json = json.loads(invoke("--json", *words).output)
    assert as_json["error"] == "ConfigurationError"


TEST = f"""
from pathlib import Path
import pytest
from spshipping import Client, loads
from spshipping.auth.cache import TokenCache
from spshipping.shipping import GetRatesRequest

@pytest.mark.parametrize("number", [1, 2])
def test_quote(sp_record, number):
    with Client.from_env(token_cache=TokenCache()) as client:
        client.shipping.get_rates(loads(Path({str(ORDER)!r}).read_bytes(), GetRatesRequest))
    assert sp_record.files == []
"""


def pytest_of(folder: Path, environ: dict[str, str], *arguments: str) -> str:
    """Run the tests in *folder* in a run of pytest of its own; return what it prints."""
    (folder / "pytest.ini").write_text("[pytest]\nsp_block_network = true\n")
    (folder / "test_quote.py").write_text(TEST)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    loaded = ["-p", "spshipping.testing.plugin"] if not _is_installed() else []
    done = subprocess.run(
        [*command, *loaded, *arguments, f"--rootdir={folder}", f"--confcutdir={folder}", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**clean, **environ, "PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}"},
    )
    return done.stdout + done.stderr


def _is_installed() -> bool:
    """Say whether pytest finds the plugin by itself, as where the package is installed as it is here."""
    from importlib.metadata import entry_points

    return "spshipping" in entry_points(group="pytest11").names


def test_a_test_is_recorded_with_the_option_and_skipped_without(
    environ: dict[str, str], tmp_path: Path
) -> None:
    skipped = pytest_of(tmp_path, environ)
    assert "2 skipped" in skipped, skipped
    assert "it goes to Amazon: run it with --sp-record=FOLDER" in skipped
    recorded = pytest_of(tmp_path, environ, "--sp-record=fixtures")
    assert "2 passed" in recorded, recorded
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("fixtures/**/*.json"))
    assert files == ["fixtures/shipping/getRates/200-1.json", "fixtures/shipping/getRates/200-2.json"]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_the_program_loses_nothing(invoke: Invoke, tmp_path: Path, name: str) -> None:
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip(f"this system has no {name}")
    before = signal.getsignal(number)
    end = f"import os, signal\nos.kill(os.getpid(), signal.{name})\nprint('not ended')\n"
    (tmp_path / "ended.py").write_text(PROGRAM + end)
    result = invoke("ended.py")
    assert result.exit_code == 128 + number, result.output
    assert "not ended" not in result.output
    assert [path.name for path in (tmp_path / "fixtures").rglob("*.json")] == ["200-1.json"]
    assert signal.getsignal(number) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
def test_a_signal_that_is_ignored_stays_ignored(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "goes_on.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGHUP)\nprint('on')\n"
    )
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        result = invoke("goes_on.py")
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("on\n")
