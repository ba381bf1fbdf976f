"""Recording from the local sandbox with both clients, and cassettes; what was written is replayed."""

import asyncio
import gzip
import io
import json
import logging
import os
import sys
import traceback
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import vcr

from spshipping import (
    AsyncClient,
    Client,
    ConfigurationError,
    NotFoundError,
    Secret,
    loads,
)
from spshipping.sandbox import Sandbox
from spshipping.shipping import GetRatesRequest
from spshipping.testing import LeftoverError, Replay, import_cassette, read_fixtures, recording
from spshipping.testing import record as module
from spshipping.testing.fixture import json_of
from tests.fixtures.calls import call_of
from tests.fixtures.documents import PDF
from tests.sandbox.conftest import ORDER
from tests.security.canary import Catch

KEY = Secret("a key for these tests")
Run = Callable[[Sandbox], None]
BOUGHT = [
    "shipping/getRates/200-1.json",
    "shipping/purchaseShipment/200-1.json",
    "shipping/getTracking/200-1.json",
    "shipping/getTracking/404-1.json",
    "shipping/cancelShipment/200-1.json",
]


def request() -> GetRatesRequest:
    return loads(ORDER.read_bytes(), GetRatesRequest)


def program(client: Client) -> str:
    """Buy a label, track it, look for one that is not there, and cancel it."""
    quote = client.shipping.get_rates(request())
    bought = client.shipping.purchase_shipment(quote.purchase_request(quote.cheapest(), format="PDF"))
    tracking_id = bought.package_document_details[0].tracking_id or ""
    client.shipping.get_tracking(tracking_id=tracking_id, carrier_id="AMZN_UK")
    with pytest.raises(NotFoundError):
        client.shipping.get_tracking(tracking_id="none of ours", carrier_id="AMZN_UK")
    client.shipping.cancel_shipment(bought.shipment_id)
    return tracking_id


async def program_async(client: AsyncClient) -> str:
    """Do the same over asyncio."""
    quote = await client.shipping.get_rates(request())
    bought = await client.shipping.purchase_shipment(quote.purchase_request(quote.cheapest(), format="PDF"))
    tracking_id = bought.package_document_details[0].tracking_id or ""
    await client.shipping.get_tracking(tracking_id=tracking_id, carrier_id="AMZN_UK")
    with pytest.raises(NotFoundError):
        await client.shipping.get_tracking(tracking_id="none of ours", carrier_id="AMZN_UK")
    await client.shipping.cancel_shipment(bought.shipment_id)
    return tracking_id


def over_threads(box: Sandbox) -> None:
    with box.client() as client:
        program(client)


def over_asyncio(box: Sandbox) -> None:
    async def main() -> None:
        async with box.async_client() as client:
            await program_async(client)

    asyncio.run(main())


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


@pytest.fixture(params=[over_threads, over_asyncio], ids=["threads", "asyncio"])
def run(request: pytest.FixtureRequest) -> Run:
    made: Run = request.param
    return made


def originals() -> dict[str, str]:
    """Return what the program brings along of people."""
    order = request()
    assert order.ship_to is not None
    found = (*vars_of(order.ship_to), *vars_of(order.ship_from), ("item", "SKU-TEA-01"))
    return {name: value for name, value in found if name not in ("country_code", "geocode")}


def vars_of(address: Any) -> list[tuple[str, str]]:
    found = [(name, getattr(address, name)) for name in address.__wire_names__]
    return [(name, value) for name, value in found if value is not None]


def test_what_both_clients_exchange_is_written_scrubbed(box: Sandbox, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    with recording(folder, key=KEY) as made:
        run(box)
        assert not folder.exists()  # nothing is written before all of it is scrubbed
    assert [path.relative_to(folder).as_posix() for path in made.files] == BOUGHT
    assert made.left_out == 1  # signing in
    catch = Catch()
    catch.read(folder)
    secrets = {name: str(value) for name, value in box.credentials.items()}
    assert catch.leaks({**originals(), **secrets}) == {}
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path not in made.files]


def test_a_mock_is_never_called_a_recording(box: Sandbox, tmp_path: Path) -> None:
    with recording(tmp_path) as made:
        over_threads(box)
    for fixture in read_fixtures(tmp_path):
        assert fixture.why.startswith("Answered by a mock, not by Amazon")
    assert all("ecorded" not in path.read_text("utf-8") for path in made.files)


