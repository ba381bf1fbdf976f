"""What is promised of each operation and stands in none of Amazon's Swagger files: one row each.

The laws in `operation_laws` compare everything else with Amazon's own description.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from spshipping.operation import DerivedKey, Operation, PagedOperation

_TRACKING = "Inventory and Order Tracking"
_CONSUMER = "Direct-to-Consumer Shipping (Restricted)"
_INVOICING = "Tax Invoicing (Restricted)"
_REMITTANCE = "Tax Remittance (Restricted)"
_FINANCE = "Finance and Accounting"
_INSIGHTS = "Selling Partner Insights"
_LISTING = "Product Listing"

_PEOPLE = ("buyerInfo", "shippingAddress", "buyerTaxInformation")
_BUSINESS = "x-amzn-shipping-business-id"
_NONE: Mapping[str, Any] = MappingProxyType({})
_EXPIRED = {"TOKEN_EXPIRED": "RateExpiredError"}
_SCOPE = "sellingpartnerapi::notifications"


class Pages(NamedTuple):
    """How the answers follow each other, by wire names; a dot leads into an object."""

    token: str
    items: str
    following: str


class Stated(NamedTuple):
    """What is promised of one operation. A field that is left out means none of it."""

    effect: str
    roles: frozenset[str] = frozenset()
    restricted: tuple[str, ...] | None = None
    scope: str | None = None
    pages: Pages | None = None
    key: str | tuple[str, ...] | None = None
    before: str | None = None
    after: str | None = None
    rules: str | None = None
    is_done: str | None = None
    errors: Mapping[str, str] = _NONE
    ends: str | None = None
    from_client: tuple[str, ...] = ()
    at_least_two_minutes_ago: tuple[str, ...] = ()
    personal_parameters: tuple[str, ...] = ()
    datasets: Mapping[str, Mapping[str, str]] = _NONE
    arguments: Mapping[str, str] = _NONE
    """The arguments of the facades that are not called as the parameter is."""


# https://developer-docs.amazon.com/amazon-shipping/docs/registration-and-onboarding
_SHIPPING = Stated(
    "NONE",
    frozenset({_CONSUMER, "Amazon Logistics"}),
    from_client=(_BUSINESS,),
    arguments={_BUSINESS: "business"},
)

_KEYED = {_BUSINESS: "business", "x-amzn-IdempotencyKey": "idempotency_key"}

_ENDS = "27 March 2027"
# https://developer-docs.amazon.com/sp-api/docs/get-order-information
_ORDERS_V0 = Stated("NONE", frozenset({_TRACKING, _CONSUMER, _REMITTANCE, _INVOICING}), ends=_ENDS)
_REPORTS_V0 = Stated("ONCE", frozenset({_TRACKING}))
# https://developer-docs.amazon.com/sp-api/docs/approve-or-reject-a-regulated-order
_REGULATED = Stated("NONE", frozenset({_CONSUMER}))

# https://developer-docs.amazon.com/sp-api/docs/get-orders-with-filtering-criteria
_ORDERS_2026 = Stated(
    "NONE",
    frozenset(
        {
            "Amazon Fulfillment",
            "Buyer Communication",
            "Buyer Solicitation",
            _FINANCE,
            _TRACKING,
            "Pricing",
            _LISTING,
            "Professional Services (Restricted)",
            _INSIGHTS,
            _CONSUMER,
            _INVOICING,
            _REMITTANCE,
        }
    ),
    datasets={
        "includedData": {"buyerInfo": "BUYER", "shippingAddress": "RECIPIENT", "buyerTaxInformation": "TAX"}
    },
)
# https://developer-docs.amazon.com/sp-api/docs/vendor-orders-api-v1-use-case-guide
_VENDOR = Stated("NONE", frozenset({"Amazon Fulfillment", _TRACKING}))
_OF_THE_APPLICATION = Stated("NONE", scope=_SCOPE)

STATED: dict[str, Stated] = {
    "POST /shipping/v2/shipments/rates": _SHIPPING._replace(after="stamp_received"),
    "POST /shipping/v2/shipments": _SHIPPING._replace(
        effect="KEYED",
        key=("requestToken", "rateId"),
        arguments=_KEYED,
        before="refuse_unfit",
        after="remember_bought",
        errors=_EXPIRED,
    ),
    "POST /shipping/v2/shipments/directPurchase": _SHIPPING._replace(
        effect="KEYED", key="random", arguments=_KEYED
    ),
    "POST /shipping/v2/oneClickShipment": _SHIPPING._replace(effect="ONCE"),
    "GET /shipping/v2/tracking": _SHIPPING,
    "GET /shipping/v2/shipments/{shipmentId}/documents": _SHIPPING,
    "PUT /shipping/v2/shipments/{shipmentId}/cancel": _SHIPPING._replace(
        effect="IDEMPOTENT",
        after="remember_cancelled",
        is_done="is_cancelled_before",
        errors={"already cancel": "ConflictError", "already been cancel": "ConflictError"},
    ),
    "GET /shipping/v2/shipments/additionalInputs/schema": _SHIPPING._replace(
        after="remember_schema", errors=_EXPIRED
    ),
    "GET /shipping/v2/carrierAccountFormInputs": _SHIPPING,
    "PUT /shipping/v2/carrierAccounts": _SHIPPING,
    "POST /shipping/v2/carrierAccounts/{carrierId}": _SHIPPING._replace(effect="ONCE"),
    "PUT /shipping/v2/carrierAccounts/{carrierId}": _SHIPPING._replace(effect="ONCE"),
    "PUT /shipping/v2/carrierAccounts/{carrierId}/unlink": _SHIPPING._replace(effect="IDEMPOTENT"),
    "PUT /shipping/v2/unmanifestedShipments": _SHIPPING,
    "POST /shipping/v2/collectionForms": _SHIPPING._replace(effect="KEYED", key="random", arguments=_KEYED),
    "PUT /shipping/v2/collectionForms/history": _SHIPPING,
    "GET /shipping/v2/collectionForms/{collectionFormId}": _SHIPPING,
    "GET /shipping/v2/accessPoints": _SHIPPING._replace(personal_parameters=("postalCode",)),
    "POST /shipping/v2/ndrFeedback": _SHIPPING._replace(effect="ONCE", before="refuse_incomplete"),
    "POST /shipping/v2/claims": _SHIPPING._replace(effect="IDEMPOTENT", is_done="is_existing_claim"),
    "GET /orders/v0/orders": _ORDERS_V0._replace(
        restricted=_PEOPLE,
        pages=Pages("NextToken", "Orders", "NextToken"),
        at_least_two_minutes_ago=("CreatedBefore", "LastUpdatedBefore"),
        personal_parameters=("BuyerEmail",),
    ),
    "GET /orders/v0/orders/{orderId}": _ORDERS_V0._replace(restricted=_PEOPLE),
    "GET /orders/v0/orders/{orderId}/buyerInfo": _ORDERS_V0._replace(restricted=()),
    "GET /orders/v0/orders/{orderId}/address": _ORDERS_V0._replace(restricted=()),
    "GET /orders/v0/orders/{orderId}/orderItems": _ORDERS_V0._replace(
        restricted=("buyerInfo",), pages=Pages("NextToken", "OrderItems", "NextToken")
    ),
    "GET /orders/v0/orders/{orderId}/orderItems/buyerInfo": _ORDERS_V0._replace(
        restricted=(), pages=Pages("NextToken", "OrderItems", "NextToken")
    ),
    "POST /orders/v0/orders/{orderId}/shipment": _REPORTS_V0,
    "POST /orders/v0/orders/{orderId}/shipmentConfirmation": _REPORTS_V0,
    "GET /orders/v0/orders/{orderId}/regulatedInfo": _REGULATED._replace(restricted=()),
    "PATCH /orders/v0/orders/{orderId}/regulatedInfo": _REGULATED._replace(effect="ONCE"),
    "GET /orders/2026-01-01/orders": _ORDERS_2026._replace(
        pages=Pages("paginationToken", "orders", "pagination.nextToken"),
        after="note_absent",
        rules="_check_span",
        at_least_two_minutes_ago=("createdBefore", "lastUpdatedBefore"),
    ),
    "GET /orders/2026-01-01/orders/{orderId}": _ORDERS_2026._replace(after="note_absent_of_one"),
    "GET /vendor/orders/v1/purchaseOrders": _VENDOR._replace(
        pages=Pages("nextToken", "orders", "pagination.nextToken"),
        after="keep_matching_orders",
        rules="_check_windows",
        arguments={"isPOChanged": "is_po_changed"},
    ),
    "GET /vendor/orders/v1/purchaseOrders/{purchaseOrderNumber}": _VENDOR,
    "POST /vendor/orders/v1/acknowledgements": _VENDOR._replace(effect="IDEMPOTENT"),
    "GET /vendor/orders/v1/purchaseOrdersStatus": _VENDOR._replace(
        pages=Pages("nextToken", "ordersStatus", "pagination.nextToken"),
        after="keep_matching_statuses",
        rules="_check_windows",
    ),
    "POST /vendor/shipping/v1/shipmentConfirmations": _VENDOR._replace(effect="ONCE"),
    "POST /vendor/shipping/v1/shipments": _VENDOR._replace(effect="IDEMPOTENT", before="refuse_incomplete"),
    "GET /vendor/shipping/v1/shipments": _VENDOR._replace(
        pages=Pages("nextToken", "shipments", "pagination.nextToken")
    ),
    "GET /vendor/shipping/v1/transportLabels": _VENDOR._replace(
        pages=Pages("nextToken", "transportLabels", "pagination.nextToken")
    ),
    "GET /vendor/transactions/v1/transactions/{transactionId}": _VENDOR,
    # https://developer-docs.amazon.com/sp-api/docs/sellers-api
    "GET /sellers/v1/marketplaceParticipations": Stated("NONE", frozenset({_LISTING, _INSIGHTS})),
    "GET /sellers/v1/account": Stated("NONE", frozenset({"Account Information Service Provider", _FINANCE})),
    # https://developer-docs.amazon.com/sp-api/docs/notifications-api-v1-use-case-guide
    "GET /notifications/v1/subscriptions": Stated(
        "NONE",
        pages=Pages("nextToken", "subscriptions", "nextToken"),
        arguments={"notificationTypes": "notification_type"},
    ),
    "GET /notifications/v1/subscriptions/{notificationType}": Stated("NONE"),
    "POST /notifications/v1/subscriptions/{notificationType}": Stated("ONCE"),
    "GET /notifications/v1/subscriptions/{notificationType}/{subscriptionId}": _OF_THE_APPLICATION,
    "DELETE /notifications/v1/subscriptions/{notificationType}/{subscriptionId}": (
        _OF_THE_APPLICATION._replace(effect="IDEMPOTENT")
    ),
    "POST /notifications/v1/subscriptions/{notificationType}/testNotification": (
        _OF_THE_APPLICATION._replace(effect="ONCE")
    ),
    "GET /notifications/v1/destinations": _OF_THE_APPLICATION,
    "POST /notifications/v1/destinations": _OF_THE_APPLICATION._replace(effect="ONCE"),
    "GET /notifications/v1/destinations/{destinationId}": _OF_THE_APPLICATION,
    "DELETE /notifications/v1/destinations/{destinationId}": _OF_THE_APPLICATION._replace(
        effect="IDEMPOTENT"
    ),
    # https://developer-docs.amazon.com/sp-api/docs/application-management-api-v2023-11-30-use-case-guide
    "POST /applications/2023-11-30/clientSecret": Stated(
        "ONCE", scope="sellingpartnerapi::client_credential:rotation"
    ),
    # https://developer-docs.amazon.com/sp-api/docs/tokens-api-use-case-guide
    "POST /tokens/2021-03-01/restrictedDataToken": Stated("NONE"),
}
"""By route."""


def _name(function: Any) -> str | None:
    return function.__name__ if function else None


def _key(operation: Operation[Any]) -> str | tuple[str, ...] | None:
    rule = operation.key
    return rule.names if isinstance(rule, DerivedKey) else rule.value if rule else None


def facts(operation: Operation[Any]) -> dict[str, Any]:
    """Return what the package says, fact by fact, beside the pages, which are tried."""
    parameters = (*operation.query, *operation.headers)
    return {
        "effect": operation.effect.name,
        "roles": frozenset(map(str, operation.roles)),
        "restricted": operation.restricted,
        "scope": operation.scope,
        "key": _key(operation),
        "before": _name(operation.before),
        "after": _name(operation.after),
        "rules": _name(operation.rules),
        "is_done": _name(operation.is_done),
        "errors": {code: cls.__name__ for code, cls in operation.errors.items()},
        "ends": _ENDS if _ENDS in (operation.deprecated or "") else operation.deprecated,
        "from_client": tuple(p.name for p in parameters if p.from_client),
        "at_least_two_minutes_ago": operation.before_names,
        "personal_parameters": tuple(p.name for p in parameters if p.is_personal),
        "datasets": {p.name: dict(p.datasets) for p in parameters if p.datasets is not None},
        "arguments": {p.name: p.python for p in parameters if p.python},
    }


def page(pages: Pages) -> dict[str, Any]:
    """Return an answer with one empty item, and the token `T` of the page that follows."""
    answer: dict[str, Any] = {}
    for path, value in ((pages.items, [{}]), (pages.following, "T")):
        *way, last = path.split(".")
        here = answer
        for name in way:
            here = here.setdefault(name, {})
        here[last] = value
    return answer


def pages_of(operation: Operation[Any], read: Any, expected: Pages) -> tuple[Any, ...]:
    """Return the token's parameter, the number of items, and the token of the page that follows."""
    if not isinstance(operation, PagedOperation):
        return ()
    call = operation.restore(
        path=dict.fromkeys(operation.path_names, "1"), query=_needed(operation), headers={}
    )
    following = operation.next_call(call, read)
    token = following.query.get(expected.token) if following else None
    return operation.page_token, len(operation.items_of(read)), token


def _needed(operation: Operation[Any]) -> dict[str, str]:
    return {parameter.name: "1" for parameter in operation.query if parameter.is_required}
