"""A command that lacks an extra names it, with the line that installs it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest


def run(program: str, environ: Mapping[str, str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environ,
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("library", ["click", "rich"])
def test_without_the_extra_of_the_command_itself(
    environ: Mapping[str, str], tmp_path: Path, library: str
) -> None:
    program = f"import sys; sys.modules[{library!r}] = None; from spshipping.cli import main; main()"
    ended = run(program, environ, tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith(library)
    assert line.endswith('is missing: pip install "spshipping[cli,sandbox]"')


EXTRAS = {
    "sandbox --port 0": "spshipping[sandbox]",
    "demo": "spshipping[sandbox]",
    "label merge label.pdf --to out": "spshipping[labels]",
    "label preview label.zpl --to out": "spshipping[labels]",
    "record --to fixtures --cassette tape.yaml": "spshipping[testing]",
}
LIBRARIES = ("werkzeug", "PIL", "barcode", "pypdf", "zplkit", "vcr")
PROGRAM = f"""
import json, sys
sys.modules.update(dict.fromkeys({LIBRARIES!r}))
from click.testing import CliRunner
from spshipping.cli.app import app
for words in {list(EXTRAS)!r}:
    result = CliRunner().invoke(app, [*words.split(), "--json"])
    print(json.dumps([words, result.exit_code, result.stdout]))
"""


def test_without_the_extra_of_one_command(environ: Mapping[str, str], tmp_path: Path) -> None:
    for name in ("label.pdf", "label.zpl", "tape.yaml"):
        (tmp_path / name).write_text("anything")
    ended = run(PROGRAM, environ, tmp_path)
    assert ended.returncode == 0, ended.stderr
    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [words for words, _, _ in rows] == list(EXTRAS)
    for words, code, printed in rows:
        assert code == 1
        error = json.loads(printed)
        assert error["error"] == "ConfigurationError"
        assert EXTRAS[words] in error["message"]
