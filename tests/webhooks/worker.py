"""Receives or hands over pushes in a process of its own, which is killed at one step of it."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NamedTuple

from spshipping.journal import SqliteJournal
from spshipping.shipping.webhooks import ApiKey, Push, WebhookReceiver
from tests.unit.shipping.webhooks.build import posted
from tests.webhooks.conftest import HEADERS, SECRET

STEPS = ("append", "claim", "done")


class Plan(NamedTuple):
    """What the process has to do; fit for JSON."""

    journal: str
    taken: str
    """A file to which each push is appended that is handed over."""
    answered: str
    """A file to which each push is appended that was answered with 200."""
    pushes: list[str]
    killed_at: int


def work(plan: Plan) -> None:
    """Receive every push, then hand over what waits; die at the step that is planned."""
    left = plan.killed_at

    def step() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()  # the signal is on its way

    with SqliteJournal(plan.journal) as journal:
        log: Any = journal.events()
        for name in STEPS:
            setattr(log, name, _around(getattr(log, name), step))
        receiver = WebhookReceiver(log, ApiKey(SECRET))
        for key in plan.pushes:
            if receiver.handle("POST", HEADERS, "", posted(id=key)).status == 200:
                _note(plan.answered, key)
            step()
        receiver.deliver_pending(lambda push: _taken(plan, push, step))


def _around(function: Any, step: Any) -> Any:
    def stepped(*args: Any) -> Any:
        step()
        result = function(*args)
        step()
        return result

    return stepped


def _taken(plan: Plan, push: Push, step: Any) -> None:
    _note(plan.taken, push.key)
    step()


def _note(path: str, key: str) -> None:
    with Path(path).open("a") as file:
        file.write(f"{key}\n")
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    work(Plan(**json.loads(sys.argv[1])))
