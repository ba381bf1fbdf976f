"""Amazon Shipping v2 as the sandbox implements it: quote, buy, print, track, cancel, and the rest by name."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from spshipping import shipping as api
from spshipping.sandbox.carrier_accounts import CarrierAccounts
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.collection_forms import CollectionForms
from spshipping.sandbox.deliveries import Deliveries
from spshipping.sandbox.document_specifications import DEFAULT, problem, supported
from spshipping.sandbox.headers import IDEMPOTENCY_KEY
from spshipping.sandbox.ids import Ids
from spshipping.sandbox.keys import KeyRules, Keys
from spshipping.sandbox.ledger import Label, Ledger
from spshipping.sandbox.markets import BUSINESS_MARKETS
from spshipping.sandbox.operations import ApiRequest, Implementations
from spshipping.sandbox.pushes import Pushes
from spshipping.sandbox.refusals import NOT_FOUND, TOKEN_EXPIRED, invalid_input, refused
from spshipping.sandbox.responses import Response, payload_response
from spshipping.sandbox.services import (
    AMAZON,
    SERVICES,
    Quote,
    Service,
    crosses_border,
    currency_of,
    ineligible,
    promise,
    quotes,
    value_added_cost,
    value_added_groups,
)
from spshipping.sandbox.shipment_requests import additional_inputs, missing_input, read_shipment_request
from spshipping.sandbox.shipments import QUOTE_LIFETIME, Offer, Shipment, ShipmentRequest, Store
from spshipping.sandbox.shipping_v1 import GET_SHIPMENT, as_version_1

_BENEFITS = {"includedBenefits": ["CLAIMS_PROTECTED"], "excludedBenefits": []}


class Shipping:
    """The operations, and what they store."""

    def __init__(self, clock: SandboxClock, ids: Ids, ledger: Ledger, rules: KeyRules) -> None:
        self.keys: Keys = Keys(clock, rules)
        self._clock = clock
        self._ids = ids
        self._ledger = ledger
        self._store = Store()
        self.pushes: Pushes = Pushes(clock, ids, self._store)
        self._accounts = CarrierAccounts(ids)
        self._forms = CollectionForms(clock, ids, self._store, self.keys)
        self.parts: tuple[object, ...] = (
            self.keys,
            self._store,
            self.pushes,
            self._accounts,
            self._forms,
        )
        """What holds the state."""
        self.implementations: Implementations = {
            api.GET_RATES: self.get_rates,
            api.PURCHASE_SHIPMENT: self.purchase_shipment,
            api.DIRECT_PURCHASE_SHIPMENT: self.direct_purchase_shipment,
            api.ONE_CLICK_SHIPMENT: self.one_click_shipment,
            api.GET_TRACKING: self.get_tracking,
            api.GET_SHIPMENT_DOCUMENTS: self.get_shipment_documents,
            api.CANCEL_SHIPMENT: self.cancel_shipment,
            api.GET_ADDITIONAL_INPUTS: self.get_additional_inputs,
            GET_SHIPMENT: self.get_shipment,
            **self._accounts.implementations,
            **self._forms.implementations,
            **Deliveries(clock, self._store).implementations,
        }

    def reset(self) -> None:
        """Remove every quote, shipment, key, account and collection form, and what was pushed."""
        with self._store.lock:
            self._store.clear()
            self.keys.clear()
            self._accounts.clear()
            self._forms.clear()
        self.pushes.reset()

    def get_rates(self, request: ApiRequest) -> Response:
        """Return the quotes of every service for the package."""
        requested = read_shipment_request(request, self._clock.now())
        token = self._ids.uuid("quote")
        found = quotes(requested.package, requested.business, token, self._services(request))
        self._store.add_offer(token, Offer(requested, found, self._clock.now() + QUOTE_LIFETIME))
        return payload_response(
            {
                "requestToken": token,
                "rates": [_rate(quote, requested) for quote in found],
                "ineligibleRates": list(ineligible(requested.package, requested.business)),
            }
        )

    def purchase_shipment(self, request: ApiRequest) -> Response:
        """Buy one of the quoted rates."""
        body = request.body

        def buy() -> Shipment:
            offer, quote = self._quote(request, body)
            selected = [service["id"] for service in body.get("requestedValueAddedServices") or []]
            missing = missing_input(offer.request, body.get("additionalInputs"))
            if missing:
                raise invalid_input("The additional inputs are invalid", missing)
            return self._buy(request, offer.request, quote, body["requestedDocumentSpecification"], selected)

        if self.keys.rules.checks_expiry_first:
            self._quote(request, body)
        shipment = self._buy_once(request, buy)
        return payload_response(
            {
                "shipmentId": shipment.shipment_id,
                "packageDocumentDetails": [shipment.package_document_detail()],
                "promise": shipment.promise(),
                "benefits": _BENEFITS,
            }
        )

    def direct_purchase_shipment(self, request: ApiRequest) -> Response:
        """Buy the cheapest service that can carry the package."""

        def buy() -> Shipment:
            requested = read_shipment_request(request, self._clock.now())
            found = quotes(requested.package, requested.business, "")
            if not found:
                raise invalid_input("No shipping service can carry this package")
            cheapest = min(found, key=_charge)
            specification = request.body.get("labelSpecifications") or DEFAULT
            return self._buy(request, requested, cheapest, specification, None)

        shipment = self._buy_once(request, buy)
        response = payload_response(
            {
                "shipmentId": shipment.shipment_id,
                "packageDocumentDetailList": [shipment.package_document_detail()],
            }
        )
        return response.with_headers({IDEMPOTENCY_KEY: request.key}) if request.key else response

    def one_click_shipment(self, request: ApiRequest) -> Response:
        """Buy the first of the named services that can carry the package."""
        body, business = request.body, request.business
        requested = read_shipment_request(request, self._clock.now())
        by_id = {
            quote.service.id(business): quote
            for quote in quotes(requested.package, business, "", self._services(request))
        }
        found = [by_id[id_] for id_ in body["serviceSelection"]["serviceId"] if id_ in by_id]
        if not found:
            raise invalid_input("None of the selected services is available for this shipment")
        selected = [service["id"] for service in body.get("valueAddedServicesDetails") or []]
        shipment = self._buy(request, requested, found[0], body["labelSpecifications"], selected)
        return payload_response(
            {
                "shipmentId": shipment.shipment_id,
                "packageDocumentDetails": [shipment.package_document_detail()],
                "promise": shipment.promise(),
                "carrier": {
                    "id": shipment.service.carrier.id(business),
                    "name": shipment.service.carrier.name,
                },
                "service": {"id": shipment.service.id(business), "name": shipment.service.name},
                "totalCharge": currency_of(business, shipment.cost),
            }
        )

    def get_tracking(self, request: ApiRequest) -> Response:
        """Return where a parcel is, if Amazon carries it."""
        shipment = self._store.shipment_of(request.seller, request.query["trackingId"])
        is_named = request.query["carrierId"] == AMAZON.id(shipment.request.business)
        if shipment.service.carrier != AMAZON or not is_named:
            raise refused(NOT_FOUND, "There is no such tracking id for this carrier")
        return payload_response(shipment.tracking(self._clock.now()))

    def get_shipment_documents(self, request: ApiRequest) -> Response:
        """Print the documents again, in the format that was bought."""
        shipment = self._shipment(request)
        if shipment.reference != request.query["packageClientReferenceId"]:
            raise refused(NOT_FOUND, "The shipment has no package with this packageClientReferenceId")
        return payload_response(
            {
                "shipmentId": shipment.shipment_id,
                "packageDocumentDetail": shipment.package_document_detail(),
                "benefits": _BENEFITS,
            }
        )

    def cancel_shipment(self, request: ApiRequest) -> Response:
        """Cancel and refund a shipment that has not been picked up yet."""
        with self._store.lock:
            shipment = self._shipment(request)
            if shipment.cancelled_at:
                raise invalid_input("The shipment is already cancelled")
            now = self._clock.now()
            if now >= shipment.pickup_at:
                raise invalid_input("The shipment has been picked up and can no longer be cancelled")
            shipment.cancelled_at = now
            self._ledger.cancel_label(shipment.shipment_id)
        return payload_response({})

    def get_additional_inputs(self, request: ApiRequest) -> Response:
        """Return the JSON Schema of the additional inputs of a rate."""
        offer, _ = self._quote(request, request.query)
        return payload_response(additional_inputs(offer.request))

    def get_shipment(self, request: ApiRequest) -> Response:
        """Return a shipment in the form of version 1."""
        return payload_response(as_version_1(self._shipment(request)))

    def _quote(self, request: ApiRequest, names: Mapping[str, Any]) -> tuple[Offer, Quote]:
        """Return the quote that *names* names by its `requestToken` and `rateId`."""
        offer = self._store.offers.get(names["requestToken"])
        if offer is None or offer.request.seller != request.seller:
            raise invalid_input("The request token is invalid")
        if self._clock.now() >= offer.expires:
            raise refused(TOKEN_EXPIRED, "Call getRates for new rates.")
        for quote in offer.quotes:
            if quote.rate_id == names["rateId"]:
                return offer, quote
        raise invalid_input("The rate id is invalid")

    def _services(self, request: ApiRequest) -> list[Service]:
        """Return the services that are quoted: Amazon's, and those of linked accounts."""
        return [*SERVICES, *self._accounts.services(request)]

    def _buy_once(self, request: ApiRequest, buy: Callable[[], Shipment]) -> Shipment:
        """Buy, or return what was bought with the same key."""
        with self._store.lock:
            return self.keys.once(request, buy)

    def _buy(
        self,
        request: ApiRequest,
        requested: ShipmentRequest,
        quote: Quote,
        specification: Mapping[str, Any],
        selected: list[str] | None,
    ) -> Shipment:
        wrong = problem(specification)
        if wrong:
            raise invalid_input(wrong)
        try:
            extras = Decimal(0) if selected is None else value_added_cost(_groups(requested), selected)
        except ValueError as error:
            raise invalid_input("The requested value added services are invalid", str(error)) from None
        shipment = Shipment(
            requested,
            quote.service,
            specification,
            shipment_id=self._ids.uuid("shipment"),
            tracking_id=self._store.next_tracking_id(quote.service.carrier.tracking_prefix),
            cost=quote.charge + extras,
            bought_at=self._clock.now(),
        )
        self._store.add_shipment(shipment)
        self._ledger.add_label(
            Label(
                shipment_id=shipment.shipment_id,
                operation=request.operation.name,
                seller=request.seller,
                key=request.key,
                reference=shipment.reference,
                cost=shipment.cost,
                currency=BUSINESS_MARKETS[requested.business].currency,
            )
        )
        return shipment

    def _shipment(self, request: ApiRequest) -> Shipment:
        shipment = self._store.shipments.get(request.path["shipmentId"])
        if shipment is None or shipment.request.seller != request.seller:
            raise refused(NOT_FOUND, "There is no such shipment")
        return shipment


