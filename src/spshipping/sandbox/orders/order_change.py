"""Builds the payload of an ORDER_CHANGE notification.

Source: https://github.com/amzn/selling-partner-api-models/blob/main/schemas/notifications/OrderChangeNotification.json
"""

from typing import Any

from spshipping.sandbox.clock import write_time
from spshipping.sandbox.orders.record import Item, Order
from spshipping.sandbox.orders.seller_orders import CANCELLATION_REQUEST, STATUS_CHANGE, Change

Json = dict[str, Any]
_REASONS = {CANCELLATION_REQUEST: "Buyer Requested Cancel", STATUS_CHANGE: "Order Status Change"}


def order_change(seller: str, change: Change, order: Order) -> Json:
    """Return the payload of the notification; the order is as it is after the change."""
    summary = {
        "MarketplaceId": order.place.marketplace.id,
        "OrderStatus": order.status,
        "PurchaseDate": write_time(order.created),
        "DestinationPostalCode": order.address.town.postal_code if order.is_ready else None,
        "FulfillmentType": order.channel,
        "OrderType": order.kind,
        "NumberOfItemsShipped": order.units_shipped,
        "NumberOfItemsUnshipped": order.units_unshipped,
        "EarliestShipDate": write_time(order.ship_by[0]),
        "LatestShipDate": write_time(order.ship_by[1]),
        **_optional_fields(order),
        "OrderItems": [_item(order, item) for item in order.items],
    }
    return {
        "OrderChangeNotification": {
            "NotificationLevel": "OrderLevel",
            "SellerId": seller,
            "AmazonOrderId": order.id,
            "OrderChangeType": change.kind,
            "OrderChangeTrigger": {
                "TimeOfOrderChange": write_time(change.time),
                "ChangeReason": _REASONS[change.kind],
            },
            "Summary": summary,
        }
    }


def _optional_fields(order: Order) -> Json:
    """Return the fields that only some orders have."""
    programs = {
        "Business": order.is_business,
        "Prime": order.is_prime,
        "Premium": order.is_premium,
        "IBA": order.is_iba,
        "Replacement": order.replaces is not None,
    }
    shipping = {
        "GlobalExpress": order.is_global_express,
        "ISPU": order.is_pickup,
        "AccessPoint": order.is_access_point,
        "EasyShip": order.easy_ship is not None,
    }
    found: Json = {}
    if order.channel == "MFN" and order.is_ready:
        found["EarliestDeliveryDate"] = write_time(order.deliver_by[0])
        found["LatestDeliveryDate"] = write_time(order.deliver_by[1])
    for name, flags in (("OrderPrograms", programs), ("ShippingPrograms", shipping)):
        if any(flags.values()):
            found[name] = [program for program, is_set in flags.items() if is_set]
    if order.easy_ship:
        found["EasyShipShipmentStatus"] = order.easy_ship
    if order.invoice:
        found["ElectronicInvoiceStatus"] = order.invoice
    return found


def _item(order: Order, item: Item) -> Json:
    return {
        "OrderItemId": item.id,
        "SellerSKU": item.sku,
        "SupplySourceId": order.supply_source,
        "OrderItemStatus": "Unshipped" if order.unshipped(item) else "Shipped",
        "Quantity": item.quantity,
        "QuantityShipped": item.shipped,
        "IsBuyerRequestedCancel": item.cancel_reason is not None,
    }
