"""The operations of Vendor Orders v1 as the sandbox implements them."""

from collections.abc import Callable
from functools import partial

from spshipping.sandbox.operations import ApiRequest, Implementations
from spshipping.sandbox.refusals import NOT_FOUND, invalid_input, refused
from spshipping.sandbox.responses import Response, json_response, payload_response
from spshipping.sandbox.vendor import response
from spshipping.sandbox.vendor.acknowledgements import acknowledge
from spshipping.sandbox.vendor.record import ACKNOWLEDGED, CLOSED, NEW, PurchaseOrder
from spshipping.sandbox.vendor.search import PAST, WEEK, Page, Query, Window, choice, window
from spshipping.sandbox.vendor.vendors import Vendor, Vendors
from spshipping.vendor import orders as api

_LARGEST = 100


class VendorOrders:
    """The operations, on the purchase orders of all vendors."""

    def __init__(self, vendors: Vendors) -> None:
        self._vendors = vendors
        self.implementations: Implementations = {
            api.GET_PURCHASE_ORDERS: self.get_purchase_orders,
            api.GET_PURCHASE_ORDER: self.get_purchase_order,
            api.SUBMIT_ACKNOWLEDGEMENT: self.submit_acknowledgement,
            api.GET_PURCHASE_ORDERS_STATUS: self.get_purchase_orders_status,
        }

    def get_purchase_orders(self, request: ApiRequest) -> Response:
        """Return one page of the purchase orders that pass the filters."""
        query = request.query
        state = choice(query, "purchaseOrderState", (NEW, ACKNOWLEDGED, CLOSED))
        is_cancelled = choice(query, "poItemState", ("Cancelled",)) is not None
        has_details = choice(query, "includeDetails", ("true", "false")) != "false"
        is_changed = choice(query, "isPOChanged", ("true", "false")) == "true"
        code = query.get("orderingVendorCode")
        with self._vendors.of(request.seller) as (vendor, now):
            changed = window(query, "changed", now)

            def matches(order: PurchaseOrder) -> bool:
                return (
                    (state in (None, order.state))
                    and (code in (None, order.vendor_code))
                    and (not is_changed or order.changed is not None)
                    and (not is_cancelled or any(not line.ordered for line in order.lines))
                    and (changed is None or changed.has(order.changed))
                )

            found, pagination = _search(vendor, query, now, matches, has_other=changed is not None)
            orders = [response.order(order, has_details=has_details) for order in found]
        return payload_response({**pagination, "orders": orders})

    def get_purchase_order(self, request: ApiRequest) -> Response:
        """Return one purchase order."""
        number = request.path["purchaseOrderNumber"]
        with self._vendors.of(request.seller) as (vendor, _):
            order = vendor.orders.find(number)
            if order is None:
                raise refused(NOT_FOUND, f"There is no purchase order {number}")
            return payload_response(response.order(order))

    def submit_acknowledgement(self, request: ApiRequest) -> Response:
        """Take an acknowledgement, to be worked on later."""
        if not request.body.get("acknowledgements"):
            raise invalid_input("The acknowledgements are missing.")
        with self._vendors.of(request.seller) as (vendor, now):
            taken = vendor.transactions.submit(
                request, now, partial(acknowledge, vendor.orders), reports=False
            )
        return json_response({"payload": {"transactionId": taken.id}}, 202)

    def get_purchase_orders_status(self, request: ApiRequest) -> Response:
        """Return one page of states; the filters by status and by confirmation have no effect, as at Amazon.

        Source: https://github.com/amzn/selling-partner-api-docs/issues/2932
        """
        query = request.query
        receipt = choice(query, "itemReceiveStatus", ("NOT_RECEIVED", "PARTIALLY_RECEIVED", "RECEIVED"))
        choice(query, "purchaseOrderStatus", ("OPEN", "CLOSED"))
        choice(query, "itemConfirmationStatus", ("ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED", "UNCONFIRMED"))
        number, code = query.get("purchaseOrderNumber"), query.get("orderingVendorCode")
        center = query.get("shipToPartyId")
        with self._vendors.of(request.seller) as (vendor, now):
            updated = window(query, "updated", now)

            def matches(order: PurchaseOrder) -> bool:
                return (
                    (number is None or order.number == number.strip())
                    and (code in (None, order.vendor_code))
                    and (center in (None, order.center))
                    and (receipt is None or any(line.receipt == receipt for line in order.lines))
                    and (updated is None or updated.has(order.updated))
                )

            has_other = updated is not None or number is not None
            found, pagination = _search(vendor, query, now, matches, has_other=has_other)
            states = [response.status(order) for order in found]
        return payload_response({**pagination, "ordersStatus": states})


def _search(
    vendor: Vendor, query: Query, now: int, matches: Callable[[PurchaseOrder], bool], *, has_other: bool
) -> tuple[list[PurchaseOrder], dict[str, dict[str, str]]]:
    """Return one page; without any window, and without another one, it is about the last seven days."""
    page = Page.of(query, _LARGEST, now)
    usual = Window(now - (PAST if has_other else WEEK), now)
    after, before = window(query, "created", now) or usual
    if page.start:
        before = page.start.before
        after = max(after, before - PAST) if has_other else after
    start = page.start.key if page.start else None
    found = vendor.orders.between(max(after, now - PAST), before, start, is_descending=page.is_descending)
    return page.cut((pair for pair in found if matches(pair[1])), int(before))
