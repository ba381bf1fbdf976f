"""A process that is killed between the journal and the handing over: nothing that was answered is lost."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from spshipping.clock import SystemClock
from spshipping.journal import SqliteJournal
from spshipping.shipping.webhooks import ApiKey, WebhookReceiver
from spshipping.shipping.webhooks.delivering import LEASE_SECONDS
from tests.webhooks.conftest import SECRET
from tests.webhooks.worker import Plan, work

ROOT = Path(__file__).parents[2]
PUSHES = ["1", "2", "3"]
STEPS = 27
"""As many as there are until three pushes are received and handed over, and one more."""
AT = range(1, STEPS + 1) if os.environ.get("SPSHIPPING_SOAK") == "full" else (2, 3, 9, 11, 12, 13, STEPS)


class Later(SystemClock):
    """A clock that is ahead, so that every lease has ended."""

    def now(self):  # type: ignore[no-untyped-def]
        """Return the time."""
        return super().now() + timedelta(seconds=LEASE_SECONDS + 1)


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


@pytest.mark.soak
@pytest.mark.parametrize("killed_at", AT)
def test_nothing_is_lost_wherever_the_process_is_killed(tmp_path: Path, killed_at: int) -> None:
    taken, answered = tmp_path / "taken", tmp_path / "answered"
    plan = Plan(str(tmp_path / "journal.db"), str(taken), str(answered), PUSHES, killed_at)
    command = [sys.executable, "-m", "tests.webhooks.worker", json.dumps(plan._asdict())]
    done = subprocess.run(command, cwd=ROOT, check=False)
    assert done.returncode == (0 if killed_at == STEPS else -signal.SIGKILL)
    with SqliteJournal(plan.journal, clock=Later()) as journal:
        receiver = WebhookReceiver(journal.events(), ApiKey(SECRET))
        again: list[str] = []
        receiver.deliver_pending(lambda push: again.append(push.key))
        assert receiver.deliver_pending(print) == (0, 0)
    found = [*lines(taken), *again]
    assert set(lines(answered)) <= set(found)
    assert len(found) <= len(set(found)) + 1, "only the one under way may come twice"


def test_a_worker_that_lives_hands_over_everything(tmp_path: Path) -> None:
    taken, answered = tmp_path / "taken", tmp_path / "answered"
    work(Plan(str(tmp_path / "journal.db"), str(taken), str(answered), PUSHES, 0))
    assert lines(taken) == lines(answered) == PUSHES
