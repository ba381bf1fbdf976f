"""A client as it is usually written, on bare requests: it shows that the search finds what leaks."""

import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

import requests

_logger = logging.getLogger("naive")


@dataclasses.dataclass
class NaiveConfig:
    """What a careless client keeps."""

    endpoint: str
    token_url: str
    client_id: str
    client_secret: str
    refresh_token: str


class NaiveClient:
    """Signs in and asks, without a thought about what shows."""

    def __init__(self, config: NaiveConfig) -> None:
        self.config = config
        self.session = requests.Session()

    def sign_in(self) -> None:
        """Put an access token into the session."""
        form = {
            "grant_type": "refresh_token",
            "client_id": self.config.client_id,
            "client_secret": self.config.client_secret,
            "refresh_token": self.config.refresh_token,
        }
        answer = self.session.post(self.config.token_url, data=form, timeout=5)
        answer.raise_for_status()
        self.session.headers["x-amz-access-token"] = answer.json()["access_token"]

    def get_rates(self, order: dict[str, Any]) -> Any:
        """Ask for rates, and keep what was asked."""
        url = f"{self.config.endpoint}/shipping/v2/shipments/rates"
        _logger.debug("POST %s %s", url, order)
        Path("last-request.json").write_text(str(order), encoding="utf-8")
        answer = self.session.post(url, json=order, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def find_orders(self, email: str) -> Any:
        """Ask who ordered, by their e-mail."""
        url = f"{self.config.endpoint}/orders/v0/orders"
        query = {
            "MarketplaceIds": "A33AVAJ2PDY3EV",
            "CreatedAfter": "2020-01-01T00:00:00Z",
            "BuyerEmail": email,
        }
        answer = self.session.get(url, params=query, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def search_orders(self) -> Any:
        """Ask for all orders, and note how far this came."""
        url = f"{self.config.endpoint}/orders/2026-01-01/orders"
        query = {"createdAfter": "2020-01-01T00:00:00Z", "includedData": "BUYER,RECIPIENT,FULFILLMENT,TAX"}
        self.last = self.session.get(url, params=query, timeout=5).json()
        Path("checkpoint.json").write_text(json.dumps(self.last), encoding="utf-8")
        for order in self.last["orders"]:
            print("synced", order)  # noqa: T201 - careless
        return self.last["orders"]
