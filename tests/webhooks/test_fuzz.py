"""Whatever is sent to a webhook: no exception, and nothing is let in that does not know the secret."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spshipping import Secret
from spshipping.journal import MemoryJournal
from spshipping.shipping.webhooks import (
    ApiKey,
    OAuth,
    Push,
    QueryParameter,
    UserPassword,
    WebhookAuth,
    WebhookReceiver,
)
from spshipping.testing.strategies import json_values
from spshipping.wire.text import render
from tests.unit.shipping.webhooks.build import DETAIL, ID, envelope, posted
from tests.webhooks.conftest import SECRET, basic

MOST_EXAMPLES = 10_000 if os.environ.get("SPSHIPPING_SOAK") == "full" else 1_000
MOST = 50_000
ALLOWED = {200, 400, 401, 405, 413}
# divided among the four modes
storm = settings(
    max_examples=MOST_EXAMPLES // 4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def check(token: Secret) -> bool:
    return token == Secret(SECRET)


# how each mode is let in, in the header or the query that it looks at
MODES: dict[str, tuple[WebhookAuth, dict[str, str], str]] = {
    "api_key": (ApiKey(SECRET), {"X-Api-Key": SECRET}, ""),
    "query_parameter": (QueryParameter(SECRET, name="token"), {}, "token=qZwebhookQuoll%2B91"),
    "user_password": (UserPassword("amazon", SECRET), basic("amazon", SECRET), ""),
    "oauth": (OAuth(check), {"Authorization": f"Bearer {SECRET}"}, ""),
}

fields = st.sampled_from(
    [*envelope(), *DETAIL, "detail", "eventHistory", "otp", "ndrEligible", "trackingNumber", "status", "time"]
) | st.text(max_size=6)
values = st.recursive(
    json_values | st.sampled_from([*map(str, DETAIL.values()), ID, "1e999", "9" * 400, "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=5),
    max_leaves=15,
)


def _broken(cut: tuple[int, bytes]) -> bytes:
    at, piece = cut
    body = posted()
    return body[: at % len(body)] + piece + body[at % len(body) :]


bodies = (
    st.binary(max_size=60)
    | values.map(render)
    | st.dictionaries(fields, values, max_size=6).map(lambda detail: render(envelope(detail)))
    | st.tuples(st.integers(0, 10_000), st.binary(max_size=4)).map(_broken)
    | st.integers(0, MOST + 10).map(lambda size: b"[" * size)
    | st.sampled_from([posted(), b"x" * (MOST + 1)])
)
near_secrets = st.sampled_from(
    ["", SECRET[:-1], f"{SECRET}x", SECRET.upper(), f"{SECRET},{SECRET}", f"Bearer {SECRET}x", "Basic Og=="]
)
names = st.sampled_from(
    ["X-Api-Key", "Authorization", "Content-Length", "Content-Type", "X-Other"]
) | st.text(max_size=8)
headers = st.lists(st.tuples(names, near_secrets | st.text(max_size=30)), max_size=5)
queries = st.text(max_size=30) | st.sampled_from(
    ["token=", "token", "token=&token=", "Token=qZwebhookQuoll%2B91", "token=qZwebhookQuoll+91", "&" * 500]
)
methods = st.sampled_from(["POST", "post", "GET", "HEAD"]) | st.text(max_size=5)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mode", MODES)
@storm
@given(data=st.data())
def test_nothing_is_let_in_that_does_not_know_the_secret(mode: str, data: st.DataObject) -> None:
    auth, _, _ = MODES[mode]
    log = MemoryJournal().events()
    receiver = WebhookReceiver(log, auth, most_bytes=MOST)
    answer = receiver.handle(data.draw(methods), data.draw(headers), data.draw(queries), data.draw(bodies))
    assert answer.status in (401, 405)
    assert log.claim(60) is None
    assert list(log.quarantined()) == []


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mode", MODES)
@storm
@given(data=st.data())
def test_whatever_is_authentic_is_written_or_refused_and_never_an_exception(
    mode: str, data: st.DataObject
) -> None:
    auth, known, query = MODES[mode]
    log = MemoryJournal().events()
    receiver = WebhookReceiver(log, auth, most_bytes=MOST)
    taken = {name.lower() for name in known}
    more = [pair for pair in data.draw(headers) if pair[0].lower() not in taken]
    answer = receiver.handle("POST", [*more, *known.items()], query, data.draw(bodies))
    assert answer.status in ALLOWED
    json.loads(answer.body)
    received: list[Push] = []
    receiver.deliver_pending(received.append)
    was_kept = bool(received) or bool(log.quarantined())
    assert was_kept is (answer.status == 200)
    assert log.claim(60) is None, "whatever was kept was handed over"
