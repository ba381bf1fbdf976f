"""Rotates a secret in processes of their own, each of which can be killed at one of its steps.

Reads one `Plan` a line, as JSON, and answers each with the word `done` or `killed`. What is imported once is
shared by all: every plan is carried out in a fork.
"""

import importlib.util
import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import boto3

from spshipping import Client, Credentials, FileStore, Marketplace, RetryPolicy, Secret
from spshipping.auth.cache import TokenCache
from spshipping.clock import Clock, SystemClock

EXAMPLE = Path(__file__).parents[2] / "examples" / "rotate_secret.py"
NAME = "connections.uk.client_secret"
_WATCHED = ("http.client.send", "os.rename", "os.remove", "os.mkdir", "rotation.step")
_STEP = "rotation.step"


class Plan(NamedTuple):
    """What one process has to do."""

    folder: str
    """Of the store."""
    key: str
    """Of the store."""
    queue: str
    aws_url: str
    aws_id: str
    aws_key: str
    endpoint: str
    token_url: str
    client_id: str
    kill_at: int = 0
    """At which step it is killed; never, if 0."""
    later: float = 0.0
    """By how many seconds its clock is ahead."""

    @property
    def store(self) -> FileStore:
        """The store of the secret."""
        return FileStore(self.folder, key=lambda: self.key)

    def client(self, clock: Clock | None = None) -> Client:
        """Make a client whose secret is read from the store."""
        return Client(
            Credentials(self.client_id, lambda: self.store.load_secret(NAME) or Secret("")),
            Marketplace.UK,
            endpoint=self.endpoint,
            token_url=self.token_url,
            token_cache=TokenCache(),
            retry=RetryPolicy(base=0.001, throttled_base=0.001),
            timeout=(30.0, 30.0),
            clock=clock or SystemClock(),
        )

    def sqs(self) -> Any:
        """Make a client of the queue."""
        return boto3.client(
            "sqs",
            endpoint_url=self.aws_url,
            region_name="eu-west-1",
            aws_access_key_id=self.aws_id,
            aws_secret_access_key=self.aws_key,
        )


def example() -> ModuleType:
    """Return the example as a module."""
    spec = importlib.util.spec_from_file_location("rotate_secret", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Stepping:
    """Something whose every method is a step at its begin and at its end."""

    def __init__(self, of: Any) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._of, name)

        def stepped(*args: Any, **more: Any) -> Any:
            sys.audit(_STEP, f"before {name}")
            result = method(*args, **more)
            sys.audit(_STEP, f"after {name}")
            return result

        return stepped


class Stepped:
    """A client whose operation on applications is two steps."""

    def __init__(self, client: Client) -> None:
        self.applications = Stepping(client.applications)


def kill_at(number: int, folder: str) -> None:
    """Kill this process at a step: where something is sent, written, removed, called or returned."""
    left = number

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        is_store = event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(folder)
        if event in _WATCHED or is_store:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def carry_out(plan: Plan, module: ModuleType, sqs: Any) -> None:
    """Poll until there is nothing more to do."""
    with plan.client() as client:
        rotation = module.SecretRotation(
            Stepping(sqs),
            plan.queue,
            Stepped(client),
            Stepping(plan.store),
            plan.client_id,
            NAME,
            now=lambda: datetime.now(UTC) + timedelta(seconds=plan.later),
        )
        if plan.kill_at:
            kill_at(plan.kill_at, plan.folder)
        while rotation.poll(0):
            pass


def main() -> None:
    """Carry plans out until there are no more."""
    module = example()
    for line in sys.stdin:
        plan = Plan(**json.loads(line))
        sqs = plan.sqs()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                carry_out(plan, module, sqs)
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        is_killed = os.WIFSIGNALED(status)
        word = "killed" if is_killed else f"failed {status}" if status else "done"
        sys.stdout.write(word + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
