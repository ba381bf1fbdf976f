"""What a webhook answers, and what is written down before it does."""

import io
import json
import logging
from typing import Any

import pytest

from spshipping.journal import Appended, NewEvent, SqliteJournal
from spshipping.shipping.webhooks import WebhookRequest, receiving
from tests.unit.shipping.webhooks.build import DETAIL, ID, envelope, posted
from tests.webhooks.conftest import HEADERS, SECRET, Shop

OTP = {"trackingId": "TBA301", "otp": "482913"}


def test_a_push_is_written_down_before_it_is_answered(shop: Shop) -> None:
    answer = shop.post(posted())
    assert answer.status == 200
    assert json.loads(answer.body) == {"status": "accepted"}
    assert answer.headers == {"Content-Type": "application/json", "Content-Length": str(len(answer.body))}
    event = shop.log.claim(60)
    assert event is not None
    assert event.key == ID


def test_a_push_that_comes_again_is_answered_and_written_once(shop: Shop) -> None:
    assert [shop.push(), shop.push()] == [200, 200]
    shop.deliver_pending()
    assert [shop.push(), shop.keys] == [200, [ID]]
    shop.deliver_pending()
    assert shop.keys == [ID]


def test_two_events_of_one_id_are_both_handed_over(shop: Shop) -> None:
    later = {**DETAIL, "eventCode": "Delivered"}
    assert [shop.push(), shop.push(detail=later), shop.push(detail=later)] == [200, 200, 200]
    shop.deliver_pending()
    assert len(shop.delivered) == 2
    assert shop.keys[0] == ID
    assert shop.keys[1].startswith(f"{ID}#")


def test_a_list_of_pushes_is_written_whole(shop: Shop) -> None:
    body = json.dumps([envelope(id=str(number)) for number in range(3)]).encode()
    assert shop.post(body).status == 200
    shop.deliver_pending()
    assert shop.keys == ["0", "1", "2"]


def test_an_authentic_body_that_cannot_be_read_is_put_aside_and_answered_with_success(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    for body in (b"<Lovelace/>", b"", b"[]", b"<Lovelace/>"):
        assert shop.post(body).status == 200
    assert shop.deliver_pending() == (0, 0)
    kept = {event.personal: event.unreadable for event in shop.log.quarantined()}
    assert kept == {
        "<Lovelace/>": "the body is no JSON",
        "": "the body is no JSON",
        "[]": "the body is no JSON object, but a list",
    }
    assert "a push is in quarantine: the body is no JSON" in caplog.text
    assert "Lovelace" not in caplog.text


def test_a_body_that_reading_fails_over_is_put_aside_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(body: bytes) -> Any:
        raise ZeroDivisionError("Lovelace")

    monkeypatch.setattr(receiving, "parse_pushes", fail)
    assert shop.push() == 200
    assert [event.unreadable for event in shop.log.quarantined()] == ["reading it failed: ZeroDivisionError"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "patch", ""])
def test_other_methods_are_refused(shop: Shop, method: str) -> None:
    answer = shop.post(posted(), method=method)
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert bool(answer.body) is (method != "HEAD")
    assert shop.log.claim(60) is None


def test_a_webhook_that_is_switched_off_is_not_there(shop: Shop) -> None:
    for is_enabled in (False, lambda: False):
        shop.options["is_enabled"] = is_enabled
        assert shop.push() == 404
        assert shop.post(posted(), {}).status == 404
    shop.options["is_enabled"] = lambda: True
    assert shop.push() == 200


def test_where_the_switch_cannot_be_read_the_push_is_to_come_again(shop: Shop) -> None:
    def fail() -> bool:
        raise OSError("Lovelace")

    shop.options["is_enabled"] = fail
    assert shop.push() == 503


