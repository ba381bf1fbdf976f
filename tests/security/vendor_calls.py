"""Every operation of vendors as a call, and each method of their facades, about a shipment of people."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from spshipping import Client
from spshipping.operation import Call
from spshipping.sandbox import Sandbox
from spshipping.vendor import orders, shipments, transactions
from tests.security.canary import PERSONAL

Act = Callable[[], Any]
_NAME = "P-1"
_DAYS = 6


class Goods(NamedTuple):
    """What calls are about."""

    order: orders.Order
    pickup: shipments.SubmitShipments
    transaction: str

    @property
    def details(self) -> orders.OrderDetails:
        """What the purchase order says."""
        assert self.order.order_details
        return self.order.order_details


def got_goods(client: Client, box: Sandbox) -> Goods:
    """Request a pickup while nothing is wrong, and wait until it has its labels."""
    api, now = client.vendor, box.clock.now()
    state = orders.PurchaseOrderState.ACKNOWLEDGED
    order = next(iter(api.orders.iter_purchase_orders(purchase_order_state=state)))
    details = order.order_details
    assert details
    assert details.selling_party
    assert details.ship_to_party
    request = shipments.Shipment(
        vendor_shipment_identifier=_NAME,
        transaction_type=shipments.TransactionType.NEW,
        transaction_date=now,
        shipment_freight_term=shipments.ShipmentFreightTerm.COLLECT,
        selling_party=shipments.PartyIdentification(party_id=details.selling_party.party_id),
        ship_from_party=sender(),
        ship_to_party=shipments.PartyIdentification(party_id=details.ship_to_party.party_id),
        collect_freight_pickup_details=shipments.CollectFreightPickupDetails(
            requested_pick_up=now + timedelta(days=_DAYS)
        ),
        purchase_orders=[shipments.PurchaseOrders(purchase_order_number=order.purchase_order_number)],
        transportation_details=shipments.TransportationDetails(
            ship_mode=shipments.ShipmentType.SMALL_PARCEL,
            carrier_details=shipments.CarrierDetails(phone=PERSONAL["phone"], email=PERSONAL["e-mail"]),
        ),
    )
    pickup = shipments.SubmitShipments(shipments=[request])
    taken = api.shipments.submit_shipments(pickup).transaction_id
    box.clock.advance(timedelta(days=_DAYS).total_seconds())
    return Goods(order, pickup, taken)


def sender() -> shipments.PartyIdentification:
    """Make the party from which goods are shipped: a small vendor's home."""
    address = shipments.Address(
        name=PERSONAL["buyer's name"],
        address_line1=PERSONAL["address line"],
        address_line2=PERSONAL["second address line"],
        address_line3=PERSONAL["third address line"],
        city=PERSONAL["city"],
        county=PERSONAL["county"],
        district=PERSONAL["district"],
        postal_code=PERSONAL["postal code"],
        country_code="GB",
        phone=PERSONAL["phone"],
    )
    tax = shipments.TaxRegistrationDetails(
        tax_registration_type=shipments.TaxRegistrationType.VAT,
        tax_registration_number=PERSONAL["tax number"],
    )
    return shipments.PartyIdentification(party_id="W-1", address=address, tax_registration_details=[tax])


def acknowledgement(goods: Goods) -> orders.SubmitAcknowledgementRequest:
    """Make an acknowledgement that tells of people, although none need be told."""
    details = goods.details
    assert details.selling_party
    home = orders.Address(
        name=PERSONAL["buyer's name"], address_line1=PERSONAL["address line"], country_code="GB"
    )
    tax = orders.TaxRegistrationDetails(
        tax_registration_type=orders.TaxRegistrationType.VAT, tax_registration_number=PERSONAL["tax number"]
    )
    seller = orders.PartyIdentification(party_id=details.selling_party.party_id, address=home, tax_info=tax)
    items = [
        orders.OrderAcknowledgementItem(
            item_sequence_number=item.item_sequence_number,
            ordered_quantity=item.ordered_quantity,
            net_cost=item.net_cost,
            item_acknowledgements=[
                orders.OrderItemAcknowledgement(
                    acknowledgement_code=orders.AcknowledgementCode.ACCEPTED,
                    acknowledged_quantity=item.ordered_quantity,
                )
            ],
        )
        for item in details.items
    ]
    whole = orders.OrderAcknowledgement(
        purchase_order_number=goods.order.purchase_order_number,
        selling_party=seller,
        acknowledgement_date=details.purchase_order_date,
        items=items,
    )
    return orders.SubmitAcknowledgementRequest(acknowledgements=[whole])


