"""One order as both APIs tell it, with every field that `AmazonOrder` reads."""

from typing import Any

V0_ADDRESS: dict[str, Any] = {
    "Name": "Ada Example",
    "CompanyName": "Engines Ltd",
    "AddressLine1": "1 Cross St.",
    "AddressLine2": "",
    "AddressLine3": "Back door",
    "City": "Canton",
    "County": "Wayne",
    "District": "North",
    "StateOrRegion": "MI",
    "Municipality": "Canton Township",
    "PostalCode": "48187",
    "CountryCode": "US",
    "Phone": "+1 206-555-0100",
    "AddressType": "Commercial",
}

V0_BUYER: dict[str, Any] = {
    "BuyerEmail": "ada@marketplace.amazon.com",
    "BuyerName": "Ada Example",
    "BuyerCounty": "Wayne",
    "BuyerTaxInfo": {
        "CompanyLegalName": "Engines Ltd",
        "TaxingRegion": "BR",
        "TaxClassifications": [{"Name": "CNPJ", "Value": "12345"}],
    },
    "PurchaseOrderNumber": "PO-7",
}

V0_ORDER: dict[str, Any] = {
    "AmazonOrderId": "902-1845936-5435065",
    "PurchaseDate": "2026-10-01T09:15:00Z",
    "LastUpdateDate": "2026-10-02T16:30:00Z",
    "OrderStatus": "PartiallyShipped",
    "FulfillmentChannel": "MFN",
    "SalesChannel": "Amazon.com",
    "OrderChannel": "Web",
    "ShipServiceLevel": "Std US D2D Dom",
    "OrderTotal": {"CurrencyCode": "USD", "Amount": "108.20"},
    "NumberOfItemsShipped": 1,
    "NumberOfItemsUnshipped": 2,
    "PaymentExecutionDetail": [
        {
            "Payment": {"CurrencyCode": "USD", "Amount": "108.20"},
            "PaymentMethod": "COD",
            "AcquirerId": "12.345.678/0001-90",
            "CardBrand": "Visa",
            "AuthorizationCode": "AUTH1",
        }
    ],
    "PaymentMethod": "COD",
    "PaymentMethodDetails": ["COD"],
    "MarketplaceId": "ATVPDKIKX0DER",
    "ShipmentServiceLevelCategory": "SecondDay",
    "OrderType": "Preorder",
    "EarliestShipDate": "2026-10-02T00:00:00Z",
    "LatestShipDate": "2026-10-03T23:59:59Z",
    "EarliestDeliveryDate": "2026-10-04T00:00:00Z",
    "LatestDeliveryDate": "2026-10-06T23:59:59Z",
    "IsBusinessOrder": True,
    "IsPrime": True,
    "IsPremiumOrder": True,
    "IsGlobalExpressEnabled": False,
    "IsSoldByAB": False,
    "IsIBA": False,
    "IsISPU": False,
    "IsAccessPointOrder": False,
    "DefaultShipFromLocationAddress": {"Name": "Warehouse", "AddressLine1": "Unit 15", "City": "Seattle"},
    "FulfillmentInstruction": {"FulfillmentSupplySourceId": "source-1"},
    "AutomatedShippingSettings": {
        "HasAutomatedShippingSettings": True,
        "AutomatedCarrier": "UPS",
        "AutomatedShipMethod": "Ground",
    },
    "ShippingAddress": V0_ADDRESS,
    "BuyerInfo": V0_BUYER,
}


def dollars(amount: str) -> dict[str, str]:
    return {"CurrencyCode": "USD", "Amount": amount}


V0_ITEM: dict[str, Any] = {
    "ASIN": "B00EXAMPLE",
    "SellerSKU": "SKU-1",
    "OrderItemId": "68828574383266",
    "Title": "Blue mug",
    "QuantityOrdered": 3,
    "QuantityShipped": 1,
    "ItemPrice": dollars("90.00"),
    "ItemTax": dollars("9.00"),
    "ShippingPrice": dollars("10.00"),
    "ShippingTax": dollars("1.00"),
    "ShippingDiscount": dollars("2.00"),
    "PromotionDiscount": dollars("3.00"),
    "PromotionIds": ["SEASON"],
    "IsGift": "true",
    "ConditionNote": "Boxed",
    "ConditionId": "Used",
    "ConditionSubtypeId": "Very Good",
    "ScheduledDeliveryStartDate": "2026-10-05T09:00:00Z",
    "ScheduledDeliveryEndDate": "2026-10-05T13:00:00Z",
    "IsTransparency": True,
    "IossNumber": "IM1234567890",
    "DeemedResellerCategory": "IOSS",
    "BuyerInfo": {
        "BuyerCustomizedInfo": {"CustomizedURL": "https://zme-caps.amazon.com/t/1"},
        "GiftWrapPrice": dollars("2.50"),
        "GiftWrapTax": dollars("0.25"),
        "GiftMessageText": "For you!",
        "GiftWrapLevel": "Classic",
    },
    "BuyerRequestedCancel": {"IsBuyerRequestedCancel": "true", "BuyerCancelReason": "By mistake"},
}


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": "USD"}


