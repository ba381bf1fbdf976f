"""`spshipping completion`: each shell gets its script, and bash completes with it."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import click
import pytest

from spshipping.cli.app import app
from spshipping.cli.completion import operation_names
from tests.cli.conftest import Run
from tests.cli.terminal import command


@pytest.mark.parametrize(
    ("shell", "words"),
    [
        ("bash", ["complete -o nosort -F", "_SPSHIPPING_COMPLETE=bash_complete"]),
        ("zsh", ["#compdef spshipping", "_SPSHIPPING_COMPLETE=zsh_complete"]),
        ("fish", ["complete --no-files --command spshipping", "_SPSHIPPING_COMPLETE=fish_complete"]),
    ],
)
def test_each_shell_gets_a_script_for_the_command(run: Run, shell: str, words: list[str]) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert all(word in result.stdout for word in words)


def test_operations_are_completed() -> None:
    found = operation_names(click.Context(app), click.Argument(["name"]), "getTr")
    assert [item.value for item in found] == ["getTracking", "getTransaction"]


ASK = """
eval "$(spshipping completion bash)"
COMP_WORDS=({words}) COMP_CWORD={last}
_spshipping_completion spshipping
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="there is no bash")
def test_bash_completes_with_its_script(environ: Mapping[str, str], tmp_path: Path) -> None:
    program = tmp_path / "spshipping"
    program.write_text(f'#!/bin/sh\nexec {" ".join(command())} "$@"\n')
    program.chmod(0o755)
    script = ASK.format(words="spshipping orders ex", last=2)
    ended = subprocess.run(
        ["/bin/bash", "--norc", "-c", script],
        env={**environ, "PATH": f"{tmp_path}{os.pathsep}{environ['PATH']}"},
        capture_output=True,
        check=False,
        timeout=60,
        text=True,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "export\n", "")
