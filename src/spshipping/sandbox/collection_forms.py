"""Collection forms: what third-party carriers still have to collect, and the forms for it."""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from spshipping import shipping as api
from spshipping.sandbox.clock import SandboxClock, write_time
from spshipping.sandbox.ids import Ids
from spshipping.sandbox.keys import Keys
from spshipping.sandbox.labels import collection_form
from spshipping.sandbox.operations import ApiRequest, Implementations
from spshipping.sandbox.refusals import NOT_FOUND, invalid_input, refused
from spshipping.sandbox.responses import Response, json_response
from spshipping.sandbox.services import AMAZON, THIRD_PARTY_SERVICES, Carrier
from spshipping.sandbox.shipments import Shipment, Store

_CARRIERS = {service.carrier.code: service.carrier for service in THIRD_PARTY_SERVICES}
_UNTIL_COMPLETED = timedelta(seconds=30)
_Address = Mapping[str, Any]


class _CollectionForm(NamedTuple):
    """One form that was generated."""

    id: str
    request: ApiRequest
    carrier: Carrier
    address: _Address
    created_at: datetime
    tracking_ids: list[str]

    def is_completed(self, now: datetime) -> bool:
        """Return whether it can be printed."""
        return now >= self.created_at + _UNTIL_COMPLETED

    def response(self, now: datetime) -> Response:
        """Return it in Amazon's form: empty until it is completed."""
        if not self.is_completed(now):
            return json_response({})
        data = collection_form(self.carrier.name, self.address, self.tracking_ids, self.created_at)
        document = {
            "base64EncodedContent": base64.b64encode(data).decode(),
            "documentFormat": "application/pdf",
        }
        return json_response({"collectionsFormDocument": document})

    def record(self, now: datetime) -> dict[str, Any]:
        """Return its entry in the history."""
        return {
            "carrierName": self.carrier.name,
            "creationDate": write_time(self.created_at),
            "generationStatus": "Completed" if self.is_completed(now) else "InProgress",
            "collectionFormId": self.id,
            "shipFromAddress": self.address,
        }


class CollectionForms:
    """Finds what is on no form yet, and generates forms."""

    def __init__(self, clock: SandboxClock, ids: Ids, store: Store, keys: Keys) -> None:
        self._ids = ids
        self._clock = clock
        self._store = store
        self._keys = keys
        self._forms: dict[str, _CollectionForm] = {}
        self.implementations: Implementations = {
            api.GET_UNMANIFESTED_SHIPMENTS: self.get_unmanifested,
            api.GENERATE_COLLECTION_FORM: self.generate,
            api.GET_COLLECTION_FORM_HISTORY: self.get_history,
            api.GET_COLLECTION_FORM: self.get_form,
        }

    def clear(self) -> None:
        """Remove every form."""
        self._forms.clear()

    def get_unmanifested(self, request: ApiRequest) -> Response:
        """Return the carriers and places with shipments that are on no form yet."""
        with self._store.lock:
            places: dict[Carrier, dict[tuple[str, ...], _Address]] = {}
            for shipment in self._unmanifested(request):
                sender = shipment.request.sender
                places.setdefault(shipment.service.carrier, {}).setdefault(_place(sender), sender)
            found = [
                {
                    "carrierId": carrier.code,
                    "carrierName": carrier.name,
                    "unmanifestedShipmentLocationList": [
                        self._location(request, carrier, address) for address in addresses.values()
                    ],
                }
                for carrier, addresses in places.items()
            ]
        return json_response({"unmanifestedCarrierInformationList": found})

    def generate(self, request: ApiRequest) -> Response:
        """Put the unmanifested shipments of a carrier, and of a place if one is named, on a form."""
        with self._store.lock:
            form = self._keys.once(request, lambda: self._generated(request))
        return form.response(self._clock.now())

    def get_history(self, request: ApiRequest) -> Response:
        """Return the forms that were generated, the latest first."""
        body, now = request.body, self._clock.now()
        with self._store.lock:
            forms = [form for form in reversed(self._of(request)) if _is_sought(form, body)]
        most = body.get("maxResults")
        return json_response(
            {
                "collectionFormsHistoryRecordList": [form.record(now) for form in forms[:most]],
                "lastRefreshedDate": f"{now:%B %d %Y %I:%M %p} UTC",
            }
        )

    def get_form(self, request: ApiRequest) -> Response:
        """Print a form again."""
        form = self._forms.get(request.path["collectionFormId"])
        if form is None or form.request.seller != request.seller:
            raise refused(NOT_FOUND, "There is no such collection form")
        return form.response(self._clock.now())

    def _generated(self, request: ApiRequest) -> _CollectionForm:
        code, place = request.body["carrierId"], request.body.get("shipFromAddress")
        if code == AMAZON.id(request.business):
            raise invalid_input("Amazon Shipping needs no collection form")
        if code not in _CARRIERS:
            raise refused(NOT_FOUND, "There is no such carrier")
        shipments = [
            shipment
            for shipment in self._unmanifested(request)
            if shipment.service.carrier.code == code
            and (place is None or _place(place) == _place(shipment.request.sender))
        ]
        if not shipments:
            raise invalid_input("There are no unmanifested shipments of this carrier at this address")
        for shipment in shipments:
            shipment.is_manifested = True
        form = _CollectionForm(
            id=self._ids.uuid("collection form"),
            request=request,
            carrier=_CARRIERS[code],
            address=place or shipments[0].request.sender,
            created_at=self._clock.now(),
            tracking_ids=[shipment.tracking_id for shipment in shipments],
        )
        self._forms[form.id] = form
        return form

    def _unmanifested(self, request: ApiRequest) -> list[Shipment]:
        return [
            shipment
            for shipment in self._store.shipments.values()
            if (shipment.request.seller, shipment.request.business) == (request.seller, request.business)
            and shipment.service.carrier != AMAZON
            and not shipment.is_manifested
            and shipment.cancelled_at is None
        ]

    def _of(self, request: ApiRequest) -> list[_CollectionForm]:
        owner = (request.seller, request.business)
        return [
            form for form in self._forms.values() if (form.request.seller, form.request.business) == owner
        ]

    def _location(self, request: ApiRequest, carrier: Carrier, address: _Address) -> dict[str, Any]:
        times = [
            form.created_at
            for form in self._of(request)
            if form.carrier == carrier and _place(form.address) == _place(address)
        ]
        return {"address": address, **({"lastManifestDate": write_time(max(times))} if times else {})}


def _place(address: _Address) -> tuple[str, ...]:
    """Return what two addresses of one place have in common."""
    names = ("addressLine1", "city", "postalCode", "countryCode")
    return tuple(str(address[name]).casefold() for name in names)


def _is_sought(form: _CollectionForm, body: Mapping[str, Any]) -> bool:
    place, dates = body.get("shipFromAddress"), body.get("dateRange") or {}
    start, end = dates.get("startDate"), dates.get("endDate")
    return (
        body.get("carrierId") in (None, form.carrier.code)
        and (place is None or _place(place) == _place(form.address))
        and (not start or form.created_at >= datetime.fromisoformat(start))
        and (not end or form.created_at <= datetime.fromisoformat(end))
    )
