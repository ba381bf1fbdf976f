"""The Tokens API 2021-03-01: Restricted Data Tokens, which open personal data."""

from typing import Annotated, Unpack

from spshipping.facade import Api
from spshipping.operation import CallOptions, Effect, Operation, Quota
from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Count
from spshipping.wire.model import Model, camel


class RestrictedMethod(OpenEnum):
    """The verb of a restricted operation."""

    GET = "GET"
    PUT = "PUT"
    POST = "POST"
    DELETE = "DELETE"


@camel
class RestrictedResource(Model):
    """One operation that the token shall open: its verb, its path, and what of it."""

    method: RestrictedMethod
    path: str
    """A path, or its template such as `/orders/v0/orders/{orderId}`, which opens all of them."""
    data_elements: list[str] | None = None


@camel
class CreateRestrictedDataTokenRequest(Model):
    """What the token shall open."""

    target_application: str | None = None
    """The id of another application, which will use the token."""
    restricted_resources: Annotated[list[RestrictedResource], Count(1)]
    """At most 50."""


@camel(personal=("restricted_data_token",))
class CreateRestrictedDataTokenResponse(Model):
    """The token, and for how long it is good."""

    restricted_data_token: str | None = None
    expires_in: int | None = None
    """Seconds."""


CREATE_RESTRICTED_DATA_TOKEN = Operation(
    name="createRestrictedDataToken",
    route="POST /tokens/2021-03-01/restrictedDataToken",
    body=CreateRestrictedDataTokenRequest,
    returns=CreateRestrictedDataTokenResponse,
    envelope=True,
    quota=Quota(1, burst=10),
    effect=Effect.NONE,
)


class TokensApi(Api):
    """Mint Restricted Data Tokens by hand; calls with `pii=` mint and keep their own."""

    __slots__ = ()

    def create_restricted_data_token(
        self, request: CreateRestrictedDataTokenRequest, **options: Unpack[CallOptions]
    ) -> CreateRestrictedDataTokenResponse:
        """Mint a token for up to 50 operations, for oneself or for another application.

        It is good for an hour, and opens the data of the seller whose client mints it. The answer holds it
        in clear; its repr does not show it.

        Source: https://developer-docs.amazon.com/sp-api/docs/tokens-api-use-case-guide
        """
        return self._run(CREATE_RESTRICTED_DATA_TOKEN(body=request), **options)