def _charge(quote: Quote) -> Decimal:
    return quote.charge


def _groups(requested: ShipmentRequest) -> list[dict[str, Any]]:
    is_abroad = crosses_border(requested.sender, requested.recipient)
    return value_added_groups(requested.business, is_abroad=is_abroad)


def _rate(quote: Quote, requested: ShipmentRequest) -> dict[str, Any]:
    business, carrier = requested.business, quote.service.carrier
    charge = currency_of(business, quote.charge)
    return {
        "rateId": quote.rate_id,
        "carrierId": carrier.id(business),
        "carrierName": carrier.name,
        "serviceId": quote.service.id(business),
        "serviceName": quote.service.name,
        "billedWeight": {"value": quote.billed, "unit": "KILOGRAM"},
        "totalCharge": charge,
        "promise": promise(quote.service, requested.ship_date),
        "supportedDocumentSpecifications": supported(),
        "availableValueAddedServiceGroups": _groups(requested),
        "requiresAdditionalInputs": requested.has_hazmat,
        "rateItemList": [{"rateItemID": "BASE_RATE", "rateItemType": "MANDATORY", "rateItemCharge": charge}],
        "paymentType": "PAY_THROUGH_AMAZON" if carrier == AMAZON else "PAY_DIRECT_TO_CARRIER",
        "benefits": _BENEFITS,
    }
