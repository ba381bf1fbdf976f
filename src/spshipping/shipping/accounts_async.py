"""The facade of `spshipping.shipping.accounts` for `AsyncClient`."""

# Made by tools/make_async.py from accounts.py: change that file, and run the tool.

from typing import Unpack

from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions
from spshipping.regions import ShippingBusiness
from spshipping.shipping.accounts import (
    GET_CARRIER_ACCOUNT_FORM_INPUTS,
    GET_CARRIER_ACCOUNTS,
    LINK_CARRIER_ACCOUNT,
    UNLINK_CARRIER_ACCOUNT,
    UPDATE_LINKED_CARRIER_ACCOUNT,
)
from spshipping.shipping.models.accounts import (
    GetCarrierAccountFormInputsResponse,
    GetCarrierAccountsRequest,
    GetCarrierAccountsResponse,
    LinkCarrierAccountRequest,
    LinkCarrierAccountResponse,
    UnlinkCarrierAccountRequest,
    UnlinkCarrierAccountResponse,
)
from spshipping.shipping.parameters import BUSINESS


class AsyncCarrierAccountsApi(AsyncApi):
    """Link, list and unlink the seller's own accounts with carriers."""

    __slots__ = ()

    async def get_carrier_account_form_inputs(
        self, *, business: ShippingBusiness | None = None, **options: Unpack[CallOptions]
    ) -> GetCarrierAccountFormInputsResponse:
        """Return what each carrier asks for to link an account: the inputs of a form."""
        return await self._run(GET_CARRIER_ACCOUNT_FORM_INPUTS(headers={BUSINESS.name: business}), **options)

    async def get_carrier_accounts(
        self,
        request: GetCarrierAccountsRequest,
        *,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> GetCarrierAccountsResponse:
        """Return the accounts that are linked; an empty request is for those of the seller."""
        return await self._run(
            GET_CARRIER_ACCOUNTS(body=request, headers={BUSINESS.name: business}), **options
        )

    async def link_carrier_account(
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
        return await self._run(
            LINK_CARRIER_ACCOUNT(
                path={"carrierId": carrier_id}, body=request, headers={BUSINESS.name: business}
            ),
            **options,
        )

    async def update_linked_carrier_account(
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
        return await self._run(
            UPDATE_LINKED_CARRIER_ACCOUNT(
                path={"carrierId": carrier_id}, body=request, headers={BUSINESS.name: business}
            ),
            **options,
        )

    async def unlink_carrier_account(
        self,
        carrier_id: str,
        request: UnlinkCarrierAccountRequest,
        *,
        business: ShippingBusiness | None = None,
        **options: Unpack[CallOptions],
    ) -> UnlinkCarrierAccountResponse:
        """Remove the link with an account. Repeating it is harmless."""
        return await self._run(
            UNLINK_CARRIER_ACCOUNT(
                path={"carrierId": carrier_id}, body=request, headers={BUSINESS.name: business}
            ),
            **options,
        )
