"""The operations of Amazon Shipping v2 that link the seller's own accounts with carriers."""

from typing import Unpack

from spshipping.facade import Api
from spshipping.operation import CallOptions, Effect, Operation, Quota
from spshipping.regions import ShippingBusiness
from spshipping.shipping.models.accounts import (
    GetCarrierAccountFormInputsResponse,
    GetCarrierAccountsRequest,
    GetCarrierAccountsResponse,
    LinkCarrierAccountRequest,
    LinkCarrierAccountResponse,
    UnlinkCarrierAccountRequest,
    UnlinkCarrierAccountResponse,
)
from spshipping.shipping.parameters import BUSINESS, QUOTA, ROLES

GET_CARRIER_ACCOUNT_FORM_INPUTS = Operation(
    name="getCarrierAccountFormInputs",
    route="GET /shipping/v2/carrierAccountFormInputs",
    headers=(BUSINESS,),
    returns=GetCarrierAccountFormInputsResponse,
    quota=QUOTA,
    roles=ROLES,
    effect=Effect.NONE,
)
GET_CARRIER_ACCOUNTS = Operation(
    name="getCarrierAccounts",
    route="PUT /shipping/v2/carrierAccounts",
    body=GetCarrierAccountsRequest,
    headers=(BUSINESS,),
    returns=GetCarrierAccountsResponse,
    quota=QUOTA,
    roles=ROLES,
    # a PUT that only reads
    effect=Effect.NONE,
)
LINK_CARRIER_ACCOUNT = Operation(
    name="linkCarrierAccount",
    route="POST /shipping/v2/carrierAccounts/{carrierId}",
    body=LinkCarrierAccountRequest,
    headers=(BUSINESS,),
    returns=LinkCarrierAccountResponse,
    quota=Quota(5, burst=10),
    roles=ROLES,
    effect=Effect.ONCE,
)
# Amazon gives this one the operationId of the one above
UPDATE_LINKED_CARRIER_ACCOUNT = Operation(
    name="linkCarrierAccount",
    route="PUT /shipping/v2/carrierAccounts/{carrierId}",
    body=LinkCarrierAccountRequest,
    headers=(BUSINESS,),
    returns=LinkCarrierAccountResponse,
    quota=QUOTA,
    roles=ROLES,
    # Amazon does not say that a second one makes no second account
    effect=Effect.ONCE,
)
UNLINK_CARRIER_ACCOUNT = Operation(
    name="unlinkCarrierAccount",
    route="PUT /shipping/v2/carrierAccounts/{carrierId}/unlink",
    body=UnlinkCarrierAccountRequest,
    headers=(BUSINESS,),
    returns=UnlinkCarrierAccountResponse,
    quota=QUOTA,
    roles=ROLES,
    effect=Effect.IDEMPOTENT,
)


class CarrierAccountsApi(Api):
    """Link, list and unlink the seller's own accounts with carriers."""

    __slots__ = ()

    def get_carrier_account_form_inputs(
        self, *, business: ShippingBusiness | None = None, **options: Unpack[CallOptions]
    ) -> GetCarrierAccountFormInputsResponse:
        """Return what each carrier asks for to link an account: the inputs of a form."""
        return self._run(GET_CARRIER_ACCOUNT_FORM_INPUTS(headers={BUSINESS.name: business}), **options)

    def get_carrier_accounts(
        self,
        request: GetCarrierAccountsRequest,
        *,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> GetCarrierAccountsResponse:
        """Return the accounts that are linked; an empty request is for those of the seller."""
        return self._run(GET_CARRIER_ACCOUNTS(body=request, headers={BUSINESS.name: business}), **options)

    def link_carrier_account(
        self,
        carrier_id: str,
        request: LinkCarrierAccountRequest,
        *,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> LinkCarrierAccountResponse:
        """Link an account with a carrier, so that its prices are quoted. Five a second at most.

        This is the POST of the two operations that Amazon calls linkCarrierAccount; the PUT is
        `update_linked_carrier_account`.

        Args:
            carrier_id: the carrier, as `get_carrier_account_form_inputs` names it.
            request: the answers to the inputs of its form.
            business: the Amazon Shipping business.
            options: limits of time.

        Raises:
            OutcomeUnknownError: it may be linked; see `get_carrier_accounts` before you send it again.
        """
        return self._run(
            LINK_CARRIER_ACCOUNT(
                path={"carrierId": carrier_id}, body=request, headers={BUSINESS.name: business}
            ),
            **options,
        )

    def update_linked_carrier_account(
        self,
        carrier_id: str,
        request: LinkCarrierAccountRequest,
        *,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> LinkCarrierAccountResponse:
        """Link an account again, such as with a new password.

        This is the PUT of the two operations that Amazon calls linkCarrierAccount, with the same request and
        answer as `link_carrier_account`. Amazon does not say how the two differ.

        Raises:
            OutcomeUnknownError: it may be linked; see `get_carrier_accounts` before you send it again.
        """
        return self._run(
            UPDATE_LINKED_CARRIER_ACCOUNT(
                path={"carrierId": carrier_id}, body=request, headers={BUSINESS.name: business}
            ),
            **options,
        )

    def unlink_carrier_account(
        self,
        carrier_id: str,
        request: UnlinkCarrierAccountRequest,
        *,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> UnlinkCarrierAccountResponse:
        """Remove the link with an account. Repeating it is harmless."""
        return self._run(
            UNLINK_CARRIER_ACCOUNT(
                path={"carrierId": carrier_id}, body=request, headers={BUSINESS.name: business}
            ),
            **options,
        )
