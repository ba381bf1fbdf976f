"""The notifications about the application's own secret: read, and hidden."""

import copy
import json
import pickle
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from spshipping import InvalidRequestError, Secret, WebhookError, dumps, reveal
from spshipping.notifications import (
    ApplicationOAuthClientNewSecret,
    ApplicationOAuthClientSecretExpiry,
    parse_notification,
)
from tests.unit.notifications.build import SECRET, Json, camel, message, new_secret, secret_expiry

CLIENT = "amzn1.application-oa2-client.1"


def pascal(value: Any) -> Any:
    """Return the same with every name beginning with a capital letter."""
    if not isinstance(value, dict):
        return value
    return {name[0].upper() + name[1:]: pascal(item) for name, item in value.items()}


def test_the_expiry_of_a_secret_is_read() -> None:
    notification = parse_notification(message(secret_expiry()))
    assert notification.client_secret_expiry == ApplicationOAuthClientSecretExpiry(
        client_id=CLIENT,
        client_secret_expiry_time=datetime(2026, 3, 20, 22, 6, 39, 224_000, UTC),
        client_secret_expiry_reason="PERIODIC_ROTATION",
    )
    assert (notification.client_new_secret, notification.order_change) == (None, None)
    assert notification.deviations == ()


@pytest.mark.parametrize("spelled", [camel, pascal])
def test_a_new_secret_is_read_and_hidden_everywhere(spelled: Callable[[Any], Any]) -> None:
    body = spelled(new_secret())
    given = copy.deepcopy(body)
    notification = parse_notification(body)
    assert body == given, "what the user holds is left alone"
    assert notification.client_new_secret == ApplicationOAuthClientNewSecret(
        client_id=CLIENT,
        new_client_secret=Secret(SECRET),
        new_client_secret_expiry_time=datetime(2026, 8, 28, 12, 0, 0, 198_000, UTC),
        old_client_secret_expiry_time=datetime(2026, 3, 8, 12, 0, 0, 180_000, UTC),
    )
    for shown in (repr(notification), reveal(notification), str(notification.payload)):
        assert SECRET not in shown
    (held,) = notification.payload.values()
    assert Secret(SECRET) in held.values()
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(notification)
    with pytest.raises(InvalidRequestError) as caught:
        dumps(notification)
    assert SECRET not in str(caught.value)


def _without(body: Json, name: str) -> Json:
    for fields in body["payload"].values():
        fields.pop(name)
    return body


BAD: dict[str, Json] = {
    "no secret": _without(new_secret(), "newClientSecret"),
    "an empty secret": new_secret(secret=""),
    "no client": _without(new_secret(), "clientId"),
    "an expiry of no client": _without(secret_expiry(), "clientId"),
    "another payload": {**new_secret(), "payload": {"other": {"newClientSecret": SECRET}}},
    "no payload": {**secret_expiry(), "payload": None},
}


@pytest.mark.parametrize("kind", BAD)
def test_what_lacks_its_secret_or_its_client_is_refused_without_being_shown(kind: str) -> None:
    with pytest.raises(WebhookError, match=r"this is an APPLICATION_OAUTH_CLIENT_.* that") as caught:
        parse_notification(json.dumps(BAD[kind]))
    error = caught.value
    trace = error.__traceback__ and error.__traceback__.tb_next
    shown = "".join(traceback.TracebackException(type(error), error, trace, capture_locals=True).format())
    assert SECRET not in shown


def test_a_secret_without_its_times_is_a_secret_still() -> None:
    body = new_secret()
    for name in ("newClientSecretExpiryTime", "oldClientSecretExpiryTime"):
        body = _without(body, name)
    found = parse_notification(body).client_new_secret
    assert found == ApplicationOAuthClientNewSecret(CLIENT, Secret(SECRET), None, None)
