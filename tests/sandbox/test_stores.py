"""Real processes on one file store, signing in over real HTTP."""

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from spshipping.auth.file_store import FileStore
from spshipping.auth.vault import VARIABLE
from spshipping.sandbox import Sandbox

WORKER = """
import json, sys
from spshipping import Client, Credentials, Marketplace, NotFoundError
from spshipping.auth.cache import TokenCache
from spshipping.auth.file_store import FileStore

asked = json.loads(sys.argv[1])
client = Client(
    Credentials(**asked["credentials"]),
    Marketplace.UK,
    endpoint=asked["url"],
    token_url=asked["token_url"],
    token_cache=TokenCache(store=FileStore(asked["store"])),
)
print("ready", flush=True)
sys.stdin.readline()
try:
    client.shipping.get_tracking(tracking_id="unknown", carrier_id="ATS")
except NotFoundError:
    print("answered", flush=True)
"""


def run_together(sandbox: Sandbox, stores: list[Path]) -> None:
    """Start a process on each store, let them go at once, and see that each got through to Amazon."""
    with ExitStack() as stack:
        workers = []
        for store in stores:
            asked = {
                "credentials": sandbox.credentials,
                "url": sandbox.url,
                "token_url": sandbox.token_url,
                "store": str(store),
            }
            command = [sys.executable, "-c", WORKER, json.dumps(asked)]
            started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            workers.append(stack.enter_context(started))
        pipes = [(worker.stdin, worker.stdout) for worker in workers]
        for _, out in pipes:
            assert out is not None
            assert out.readline() == "ready\n"
        for start, _ in pipes:
            assert start is not None
            start.write("go\n")
            start.flush()
        for _, out in pipes:
            assert out is not None
            assert out.readline() == "answered\n"


def test_case_24_four_processes_on_one_file_store_make_one_token_request(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, FileStore.new_key().reveal())
    sandbox.add_fault("lwa", "delay", seconds=0.2)
    run_together(sandbox, [tmp_path / "store"] * 4)
    assert len(sandbox.ledger.token_requests()) == 1
    (path,) = (tmp_path / "store").iterdir()
    data = path.read_bytes()
    for clear in (b"Atza|", b"Atzr|", sandbox.credentials["client_id"].encode()):
        assert clear not in data


@pytest.mark.long
def test_processes_on_stores_of_their_own_share_nothing(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, FileStore.new_key().reveal())
    run_together(sandbox, [tmp_path / "one", tmp_path / "other"])
    assert len(sandbox.ledger.token_requests()) == 2


@pytest.mark.long
def test_without_a_key_processes_share_nothing_and_write_nothing(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    run_together(sandbox, [tmp_path / "store"] * 2)
    assert len(sandbox.ledger.token_requests()) == 2
    assert not (tmp_path / "store").exists()
