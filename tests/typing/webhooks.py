"""What the checkers know about webhooks. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from datetime import datetime
from pathlib import Path
from typing import assert_type

from spshipping import Client, Secret
from spshipping.journal import EventLog, MemoryJournal, SqliteJournal
from spshipping.shipping import TrackedEvent, Watched, due_for_polling
from spshipping.shipping.webhooks import (
    ApiKey,
    AsyncWebhookReceiver,
    Delivered,
    NdrPush,
    OAuth,
    OtpPush,
    ParcelPush,
    Push,
    QueryParameter,
    TrackingPush,
    UnknownPush,
    UserPassword,
    WebhookAuth,
    WebhookReceiver,
    WebhookResponse,
    parse_push,
    webhook_auth,
)


def logs(path: Path) -> list[EventLog]:
    return [MemoryJournal().events(), SqliteJournal(path).events("a shop")]


async def later(token: Secret) -> bool:
    return bool(token)


def checks() -> list[WebhookAuth]:
    return [
        ApiKey("key", header="X-Shop"),
        QueryParameter(Secret("key"), name="token"),
        UserPassword("amazon", "password"),
        OAuth(later),
        webhook_auth("api_key", secret="key"),
    ]


def read(push: Push) -> None:
    assert_type(push.body, Secret | None)
    assert_type(push.guessed, tuple[str, ...])
    match push:
        case TrackingPush():
            assert_type(push.tracking_id, str)
            assert_type(push.events, tuple[TrackedEvent, ...])
        case OtpPush():
            assert_type(push.code, Secret | None)
            assert_type(push.tracking_id, str | None)
        case NdrPush() | ParcelPush():
            assert_type(push.carrier_id, str | None)
        case UnknownPush():
            assert_type(push.reason, str)
        case _:
            pass


async def take(push: Push) -> None:
    read(push)


def receive(log: EventLog, auth: WebhookAuth) -> None:
    receiver = WebhookReceiver(log, auth, is_enabled=lambda: True, most_bytes=1000)
    assert_type(receiver.handle("POST", {}, "", b""), WebhookResponse)
    assert_type(receiver.deliver_pending(read, most=10), Delivered)
    receiver.run(read, every=5)
    WebhookReceiver(log)  # type: ignore[call-arg]
    WebhookReceiver(log, auth, retries=True)  # type: ignore[call-arg]


async def receive_async(log: EventLog, auth: WebhookAuth) -> None:
    receiver = AsyncWebhookReceiver(log, auth)
    assert_type(await receiver.handle("POST", [("x-api-key", "key")], {}, b""), WebhookResponse)
    assert_type(await receiver.deliver_pending(take), Delivered)
    await receiver.run(take)


def poll(client: Client, watched: dict[str, Watched], now: datetime) -> None:
    assert_type(parse_push(b"{}"), Push)
    for found in client.shipping.track_many(each.parcel for each in due_for_polling(watched.values(), now)):
        watched[found.tracking_id] = watched[found.tracking_id].polled(found, at=now)
