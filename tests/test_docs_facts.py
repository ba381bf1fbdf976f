"""D13: what the pages say of operations in their sentences is what the table of operations says."""

import ast
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from spshipping import notifications, operations, shipping
from spshipping.applications import ROTATE_APPLICATION_CLIENT_SECRET
from spshipping.operation import Effect, Operation
from spshipping.orders import v0, v2026_01_01
from spshipping.regions import Marketplace
from spshipping.sellers import GET_MARKETPLACE_PARTICIPATIONS
from tests.test_docs import PAGES, PROJECT, ROOT, blocks, name_of, text_of

Operations = list[Operation[Any]]

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = dict(enumerate(_WORDS))


def of(package: Any) -> Operations:
    """Return the operations that a package exports."""
    return [value for value in map(package.__dict__.get, package.__all__) if isinstance(value, Operation)]


def names(found: Iterable[Operation[Any]]) -> set[str]:
    return {operation.name for operation in found}


def without_seller(found: Iterable[Operation[Any]]) -> set[str]:
    return names(operation for operation in found if operation.scope)


OF_DESTINATIONS = {name for name in names(of(notifications)) if "Destination" in name}
OF_IDS = {"getSubscriptionById", "deleteSubscriptionById"}

STATEMENTS: list[tuple[str, str, Callable[[], bool]]] = [
    ("README.md", f"[{len(operations())} operations](docs/operations.md)", lambda: True),
    (
        "docs/auth.md",
        "**Amazon Shipping v2 needs none**, its `getShipmentDocuments` included",
        lambda: all(operation.restricted is None for operation in of(shipping)),
    ),
    (
        "docs/auth.md",
        "One call a minute is allowed, without a seller and without a refresh token.",
        lambda: (
            round(1 / ROTATE_APPLICATION_CLIENT_SECRET.quota.rate) == 60
            and ROTATE_APPLICATION_CLIENT_SECRET.quota.burst == 1
            and bool(ROTATE_APPLICATION_CLIENT_SECRET.scope)
        ),
    ),
    (
        "docs/auth.md",
        "It is not repeated by itself.",
        lambda: ROTATE_APPLICATION_CLIENT_SECRET.effect is Effect.ONCE,
    ),
    (
        "docs/auth.md",
        "acts for a seller or vendor, as nearly all do",
        lambda: len(without_seller(operations())) * 3 < len(operations()),
    ),
    (
        "docs/orders.md",
        f"{NUMBERS[sum(bool(each.deprecated) for each in of(v0))].capitalize()} operations of the older one,"
        " Orders v0, end on 27 March 2027.",
        lambda: not any(each.deprecated for each in operations() if each not in of(v0)),
    ),
    (
        "docs/orders.md",
        f"The {NUMBERS[sum(bool(each.deprecated) for each in of(v0))]} operations of v0 that",
        lambda: True,
    ),
    (
        "docs/orders.md",
        "on 2026-01-01 it selects datasets, and the roles decide",
        lambda: all(each.restricted is None and len(each.roles) > 1 for each in of(v2026_01_01)),
    ),
    (
        "docs/orders.md",
        "Amazon allows 20 searches in a row and then one in three minutes",
        lambda: (
            v2026_01_01.SEARCH_ORDERS.quota.burst == 20
            and round(1 / v2026_01_01.SEARCH_ORDERS.quota.rate / 60) == 3
        ),
    ),
    (
        "docs/orders.md",
        "a getOrder for each: 30 at once, then one in two seconds",
        lambda: v2026_01_01.GET_ORDER.quota == v0.GET_ORDER.quota and v0.GET_ORDER.quota.burst == 30,
    ),
    ("docs/notifications.md", f"The {NUMBERS[len(of(notifications))]} operations are methods", lambda: True),
    ("docs/sandbox.md", f"All {NUMBERS[len(of(notifications))]} operations are implemented", lambda: True),
    (
        "docs/notifications.md",
        "Those about destinations, those by the id of a subscription, and the test notification act",
        lambda: without_seller(of(notifications)) == OF_DESTINATIONS | OF_IDS | {"sendTestNotification"},
    ),
    (
        "docs/money.md",
        "`purchase_shipment`, `direct_purchase_shipment` and `generate_collection_form` carry an idempotency"
        " key.",
        lambda: (
            names(each for each in operations() if each.effect is Effect.KEYED)
            == {"purchaseShipment", "directPurchaseShipment", "generateCollectionForm"}
        ),
    ),
    (
        "docs/money.md",
        "`one_click_shipment` quotes and buys in one request, and has **no key**.",
        lambda: (
            names(each for each in of(shipping) if each.effect is Effect.ONCE and not each.key_header)
            == {"oneClickShipment", "linkCarrierAccount", "submitNdrFeedback"}  # the others buy nothing
        ),
    ),
    (
        "docs/getting-access.md",
        "| where the seller sells (`client.sellers`) | Product Listing, or Selling Partner Insights |",
        lambda: GET_MARKETPLACE_PARTICIPATIONS.roles == ("Product Listing", "Selling Partner Insights"),
    ),
    (
        "docs/getting-access.md",
        "| Amazon Shipping, for Amazon's orders and others | Direct-to-Consumer Shipping (Restricted) |",
        lambda: all("Direct-to-Consumer Shipping (Restricted)" in each.roles for each in of(shipping)),
    ),
    (
        "docs/getting-access.md",
        "| Amazon Shipping, only for orders from elsewhere | Amazon Logistics |",
        lambda: all("Amazon Logistics" in each.roles for each in of(shipping)),
    ),
    ("docs/getting-access.md", f"each of the {len(Marketplace)}.", lambda: True),
]


