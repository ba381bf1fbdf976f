"""Mapping tables: read with exact errors, written back, and applied to purchase orders."""

import copy
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping import ConfigurationError, from_dict
from spshipping.vendor.orders import (
    ConfirmationStatus,
    Order,
    OrderAcknowledgement,
    OrderStatus,
    PaymentMethod,
    PurchaseOrderState,
    PurchaseOrderStatus,
    ReceiveStatus,
    RejectionReason,
)
from spshipping.vendor.sync import ImportedOrder
from spshipping.vendor.sync.imported import ImportReason
from spshipping.vendor.tools.mappings import (
    STARTER,
    CreditKind,
    FulfilmentCentre,
    FulfilmentCentres,
    MappedAddress,
    Mappings,
    Met,
    Rules,
    StatusTable,
    StatusVocabulary,
    Table,
    Unmapped,
    describe,
    met,
)
from spshipping.wire.enums import OpenEnum
from tests.unit.vendor.build import NUMBER, line, purchase_order, status, status_line

ADDRESS = {
    "name": "Amazon PHX3",
    "addressLine1": "6835 West Buckeye Road",
    "addressLine2": " ",
    "addressLine3": "Dock 4",
    "city": "Phoenix",
    "stateOrRegion": "AZ",
    "postalCode": "85043",
    "countryCode": "US",
}


def plain(**tables: Any) -> dict[str, Any]:
    """Make complete tables, as TOML has them."""
    return {
        "currency": "USD",
        "order_status": {
            "vocabulary": "purchaseOrderState",
            "default": "check",
            "New": "open",
            "Acknowledged": "in progress",
            "Closed": "done",
        },
        "payment_status": {"default": "unpaid", "Closed": "paid"},
        "ship_to": {"default": "MAIN", "PHX3": "W-7"},
        "credit_reason": {
            "default": "other",
            "ObsoleteProduct": "discontinued",
            "Rejected": "rejected",
            "Cancelled": "cancelled",
        },
        "payment_type": {"default": "invoice", "Consignment": "consignment"},
        "tax_rate": {"default": 0, "US": Decimal("8.25"), "UK": "20"},
        **tables,
    }


def imported(order: dict[str, Any], state: dict[str, Any] | None = None) -> ImportedOrder:
    found = None if state is None else from_dict(state, OrderStatus)
    return ImportedOrder(from_dict(order, Order), found, ImportReason.NEW)


def mapped(order: dict[str, Any], state: dict[str, Any] | None = None, **tables: Any) -> Any:
    return Mappings.from_dict(plain(**tables)).order(imported(order, state), marketplace="US")


def test_tables_are_what_toml_and_json_say_and_both_give_them_back() -> None:
    made = Mappings.from_dict(plain(line_status={"vocabulary": "receiveStatus", "default": "-"}))
    assert made.order_status.vocabulary is StatusVocabulary.ORDER_STATE
    assert made.ship_to.of(" PHX3 ") == ("W-7", True)
    assert made.tax_rate.rules == {"US": Decimal("8.25"), "UK": Decimal(20)}
    assert Mappings.from_toml(made.to_toml()) == made
    assert Mappings.from_json(made.to_json()) == made
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made
    assert hash(Mappings.from_json(made.to_json())) == hash(made)
    assert "W-7" in repr(made)