def test_the_fixtures_are_replayed_to_both_clients(box: Sandbox, run: Run, tmp_path: Path) -> None:
    with recording(tmp_path, key=KEY) as made:
        run(box)
    fixtures = [read_fixtures(path)[0] for path in made.files]

    async def all_async() -> list[Any]:
        async with replay.async_client() as client:
            return [await settled(client.send(call_of(fixture))) for fixture in fixtures]

    async def settled(sent: Any) -> Any:
        try:
            return (await sent).value
        except NotFoundError as error:
            return error.code

    with Replay(tmp_path) as replay:
        values = asyncio.run(all_async())
    assert len(replay.sent) == 5
    purchase = json_of(fixtures[1].response.content)["payload"]
    assert values[1].shipment_id == purchase["shipmentId"]
    assert values[1].labels[0].data.startswith(b"%PDF")
    assert values[3] == "ResourceNotFound"
    with Replay(tmp_path) as replay, replay.client() as client:
        assert client.send(call_of(fixtures[1])).value == values[1]
        for index in (0, 2, 4):
            assert client.send(call_of(fixtures[index])).value == values[index]
        with pytest.raises(NotFoundError):
            client.send(call_of(fixtures[3]))


def test_the_same_program_runs_on_what_fits_anything(box: Sandbox, run: Run, tmp_path: Path) -> None:
    with recording(tmp_path, fits_any=True):
        run(box)
    with Replay(tmp_path) as replay, replay.client() as client:
        tracking_id = program(client)
    assert tracking_id

    async def main(replay: Replay) -> None:
        async with replay.async_client() as client:
            assert await program_async(client) == tracking_id

    with Replay(tmp_path) as replay:
        asyncio.run(main(replay))


def test_a_second_recording_overwrites_nothing(box: Sandbox, tmp_path: Path) -> None:
    for number in (1, 2):
        with recording(tmp_path, key=KEY) as made, box.client() as client:
            client.shipping.get_rates(request())
        assert [path.name for path in made.files] == [f"200-{number}.json"]


def test_what_was_exchanged_until_an_error_is_written_too(box: Sandbox, tmp_path: Path) -> None:
    def broken() -> None:
        with recording(tmp_path), box.client() as client:
            client.shipping.get_rates(request())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert len(read_fixtures(tmp_path)) == 1


def test_where_something_is_left_nothing_is_written(
    box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spshipping.testing.pseudonyms.Pseudonyms.of", lambda _, text: text)
    with pytest.raises(LeftoverError), recording(tmp_path / "new"):
        over_threads(box)
    assert not (tmp_path / "new").exists()


def test_the_pseudonyms_of_a_key_are_those_of_another_recording(box: Sandbox, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        with recording(tmp_path / name, key=KEY) as made, box.client() as client:
            client.shipping.get_rates(request())
        (fixture,) = read_fixtures(made.files[0])
        found.append(json_of(fixture.request.content)["shipTo"])
    assert found[0] == found[1]


@pytest.mark.parametrize("name", ["tape.yaml", "tape.json"])
def test_a_cassette_is_imported_the_same_way(box: Sandbox, run: Run, name: str, tmp_path: Path) -> None:
    serializer = "json" if name.endswith("json") else "yaml"
    tape, folder = tmp_path / name, tmp_path / "fixtures"
    with vcr.use_cassette(str(tape), serializer=serializer):
        run(box)
    made = import_cassette(tape, folder, key=KEY, fits_any=True)
    assert [path.relative_to(folder).as_posix() for path in made.files] == BOUGHT
    assert made.left_out == 1
    catch = Catch()
    catch.read(folder)
    assert catch.leaks(originals()) == {}
    with Replay(folder) as replay, replay.client() as client:
        program(client)


@pytest.mark.parametrize(
    "text",
    [
        "interactions: [",
        "interactions: [{request: {}, response: {}}]\nversion: 1\n",
        "- 1\n",
        "!!python/object/apply:os.system ['touch hacked']\n",
    ],
)
def test_what_is_no_cassette_is_refused_and_runs_nothing(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tape.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match="is no cassette of vcrpy"):
        import_cassette("tape.yaml", "fixtures")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tape.yaml"]
    with pytest.raises(ConfigurationError, match="FileNotFoundError"):
        import_cassette("none.yaml", "fixtures")


def test_without_vcrpy_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("vcr", "vcr.serialize"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError, match=r"install spshipping\[testing\]"), recording(tmp_path):
        pytest.fail("it has begun")
    (tmp_path / "tape.yaml").write_text("")
    with pytest.raises(ConfigurationError, match=r"install spshipping\[testing\]"):
        import_cassette(tmp_path / "tape.yaml", tmp_path)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (None, None),
        (b"plain", b"plain"),
        ("text", b"text"),
        (io.BytesIO(b"a file"), b"a file"),
        ([b"in ", "parts"], b"in parts"),
    ],
    ids=["none", "bytes", "text", "file", "parts"],
)
def test_a_body_is_bytes_whatever_a_client_gave(body: Any, found: bytes | None) -> None:
    assert module._bytes(body) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (gzip.compress(b"{}", mtime=0), b"{}"),
        (zlib.compress(b"{}"), b"{}"),
        (b"\x1f\x8bbroken", b"\x1f\x8bbroken"),
        (b"xerox", b"xerox"),
        (b"{}", b"{}"),
    ],
)
def test_a_compressed_body_is_read(body: bytes, found: bytes) -> None:
    assert module._decoded(body) == found


