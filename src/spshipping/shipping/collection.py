"""The operations of Amazon Shipping v2 for collection forms, which third-party carriers ask for."""

from collections.abc import Collection
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Unpack
from uuid import UUID

from spshipping.facade import Api
from spshipping.operation import CallOptions, Effect, Operation, random_key
from spshipping.regions import ShippingBusiness
from spshipping.shipping import collection_day
from spshipping.shipping.collection_day import Collected
from spshipping.shipping.collection_files import FormOperations, Wish
from spshipping.shipping.models.collection import (
    GenerateCollectionFormRequest,
    GenerateCollectionFormResponse,
    GetCollectionFormHistoryRequest,
    GetCollectionFormHistoryResponse,
    GetCollectionFormResponse,
    GetUnmanifestedShipmentsRequest,
    GetUnmanifestedShipmentsResponse,
)
from spshipping.shipping.parameters import BUSINESS, IDEMPOTENCY_KEY, QUOTA, ROLES
from spshipping.transport.io import run

GET_UNMANIFESTED_SHIPMENTS = Operation(
    name="getUnmanifestedShipments",
    route="PUT /shipping/v2/unmanifestedShipments",
    body=GetUnmanifestedShipmentsRequest,
    headers=(BUSINESS,),
    returns=GetUnmanifestedShipmentsResponse,
    quota=QUOTA,
    roles=ROLES,
    # a PUT that only reads
    effect=Effect.NONE,
)
GENERATE_COLLECTION_FORM = Operation(
    name="generateCollectionForm",
    route="POST /shipping/v2/collectionForms",
    body=GenerateCollectionFormRequest,
    headers=(IDEMPOTENCY_KEY, BUSINESS),
    returns=GenerateCollectionFormResponse,
    quota=QUOTA,
    roles=ROLES,
    effect=Effect.KEYED,
    # two equal requests may be meant for two collections
    key=random_key,
)
GET_COLLECTION_FORM_HISTORY = Operation(
    name="getCollectionFormHistory",
    route="PUT /shipping/v2/collectionForms/history",
    body=GetCollectionFormHistoryRequest,
    headers=(BUSINESS,),
    returns=GetCollectionFormHistoryResponse,
    quota=QUOTA,
    roles=ROLES,
    # a PUT that only reads
    effect=Effect.NONE,
)
GET_COLLECTION_FORM = Operation(
    name="getCollectionForm",
    route="GET /shipping/v2/collectionForms/{collectionFormId}",
    headers=(BUSINESS,),
    returns=GetCollectionFormResponse,
    quota=QUOTA,
    roles=ROLES,
    effect=Effect.NONE,
)

FORM_OPERATIONS = FormOperations(
    GET_UNMANIFESTED_SHIPMENTS,
    GENERATE_COLLECTION_FORM,
    GET_COLLECTION_FORM_HISTORY,
    GET_COLLECTION_FORM,
    BUSINESS.name,
    IDEMPOTENCY_KEY.name,
)


class CollectionFormsApi(Api):
    """Find what third-party carriers must still collect, and print the forms for it."""

    __slots__ = ()

    def get_unmanifested_shipments(
        self,
        request: GetUnmanifestedShipmentsRequest,
        *,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> GetUnmanifestedShipmentsResponse:
        """Return the carriers and places with shipments that are on no collection form yet.

        Amazon's own carrier needs no form, and is never among them. An empty request is for the seller's own.
        """
        return self._run(
            GET_UNMANIFESTED_SHIPMENTS(body=request, headers={BUSINESS.name: business}), **options
        )

    def generate_collection_form(
        self,
        request: GenerateCollectionFormRequest,
        *,
        idempotency_key: str | UUID | None = None,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> GenerateCollectionFormResponse:
        """Put the unmanifested shipments of a carrier and a place on a collection form.

        Args:
            request: the carrier, and where it collects.
            idempotency_key: what makes two requests one form. None means a new random key for this call,
                shared by its repeats; give one of your own, stored beforehand, to survive a crash as well.
            business: the Amazon Shipping business.
            options: limits of time.

        Raises:
            OutcomeUnknownError: it may be generated; `client.resolve(error)` repeats it with its key.
        """
        return self._run(
            GENERATE_COLLECTION_FORM(
                body=request, headers={IDEMPOTENCY_KEY.name: idempotency_key, BUSINESS.name: business}
            ),
            **options,
        )

    def get_collection_form_history(
        self,
        request: GetCollectionFormHistoryRequest,
        *,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> GetCollectionFormHistoryResponse:
        """Return the forms that were generated, with their ids; one that is not ready is InProgress.

        There are no pages: `max_results` of the request is all that limits the answer.
        """
        return self._run(
            GET_COLLECTION_FORM_HISTORY(body=request, headers={BUSINESS.name: business}), **options
        )

    def get_collection_form(
        self,
        collection_form_id: str,
        *,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> GetCollectionFormResponse:
        """Return a form that was generated before, to print it again."""
        return self._run(
            GET_COLLECTION_FORM(
                path={"collectionFormId": collection_form_id}, headers={BUSINESS.name: business}
            ),
            **options,
        )

    def collect(
        self,
        folder: str | PathLike[str],
        *,
        number: int = 1,
        day: date | None = None,
        time_zone: str = "UTC",
        carriers: Collection[str] | None = None,
        seller: str | None = None,
        business: ShippingBusiness | str | None = None,
        wait: float = collection_day.WAIT,
        **options: Unpack[CallOptions],
    ) -> list[Collected]:
        """Generate and save the collection forms of a day, for all third-party carriers and places.

        Called again with the same day and number, it makes no second form: the key of a form follows from
        endpoint, seller, business, carrier, place, day and number. A form that was generated and not saved,
        as after a crash, is found in the history and saved. One that fails stops no other.

        Args:
            folder: where the forms are saved, readable by their owner only.
            number: which collection of the day, from 1. Give 2 for what was bought after the first.
            day: the day; None for today. The history is read from its beginning on.
            time_zone: where the day begins, such as `Europe/London`.
            carriers: the ids of the carriers; None for all. Amazon's own needs no form, and nothing is
                requested for it.
            seller: a name for the seller that never changes; None means `selling_partner_id` of the
                credentials.
            business: the Amazon Shipping business; None means the client's own.
            wait: seconds for which forms are waited for; one that takes longer is IN_PROGRESS.
            options: limits of time for each call.

        Raises:
            ConfigurationError: there is no name for the seller, no business, or no such time zone.
            InvalidRequestError: the number, the day or the wait is none.
            SpShippingError: what is to be collected, or the history, could not be read.
            OSError: the disk refused.
        """
        return run(
            collection_day.collect(
                self._context,
                FORM_OPERATIONS,
                carriers,
                Wish(Path(folder), number, day, time_zone, seller, business, wait, options),
            )
        )
