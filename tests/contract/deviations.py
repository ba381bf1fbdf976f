"""Where the package differs from Amazon's description on purpose, and why.

Every entry expires: a test fails as soon as it describes no real difference.
"""

from typing import NamedTuple

from tests.contract.differences import Difference


class Known(NamedTuple):
    """A difference that is meant."""

    difference: Difference
    why: str


_AT_LEAST_ONE = "Amazon refuses a shipment without a package, with an error that does not name the field"

_TOKENS = "tokens_2021-03-01"

_ORDER_TIMES = {
    "Order": (
        "PurchaseDate",
        "LastUpdateDate",
        "EarliestShipDate",
        "LatestShipDate",
        "EarliestDeliveryDate",
        "LatestDeliveryDate",
        "PromiseResponseDueDate",
    ),
    "OrdersList": ("LastUpdatedBefore", "CreatedBefore"),
    "OrderItem": ("ScheduledDeliveryStartDate", "ScheduledDeliveryEndDate"),
    "RegulatedOrderVerificationStatus": ("ReviewDate",),
}
"""What Orders v0 describes as a time in its prose, and as mere text in its schema."""

_TRACKING_NULLS = dict.fromkeys(
    ("alternateLegTrackingId", "promisedDeliveryDate"),
    "null in production: https://github.com/amzn/selling-partner-api-models/issues/4923",
)

_ACCOUNT_EXAMPLE = "left out in Amazon's own example of getAccount, published with its model of Sellers v1"

_VENDOR_EXAMPLES = {
    "vendorOrders Order.purchaseOrderState": "getPurchaseOrders",
    "vendorOrders OrderDetails.purchaseOrderStateChangedDate": "getPurchaseOrders",
    "vendorShipments Shipment.transactionType": "GetShipmentDetails",
    "vendorShipments Shipment.transactionDate": "GetShipmentDetails",
}

_ONLY_FIELD = "all that the answer is for: without it, it is broken, and reading it raises MissingFieldError"

KNOWN: tuple[Known, ...] = (
    Known(
        Difference("shippingV2 EventCode PackageReceivedByCarrier", "True", "False"),
        "Amazon's documentation announces the event, and production sends it",
    ),
    *(
        Known(Difference(f"shippingV2 {name}.packages limits", "Count(least=1)", ""), _AT_LEAST_ONE)
        for name in ("GetRatesRequest", "OneClickShipmentRequest", "DirectPurchaseRequest")
    ),
    Known(
        Difference(
            f"{_TOKENS} CreateRestrictedDataTokenRequest.restrictedResources limits",
            "Count(least=1)",
            "",
        ),
        "a token that opens nothing is refused by Amazon with a bare 400",
    ),
    Known(
        Difference("POST /tokens/2021-03-01/restrictedDataToken envelope", "True", "False"),
        "Amazon's guides show the answer under payload, its model shows it bare: both are read",
    ),
    *(
        Known(
            Difference(f"{route} limits of {name}", "(Range(least=1, most=100),)", "()"),
            "Amazon's model says so in its prose only",
        )
        for route, name in (
            ("GET /orders/v0/orders", "MaxResultsPerPage"),
            ("GET /orders/2026-01-01/orders", "maxResultsPerPage"),
        )
    ),
    *(
        Known(Difference(f"ordersV0 {model}.{field} kind", "time", "str"), "a time by its description")
        for model, fields in _ORDER_TIMES.items()
        for field in fields
    ),
    *(
        Known(Difference(f"shippingV2 GetTrackingResult.{field} required", "False", "True"), source)
        for field, source in _TRACKING_NULLS.items()
    ),
    *(
        Known(Difference(f"sellers Marketplace.{field} required", "False", "True"), _ACCOUNT_EXAMPLE)
        for field in ("defaultCurrencyCode", "defaultLanguageCode")
    ),
    *(
        Known(
            Difference(f"{field} required", "False", "True"),
            f"left out in the answers of Amazon's own sandbox for {operation}, published with its model",
        )
        for field, operation in _VENDOR_EXAMPLES.items()
    ),
    *(
        Known(Difference(f"{field} required", "True", "False"), _ONLY_FIELD)
        for field in (
            "vendorOrders TransactionId.transactionId",
            "vendorShipments TransactionReference.transactionId",
            "vendorTransactionStatus TransactionStatus.transactionStatus",
        )
    ),
    Known(
        Difference("ordersV0 ExceptionDates.ExceptionDate kind", "date", "str"), "a day by its description"
    ),
)

_TRADE_NAME = "the name of a company or of what it sells, which every customer of it reads"

_DEVELOPERS_NAME = "what the developer calls a destination; no customer is behind it"

PUBLIC: dict[str, str] = {
    "AccessPoint.name": "the name of a shop or a place where everybody can collect parcels",
    "Carrier.name": _TRADE_NAME,
    "CarrierDetails.name": _TRADE_NAME,
    "CarrierAccountAttribute.attributeName": "the name of an input of a carrier's form",
    "CarrierAccountInput.groupName": "the name of a group of inputs of a carrier's form",
    "CarrierAccountInput.name": "the name of an input of a carrier's form",
    "CollectionFormsHistoryRecord.carrierName": _TRADE_NAME,
    "CreateDestinationRequest.name": _DEVELOPERS_NAME,
    "Destination.name": _DEVELOPERS_NAME,
    "ApprovedAttribute.attributeName": "the name of a property of an order, such as asin",
    "EventBridgeResource.name": "made by Amazon of the ids of an AWS account and an application",
    "IneligibleRate.carrierName": _TRADE_NAME,
    "IneligibleRate.serviceName": _TRADE_NAME,
    "Order.SellerDisplayName": "the name of the seller's shop, which every customer reads",
    "PackageDetail.carrierName": _TRADE_NAME,
    "TaxClassification.Name": "the kind of tax",
    "Marketplace.domainName": "the address of Amazon's own shop",
    "Marketplace.name": "the name of Amazon's own shop",
    "MarketplaceParticipation.storeName": "the name of the seller's shop, which every customer reads",
    "Package.sellerDisplayName": "the name of the caller's own shop, printed for the buyer to see",
    "Rate.carrierName": _TRADE_NAME,
    "Rate.serviceName": _TRADE_NAME,
    "SalesChannel.marketplaceName": "the name of Amazon's own shop",
    "Service.name": _TRADE_NAME,
    "UnmanifestedCarrierInformation.carrierName": _TRADE_NAME,
    "ValueAddedService.name": _TRADE_NAME,
}
"""Fields that look like personal data and are none, each with the reason."""
