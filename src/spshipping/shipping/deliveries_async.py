"""The facade of `spshipping.shipping.deliveries` for `AsyncClient`."""

# Made by tools/make_async.py from deliveries.py: change that file, and run the tool.

from collections.abc import Sequence
from typing import Unpack

from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions
from spshipping.regions import ShippingBusiness
from spshipping.shipping.deliveries import CREATE_CLAIM, GET_ACCESS_POINTS, SUBMIT_NDR_FEEDBACK
from spshipping.shipping.models.access_points import AccessPointType, GetAccessPointsResult
from spshipping.shipping.models.claims import (
    CreateClaimRequest,
    CreateClaimResponse,
    SubmitNdrFeedbackRequest,
)
from spshipping.shipping.parameters import BUSINESS


class AsyncDeliveriesApi(AsyncApi):
    """Find places to deliver to, and say what to do where a delivery failed."""

    __slots__ = ()

    async def get_access_points(
        self,
        *,
        access_point_types: Sequence[AccessPointType | str],
        country_code: str,
        postal_code: str,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> GetAccessPointsResult:
        """Return the counters and lockers near a postal code: at most 40 of each type, the nearest first.

        The id of one goes into a request for rates as `destination_access_point_details`.
        """
        return await self._run(
            GET_ACCESS_POINTS(
                query={
                    "accessPointTypes": access_point_types,
                    "countryCode": country_code,
                    "postalCode": postal_code,
                },
                headers={BUSINESS.name: business},
            ),
            **options,
        )

    async def submit_ndr_feedback(
        self,
        request: SubmitNdrFeedbackRequest,
        *,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Say what to do with a parcel that could not be delivered (a non-delivery report). India only.

        Raises:
            InvalidRequestError: the action needs a date or notes, and has none.
            OutcomeUnknownError: Amazon may have taken it; track the parcel before you send it again.
        """
        return await self._run(
            SUBMIT_NDR_FEEDBACK(body=request, headers={BUSINESS.name: business}), **options
        )

    async def create_claim(
        self,
        request: CreateClaimRequest,
        *,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> CreateClaimResponse:
        """Claim a refund, or a certificate, for a parcel that was lost, damaged or not received.

        Amazon takes one claim for a parcel, so repeating it is harmless. Where an answer was lost, and the
        repeat is refused because there is a claim, the claim was made: `claim_id` is None then, for Amazon
        does not say it again.

        Raises:
            BadRequestError: there was a claim for this parcel before, or it is not eligible.
            OutcomeUnknownError: it may have been made; `client.resolve(error)` finds out.
        """
        return await self._run(CREATE_CLAIM(body=request, headers={BUSINESS.name: business}), **options)
