"""`spshipping completion`: each shell gets its script, and bash completes with it."""

import os
import shutil
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


BASH = """
eval "$(spshipping completion bash)"
COMP_WORDS=(spshipping orders ex) COMP_CWORD=2
_spshipping_completion spshipping
printf '%s\\n' "${COMPREPLY[@]}"
"""
FISH = "spshipping completion fish | source; complete -C 'spshipping orders ex'"
# the line editor, in a terminal of its own: it completes the word, and adds a space
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'autoload -U compinit; compinit -u -D; eval "$(spshipping completion zsh)"; print REA""DY'
zpty -r shell answer '*READY*'
zpty -w -n shell $'spshipping orders ex\t'
zpty -r -m shell answer '*orders export*' && print export
zpty -d shell
"""


@pytest.mark.parametrize(
    ("words", "script", "shown"),
    [
        (("bash", "--norc", "-c"), BASH, "export"),
        (("fish", "--no-config", "-c"), FISH, "export\tWrite the orders of a span of time into a..."),
        (("zsh", "-f", "-c"), ZSH, "export"),
    ],
    ids=["bash", "fish", "zsh"],
)
def test_a_shell_completes_with_its_script(
    environ: Mapping[str, str], tmp_path: Path, words: tuple[str, ...], script: str, shown: str
) -> None:
    shell = shutil.which(words[0])
    if shell is None:
        pytest.skip(f"there is no {words[0]}")
    program = tmp_path / "spshipping"
    program.write_text(f'#!/bin/sh\nexec {" ".join(command())} "$@"\n')
    program.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{environ['PATH']}"
    ended = subprocess.run(
        [shell, *words[1:], script],
        env={**environ, "PATH": path, "HOME": str(tmp_path), "TERM": "xterm"},
        capture_output=True,
        check=False,
        timeout=60,
        text=True,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{shown}\n", "")