def confirmation(goods: Goods) -> shipments.SubmitShipmentConfirmationsRequest:
    """Make a shipment confirmation that tells of people."""
    details = goods.details
    assert details.selling_party
    assert details.ship_to_party
    quantity = shipments.ItemQuantity(amount=1, unit_of_measure=shipments.UnitOfMeasure.EACHES)
    whole = shipments.ShipmentConfirmation(
        shipment_identifier="S-1",
        shipment_confirmation_type=shipments.ShipmentConfirmationType.ORIGINAL,
        shipment_confirmation_date=details.purchase_order_date,
        selling_party=shipments.PartyIdentification(party_id=details.selling_party.party_id),
        ship_from_party=sender(),
        ship_to_party=shipments.PartyIdentification(party_id=details.ship_to_party.party_id),
        shipped_items=[shipments.Item(item_sequence_number="001", shipped_quantity=quantity)],
    )
    return shipments.SubmitShipmentConfirmationsRequest(shipment_confirmations=[whole])


def vendor_calls(client: Client, goods: Goods) -> dict[str, Act]:
    """Return every operation as a call that gives a Reply, by its route."""
    number = goods.order.purchase_order_number
    every: list[Call[Any]] = [
        orders.GET_PURCHASE_ORDERS(query={"limit": 3}),
        orders.GET_PURCHASE_ORDER(path={"purchaseOrderNumber": number}),
        orders.GET_PURCHASE_ORDERS_STATUS(query={"purchaseOrderNumber": number}),
        orders.SUBMIT_ACKNOWLEDGEMENT(body=acknowledgement(goods)),
        shipments.SUBMIT_SHIPMENT_CONFIRMATIONS(body=confirmation(goods)),
        shipments.SUBMIT_SHIPMENTS(body=goods.pickup),
        shipments.GET_SHIPMENT_DETAILS(),
        shipments.GET_SHIPMENT_LABELS(query={"vendorShipmentIdentifier": _NAME}),
        transactions.GET_TRANSACTION(path={"transactionId": goods.transaction}),
    ]
    return {call.operation.route: partial(client.send, call) for call in every}


def vendor_facade_calls(client: Client, goods: Goods) -> dict[str, Act]:
    """Return every method of the facades."""
    api, number = client.vendor, goods.order.purchase_order_number
    return {
        "get_purchase_orders": lambda: api.orders.get_purchase_orders(limit=3),
        "iter_purchase_orders": lambda: list(api.orders.iter_purchase_orders(limit=3)),
        "purchase_order_pages": lambda: list(api.orders.purchase_order_pages(limit=3)),
        "get_purchase_order": lambda: api.orders.get_purchase_order(number),
        "submit_acknowledgement": lambda: api.orders.submit_acknowledgement(acknowledgement(goods)),
        "get_purchase_orders_status": lambda: api.orders.get_purchase_orders_status(limit=3),
        "iter_purchase_orders_status": lambda: list(api.orders.iter_purchase_orders_status(limit=3)),
        "purchase_orders_status_pages": lambda: list(api.orders.purchase_orders_status_pages(limit=3)),
        "submit_shipment_confirmations": lambda: api.shipments.submit_shipment_confirmations(
            confirmation(goods)
        ),
        "submit_shipments": lambda: api.shipments.submit_shipments(goods.pickup),
        "get_shipment_details": lambda: api.shipments.get_shipment_details(),
        "iter_shipment_details": lambda: list(api.shipments.iter_shipment_details()),
        "shipment_detail_pages": lambda: list(api.shipments.shipment_detail_pages()),
        "get_shipment_labels": lambda: api.shipments.get_shipment_labels(),
        "iter_shipment_labels": lambda: list(api.shipments.iter_shipment_labels()),
        "shipment_label_pages": lambda: list(api.shipments.shipment_label_pages()),
        "get_transaction": lambda: api.transactions.get_transaction(goods.transaction),
    }
