"""A seller who speaks to the sandbox in plain HTTP, and what there is to ship."""

import base64
from typing import Any

import requests

from spshipping.sandbox import Sandbox

Json = dict[str, Any]
KEY = "x-amzn-IdempotencyKey"
BUSINESS = "x-amzn-shipping-business-id"


def address(country: str = "GB", **changes: Any) -> Json:
    """Return an address that is fit for a label."""
    return {
        "name": "Ada Lovelace",
        "addressLine1": "12 St James's Square",
        "addressLine2": "Flat 3",
        "city": "London",
        "stateOrRegion": "London",
        "postalCode": "SW1Y 4JH",
        "countryCode": country,
        **changes,
    }


def package(kilograms: float = 1.5, **changes: Any) -> Json:
    """Return a package of so many kilograms."""
    return {
        "weight": {"value": kilograms, "unit": "KILOGRAM"},
        "dimensions": {"length": 20, "width": 10, "height": 10, "unit": "CENTIMETER"},
        "insuredValue": {"value": 10, "unit": "GBP"},
        "packageClientReferenceId": "R-1",
        "items": [{"quantity": 2, "description": "Blue mug"}, {"quantity": 1}],
        **changes,
    }


def rates_request(**changes: Any) -> Json:
    """Return the body of a request for rates; what is changed to None is left out."""
    body = {
        "shipFrom": address(
            name="Charles Babbage", companyName="Engines Ltd", addressLine1="1 Dorset Street"
        ),
        "shipTo": address(),
        "packages": [package()],
        "channelDetails": {"channelType": "EXTERNAL"},
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def specification(format_: str = "PNG", **changes: Any) -> Json:
    """Return a document specification that every rate supports."""
    return {
        "format": format_,
        "size": {"width": 4, "length": 6, "unit": "INCH"},
        "dpi": 203,
        "pageLayout": "DEFAULT",
        "needFileJoining": False,
        "requestedDocumentTypes": ["LABEL"],
        **changes,
    }


class Shop:
    """One seller with an access token."""

    def __init__(self, sandbox: Sandbox, refresh_token: str | None = None) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False
        grant = {"grant_type": "refresh_token", **sandbox.credentials}
        if refresh_token:
            grant["refresh_token"] = refresh_token
        answer = self.session.post(sandbox.token_url, data=grant)
        assert answer.status_code == 200, answer.text
        self.session.headers["x-amz-access-token"] = answer.json()["access_token"]

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def call(self, method: str, path: str, **rest: Any) -> requests.Response:
        """Send one request to Amazon Shipping."""
        return self.session.request(method, f"{self.sandbox.url}/shipping/v2{path}", **rest)

    def rates(self, business: str | None = None, **changes: Any) -> requests.Response:
        """Ask for rates."""
        headers = {BUSINESS: business} if business else {}
        return self.call("POST", "/shipments/rates", json=rates_request(**changes), headers=headers)

    def quote(self, business: str | None = None, **changes: Any) -> Json:
        """Ask for rates, and have them."""
        found: Json = payload(self.rates(business, **changes))
        return found

    def purchase_request(self, quote: Json | None = None, **changes: Any) -> Json:
        """Return the body that buys the first rate of *quote*."""
        quote = quote or self.quote()
        return {
            "requestToken": quote["requestToken"],
            "rateId": quote["rates"][0]["rateId"],
            "requestedDocumentSpecification": specification(),
            **changes,
        }

    def purchase(self, body: Json, key: str | None = None) -> requests.Response:
        """Buy."""
        return self.call("POST", "/shipments", json=body, headers={KEY: key} if key else {})

    def bought(self, **changes: Any) -> Json:
        """Quote and buy, and have the shipment."""
        shipment: Json = payload(self.purchase(self.purchase_request(**changes)))
        return shipment

    def direct(self, key: str | None = None, **body: Any) -> requests.Response:
        """Buy directly."""
        return self.call("POST", "/shipments/directPurchase", json=body, headers={KEY: key} if key else {})

    def one_click(self, services: list[str], **changes: Any) -> requests.Response:
        """Buy with one click."""
        body = rates_request(
            labelSpecifications=specification(), serviceSelection={"serviceId": services}, **changes
        )
        return self.call("POST", "/oneClickShipment", json=body)

    def cancel(self, shipment_id: str) -> requests.Response:
        """Cancel."""
        return self.call("PUT", f"/shipments/{shipment_id}/cancel")

    def documents(self, shipment_id: str, reference: str = "R-1", **query: Any) -> requests.Response:
        """Ask for the documents again."""
        params = {"packageClientReferenceId": reference, **query}
        return self.call("GET", f"/shipments/{shipment_id}/documents", params=params)

    def tracking(self, tracking_id: str, carrier_id: str = "AMZN_UK") -> requests.Response:
        """Ask where a parcel is."""
        return self.call("GET", "/tracking", params={"trackingId": tracking_id, "carrierId": carrier_id})


def payload(answer: requests.Response) -> Any:
    """Return what a successful answer holds."""
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"payload"}
    return answer.json()["payload"]


def refusal(answer: requests.Response) -> tuple[int, str, str]:
    """Return status, code and text (message and details) of an answer in Amazon's form of refusal."""
    (entry,) = answer.json()["errors"]
    assert entry.keys() == {"code", "message", "details"}
    return answer.status_code, entry["code"], f"{entry['message']} {entry['details']}"


def files(detail: Json) -> list[bytes]:
    """Return the documents of a package as files."""
    return [base64.b64decode(document["contents"]) for document in detail["packageDocuments"]]
