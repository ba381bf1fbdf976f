"""The operations of Amazon Shipping v2 about where parcels are delivered, and about those that were not."""

from collections.abc import Sequence
from typing import Unpack

from spshipping.errors import ApiError, InvalidRequestError
from spshipping.facade import Api
from spshipping.operation import Before, Call, CallOptions, Effect, Operation, Parameter
from spshipping.regions import ShippingBusiness
from spshipping.shipping.models.access_points import AccessPointType, GetAccessPointsResult
from spshipping.shipping.models.claims import (
    CreateClaimRequest,
    CreateClaimResponse,
    NdrAction,
    NdrRequestData,
    SubmitNdrFeedbackRequest,
)
from spshipping.shipping.parameters import BUSINESS, QUOTA, ROLES

_NEEDED = {
    NdrAction.RESCHEDULE: "reschedule_date",
    NdrAction.REATTEMPT: "additional_address_notes",
}
_CLAIM_EXISTS = "claim already exists"
"""Source: Amazon's example of a 400 of createClaim, in
https://github.com/amzn/selling-partner-api-models/blob/main/models/shipping-api-model/shippingV2.json
"""


def refuse_incomplete(call: Call[None], before: Before) -> None:  # noqa: ARG001
    """Refuse feedback without what its action needs.

    Raises:
        InvalidRequestError: it is missing, and where.
    """
    request = call.body
    if not isinstance(request, SubmitNdrFeedbackRequest):
        return  # restored from its bytes alone
    data: object = request.ndr_request_data or NdrRequestData()
    name = next((field for action, field in _NEEDED.items() if action == request.ndr_action), None)
    # of another type, it is refused when it is written
    if name and isinstance(data, NdrRequestData) and not getattr(data, name):
        action = request.ndr_action
        del request, data  # a traceback shows local variables
        raise InvalidRequestError(f"is needed for the action {action}", path=f"ndr_request_data.{name}")


def is_existing_claim(error: ApiError) -> bool:
    """Say whether Amazon refused a claim because there is one for the parcel."""
    return any(_CLAIM_EXISTS in f"{each.message} {each.details}".lower() for each in error.errors)


GET_ACCESS_POINTS = Operation(
    name="getAccessPoints",
    route="GET /shipping/v2/accessPoints",
    query=(
        Parameter("accessPointTypes", written="list", is_required=True),
        Parameter("countryCode", is_required=True),
        Parameter("postalCode", is_required=True, is_personal=True),
    ),
    headers=(BUSINESS,),
    returns=GetAccessPointsResult,
    envelope=True,
    quota=QUOTA,
    roles=ROLES,
    effect=Effect.NONE,
)
SUBMIT_NDR_FEEDBACK = Operation(
    name="submitNdrFeedback",
    route="POST /shipping/v2/ndrFeedback",
    body=SubmitNdrFeedbackRequest,
    headers=(BUSINESS,),
    returns=type(None),
    quota=QUOTA,
    roles=ROLES,
    effect=Effect.ONCE,
    before=refuse_incomplete,
)
CREATE_CLAIM = Operation(
    name="createClaim",
    route="POST /shipping/v2/claims",
    body=CreateClaimRequest,
    headers=(BUSINESS,),
    returns=CreateClaimResponse,
    quota=QUOTA,
    roles=ROLES,
    # Amazon takes one claim for a parcel, and refuses the second
    effect=Effect.IDEMPOTENT,
    is_done=is_existing_claim,
)


class DeliveriesApi(Api):
    """Find places to deliver to, and say what to do where a delivery failed."""

    __slots__ = ()

    def get_access_points(
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
        return self._run(
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

    def submit_ndr_feedback(
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
        return self._run(SUBMIT_NDR_FEEDBACK(body=request, headers={BUSINESS.name: business}), **options)

    def create_claim(
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
        return self._run(CREATE_CLAIM(body=request, headers={BUSINESS.name: business}), **options)
