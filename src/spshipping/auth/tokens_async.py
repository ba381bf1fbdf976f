"""The facade of `spshipping.auth.tokens` for `AsyncClient`."""

# Made by tools/make_async.py from tokens.py: change that file, and run the tool.

from typing import Unpack

from spshipping.auth.tokens import (
    CREATE_RESTRICTED_DATA_TOKEN,
    CreateRestrictedDataTokenRequest,
    CreateRestrictedDataTokenResponse,
)
from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions


class AsyncTokensApi(AsyncApi):
    """Mint Restricted Data Tokens by hand; calls with `pii=` mint and keep their own."""

    __slots__ = ()

    async def create_restricted_data_token(
        self, request: CreateRestrictedDataTokenRequest, **options: Unpack[CallOptions]
    ) -> CreateRestrictedDataTokenResponse:
        """Mint a token for up to 50 operations, for oneself or for another application.

        It is good for an hour, and opens the data of the seller whose client mints it. The answer holds it
        in clear; its repr does not show it.

        Source: https://developer-docs.amazon.com/sp-api/docs/tokens-api-use-case-guide
        """
        return await self._run(CREATE_RESTRICTED_DATA_TOKEN(body=request), **options)
