"""`spshipping unsettled` and `settle`, over a journal with purchases of the local SP-API."""

import json
import math
import os
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from spshipping import FileStore, OutcomeUnknownError, ShippingBusiness, replace
from spshipping.cli import purchases as command
from spshipping.cli.app import app
from spshipping.cli.purchases import age_of
from spshipping.journal import SqliteJournal, State
from spshipping.sandbox import Sandbox
from spshipping.sandbox.faults import Fault
from spshipping.shipping import (
    AmazonOrderDetails,
    ChannelDetails,
    ChannelType,
    GetRatesRequest,
    Purchases,
)
from tests.sandbox.conftest import MakeClient
from tests.ship.worker import Ahead

ATTEMPTS = 5
LONG_AGO = Ahead(-1500.0)
SELLER = "the shop"


class Shop:
    """A journal that was filled 25 minutes ago."""

    def __init__(
        self, sandbox: Sandbox, make_client: MakeClient, path: Path, parcel: GetRatesRequest
    ) -> None:
        self.sandbox = sandbox
        self.path = path
        self.journal = SqliteJournal(path, clock=LONG_AGO)
        self.parcel = parcel
        self.purchases = Purchases(make_client().context, self.journal, seller=SELLER)

    def leave(self, reference: str, **changes: Any) -> None:
        """Leave a purchase with an unknown outcome."""
        self.sandbox.faults.add(Fault("purchaseShipment", "drop_after", count=ATTEMPTS))
        with pytest.raises(OutcomeUnknownError):
            self.purchases.ship(replace(self.parcel, **changes), reference=reference)
        self.sandbox.faults.clear()

    def run(self, *words: str, input: str | None = None) -> Result:
        """Run a command over the journal."""
        words = (*words, "--journal", str(self.path), "--seller", SELLER)
        return CliRunner().invoke(app, words, input=input)


@pytest.fixture
def shop(
    sandbox: Sandbox,
    make_client: MakeClient,
    tmp_path: Path,
    order: GetRatesRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shop]:
    for name in [name for name in os.environ if name.startswith("SPSHIPPING_")]:
        monkeypatch.delenv(name)
    facts = {
        **sandbox.credentials,
        "marketplace": "UK",
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
        "settings": str(tmp_path / "settings.toml"),
    }
    for name, value in facts.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)
    made = Shop(sandbox, make_client, tmp_path / "journal.db", order)
    yield made
    made.journal.close()


def answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be a terminal."""
    monkeypatch.setattr(command, "has_terminal", lambda: True)


def flat(result: Result) -> str:
    return " ".join(result.output.split())


def test_nothing_unsettled_is_exit_code_0(shop: Shop) -> None:
    shop.purchases.ship(shop.parcel, reference="1001")
    result = shop.run("unsettled")
    assert (result.exit_code, result.output) == (0, "✓ Nothing is unsettled.\n")
    assert json.loads(shop.run("unsettled", "--json").output) == {"unsettled": []}


def test_what_is_unsettled_is_named_with_what_to_look_up(shop: Shop) -> None:
    details = AmazonOrderDetails(order_id="902-1234567-1234567")
    channel = ChannelDetails(channel_type=ChannelType.AMAZON, amazon_order_details=details)
    shop.leave("1001", channel_details=channel)
    shop.leave("an order")
    requests = shop.sandbox.ledger.count("purchaseShipment")
    result = shop.run("unsettled")
    assert result.exit_code == 1, result.output
    text = flat(result)
    assert "✗ 1001: sent 25 minutes ago for 3.75 GBP, AmazonShipping_UK" in text
    assert "Look up the packages of the Amazon order 902-1234567-1234567." in text
    assert "Look up the shipments of your Amazon Shipping account, by address and time." in text
    given = f"--journal {shop.path} --seller 'the shop'"
    assert (
        f"→ spshipping settle 'an order' --business AmazonShipping_UK {given} --bought SHIPMENT_ID, or"
        in text
    )
    assert shop.sandbox.ledger.count("purchaseShipment") == requests
    (named, _) = json.loads(shop.run("unsettled", "--json").output)["unsettled"]
    assert (named["reference"], named["state"], named["order_id"]) == ("1001", "unknown", details.order_id)
    assert named["charge"] == {"amount": "3.75", "unit": "GBP"}
    assert 1500 <= named["sent_age"] < 1800
    assert "Ada Example" not in result.output


def test_a_shipment_that_was_found_is_written_down(shop: Shop) -> None:
    shop.leave("1001")
    (label,) = shop.sandbox.ledger.labels
    result = shop.run("settle", "1001", "--bought", label.shipment_id, "--yes")
    assert (result.exit_code, result.output) == (0, "✓ 1001 is bought.\n")
    assert shop.purchases.ship(shop.parcel, reference="1001").shipment_id == label.shipment_id
    again = shop.run("settle", "1001", "--bought", label.shipment_id, "--yes")
    assert again.exit_code == 1
    assert "Error: GatewayError: this reference is bought, and not to be settled by hand" in flat(again)


def test_it_asks_before_it_writes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.leave("1001")
    answer(monkeypatch)
    refused = shop.run("settle", "1001", "--not-bought", input="n\n")
    assert refused.exit_code == 1
    assert "1001: sent 25 minutes ago for 3.75 GBP" in refused.output
    assert "if there is a label, there are two then" in flat(refused)
    assert "Nothing was written." in refused.output
    named = shop.purchases.find("1001")
    assert named is not None
    assert named.state is State.UNKNOWN
    asked = shop.run("settle", "1001", "--bought", "a shipment", "--json", input="y\n")
    assert "Write down that the shipment a shipment is there?" in asked.stderr
    assert json.loads(asked.stdout)["settled"]["shipment_id"] == "a shipment"


def test_without_a_terminal_it_wants_yes(shop: Shop) -> None:
    shop.leave("1001")
    result = shop.run("settle", "1001", "--not-bought")
    assert result.exit_code == 2
    assert "There is no terminal to ask on: give --yes." in flat(result)
    assert shop.run("settle", "1001", "--not-bought", "--yes").exit_code == 0


def test_a_cancellation_is_settled_with_a_question_of_its_own(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.purchases.ship(shop.parcel, reference="1001")
    shop.sandbox.faults.add(Fault("cancelShipment", "drop_after", count=ATTEMPTS))
    with pytest.raises(OutcomeUnknownError):
        shop.purchases.cancel("1001")
    answer(monkeypatch)
    result = shop.run("settle", "1001", "--not-bought", input="y\n")
    assert "Write down that it is cancelled?" in result.output
    assert result.exit_code == 0
    assert "✓ 1001 is cancelled." in result.output


def test_a_return_and_a_generation_are_named(shop: Shop) -> None:
    shop.purchases.ship(shop.parcel, reference="1001")
    shop.purchases.ship_return("1001", parcel=shop.parcel)
    shop.purchases.cancel("1001", is_return=True)
    shop.sandbox.faults.add(Fault("purchaseShipment", "drop_after", count=ATTEMPTS))
    with pytest.raises(OutcomeUnknownError):
        shop.purchases.ship_return("1001", parcel=shop.parcel, generation=2)
    shop.sandbox.faults.clear()
    text = flat(shop.run("unsettled"))
    assert "✗ 1001 (generation 2, return): sent 25 minutes ago" in text
    assert "spshipping settle 1001 --generation 2 --return --business" in text
    result = shop.run("settle", "1001", "--generation", "2", "--return", "--not-bought", "--yes")
    assert result.output == "✓ 1001 (generation 2, return) is refused.\n"


def test_another_business_is_named_by_its_country(shop: Shop) -> None:
    italy = Purchases(shop.purchases._context, shop.journal, seller=SELLER, business=ShippingBusiness.IT)
    shop.purchases = italy
    shop.leave("1001")
    result = shop.run("settle", "1001", "--not-bought", "--yes")
    assert result.exit_code == 1
    assert "not in the journal" in result.output
    assert shop.run("settle", "1001", "--not-bought", "--yes", "--business", "IT").exit_code == 0


@pytest.mark.parametrize("words", [(), ("--bought", ""), ("--bought", "a", "--not-bought")])
def test_one_outcome_is_given(shop: Shop, words: tuple[str, ...]) -> None:
    shop.leave("1001")
    result = shop.run("settle", "1001", *words, "--yes")
    assert result.exit_code == 2
    assert "Give either --bought SHIPMENT_ID, or --not-bought." in flat(result)


def test_the_seller_is_given(shop: Shop) -> None:
    shop.leave("1001")
    result = CliRunner().invoke(app, ["unsettled", "--journal", str(shop.path)])
    assert result.exit_code == 2
    assert "Give --seller, or set `seller` in the connection" in flat(result)


def test_the_seller_may_be_that_of_the_shops_page(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.leave("1001")
    monkeypatch.setenv("SPSHIPPING_SELLER", SELLER)
    words = ["--journal", str(shop.path)]
    result = CliRunner().invoke(app, ["unsettled", *words, "--json"])
    assert [each["reference"] for each in json.loads(result.output)["unsettled"]] == ["1001"]
    result = CliRunner().invoke(app, ["settle", "1001", *words, "--not-bought", "--yes"])
    assert (result.exit_code, result.output) == (0, "✓ 1001 is refused.\n")
    monkeypatch.setenv("SPSHIPPING_SELLER", "another")
    assert shop.run("unsettled").output == "✓ Nothing is unsettled.\n"
    other = CliRunner().invoke(app, ["settle", "1001", *words, "--not-bought", "--yes"])
    assert "not in the journal, for this seller" in flat(other)


def test_what_is_wrong_is_said_in_a_line(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    none = CliRunner().invoke(app, ["unsettled", "--journal", str(tmp_path / "none.db"), "--seller", SELLER])
    assert none.exit_code == 1
    assert "Error: ConfigurationError: there is no journal" in flat(none)
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "other.db").write_text("this is no journal, and has been here before")
    other = CliRunner().invoke(
        app, ["unsettled", "--journal", str(tmp_path / "other.db"), "--seller", SELLER]
    )
    assert (other.exit_code, isinstance(other.exception, SystemExit)) == (1, True)
    assert "Error: ConfigurationError: the journal" in flat(other)
    shop.leave("1001")
    wrong = shop.run("unsettled", "--json", "--business", "Mars")
    assert wrong.exit_code == 1
    assert json.loads(wrong.output)["error"] == "ConfigurationError"
    monkeypatch.delenv("SPSHIPPING_CLIENT_SECRET")
    unset = shop.run("settle", "1001", "--not-bought", "--yes", "--json")
    assert (unset.exit_code, json.loads(unset.output)["error"]) == (1, "ConfigurationError")


def test_a_sealed_journal_wants_its_key(shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = FileStore.new_key()
    shop.path = tmp_path / "sealed.db"
    with SqliteJournal(shop.path, key=lambda: key, clock=LONG_AGO) as journal:
        shop.purchases = Purchases(shop.purchases._context, journal, seller=SELLER)
        shop.leave("1001")
    locked = shop.run("unsettled")
    assert (locked.exit_code, isinstance(locked.exception, SystemExit)) == (1, True)
    monkeypatch.setenv("SPSHIPPING_STORE_KEY", key.reveal())
    assert "✗ 1001: sent 25 minutes ago" in flat(shop.run("unsettled"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 seconds ago"),
        (119.9, "120 seconds ago"),
        (120.0, "2 minutes ago"),
        (7200.0, "2 hours ago"),
        (172800.0, "2 days ago"),
        (math.inf, "at an unknown time"),
    ],
)
def test_an_age_is_in_words(seconds: float, text: str) -> None:
    assert age_of(seconds) == text


def test_a_delivery_is_fit_for_json(shop: Shop) -> None:
    shop.purchases.ship(shop.parcel, reference="1001")
    shown = command.as_dict(shop.purchases.delivered("1001"))
    at = datetime.fromisoformat(json.loads(json.dumps(shown))["delivered_at"])
    assert at.tzinfo is not None
    assert Decimal(shown["charge"]["amount"]) == Decimal("3.75")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "Give --journal FILE, or --database URL."),
        (
            ("--journal", "shop.db", "--database", "postgresql://shop@db.example/shop"),
            "Give --journal FILE or --database URL, not both.",
        ),
        (
            ("--database", "postgresql://shop:hidden@db.example/shop"),
            "the URL of the database holds a password, which other users of this machine can see",
        ),
    ],
)
@pytest.mark.usefixtures("shop")
def test_one_journal_is_named(words: tuple[str, ...], text: str) -> None:
    result = CliRunner().invoke(app, ["unsettled", "--seller", SELLER, *words])
    assert result.exit_code == 2
    assert text in flat(result)
    assert "hidden" not in result.output


@pytest.mark.usefixtures("shop")
def test_a_journal_in_a_database_is_not_a_file_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_MACHINES", "2")
    monkeypatch.setenv("SPSHIPPING_REDIS_URL", "redis://127.0.0.1:1/0")
    for words in (("--database", "postgresql://shop@127.0.0.1:1/shop"), ()):
        result = CliRunner().invoke(app, ["unsettled", "--seller", SELLER, *words])
        assert result.exit_code == 1, result.output
        assert "the database cannot be reached" in flat(result)
        monkeypatch.setenv("SPSHIPPING_POSTGRES_URL", "postgresql://shop@127.0.0.1:1/other")