@pytest.mark.parametrize(
    ("page", "sentence", "is_true"), STATEMENTS, ids=[f"{page}: {text[:40]}" for page, text, _ in STATEMENTS]
)
def test_d13_a_sentence_about_operations_is_what_the_table_says(
    page: str, sentence: str, is_true: Callable[[], bool]
) -> None:
    assert sentence in " ".join(text_of(ROOT / page).split()), "the page says something else: change both"
    assert is_true()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_d13_no_page_says_what_no_table_holds(page: Path) -> None:
    """Sentences such as `no other operation is restricted` are wrong as soon as one is added."""
    prose = " ".join(text_of(page).split())
    assert (
        re.findall(r"(?i)\b(?:no other|no further|the only) operations? (?:is|are|has|have)\b", prose) == []
    )


def written_paths(text: str) -> list[str]:
    """Return the arguments of `save` and of `write_...` in a program that are made of values."""
    calls = [
        (node.func, node.args[0] if node.args else None)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    places = [place for func, place in calls if func.attr == "save" and place is not None]
    places += [func.value for func, _ in calls if func.attr in ("write_bytes", "write_text", "open")]
    return [
        ast.unparse(place)
        for place in places
        if any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in ast.walk(place))
    ]


def programs() -> Iterable[tuple[str, str]]:
    for page in PAGES:
        yield from ((name_of(page), block.text) for block in blocks(page) if block.language == "python")
    for folder in ("examples", "src/spshipping/cli"):
        for path in sorted((ROOT / folder).glob("*.py")):
            yield name_of(path), text_of(path)


def test_d14_no_example_makes_a_path_of_an_answer() -> None:
    assert written_paths("label.save(Path(f'{tracking_id}.pdf'))") == ["Path(f'{tracking_id}.pdf')"]
    assert written_paths("(folder / name).write_bytes(label.data)") == ["folder / name"]
    assert [(name, path) for name, text in programs() for path in written_paths(text)] == []


def test_g4_the_readme_names_every_extra() -> None:
    extras = set(PROJECT["project"]["optional-dependencies"]) - {"bench", "dev", "foreign", "tools"}
    install = text_of(ROOT / "README.md").split("## Install")[1].split("\n## ")[0]
    named = {extra for found in re.findall(r"spshipping\[([\w,-]+)\]", install) for extra in found.split(",")}
    assert named == extras
    assert "spshipping authorize" in install


def test_g4_all_is_what_most_people_want_and_nothing_that_is_heavy() -> None:
    (everything,) = PROJECT["project"]["optional-dependencies"]["all"]
    extras = set(re.findall(r"[\w-]+", everything.split("[")[1]))
    assert extras >= {"cli", "sandbox", "settings", "store"}
    assert not extras & {"pandas", "polars", "vendor-tools", "testing", "dev"}
