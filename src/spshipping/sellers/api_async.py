"""The facade of `spshipping.sellers.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from typing import Unpack

from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions
from spshipping.sellers.api import GET_ACCOUNT, GET_MARKETPLACE_PARTICIPATIONS
from spshipping.sellers.models import Account, MarketplaceParticipation


class AsyncSellersApi(AsyncApi):
    """Return who the seller is, and where they sell."""

    __slots__ = ()

    async def get_marketplace_participations(
        self, **options: Unpack[CallOptions]
    ) -> list[MarketplaceParticipation]:
        """Return the marketplaces in which the seller can list, with the seller's part in each.

        About once a minute: beyond fifteen in a row, a call waits for its reservation.
        """
        return await self._run(GET_MARKETPLACE_PARTICIPATIONS(), **options)

    async def get_account(self, **options: Unpack[CallOptions]) -> Account:
        """Return the seller's account: business, contact, plan and marketplaces. In Europe only.

        About once a minute: beyond fifteen in a row, a call waits for its reservation.

        Source: https://developer-docs.amazon.com/sp-api/docs/sellers-api
        """
        return await self._run(GET_ACCOUNT(), **options)