def test_what_is_too_large_is_refused_whatever_is_announced(shop: Shop) -> None:
    shop.options["most_bytes"] = len(posted())
    assert shop.push() == 200
    assert shop.post(posted() + b" ").status == 413
    for announced in ("2", str(len(posted()) + 1), "9" * 5000):
        answer = shop.post(posted() + b" ", {**HEADERS, "Content-Length": announced})
        assert answer.status == 413
    assert shop.post(posted(), {**HEADERS, "Content-Length": str(len(posted()) + 1)}).status == 413


def test_no_more_is_read_than_is_allowed() -> None:
    shop = Shop("threads")
    shop.options["most_bytes"] = 10
    source = io.BytesIO(b"x" * 1000)
    assert shop.receiver.handle("POST", HEADERS, "", source).status == 413
    assert source.tell() == 11
    unread = io.BytesIO(b"x" * 1000)
    assert shop.receiver.handle("POST", {}, "", unread).status == 401
    assert unread.tell() == 0
    shop.close()


def test_a_body_that_is_cut_is_to_come_again_and_is_not_put_aside(shop: Shop) -> None:
    body = posted()
    for announced in (str(len(body) + 1), "-1", "1.5", "", "²"):
        assert shop.post(body, {**HEADERS, "Content-Length": announced}).status == 400
    assert list(shop.log.quarantined()) == []
    assert shop.log.claim(60) is None


class Gone:
    """A connection that is lost."""

    def read(self, size: int) -> bytes:
        raise ConnectionResetError("Lovelace")


def test_a_connection_that_is_lost_is_no_traceback() -> None:
    shop = Shop("threads")
    assert shop.receiver.handle("POST", HEADERS, "", Gone()).status == 400
    shop.close()


class BrokenLog:
    """A log whose disk is full."""

    keeps_personal = True

    def append(self, event: NewEvent) -> Appended:
        raise OSError(f"no space left for {event.personal}")


def test_a_journal_that_fails_lets_the_push_come_again(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    log, shop.log = shop.log, BrokenLog()  # type: ignore[assignment]
    answer = shop.post(posted())
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    assert "a push was answered with 503, for the journal failed: OSError" in caplog.text
    assert "Lovelace" not in caplog.text
    shop.log = log
    assert shop.push() == 200


def test_what_nobody_thought_of_is_an_answer_too(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    answer = shop.run(shop.receiver.handle("POST", [("Lovelace",)], "", posted()))
    assert answer.status == 500
    assert "Lovelace" not in caplog.text + answer.body.decode()


def test_refusals_are_logged_without_what_was_sent(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "spshipping"):
        shop.post(posted(), {"x-api-key": "Lovelace"})
        shop.push()
    assert caplog.messages == ["a request to the webhook was answered with 401"]


@pytest.mark.parametrize("detail", [OTP, {"note": "Lovelace"}])
def test_without_a_key_it_is_said_what_is_lost(
    shop: Shop, tmp_path: Any, caplog: pytest.LogCaptureFixture, detail: Any
) -> None:
    with SqliteJournal(tmp_path / "journal.db", clock=shop.clock) as journal:
        shop.log = journal.events()
        assert shop.push() == 200
        assert not caplog.text
        assert shop.push(detail=detail, id="2") == 200
        shop.deliver_pending()
    assert "the journal has no key" in caplog.text
    assert "482913" not in caplog.text
    assert "Lovelace" not in caplog.text
    first, second = shop.delivered
    assert (first.body, second.body) == (None, None)


def test_a_one_time_code_is_gone_the_next_day(shop: Shop) -> None:
    shop.push(detail=OTP)
    shop.failures = [OSError(), OSError()]
    assert shop.deliver_pending() == (0, 1)
    shop.clock.elapsed += 86_400
    shop.failures = []
    assert shop.deliver_pending() == (1, 0)
    (push,) = shop.delivered
    assert push.code is None  # type: ignore[attr-defined]
    assert push.tracking_id == "TBA301"  # type: ignore[attr-defined]


def test_a_request_shows_nothing_in_its_repr() -> None:
    request = WebhookRequest("POST", (("x-api-key", SECRET),), ())
    assert repr(request) == "<WebhookRequest>"
