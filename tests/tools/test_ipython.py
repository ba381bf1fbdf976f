"""Jupyter shows what IPython's own formatter makes of a model: tables, and nothing personal."""

import pytest
from IPython.core.formatters import DisplayFormatter

from spshipping.orders import AmazonOrder, AmazonOrderItem, BuyerInfo
from spshipping.sandbox import Sandbox, example_order

pytestmark = pytest.mark.tools


def test_a_quote_is_a_table_and_one_line_of_text() -> None:
    with Sandbox() as sandbox, sandbox.client() as client:
        quote = client.shipping.get_rates(example_order())
    shown, metadata = DisplayFormatter().format(quote)
    assert set(shown) == {"text/plain", "text/html"}
    assert metadata == {}
    assert "<caption>rates</caption>" in shown["text/html"]
    assert shown["text/plain"] == repr(quote)


def test_nobody_is_shown_who_bought() -> None:
    order = AmazonOrder(
        amazon_order_id="1",
        buyer_info=BuyerInfo(buyer_name="Ada Example"),
        items=[AmazonOrderItem(order_item_id="1", title="Bowl")],
    )
    shown, _ = DisplayFormatter().format(order)
    assert "Bowl" in shown["text/html"]
    assert "Ada" not in shown["text/html"] + shown["text/plain"]
