"""Other Python clients of SP-API, each in an environment of its own; one that does not install is skipped."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).parent.parent
_LIMIT_SECONDS = 300


class Peer(NamedTuple):
    """A package on PyPI, and what its users import."""

    package: str
    statement: str

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        folder = "Scripts" if sys.platform == "win32" else "bin"
        return _ROOT / f".venv-bench-{self.package}" / folder / "python"

    @property
    def check(self) -> str:
        """What shows that it is there, with what its calls are measured against."""
        return f"{self.statement}; import requests"


PEERS = (
    Peer("amzn-sp-api", "import spapi"),
    Peer("python-amazon-sp-api", "from sp_api.api import Orders"),
    Peer("amzn-selling-partner", "import amzn_selling_partner"),
)
THROTTLE_RETRY = "python-amazon-sp-api, @throttle_retry"
"""The same package, with the decorator that its documentation puts around a call."""


def _run(*command: str) -> str | None:
    """Run a command; return None, or the last line that it wrote to standard error."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_LIMIT_SECONDS, cwd=_ROOT
        )
    except subprocess.TimeoutExpired:
        return f"took longer than {_LIMIT_SECONDS} s"
    return None if done.returncode == 0 else (done.stderr.strip() or "failed").splitlines()[-1]


def install() -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Make what environments are missing.

    Returns:
        Interpreter and import statement of each peer that is there, and for the others why not.
    """
    found, missing = {}, {}
    for peer in PEERS:
        python = str(peer.python)
        problem = (
            None
            if peer.python.exists()
            else _run(sys.executable, "-m", "venv", str(peer.python.parent.parent))
        )
        if problem is None and _run(python, "-c", peer.check) is not None:
            problem = _run(python, "-m", "pip", "install", "-q", peer.package, "requests")
            problem = problem or _run(python, "-c", peer.check)
        if problem is None:
            found[peer.package] = (python, peer.statement)
        else:
            missing[peer.package] = problem
    return found, missing
