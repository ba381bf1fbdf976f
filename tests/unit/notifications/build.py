"""An ORDER_CHANGE as Amazon sends it, made up: in both casings, and in what can be around it."""

import json
from typing import Any

ORDER = "026-1234567-7654321"
POSTCODE = "ZZ9 9ZZ"
SECRET = "amzn1.oa2-cs.v1.0123456789abcdef"

Json = dict[str, Any]


def order_change(**summary: Any) -> Json:
    """Return the envelope and its payload; *summary* changes fields of the payload's summary."""
    item = {
        "OrderItemId": "68828574383266",
        "SellerSKU": "MUG-BLUE",
        "SupplySourceId": None,
        "Quantity": 3,
        "QuantityShipped": 1,
        "IsBuyerRequestedCancel": False,
        "ItemLatestDeliveryDate": "2026-03-09T23:59:59Z",
    }
    return {
        "NotificationVersion": "1.0",
        "NotificationType": "ORDER_CHANGE",
        "PayloadVersion": "1.0",
        "EventTime": "2026-03-01T12:00:00.109Z",
        "Payload": {
            "OrderChangeNotification": {
                "NotificationLevel": "OrderLevel",
                "SellerId": "A2SELLEREXAMPLE",
                "AmazonOrderId": ORDER,
                "OrderChangeType": "OrderStatusChange",
                "OrderChangeTrigger": {"TimeOfOrderChange": None, "ChangeReason": "Status change"},
                "Summary": {
                    "MarketplaceId": "A1F83G8C2ARO7P",
                    "OrderStatus": "PartiallyShipped",
                    "PurchaseDate": "2026-02-28T09:30:00Z",
                    "DestinationPostalCode": POSTCODE,
                    "FulfillmentType": "MFN",
                    "OrderType": "StandardOrder",
                    "OrderPrograms": ["Prime"],
                    "OrderItems": [item],
                    **summary,
                },
            }
        },
        "NotificationMetadata": {
            "ApplicationId": "amzn1.sellerapps.app.example",
            "SubscriptionId": "7fcacc7e-0000-4000-8000-000000000001",
            "PublishTime": "2026-03-01T12:00:02Z",
            "NotificationId": "d0e9e693-0000-4000-8000-000000000001",
        },
    }


def numbered(number: int, order: str = ORDER) -> Json:
    """Return a notification with an id of its own, about *order*."""
    envelope = order_change()
    envelope["NotificationMetadata"]["NotificationId"] = f"id-{number}"
    envelope["Payload"]["OrderChangeNotification"]["AmazonOrderId"] = order
    return envelope


def other() -> Json:
    """Return a notification of a type that has no model."""
    metadata = order_change()["NotificationMetadata"]
    return {
        **order_change(),
        "NotificationType": "FEED_PROCESSING_FINISHED",
        "Payload": {"feedProcessingFinishedNotification": {"feedId": "53347018456"}},
        "NotificationMetadata": {**metadata, "NotificationId": "other-1"},
    }


def camel(value: Any) -> Any:
    """Return the same with every name beginning with a small letter."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name[0].lower() + name[1:]: camel(item) for name, item in value.items()}


def event(detail: Any, type_: str = "ORDER_CHANGE") -> Json:
    """Return what EventBridge puts around a notification."""
    return {
        "version": "0",
        "id": "5b1e2d3c-0000-4000-8000-000000000001",
        "detail-type": type_,
        "source": "aws.partner/sellingpartnerapi.amazon.com/123456789012/amzn1.sellerapps.app.example",
        "account": "123456789012",
        "time": "2026-03-01T12:00:02Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    }


def record(body: Any) -> Json:
    """Return a record of SQS in an event of AWS Lambda."""
    return {"messageId": "m", "receiptHandle": "r", "body": json.dumps(body), "eventSource": "aws:sqs"}


def message(body: Any) -> Json:
    """Return a message of boto3."""
    return {"MessageId": "m", "ReceiptHandle": "r", "Body": json.dumps(body)}


def new_secret(client_id: str = "amzn1.application-oa2-client.1", secret: str = SECRET) -> Json:
    """Return the notification with a new client secret."""
    return _of_the_application(
        "APPLICATION_OAUTH_CLIENT_NEW_SECRET",
        applicationOAuthClientNewSecret={
            "clientId": client_id,
            "newClientSecret": secret,
            "newClientSecretExpiryTime": "2026-08-28T12:00:00.198Z",
            "oldClientSecretExpiryTime": "2026-03-08T12:00:00.180Z",
        },
    )


def secret_expiry(client_id: str = "amzn1.application-oa2-client.1") -> Json:
    """Return the notification that a client secret expires."""
    return _of_the_application(
        "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY",
        applicationOAuthClientSecretExpiry={
            "clientId": client_id,
            "clientSecretExpiryTime": "2026-03-20T22:06:39.224Z",
            "clientSecretExpiryReason": "PERIODIC_ROTATION",
        },
    )


def _of_the_application(kind: str, **payload: Any) -> Json:
    return {
        "notificationVersion": "1.0",
        "notificationType": kind,
        "payloadVersion": "2023-11-30",
        "eventTime": "2026-03-01T12:00:00.456Z",
        "payload": payload,
        "notificationMetadata": {
            "applicationId": "amzn1.sp.solution.example",
            "subscriptionId": "8594dc0e-0000-4000-8000-000000000001",
            "publishTime": "2026-03-01T12:00:01.706Z",
            "notificationId": "b0805eb9-0000-4000-8000-000000000001",
        },
    }


def sns(message: Any) -> Json:
    """Return what SNS puts around a message."""
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-0000-4000-8000-000000000001",
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:orders",
        "Message": json.dumps(message),
    }