V2026_ITEM: dict[str, Any] = {
    "orderItemId": "68828574383266",
    "quantityOrdered": 3,
    "programs": ["TRANSPARENCY"],
    "product": {
        "asin": "B00EXAMPLE",
        "title": "Blue mug",
        "sellerSku": "SKU-1",
        "condition": {"conditionType": "USED", "conditionSubtype": "VERY_GOOD", "conditionNote": "Boxed"},
        "price": {"unitPrice": usd("30.00")},
        "customization": {"customizedUrl": "https://zme-caps.amazon.com/t/1"},
    },
    "proceeds": {
        "proceedsTotal": usd("95.00"),
        "breakdowns": [
            {"type": "ITEM", "subtotal": usd("90.00")},
            {"type": "SHIPPING", "subtotal": usd("10.00")},
            {"type": "GIFT_WRAP", "subtotal": usd("2.50")},
            {
                "type": "TAX",
                "subtotal": usd("10.25"),
                "detailedBreakdowns": [
                    {"subtype": "ITEM", "value": usd("9.00")},
                    {"subtype": "SHIPPING", "value": usd("1.00")},
                    {"subtype": "GIFT_WRAP", "value": usd("0.25")},
                ],
            },
            {
                "type": "DISCOUNT",
                "subtotal": usd("-5.00"),
                "detailedBreakdowns": [
                    {"subtype": "ITEM", "value": usd("-3.00")},
                    {"subtype": "SHIPPING", "value": usd("-2.00")},
                ],
            },
        ],
    },
    "promotion": {"breakdowns": [{"promotionId": "SEASON"}]},
    "cancellation": {"cancellationRequest": {"requester": "BUYER", "cancelReason": "By mistake"}},
    "fulfillment": {
        "quantityFulfilled": 1,
        "quantityUnfulfilled": 2,
        "packing": {"giftOption": {"giftMessage": "For you!", "giftWrapLevel": "Classic"}},
        "shipping": {
            "scheduledDeliveryWindow": {
                "earliestDateTime": "2026-10-05T09:00:00Z",
                "latestDateTime": "2026-10-05T13:00:00Z",
            },
            "internationalShipping": {"iossNumber": "IM1234567890"},
        },
    },
    "tax": {"taxCalculationBreakdowns": [{"reportingScheme": "IOSS"}]},
}

V2026_ORDER: dict[str, Any] = {
    "orderId": "902-1845936-5435065",
    "createdTime": "2026-10-01T09:15:00Z",
    "lastUpdatedTime": "2026-10-02T16:30:00Z",
    "programs": ["AMAZON_BUSINESS", "PRIME", "PREMIUM", "PREORDER"],
    "salesChannel": {
        "channelName": "AMAZON",
        "marketplaceId": "ATVPDKIKX0DER",
        "marketplaceName": "Amazon.com",
    },
    "buyer": {
        "buyerName": "Ada Example",
        "buyerEmail": "ada@marketplace.amazon.com",
        "buyerPurchaseOrderNumber": "PO-7",
    },
    "recipient": {
        "deliveryAddress": {
            "name": "Ada Example",
            "companyName": "Engines Ltd",
            "addressLine1": "1 Cross St.",
            "addressLine2": "",
            "addressLine3": "Back door",
            "city": "Canton",
            "districtOrCounty": "Wayne",
            "stateOrRegion": "MI",
            "municipality": "Canton Township",
            "postalCode": "48187",
            "countryCode": "US",
            "phone": "+1 206-555-0100",
            "addressType": "COMMERCIAL",
        }
    },
    "proceeds": {"grandTotal": usd("95.00")},
    "payment": {
        "paymentExecutions": [
            {
                "paymentMethod": "CashOnDelivery",
                "paymentAmount": usd("108.20"),
                "acquirerId": "12.345.678/0001-90",
                "cardBrand": "Visa",
                "authorizationCode": "AUTH1",
            }
        ]
    },
    "tax": {
        "taxRegistrations": [
            {
                "entityType": "BUYER",
                "legalName": "Engines Ltd",
                "taxRegistrationType": "CNPJ",
                "taxRegistrationNumber": "12345",
            },
            {"entityType": "MARKETPLACE", "taxRegistrationType": "CNPJ", "taxRegistrationNumber": "999"},
        ]
    },
    "fulfillment": {
        "fulfillmentStatus": "PARTIALLY_SHIPPED",
        "fulfilledBy": "MERCHANT",
        "fulfillmentServiceLevel": "SECOND_DAY",
        "shipByWindow": {
            "earliestDateTime": "2026-10-02T00:00:00Z",
            "latestDateTime": "2026-10-03T23:59:59Z",
        },
        "deliverByWindow": {
            "earliestDateTime": "2026-10-04T00:00:00Z",
            "latestDateTime": "2026-10-06T23:59:59Z",
        },
    },
    "orderItems": [V2026_ITEM],
}


def id_of(number: int) -> str:
    """Return an order's id."""
    return f"000-0000000-{number:07}"


ONE, TWO, THREE = id_of(1), id_of(2), id_of(3)
