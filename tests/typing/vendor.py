"""What the checkers know about the vendor APIs. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from decimal import Decimal
from typing import assert_type

from spshipping import AsyncClient, Client, Reply
from spshipping.vendor import orders, shipments
from spshipping.vendor.orders import (
    SUBMIT_ACKNOWLEDGEMENT,
    Order,
    OrderItemAcknowledgement,
    OrderList,
    OrderListStatus,
    OrderStatus,
    PurchaseOrderState,
    SubmitAcknowledgementRequest,
    TransactionId,
    VendorOrdersApi,
)
from spshipping.vendor.shipments import (
    Shipment,
    ShipmentDetails,
    SubmitShipmentConfirmationsRequest,
    SubmitShipments,
    TransactionReference,
    TransportationLabels,
    TransportLabel,
    VendorShipmentsApi,
)
from spshipping.vendor.transactions import TransactionState, TransactionStatus
from spshipping.wire.times import DateTimeInterval


def reading(api: VendorOrdersApi, since: datetime) -> None:
    assert_type(api.get_purchase_orders(created_after=since, next_token="1"), OrderList)
    assert_type(api.iter_purchase_orders(purchase_order_state=PurchaseOrderState.NEW), Iterator[Order])
    assert_type(api.purchase_order_pages(is_po_changed=True, max_wait=0), Iterator[Reply[OrderList]])
    assert_type(api.get_purchase_order("2JK3S9VC", deadline=5.0), Order)
    assert_type(api.get_purchase_orders_status(purchase_order_number="1"), OrderListStatus)
    assert_type(api.iter_purchase_orders_status(updated_after=None), Iterator[OrderStatus])
    assert_type(api.purchase_orders_status_pages(), Iterator[Reply[OrderListStatus]])


def parts(order: Order, answer: OrderItemAcknowledgement) -> None:
    details = order.order_details
    if details:
        assert_type(details.ship_window, DateTimeInterval | None)
        assert_type(details.purchase_order_state_changed_date, datetime | None)
        for item in details.items:
            if item.net_cost:
                assert_type(item.net_cost.amount, Decimal | None)
    assert_type(order.purchase_order_state, PurchaseOrderState | None)
    assert_type(answer.acknowledged_quantity, orders.ItemQuantity)


def shipping(
    api: VendorShipmentsApi, asn: SubmitShipmentConfirmationsRequest, request: SubmitShipments
) -> None:
    assert_type(api.submit_shipment_confirmations(asn), TransactionReference)
    assert_type(api.submit_shipments(request, timeout=5.0), TransactionReference)
    assert_type(api.get_shipment_details(limit=50), ShipmentDetails)
    assert_type(api.iter_shipment_details(), Iterator[Shipment])
    assert_type(api.shipment_detail_pages(), Iterator[Reply[ShipmentDetails]])
    assert_type(api.get_shipment_labels(), TransportationLabels)
    assert_type(api.iter_shipment_labels(), Iterator[TransportLabel])
    assert_type(api.shipment_label_pages(), Iterator[Reply[TransportationLabels]])


def alike(quantity: orders.ItemQuantity, address: orders.Address) -> None:
    orders.OrderItem(item_sequence_number="1", ordered_quantity=quantity, is_back_order_allowed=False)
    shipments.Item(item_sequence_number="1", shipped_quantity=quantity)  # type: ignore[arg-type]
    shipments.PartyIdentification(party_id="1", address=address)  # type: ignore[arg-type]
    shipments.PartyIdentification(party_id="1", tax_info=None)  # type: ignore[call-arg]


def following(client: Client, request: SubmitAcknowledgementRequest) -> None:
    assert_type(client.send(SUBMIT_ACKNOWLEDGEMENT(body=request)), Reply[TransactionId])
    found = client.vendor.transactions.get_transaction("1")
    assert_type(found, TransactionStatus)
    assert_type(found.transaction_status.status, TransactionState)


async def under_asyncio(client: AsyncClient, request: SubmitAcknowledgementRequest) -> None:
    assert_type(await client.vendor.orders.submit_acknowledgement(request), TransactionId)
    assert_type(client.vendor.orders.iter_purchase_orders(), AsyncIterator[Order])
    assert_type(await client.vendor.shipments.get_shipment_details(), ShipmentDetails)
    assert_type(await client.vendor.transactions.get_transaction("1"), TransactionStatus)


def mistakes(api: VendorOrdersApi, since: datetime) -> None:
    api.get_purchase_orders(created_afer=since)  # type: ignore[call-arg]
    api.get_purchase_orders(created_after="2026-01-01")  # type: ignore[arg-type]
    api.iter_purchase_orders(next_token="1")  # type: ignore[call-arg]
    api.get_purchase_orders(is_po_changed="true")  # type: ignore[arg-type]
    api.submit_acknowledgement(body=None)  # type: ignore[call-arg]
