"""The example that rotates a client secret, against the local SP-API and moto's SQS."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from spshipping import (
    AsyncClient,
    Client,
    Credentials,
    Effect,
    FileStore,
    Marketplace,
    Operation,
    Quota,
    Secret,
)
from spshipping.auth.aws import AwsCredentials
from spshipping.auth.cache import TokenCache
from spshipping.options import CommonOptions
from spshipping.sandbox import Sandbox
from spshipping.sandbox.clock import DAY
from spshipping.sandbox.operations import ApiRequest
from spshipping.sandbox.responses import Response, json_response
from tests.kit import FakeClock
from tests.sandbox.rotation_worker import NAME, Plan, example
from tests.unit.notifications.build import message, new_secret

pytestmark = pytest.mark.dates

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
WORKER = Path(__file__).parent / "rotation_worker.py"
FIRST = "amzn1.oa2-cs.v1.first"
_numbers = count(1)


@pytest.fixture(scope="module")
def module() -> ModuleType:
    return example()


@dataclass
class World:
    """An application at Amazon, the queue that is registered for it, and the store of its secret."""

    sandbox: Sandbox
    plan: Plan
    sqs: Any
    now: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    @property
    def store(self) -> FileStore:
        return self.plan.store

    def announce(self) -> None:
        self.sandbox.announce_secret_expiry(self.plan.client_id)

    def rotation(self, module: ModuleType, client: Client) -> Any:
        plan = self.plan
        return module.SecretRotation(
            self.sqs, plan.queue, client, self.store, plan.client_id, NAME, now=lambda: self.now
        )

    def saved(self) -> str:
        secret = self.store.load_secret(NAME)
        assert secret is not None
        return secret.reveal()

    def current(self) -> str:
        return self.sandbox.tokens.secret_of(self.plan.client_id)

    def rotations(self) -> int:
        records = self.sandbox.ledger.requests("rotateApplicationClientSecret")
        return sum(record.status == 204 for record in records)

    def left(self) -> int:
        names = ["ApproximateNumberOfMessages"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.plan.queue, AttributeNames=names)
        return int(found["Attributes"][names[0]])

    def can_sign_in(self) -> bool:
        """Say whether the secret in the store is accepted now, as a program that starts finds out."""
        with self.plan.client() as client:
            return isinstance(client.notifications.get_destinations(), list)


class Amazon:
    """A sandbox that writes its notifications to the queues of the clients that they are about."""

    def __init__(self, url: str, keys: AwsCredentials) -> None:
        self.queues: dict[str, str] = {}
        self.sandbox = Sandbox(quotas=False, on_notification=self._deliver)
        blank = Plan("", "", "", url, keys.access_key_id, keys.secret_access_key.reveal(), "", "", "")
        self.blank = blank
        self.sqs = blank.sqs()

    def _deliver(self, notification: dict[str, Any]) -> None:
        (fields,) = notification["payload"].values()
        body = json.dumps(notification)
        self.sqs.send_message(QueueUrl=self.queues[fields["clientId"]], MessageBody=body)

    def world(self, folder: Path) -> World:
        """Register a client that no other test has; its first secret is in the store."""
        number = next(_numbers)
        client_id = f"amzn1.application-oa2-client.rotating-{number}"
        self.sandbox.add_seller(f"Atzr|rotating-{number}", client_id, FIRST)
        attributes = {"VisibilityTimeout": "0"}
        url = self.sqs.create_queue(QueueName=f"secrets-{number}", Attributes=attributes)["QueueUrl"]
        self.queues[client_id] = url
        plan = self.blank._replace(
            folder=str(folder / f"store-{number}"),
            key=FileStore.new_key().reveal(),
            queue=url,
            endpoint=self.sandbox.url,
            token_url=self.sandbox.token_url,
            client_id=client_id,
        )
        plan.store.save_secret(NAME, Secret(FIRST))
        return World(self.sandbox, plan, self.sqs)


@pytest.fixture
def amazon(sts: tuple[str, AwsCredentials]) -> Iterator[Amazon]:
    made = Amazon(*sts)
    with made.sandbox:
        yield made


@pytest.fixture
def world(amazon: Amazon, tmp_path: Path) -> World:
    return amazon.world(tmp_path)


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with world.plan.client(FakeClock()) as made:  # the quota is one call a minute
        yield made


def test_the_announcement_rotates_and_the_new_secret_is_saved_and_used(
    world: World, client: Client, module: ModuleType
) -> None:
    rotation = world.rotation(module, client)
    assert rotation.poll(0) == 0
    world.announce()
    assert rotation.poll(0) == 1
    assert (world.rotations(), world.saved()) == (1, FIRST)
    assert rotation.poll(0) == 1
    assert (world.saved(), world.left()) == (world.current(), 0)
    assert world.saved() != FIRST
    assert (rotation.requested, rotation.saved) == (1, 1)
    world.sandbox.clock.advance(8 * DAY)
    assert world.can_sign_in()


def test_the_program_works_on_a_connection_of_the_settings(
    world: World,
    module: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan, settings = world.plan, tmp_path / "settings.toml"
    settings.write_text(
        f"""
        [store]
        path = "{plan.folder}"
        [connections.uk]
        client_id = "{plan.client_id}"
        refresh_token = "Atzr|unused"
        marketplace = "UK"
        endpoint = "{plan.endpoint}"
        token_url = "{plan.token_url}"
        """
    )
    settings.chmod(0o600)
    monkeypatch.setenv("SPSHIPPING_SETTINGS", str(settings))
    monkeypatch.setenv("SPSHIPPING_STORE_KEY", plan.key)
    monkeypatch.setattr(module, "boto3", type("Boto3", (), {"client": lambda _: world.sqs}))
    world.announce()
    assert module.main([plan.queue, "uk", "--once"]) == 0
    assert (world.saved(), world.left(), world.rotations()) == (world.current(), 0, 1)
    assert module.main([plan.queue, "fr", "--once"]) == 1
    assert "there is no connection 'fr'" in capsys.readouterr().err


def test_older_repeated_and_foreign_messages_change_nothing(
    world: World, client: Client, module: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    rotation = world.rotation(module, client)
    mine = world.plan.client_id

    def send(body: Any) -> None:
        world.sqs.send_message(QueueUrl=world.plan.queue, MessageBody=message(body)["Body"])

    newer = {**new_secret(mine, "second"), "eventTime": "2026-03-02T12:00:00Z"}
    for body in (newer, newer, {**new_secret(mine, "zeroth"), "eventTime": "2026-03-01T12:00:00Z"}):
        send(body)
    assert rotation.poll(0) == 3
    assert (world.saved(), rotation.saved, world.left()) == ("second", 1, 0)
    send(new_secret("amzn1.application-oa2-client.other", "theirs"))
    send({"no": "notification"})
    with caplog.at_level(logging.ERROR):
        assert rotation.poll(0) == 0
    assert (world.saved(), world.left()) == ("second", 2)
    assert "this is no notification" in caplog.text


@pytest.mark.parametrize("kind", ["drop_after", "status_after", "drop_before"])
def test_after_an_unknown_outcome_the_message_is_awaited_and_nothing_repeated(
    world: World, client: Client, module: ModuleType, kind: str
) -> None:
    is_carried_out = kind != "drop_before"
    world.sandbox.add_fault("rotateApplicationClientSecret", kind)
    rotation = world.rotation(module, client)
    world.announce()
    assert rotation.poll(0) == 0
    assert world.sandbox.tokens.secret_of(world.plan.client_id) != FIRST or not is_carried_out
    while rotation.poll(0):
        pass
    assert len(world.sandbox.ledger.requests("rotateApplicationClientSecret")) == 1
    assert world.saved() == world.current()
    assert world.left() == (0 if is_carried_out else 1)
    assert world.can_sign_in()
    # where it was not carried out, the announcement is still there, and a day later it counts again
    world.now += timedelta(hours=25)
    while rotation.poll(0):
        pass
    assert (world.saved(), world.left()) == (world.current(), 0)
    assert world.saved() != FIRST
    sent = world.sandbox.ledger.requests("rotateApplicationClientSecret")
    assert len(sent) == (1 if is_carried_out else 2)


def test_what_was_refused_is_tried_again(
    world: World, client: Client, module: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    world.sandbox.add_fault("rotateApplicationClientSecret", "status", status=400)
    rotation = world.rotation(module, client)
    world.announce()
    with caplog.at_level(logging.ERROR):
        assert rotation.poll(0) == 0
    assert "rotateApplicationClientSecret 400" in caplog.text
    assert (rotation.poll(0), world.rotations()) == (1, 1)


def test_a_secret_that_cannot_be_saved_stays_in_the_queue(
    world: World, client: Client, module: ModuleType
) -> None:
    rotation = world.rotation(module, client)
    world.announce()
    rotation.poll(0)
    folder = Path(world.plan.folder)
    folder.chmod(0o755)  # open to others: the store refuses
    assert (rotation.poll(0), world.left()) == (0, 1)
    folder.chmod(0o700)
    assert (rotation.poll(0), world.left()) == (1, 0)
    assert world.saved() == world.current()


# killed


class Workers:
    """Processes that rotate, and can be killed at a step."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, plan: Plan) -> str:
        """Let one carry a plan out, and return how it ended."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(plan._asdict()) + "\n")
        self._parent.stdin.flush()
        return self._parent.stdout.readline().strip()

    def close(self) -> None:
        self._parent.communicate(timeout=30)
        assert self._parent.returncode == 0


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers()
    yield made
    made.close()


def recover(workers: Workers, world: World) -> None:
    """Start the program again: at once and, where something is left, a day later."""
    assert workers.run(world.plan) == "done"
    if world.left():
        assert workers.run(world.plan._replace(later=25 * 3600.0)) == "done"


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_killed_at_any_step_the_old_secret_works_or_the_new_one_is_saved(
    amazon: Amazon, workers: Workers, tmp_path: Path
) -> None:
    killed = 0
    for step in count(1, 1 if IS_FULL else 3):
        world = amazon.world(tmp_path)
        world.announce()
        end = workers.run(world.plan._replace(kill_at=step))
        saved = world.saved()
        assert saved in (FIRST, world.current()), step
        assert saved == world.current() or world.left(), (step, "the new secret is neither saved nor queued")
        assert world.can_sign_in(), step
        recover(workers, world)
        assert (world.saved(), world.left()) == (world.current(), 0), step
        assert world.saved() != FIRST, step
        if end == "done":
            break
        assert end == "killed", end
        killed += 1
    assert killed > 10
    # none rotated twice: in the ledger, one for each client
    rotations = amazon.sandbox.ledger.requests("rotateApplicationClientSecret")
    assert len(rotations) == killed + 1
    amazon.sandbox.clock.advance(8 * DAY)
    assert world.can_sign_in()


# in flight


class Gate:
    """An operation that answers only when it is let through, and counts who waits."""

    def __init__(self, size: int) -> None:
        self.operation = Operation(
            "wait",
            "GET /wait/{number}",
            returns=dict[str, Any],
            quota=Quota(1e6, burst=10**6),
            effect=Effect.NONE,
        )
        self._size = size
        self._arrived = 0
        self._all_here = threading.Event()
        self._open = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, request: ApiRequest) -> Response:
        with self._lock:
            self._arrived += 1
            if self._arrived == self._size:
                self._all_here.set()
        assert self._open.wait(300)
        return json_response({"number": request.path["number"]})

    def when_all_are_here(self, action: Callable[[], object]) -> threading.Thread:
        """Do something while all calls are in flight, and let them through then."""

        def act() -> None:
            try:
                assert self._all_here.wait(300)
                action()
            finally:
                self._open.set()

        thread = threading.Thread(target=act)
        thread.start()
        return thread


def all_of(client: Client, gate: Gate, size: int) -> list[Exception]:
    """Send all calls at once over threads, and return what failed."""
    found = client.map(
        lambda number: gate.operation(path={"number": str(number)}), range(size), concurrency=size
    )
    return [one.error for one in found if one.error is not None]


async def all_of_async(client: AsyncClient, gate: Gate, size: int) -> list[Exception]:
    """Send all calls at once on the loop, and return what failed."""
    calls = client.map(
        lambda number: gate.operation(path={"number": str(number)}), range(size), concurrency=size
    )
    async with calls as found:
        return [one.error async for one in found if one.error is not None]


def flying(world: World) -> tuple[Credentials, CommonOptions]:
    """Return what a client of the seller is made of; it reads the secret from the store."""
    plan, accounts = world.plan, world.sandbox.tokens._accounts.values()
    refresh_token = next(each.refresh_token for each in accounts if each.client_id == plan.client_id)
    credentials = Credentials(plan.client_id, lambda: world.store.load_secret(NAME) or "", refresh_token)
    options: CommonOptions = {
        "endpoint": plan.endpoint,
        "token_url": plan.token_url,
        "token_cache": TokenCache(),
        "timeout": (120.0, 300.0),
        "deadline": 600.0,
    }
    return credentials, options


def what_becomes_of_the_secret(
    world: World, module: ModuleType, application: Client
) -> list[Callable[[], object]]:
    """Return what happens while calls are in flight, wave by wave."""
    sandbox, rotation = world.sandbox, world.rotation(module, application)

    def rotate() -> None:
        world.announce()
        while rotation.poll(0):
            pass
        assert world.saved() == world.current() != FIRST
        sandbox.revoke_tokens()

    return [
        rotate,  # afterwards, the client signs in with the old secret
        sandbox.revoke_tokens,  # and once more
        lambda: sandbox.clock.advance(8 * DAY),  # the old secret is accepted no longer
        lambda: None,
    ]


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("is_async", [False, True], ids=["threads", "asyncio"])
def test_no_call_in_flight_fails_whatever_becomes_of_the_secret(
    world: World, module: ModuleType, is_async: bool
) -> None:
    size, sandbox = 1000 if IS_FULL else 100, world.sandbox
    credentials, options = flying(world)
    sign_ins: list[list[int | None]] = []
    failed: list[Exception] = []

    def wave(action: Callable[[], object]) -> tuple[Gate, threading.Thread]:
        gate = Gate(size)
        sandbox._api.add(gate.operation, gate)
        return gate, gate.when_all_are_here(action)

    def note(thread: threading.Thread) -> None:
        thread.join()
        mine = [one for one in sandbox.ledger.token_requests() if one.grant_type == "refresh_token"]
        sign_ins.append([one.status for one in mine])

    async def over_asyncio() -> None:
        async with AsyncClient(credentials, Marketplace.UK, **options) as client:
            for action in actions:
                gate, thread = wave(action)
                failed.extend(await all_of_async(client, gate, size))
                note(thread)

    with world.plan.client() as application:
        actions = what_becomes_of_the_secret(world, module, application)
        if is_async:
            asyncio.run(over_asyncio())
        else:
            with Client(credentials, Marketplace.UK, **options) as client:
                for action in actions:
                    gate, thread = wave(action)
                    failed.extend(all_of(client, gate, size))
                    note(thread)
    assert failed == []
    assert sign_ins == [[200], [200, 200], [200, 200, 200], [200, 200, 200, 401, 200]]
    waits = [one for one in sandbox.ledger.requests("wait") if one.status == 200]
    assert len(waits) == len(actions) * size