def test_a_file_is_read_by_its_name(tmp_path: Path) -> None:
    made = Mappings.from_dict(plain())
    for name, text in (("m.toml", made.to_toml()), ("m.JSON", "\ufeff" + made.to_json())):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        assert Mappings.load(path) == made


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"cannot be read \(No such file"),
        (b"\xff", "is not UTF-8"),
        (b"a = ", "is no TOML: "),
        (b"currency = 1", "currency: must be three capital letters"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "m.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=message) as caught:
        Mappings.load(path)
    assert str(caught.value).startswith(str(path))


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="mappings: is no JSON"):
        Mappings.from_json("{")
    with pytest.raises(ConfigurationError, match="must be a table of tables"):
        Mappings.from_json("[]")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"currency": None}, "currency: is missing: the shop's own, such as EUR"),
        ({"currency": "usd"}, "currency: must be three capital letters, such as EUR"),
        ({"currency": "ÄÖÜ"}, "currency: must be three capital letters, such as EUR"),
        ({"ship_too": {}}, "ship_too: is no table of these: is ship_to meant?"),
        ({"z\n": {}}, "z\\n: is no table of these"),
        ({"zz": {}}, "zz: is no table of these; known are currency, order_status, payment_status"),
        ({"ship_to": None}, "ship_to: is missing: a table with a default, and rules"),
        ({"ship_to": "W-1"}, "ship_to: must be a table"),
        ({"ship_to": {}}, "ship_to.default: is missing"),
        ({"ship_to": {"defualt": "x"}}, "ship_to.default: is missing: is defualt meant to be it?"),
        ({"ship_to": {"default": " "}}, "ship_to.default: must be text that is not empty"),
        ({"ship_to": {"default": "x", "PHX3": 7}}, "ship_to.PHX3: must be text that is not empty"),
        (
            {"ship_to": {"default": "x", "vocabulary": "partyId"}},
            "ship_to.vocabulary: is for order_status and line_status only",
        ),
        (
            {"order_status": {"default": "x"}},
            "order_status.vocabulary: must be one of purchaseOrderState, purchaseOrderStatus",
        ),
        (
            {"order_status": {"default": "x", "vocabulary": "receiveStatus"}},
            "order_status.vocabulary: must be one of purchaseOrderState, purchaseOrderStatus",
        ),
        (
            {"line_status": {"default": "x", "vocabulary": "purchaseOrderState"}},
            "line_status.vocabulary: must be one of confirmationStatus, receiveStatus",
        ),
        *(
            (
                {"tax_rate": {"default": 0, "US": rate}},
                "tax_rate.US: must be a percentage from 0 to 100, such as 8.25",
            )
            for rate in ("x", -1, Decimal("100.01"), "NaN", True, None)
        ),
    ],
)
def test_every_fault_names_its_table_and_key(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Mappings.from_dict(plain(**tables), source="m.toml")
    assert str(caught.value).startswith(f"m.toml: {message}")


def test_all_faults_are_told_at_once_up_to_a_number() -> None:
    rates = {f"X{number}": "no" for number in range(25)}
    with pytest.raises(ConfigurationError) as caught:
        Mappings.from_dict(plain(currency=1, tax_rate={"default": 0, **rates}))
    assert str(caught.value).count("percentage") == 19
    assert str(caught.value).endswith("; and 6 more")


def test_tables_that_are_made_in_code_are_checked_too() -> None:
    made = Mappings.from_dict(plain())
    table = Table[str](default="x")
    parts = {name: getattr(made, name) for name in ("order_status", "credit_reason", "payment_type")}
    with pytest.raises(ConfigurationError, match="currency: must be three"):
        Mappings(currency="$", ship_to=table, payment_status=table, tax_rate=made.tax_rate, **parts)
    assert table.rules == Rules({})
    assert table.of("anything") == ("x", False)


def test_the_values_that_must_be_covered_are_those_of_the_models() -> None:
    known: dict[StatusVocabulary, type[OpenEnum]] = {
        StatusVocabulary.ORDER_STATE: PurchaseOrderState,
        StatusVocabulary.ORDER_STATUS: PurchaseOrderStatus,
        StatusVocabulary.LINE_CONFIRMATION: ConfirmationStatus,
        StatusVocabulary.LINE_RECEIPT: ReceiveStatus,
    }
    assert {each: set(each.values) for each in StatusVocabulary} == {
        each: {str(member) for member in enum} for each, enum in known.items()
    }
    described = {each["name"]: each for each in describe()}
    assert set(described["payment_type"]["values"]) == {method.value for method in PaymentMethod}
    assert {reason.value for reason in RejectionReason} <= set(described["credit_reason"]["values"])
    assert len(described["tax_rate"]["values"]) == 23
    assert list(described["line_status"]["vocabularies"]) == ["confirmationStatus", "receiveStatus"]


def test_gaps_name_what_is_not_covered_and_what_amazon_does_not_have() -> None:
    status_table = {"vocabulary": "purchaseOrderStatus", "default": "x", "OPEN": "o", "Closed": "c"}
    made = Mappings.from_dict(
        plain(order_status=status_table, line_status={"vocabulary": "receiveStatus", "default": "-"})
    )
    found = [str(gap) for gap in made.gaps(marketplaces=["GB", "US", "DE"], centres=["PHX3", "XMI3"])]
    assert found == [
        "order_status: CLOSED is not covered",
        "order_status: Closed is not known",
        "payment_status: OPEN is not covered",
        "payment_status: CLOSED is not covered",
        "payment_status: Closed is not known",
        "line_status: NOT_RECEIVED is not covered",
        "line_status: PARTIALLY_RECEIVED is not covered",
        "line_status: RECEIVED is not covered",
        "ship_to: XMI3 is not covered",
        "credit_reason: TemporarilyUnavailable is not covered",
        "credit_reason: InvalidProductIdentifier is not covered",
        "payment_type: Invoice is not covered",
        "payment_type: CreditCard is not covered",
        "payment_type: Prepaid is not covered",
        "tax_rate: DE is not covered",
    ]
    slip = Mappings.from_dict(plain(payment_type={"default": "x", "Invocie": "y"})).gaps()
    assert "payment_type: Invocie is not known; is Invoice meant?" in map(str, slip)


def test_an_order_carries_reference_and_both_statuses() -> None:
    found = mapped(purchase_order(paymentMethod="Consignment", dealCode="D-1"))
    assert (found.number, found.vendor_code, found.deal_code) == (NUMBER, "ABCD1", "D-1")
    assert (found.amazon_status, found.main_status, found.payment_status) == ("New", "open", "unpaid")
    assert (found.ship_to_party, found.ship_to_party_ref, found.ship_to) == ("PHX3", "W-7", None)
    assert (found.payment_type, found.tax_rate, found.currency) == ("consignment", Decimal("8.25"), "USD")
    assert found.unmapped == (Unmapped("payment_status", "New"),)
    (only,) = found.lines
    assert (only.number, only.quantity, only.unit, only.unit_size) == ("1", 10, "Cases", 6)
    assert (only.price, only.currency, only.is_foreign, only.status) == (
        Decimal("346.27"),
        "USD",
        False,
        None,
    )
    assert found.foreign_currencies == found.credits == ()


def test_the_payment_status_follows_the_one_status_of_amazons() -> None:
    found = mapped(purchase_order(state="Closed"))
    assert (found.main_status, found.payment_status) == ("done", "paid")


def test_the_other_vocabulary_is_read_from_the_state_of_the_order() -> None:
    table = {"vocabulary": "purchaseOrderStatus", "default": "?", "OPEN": "o"}
    assert mapped(purchase_order(state="Closed"), status(), order_status=table).main_status == "o"
    without = mapped(purchase_order(), order_status=table)
    assert (without.amazon_status, without.main_status) == (None, "?")
    assert [str(each) for each in without.unmapped] == [
        "order_status: nothing was told",
        "payment_status: nothing was told",
        "payment_type: nothing was told",
    ]


@pytest.mark.parametrize(
    ("vocabulary", "of_line", "wanted"),
    [
        ("confirmationStatus", status_line(), "yes"),
        ("confirmationStatus", status_line(confirmed=None), "-"),
        ("receiveStatus", status_line(received="RECEIVED"), "in"),
        ("receiveStatus", status_line(received=None), "-"),
        ("receiveStatus", None, "-"),
    ],
)
def test_a_line_has_the_status_of_its_own_vocabulary(
    vocabulary: str, of_line: dict[str, Any] | None, wanted: str
) -> None:
    table = {"vocabulary": vocabulary, "default": "-", "ACCEPTED": "yes", "RECEIVED": "in"}
    state = None if of_line is None else status(itemStatus=[of_line])
    found = mapped(purchase_order(paymentMethod="Consignment"), state, line_status=table)
    assert found.lines[0].status == wanted
    missing = Unmapped("line_status", None, "line 1")
    assert (missing in found.unmapped) is (wanted == "-")


def test_another_currency_is_flagged_and_not_converted() -> None:
    euro = {**line("2"), "netCost": {"currencyCode": "EUR", "amount": "10.00"}}
    free = {key: value for key, value in line("3").items() if key != "netCost"}
    pound = {**line("4"), "netCost": {"currencyCode": "USD", "amount": "3.50", "unitOfMeasure": "POUNDS"}}
    found = mapped(purchase_order(items=[line(), euro, free, euro, pound]))
    assert [each.price_unit for each in found.lines] == [None, None, None, None, "POUNDS"]
    assert found.foreign_currencies == ("EUR",)
    assert [(each.price, each.is_foreign) for each in found.lines] == [
        (Decimal("346.27"), False),
        (Decimal("10.00"), True),
        (None, False),
        (Decimal("10.00"), True),
        (Decimal("3.50"), False),
    ]


def test_rejections_of_the_answers_have_their_reasons() -> None:
    answers = from_dict(
        {
            "purchaseOrderNumber": NUMBER,
            "sellingParty": {"partyId": "ABCD1"},
            "acknowledgementDate": "2026-02-20T16:00:00Z",
            "items": [
                {
                    "itemSequenceNumber": number,
                    "orderedQuantity": {"amount": 10},
                    "itemAcknowledgements": [
                        {"acknowledgementCode": "Accepted", "acknowledgedQuantity": {"amount": 3}},
                        {
                            "acknowledgementCode": "Rejected",
                            "acknowledgedQuantity": {"amount": 5},
                            "rejectionReason": "ObsoleteProduct",
                        },
                        {"acknowledgementCode": "Rejected", "acknowledgedQuantity": {"amount": 2}},
                    ],
                }
                for number in ("00001", "2")
            ],
        },
        OrderAcknowledgement,
    )
    found = Mappings.from_dict(plain()).order(imported(purchase_order()), marketplace="US", answers=answers)
    assert [
        (each.line, each.kind, each.quantity, each.amazon_reason, each.reason) for each in found.credits
    ] == [
        ("1", CreditKind.REJECTED, 5, "ObsoleteProduct", "discontinued"),
        ("1", CreditKind.REJECTED, 2, "Rejected", "rejected"),
    ]


def test_without_the_answers_amazons_state_says_what_was_rejected_and_cancelled() -> None:
    state = status(
        itemStatus=[
            {
                **status_line(confirmed=None),
                "acknowledgementStatus": {"rejectedQuantity": {"amount": 4}},
                "orderedQuantity": {
                    "orderedQuantityDetails": [
                        {"cancelledQuantity": {"amount": 2}},
                        {"orderedQuantity": {"amount": 12}},
                    ]
                },
            }
        ]
    )
    found = mapped(purchase_order(items=[line(), line("2", 0)]), state)
    assert [(each.line, each.kind, each.quantity, each.reason) for each in found.credits] == [
        ("1", CreditKind.REJECTED, 4, "rejected"),
        ("1", CreditKind.CANCELLED, 2, "cancelled"),
        ("2", CreditKind.CANCELLED, None, "cancelled"),
    ]
    assert mapped(purchase_order(), status()).credits == ()
    no_details = status(itemStatus=[{**status_line(), "orderedQuantity": {}}])
    assert mapped(purchase_order(), no_details).credits == ()


def test_name_and_street_are_one_field_each_and_in_no_repr() -> None:
    found = mapped(purchase_order(shipToParty={"partyId": "PHX3", "address": ADDRESS}))
    assert found.ship_to == MappedAddress(
        name="Amazon PHX3",
        street="6835 West Buckeye Road, Dock 4",
        postal_code="85043",
        city="Phoenix",
        state="AZ",
        country_code="US",
    )
    assert not {"6835", "85043", "Phoenix"} & set(repr(found).replace("'", " ").split())


def test_an_empty_address_has_no_street() -> None:
    found = mapped(purchase_order(shipToParty={"partyId": "PHX3", "address": {"city": "Phoenix"}}))
    assert (found.ship_to.name, found.ship_to.street, found.ship_to.city) == (None, None, "Phoenix")


def test_an_order_without_details_is_mapped_as_far_as_it_goes() -> None:
    found = mapped({"purchaseOrderNumber": f" {NUMBER}"})
    assert (found.number, found.ordered_at, found.lines) == (NUMBER, None, ())
    assert (found.main_status, found.ship_to_party_ref, found.payment_type) == ("check", "MAIN", "invoice")


def test_a_mapped_order_is_json() -> None:
    order = purchase_order(shipToParty={"partyId": "PHX3", "address": ADDRESS}, items=[line("1", 0)])
    found = mapped(order).to_dict()
    assert found["ordered_at"] == "2026-02-20T15:51:00+00:00"
    assert found["tax_rate"] == "8.25"
    assert found["ship_to"]["street"] == "6835 West Buckeye Road, Dock 4"
    assert found["credits"][0]["kind"] == "cancelled"
    assert found["unmapped"][0] == {"table": "payment_status", "value": "New", "where": ""}


def test_what_no_rule_covers_is_counted_the_most_frequent_first() -> None:
    orders = [mapped(purchase_order(f"2JK3S9V{number}", "Odd")) for number in range(3)]
    other = mapped(purchase_order("2JK3S9VX", shipToParty={"partyId": "XMI3"}))
    found = met([*orders, other])
    assert found[0] == Met("payment_type", None, 4, "2JK3S9V0")
    assert Met("order_status", "Odd", 3, "2JK3S9V0") in found
    assert found[-1] == Met("ship_to", "XMI3", 1, "2JK3S9VX")
    assert str(Unmapped("line_status", "Odd", "line 3")) == "line 3, line_status: 'Odd'"


@pytest.mark.long
@given(st.dictionaries(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip)))
def test_any_rules_come_back_as_they_were(rules: dict[str, str]) -> None:
    rules = {key: value for key, value in rules.items() if key != "default" and key.isprintable()}
    made = Mappings.from_dict(plain(ship_to={"default": "x", **rules}))
    assert Mappings.from_json(made.to_json()).ship_to.rules == rules
    assert Mappings.from_toml(made.to_toml()).ship_to.rules == rules


