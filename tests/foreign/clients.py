"""Other people's clients, unmodified, each behind one function: `python -m tests.foreign.clients NAME`.

What `spshipping sandbox --json` printed is the line on standard input; the report is a line of JSON. Only the
client at work is imported.
"""

import json
import re
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from tests.foreign.job import Job, Json, Lacking, Request, Send


def snake(name: str) -> str:
    """Return a name of Amazon's as these clients spell it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).replace("-", "_").lower()


def python_amazon_sp_api(facts: Json) -> Send:
    """Its addresses cannot be set; it takes proxies from the environment."""
    base, apis = import_module("sp_api.base"), import_module("sp_api.api")
    credentials = {
        "refresh_token": facts["refresh_token"],
        "lwa_app_id": facts["client_id"],
        "lwa_client_secret": facts["client_secret"],
    }
    business = import_module("sp_api.api.shipping.shipping_v2").AmznShippingBusiness
    classes = {
        "shipping": apis.ShippingV2,
        "sellers": apis.Sellers,
        "orders_v0": apis.OrdersV0,
        "orders_v2026_01_01": apis.OrdersV20260101,
        "tokens": apis.Tokens,
        "vendor_orders": apis.VendorOrders,
        "vendor_shipments": apis.VendorShipments,
        "vendor_transactions": apis.VendorTransactionStatus,
        "notifications": apis.Notifications,
    }
    names = {"getMarketplaceParticipations": "get_marketplace_participation"}

    def send(request: Request) -> Any:
        options = {"restricted_data_token": request.restricted_token} if request.restricted_token else {}
        if request.api == "shipping":  # without it, the business of the United States is meant
            options["amzn_shipping_business"] = business.UK
        api = classes[request.api](base.Marketplaces.UK, credentials=credentials, **options)
        method = getattr(api, names.get(request.operation, snake(request.operation)), None)
        # these two are sent with the seller's token, where Amazon takes only one without a seller
        if method is None or request.operation in ("getSubscriptionById", "deleteSubscriptionById"):
            raise Lacking
        given = {**request.query, **(request.body or {})}
        if request.operation == "createDestination":
            given = {"name": given["name"], "arn": given["resourceSpecification"]["sqs"]["arn"]}
        try:
            return method(*request.path, **given).payload
        finally:
            api.close()

    return send


def amzn_selling_partner(facts: Json) -> Send:
    """Its own HTTP client ignores the environment; one that is passed, as documented, does not."""
    package, http = import_module("amzn_selling_partner"), import_module("httpx2")
    operations = import_module("amzn_selling_partner.sdk.resources").OPERATIONS
    resources = {
        "shipping": "shipping_v2",
        "sellers": "sellers_v1",
        "tokens": "tokens_v2021_03_01",
        "vendor_orders": "vendor_orders_v1",
        "vendor_shipments": "vendor_shipments_v1",
        "vendor_transactions": "vendor_transaction_status_v1",
        "notifications": "notifications_v1",
    }
    client = package.SellingPartner(
        client_id=facts["client_id"],
        client_secret=facts["client_secret"],
        refresh_token=facts["refresh_token"],
        marketplace=package.Marketplace.UK,
        http_client=http.Client(),
    )

    def send(request: Request) -> Any:
        resource = resources.get(request.api, request.api)
        found = operations.get(f"{resource}.{request.operation}")
        if found is None:
            raise Lacking
        body = [] if request.body is None else [request.body]
        query = {snake(name): _listed(name, value) for name, value in request.query.items()}
        options = {"x_amzn_idempotency_key": request.key} if request.key else {}
        answer = getattr(getattr(client, resource), found[0])(*request.path, *body, **query, **options)
        return _opened(answer.model_dump(by_alias=True, mode="json", exclude_none=True) if answer else None)

    return send


def amzn_sp_api(facts: Json) -> Send:
    """Amazon's own SDK: it takes the addresses of the sandbox, and needs no proxy."""
    spapi = import_module("spapi")
    config = spapi.SPAPIConfig(facts["client_id"], facts["client_secret"], facts["refresh_token"])
    made = spapi.SPAPIClient(config, oauth_endpoint=facts["token_url"], endpoint=facts["endpoint"])
    classes = {
        "shipping": (spapi.ShippingApi,),
        "sellers": (spapi.SellersApi,),
        "orders_v0": (spapi.OrdersV0Api,),
        "orders_v2026_01_01": (spapi.SearchOrdersApi, spapi.GetOrderApi),
        "tokens": (spapi.TokensApi,),
        "vendor_orders": (spapi.VendorOrdersApi,),
        "vendor_shipments": (spapi.VendorShipmentApi,),
        "vendor_transactions": (spapi.VendorTransactionApi,),
    }

    def send(request: Request) -> Any:
        name = snake(request.operation)
        api = next((each for each in classes.get(request.api, ()) if hasattr(each, name)), None)
        # a client has one access token: none without a seller, and none for what is personal
        if api is None or request.restricted_token:
            raise Lacking
        query = {snake(name): _listed(name, value) for name, value in request.query.items()}
        options = {"x_amzn_idempotency_key": request.key} if request.key else {}
        body = [] if request.body is None else [request.body]
        answer = getattr(api(made.api_client), name)(*request.path, *body, **query, **options)
        return _opened(made.api_client.sanitize_for_serialization(answer))

    return send


def _listed(name: str, value: Any) -> Any:
    """Return a list where these clients want one: for names in the plural."""
    is_list = name[-1] == "s" or name == "includedData"
    return value.split(",") if is_list and isinstance(value, str) else value


def _opened(answer: Any) -> Any:
    return answer["payload"] if isinstance(answer, dict) and "payload" in answer else answer


CLIENTS: dict[str, Callable[[Json], Send]] = {
    "python-amazon-sp-api": python_amazon_sp_api,
    "amzn-selling-partner": amzn_selling_partner,
    "amzn-sp-api": amzn_sp_api,
}


if __name__ == "__main__":
    send = CLIENTS[sys.argv[1]](json.loads(sys.stdin.readline()))
    sys.stdout.write(json.dumps(Job(send).run()) + "\n")
