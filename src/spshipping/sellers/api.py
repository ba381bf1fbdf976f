"""The operations of Sellers v1, and the facade that names them."""

from typing import Unpack

from spshipping.facade import Api
from spshipping.operation import CallOptions, Effect, Operation, Quota
from spshipping.roles import Role
from spshipping.sellers.models import Account, MarketplaceParticipation

# for roles in all regions: https://developer-docs.amazon.com/sp-api/docs/sellers-api
GET_MARKETPLACE_PARTICIPATIONS = Operation(
    name="getMarketplaceParticipations",
    route="GET /sellers/v1/marketplaceParticipations",
    returns=list[MarketplaceParticipation],
    envelope=True,
    quota=Quota(0.016, burst=15),
    effect=Effect.NONE,
    roles=(Role.PRODUCT_LISTING, Role.SELLING_PARTNER_INSIGHTS),
)
GET_ACCOUNT = Operation(
    name="getAccount",
    route="GET /sellers/v1/account",
    returns=Account,
    envelope=True,
    quota=Quota(0.016, burst=15),
    effect=Effect.NONE,
    roles=(Role.ACCOUNT_INFORMATION_SERVICE_PROVIDER, Role.FINANCE_AND_ACCOUNTING),
)


class SellersApi(Api):
    """Return who the seller is, and where they sell."""

    __slots__ = ()

    def get_marketplace_participations(
        self, **options: Unpack[CallOptions]
    ) -> list[MarketplaceParticipation]:
        """Return the marketplaces in which the seller can list, with the seller's part in each.

        About once a minute: beyond fifteen in a row, a call waits for its reservation.
        """
        return self._run(GET_MARKETPLACE_PARTICIPATIONS(), **options)

    def get_account(self, **options: Unpack[CallOptions]) -> Account:
        """Return the seller's account: business, contact, plan and marketplaces. In Europe only.

        About once a minute: beyond fifteen in a row, a call waits for its reservation.

        Source: https://developer-docs.amazon.com/sp-api/docs/sellers-api
        """
        return self._run(GET_ACCOUNT(), **options)