def test_fulfilment_centres_begin_with_codes_that_have_a_source() -> None:
    centres = FulfilmentCentres()
    assert set(centres) == set(STARTER)
    assert all("https://" in centre.source and centre.address is None for centre in centres.values())


def order(**details: Any) -> Order:
    return from_dict(purchase_order(**details), Order)


def test_fulfilment_centres_are_learned_from_orders() -> None:
    before = FulfilmentCentres()
    centres = before.learn(
        [
            order(),
            order(shipToParty={"partyId": "XMI3", "address": ADDRESS}),
            order(shipToParty={"partyId": "XMI3"}),
            order(shipToParty=None),
            order(shipToParty={"partyId": " "}),
            from_dict({"purchaseOrderNumber": NUMBER}, Order),
        ]
    )
    assert "XMI3" not in before
    assert centres["PHX3"] == FulfilmentCentre(code="PHX3", source=f"purchase order {NUMBER}")
    assert centres["XMI3"].address is not None
    assert len(centres) == len(before) + 1
    assert "Buckeye" not in repr(centres)
    assert FulfilmentCentres.from_json(centres.to_json()) == centres


def test_a_learned_address_stands_in_where_an_order_shows_none() -> None:
    centres = FulfilmentCentres([]).learn([order(shipToParty={"partyId": "PHX3", "address": ADDRESS})])
    tables = Mappings.from_dict(plain())
    found = tables.order(imported(purchase_order()), marketplace="US", centres=centres)
    assert found.ship_to is not None
    assert found.ship_to.city == "Phoenix"
    elsewhere = imported(purchase_order(shipToParty={"partyId": "XMI3"}))
    assert tables.order(elsewhere, marketplace="US", centres=centres).ship_to is None


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 2}', '{"version": 1, "centres": [{}]}', "7"])
def test_centres_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="no fulfilment centres as to_json"):
        FulfilmentCentres.from_json(text)


def test_an_unknown_marketplace_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no marketplace"):
        Mappings.from_dict(plain()).order(imported(purchase_order()), marketplace="XX")


def test_a_status_table_says_what_it_maps() -> None:
    assert StatusVocabulary.LINE_RECEIPT.is_of_line
    assert not StatusVocabulary.ORDER_STATE.is_of_line
    table = StatusTable(vocabulary=StatusVocabulary.ORDER_STATE, default="x", rules={"New": "n"})
    assert list(table.rules) == ["New"]
    assert table.of(None) == ("x", False)


@pytest.mark.parametrize("rate", ["'8_2'", "'1e1'", "'\u0668'", "'-0'", "''", "1979-05-27"])
def test_a_rate_is_written_in_plain_digits(rate: str) -> None:
    with pytest.raises(ConfigurationError, match=r"tax_rate.default: must be a percentage"):
        Mappings.from_toml(f"[tax_rate]\ndefault = {rate}\n")


def test_text_that_nests_too_deep_is_no_toml() -> None:
    with pytest.raises(ConfigurationError, match=r"m\.toml: is no TOML: it nests too deep"):
        Mappings.from_toml(f"a = {'[' * 100_000}", source="m.toml")
