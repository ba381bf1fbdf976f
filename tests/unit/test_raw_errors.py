"""E6: what is of the wrong type, or holds half a character, ends in an error of this package."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from spshipping import (
    Client,
    ConfigurationError,
    Credentials,
    InvalidRequestError,
    SpShippingError,
    call_from_json,
    call_to_json,
    disk,
)
from spshipping.cursor import call_from_cursor, cursor_of
from spshipping.orders.v0 import GET_ORDERS
from spshipping.settings import Settings
from spshipping.shipping import CANCEL_SHIPMENT, GET_TRACKING
from spshipping.sync import FileCheckpoint
from tests.kit import ScriptedTransport, client_of

HALF = "\ud800"


@pytest.mark.parametrize("name", [HALF, "a\0b"])
def test_e6_what_no_file_can_be_called_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError, match="is no name of a file"):
        disk.read(tmp_path / name)
    with pytest.raises(ConfigurationError, match="is no name of a file"):
        Settings.load(tmp_path / name)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        FileCheckpoint(tmp_path / name).load()
    with pytest.raises(ConfigurationError, match="cannot be locked"):
        FileCheckpoint(tmp_path / name).lock()


@pytest.mark.parametrize("path", ["", None, 5, b"sync.json"])
def test_e6_a_checkpoint_is_kept_at_the_path_of_a_file(path: Any) -> None:
    with pytest.raises(ConfigurationError, match="takes the path of a file, such as"):
        FileCheckpoint(path)


@pytest.mark.parametrize("name", [5, None, b"shop"])
def test_e6_a_connection_is_named_by_text(name: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^a connection is named by text"):
        Settings.from_mapping({}).connection(name)


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (call_from_json, "call: is no text, as call_to_json returns it"),
        (call_to_json, "call: is no Call"),
        (cursor_of, "call: is a Call, such as reply.next_call"),
        (partial(call_from_cursor, GET_ORDERS), "cursor: is no text, as cursor_of"),
    ],
)
@pytest.mark.parametrize("value", [5, b"{}"])
def test_e6_what_is_no_stored_call_is_refused(work: Callable[[Any], object], text: str, value: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        work(value)
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    "work",
    [
        lambda: Client(Credentials("c", "s", "r"), HALF),
        lambda: Client(Credentials("c" + HALF, "s", "r"), "UK"),
        lambda: Client(Credentials("c", "s", "r"), "UK", endpoint=f"https://{HALF}"),
        lambda: Client(Credentials("c", "s", "r"), "UK", application=HALF),
        lambda: Client(Credentials("c", "s", "r"), "UK", proxies={"https": f"http://{HALF}"}),
        lambda: Client(Credentials("c", "s", "r"), "UK", ca_bundle=f"a{HALF}"),
        lambda: Client(Credentials("c", "s", "r"), "UK", ca_bundle="a\0b"),
        lambda: client_of(ScriptedTransport()).send(CANCEL_SHIPMENT(path={"shipmentId": HALF})),
        lambda: client_of(ScriptedTransport()).send(
            GET_TRACKING(query={"trackingId": HALF, "carrierId": "x"})
        ),
    ],
)
def test_e6_half_a_character_is_refused(work: Callable[[], object]) -> None:
    with pytest.raises(SpShippingError):
        work()
