"""Amazon Shipping v2 as the sandbox does it: quote, buy, print, track and cancel."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from spshipping.sandbox.answers import Answer, RefusedError, error, invalid_input, not_found, success
from spshipping.sandbox.app import KEY, Action, Asked
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.ledger import Label, Ledger
from spshipping.sandbox.services import (
    CARRIER,
    Quote,
    carrier_id,
    crosses_border,
    ineligible,
    promise,
    quotes,
    value_added_cost,
    value_added_groups,
)
from spshipping.sandbox.shipments import QUOTE_LIFETIME, Keyed, Offer, Order, Shipment, Store
from spshipping.sandbox.shipping_v1 import as_version_1
from spshipping.sandbox.specifications import DEFAULT, problem, supported
from spshipping.sandbox.wishes import additional_inputs, order_of, unanswered

Buy = Callable[[], Shipment]
_BENEFITS = {"includedBenefits": ["CLAIMS_PROTECTED"], "excludedBenefits": []}


class Shipping:
    """The operations, and what they remember."""

    def __init__(self, clock: SandboxClock, ledger: Ledger) -> None:
        self._clock = clock
        self._ledger = ledger
        self._store = Store()
        self.actions: Mapping[str, Action] = {
            "getRates": self.get_rates,
            "purchaseShipment": self.purchase_shipment,
            "directPurchaseShipment": self.direct_purchase_shipment,
            "oneClickShipment": self.one_click_shipment,
            "getTracking": self.get_tracking,
            "getShipmentDocuments": self.get_shipment_documents,
            "cancelShipment": self.cancel_shipment,
            "getAdditionalInputs": self.get_additional_inputs,
        }

    def reset(self) -> None:
        """Forget every quote and shipment."""
        self._store.clear()

    def get_rates(self, asked: Asked) -> Answer:
        """Quote every service for the package."""
        order = order_of(asked, self._clock.now())
        token = str(uuid4())
        found = quotes(order.package, order.business, token)
        self._store.add_offer(token, Offer(order, found, self._clock.now() + QUOTE_LIFETIME))
        return success(
            {
                "requestToken": token,
                "rates": [_rate(quote, order) for quote in found],
                "ineligibleRates": list(ineligible(order.package, order.business)),
            }
        )

    def purchase_shipment(self, asked: Asked) -> Answer:
        """Buy one of the quoted rates."""
        body = asked.body

        def buy() -> Shipment:
            offer, quote = self._quote(asked, body["requestToken"], body["rateId"])
            chosen = [service["id"] for service in body.get("requestedValueAddedServices") or []]
            missing = unanswered(offer.order, body.get("additionalInputs"))
            if missing:
                raise invalid_input("The additional inputs are invalid", missing)
            return self._buy(asked, offer.order, quote, body["requestedDocumentSpecification"], chosen)

        shipment = self._once(asked, buy)
        return success(
            {
                "shipmentId": shipment.shipment_id,
                "packageDocumentDetails": [shipment.package_document_detail()],
                "promise": shipment.promise(),
                "benefits": _BENEFITS,
            }
        )

    def direct_purchase_shipment(self, asked: Asked) -> Answer:
        """Buy the cheapest service that can carry the package."""

        def buy() -> Shipment:
            order = order_of(asked, self._clock.now())
            found = quotes(order.package, order.business, "")
            if not found:
                raise invalid_input("No shipping service can carry this package")
            best = min(found, key=_charge)
            return self._buy(asked, order, best, asked.body.get("labelSpecifications") or DEFAULT, None)

        shipment = self._once(asked, buy)
        answer = success(
            {
                "shipmentId": shipment.shipment_id,
                "packageDocumentDetailList": [shipment.package_document_detail()],
            }
        )
        return answer.with_headers({KEY: asked.key}) if asked.key else answer

    def one_click_shipment(self, asked: Asked) -> Answer:
        """Buy the first of the named services that can carry the package."""
        body = asked.body
        order = order_of(asked, self._clock.now())
        by_id = {
            quote.service.id(order.business): quote for quote in quotes(order.package, order.business, "")
        }
        wanted = [by_id[id_] for id_ in body["serviceSelection"]["serviceId"] if id_ in by_id]
        if not wanted:
            raise invalid_input("None of the selected services is available for this shipment")
        chosen = [service["id"] for service in body.get("valueAddedServicesDetails") or []]
        shipment = self._buy(asked, order, wanted[0], body["labelSpecifications"], chosen)
        return success(
            {
                "shipmentId": shipment.shipment_id,
                "packageDocumentDetails": [shipment.package_document_detail()],
                "promise": shipment.promise(),
                "carrier": {"id": carrier_id(order.business), "name": CARRIER},
                "service": {"id": shipment.service.id(order.business), "name": shipment.service.name},
                "totalCharge": order.business.currency_of(shipment.cost),
            }
        )

    def get_tracking(self, asked: Asked) -> Answer:
        """Say where a parcel is."""
        shipment = self._store.by_tracking.get(asked.query["trackingId"])
        if (
            shipment is None
            or shipment.order.seller != asked.seller
            or carrier_id(shipment.order.business) != asked.query["carrierId"]
        ):
            raise not_found("There is no such tracking id for this carrier")
        return success(shipment.tracking(self._clock.now()))

    def get_shipment_documents(self, asked: Asked) -> Answer:
        """Print the documents again, in the format that was bought."""
        shipment = self._shipment(asked)
        if shipment.reference != asked.query["packageClientReferenceId"]:
            raise not_found("The shipment has no package with this packageClientReferenceId")
        return success(
            {
                "shipmentId": shipment.shipment_id,
                "packageDocumentDetail": shipment.package_document_detail(),
                "benefits": _BENEFITS,
            }
        )

    def cancel_shipment(self, asked: Asked) -> Answer:
        """Cancel a shipment that was not picked up yet, and give the money back."""
        with self._store.lock:
            shipment = self._shipment(asked)
            if shipment.cancelled_at:
                raise invalid_input("The shipment is already cancelled")
            now = self._clock.now()
            if now >= shipment.pickup_at:
                raise invalid_input("The shipment has been picked up and can no longer be cancelled")
            shipment.cancelled_at = now
            self._ledger.cancelled(shipment.shipment_id)
        return success({})

    def get_additional_inputs(self, asked: Asked) -> Answer:
        """Give the JSON Schema of what a rate needs to know beside."""
        offer, _ = self._quote(asked, asked.query["requestToken"], asked.query["rateId"])
        return success(additional_inputs(offer.order))

    def get_shipment(self, asked: Asked) -> Answer:
        """Say what was shipped, from whom and to whom, in version 1's form."""
        return success(as_version_1(self._shipment(asked)))

    def _quote(self, asked: Asked, token: str, rate_id: str) -> tuple[Offer, Quote]:
        offer = self._store.offers.get(token)
        if offer is None or offer.order.seller != asked.seller:
            raise invalid_input("The request token is invalid")
        if self._clock.now() >= offer.expires:
            raise RefusedError(
                error(400, "TOKEN_EXPIRED", "The request token has expired.", "Call getRates for new rates.")
            )
        for quote in offer.quotes:
            if quote.rate_id == rate_id:
                return offer, quote
        raise invalid_input("The rate id is invalid")

    def _once(self, asked: Asked, buy: Buy) -> Shipment:
        """Buy; with a key, buy once only."""
        if asked.key is None:
            return buy()
        where = (asked.seller, asked.operation, asked.key)
        with self._store.lock:
            earlier = self._store.keyed.get(where)
            if earlier is None:
                earlier = self._store.keyed[where] = Keyed(asked.body, buy())
        if earlier.body != asked.body:
            raise invalid_input("The idempotency key was used before, with another request")
        return earlier.shipment

    def _buy(
        self,
        asked: Asked,
        order: Order,
        quote: Quote,
        specification: Mapping[str, Any],
        chosen: list[str] | None,
    ) -> Shipment:
        wrong = problem(specification)
        if wrong:
            raise invalid_input(wrong)
        try:
            extras = Decimal(0) if chosen is None else value_added_cost(_groups(order), chosen)
        except ValueError as fault:
            raise invalid_input("The requested value added services are invalid", str(fault)) from None
        shipment = Shipment(
            order,
            quote.service,
            specification,
            tracking_id=self._store.next_tracking_id(),
            cost=quote.charge + extras,
            bought_at=self._clock.now(),
        )
        self._store.add_shipment(shipment)
        self._ledger.bought(
            Label(
                shipment_id=shipment.shipment_id,
                operation=asked.operation,
                seller=asked.seller,
                key=asked.key,
                reference=shipment.reference,
                cost=shipment.cost,
                currency=order.business.currency,
            )
        )
        return shipment

    def _shipment(self, asked: Asked) -> Shipment:
        shipment = self._store.shipments.get(asked.path["shipmentId"])
        if shipment is None or shipment.order.seller != asked.seller:
            raise not_found("There is no such shipment")
        return shipment


def _charge(quote: Quote) -> Decimal:
    return quote.charge


def _groups(order: Order) -> list[dict[str, Any]]:
    return value_added_groups(order.business, is_abroad=crosses_border(order.sender, order.recipient))


def _rate(quote: Quote, order: Order) -> dict[str, Any]:
    business = order.business
    charge = business.currency_of(quote.charge)
    return {
        "rateId": quote.rate_id,
        "carrierId": carrier_id(business),
        "carrierName": CARRIER,
        "serviceId": quote.service.id(business),
        "serviceName": quote.service.name,
        "billedWeight": {"value": quote.billed, "unit": "KILOGRAM"},
        "totalCharge": charge,
        "promise": promise(quote.service, order.ship_date),
        "supportedDocumentSpecifications": supported(),
        "availableValueAddedServiceGroups": _groups(order),
        "requiresAdditionalInputs": order.has_hazmat,
        "rateItemList": [{"rateItemID": "BASE_RATE", "rateItemType": "MANDATORY", "rateItemCharge": charge}],
        "paymentType": "PAY_THROUGH_AMAZON",
        "benefits": _BENEFITS,
    }