def test_headers_come_in_lists_and_in_bytes() -> None:
    headers: dict[Any, Any] = {b"Date": [b"today"], "Via": "one", "Empty": []}
    assert module._flat(headers) == {"Date": "today", "Via": "one", "Empty": ""}


def test_a_fixture_says_nothing_of_the_label_that_was_recorded(box: Sandbox, tmp_path: Path) -> None:
    with recording(tmp_path) as made:
        over_threads(box)
    written = json.loads(made.files[1].read_text("utf-8"))
    (details,) = written["response"]["body"]["payload"]["packageDocumentDetails"]
    assert len(details["packageDocuments"][0]["contents"]) < 10 * len(PDF)


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    ran = []
    with pytest.raises(ConfigurationError, match="fixtures cannot be written there"), recording(taken):
        ran.append("the block")
    assert ran == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_does_not_write_what_its_parent_writes(tmp_path: Path) -> None:
    with Sandbox() as box, box.client() as client:
        try:
            with recording(tmp_path) as made:
                client.shipping.get_rates(request())
                child = os.fork()
                if child == 0:
                    raise SystemExit
        except SystemExit:
            os._exit(0)
        os.waitpid(child, 0)
    assert made.files == [tmp_path / "shipping/getRates/200-1.json"]
    assert [path.name for path in tmp_path.rglob("*.json")] == ["200-1.json"]


@pytest.mark.parametrize(
    "answer",
    [
        "5",
        "{status: {code: Quill}, headers: {}, body: {string: '{}'}}",
        "{status: {code: 200}, headers: {}, body: {string: 5}}",
    ],
)
def test_no_traceback_shows_what_a_broken_cassette_holds(tmp_path: Path, answer: str) -> None:
    cassette = tmp_path / "odd.yaml"
    asked = "{method: GET, uri: 'https://x/shipping/v2/tracking?trackingId=Quill', headers: {}, body: Quill}"
    cassette.write_text(f"interactions: [{{request: {asked}, response: {answer}}}]\nversion: 1\n")
    with pytest.raises(ConfigurationError) as caught:
        import_cassette(cassette, tmp_path / "fixtures")
    error = caught.value
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    del frames.stack[0]  # this function
    assert "Quill" not in "".join(frames.format())


def test_a_method_that_is_no_text_is_none_of_ours(tmp_path: Path) -> None:
    cassette = tmp_path / "odd.yaml"
    asked = "{method: 5, uri: 'https://x/shipping/v2/tracking', headers: {}, body: null}"
    answer = "{status: {code: 200}, headers: {}, body: {string: '{}'}}"
    cassette.write_text(f"interactions: [{{request: {asked}, response: {answer}}}]\nversion: 1\n")
    assert import_cassette(cassette, tmp_path / "fixtures").left_out == 1


def test_nothing_of_what_is_recorded_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "vcr.cassette")
    with Sandbox() as box, recording(tmp_path), box.client() as client:
        program(client)
    assert [record.name for record in caplog.records if record.name.startswith("vcr")] == []
    to = request().ship_to
    assert to is not None
    for secret in ("Atza|", "Atzr|", "JVBERi", to.name):
        assert secret not in caplog.text
    assert logging.getLogger("vcr.cassette").level == logging.DEBUG
    assert logging.getLogger("vcr").level == logging.NOTSET


def test_nothing_of_a_cassette_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    cassette = tmp_path / "one.yaml"
    asked = "{method: GET, uri: 'https://x/shipping/v2/tracking?trackingId=Quill', headers: {}, body: null}"
    answer = "{status: {code: 200}, headers: {}, body: {string: '{}'}}"
    cassette.write_text(f"interactions: [{{request: {asked}, response: {answer}}}]\nversion: 1\n")
    import_cassette(cassette, tmp_path / "fixtures")
    assert "Quill" not in caplog.text


def test_a_process_that_did_not_begin_the_recording_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox() as box, box.client() as client, monkeypatch.context() as patched:
        with recording(tmp_path / "new") as made:
            client.shipping.get_rates(request())
            patched.setattr("os.getpid", lambda: -1)
        assert made.files == []
    assert not (tmp_path / "new").exists()
