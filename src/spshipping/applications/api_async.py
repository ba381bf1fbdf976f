"""The facade of `spshipping.applications.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from typing import Unpack

from spshipping.applications.api import ROTATE_APPLICATION_CLIENT_SECRET
from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions


class AsyncApplicationsApi(AsyncApi):
    """Rotate the client secret of the application; it expires 180 days after it was made.

    Source: https://developer-docs.amazon.com/sp-api/docs/application-management-api-v2023-11-30-use-case-guide
    """

    __slots__ = ()

    async def rotate_application_client_secret(self, **options: Unpack[CallOptions]) -> None:
        """Have a new client secret made. Acts without a seller; once a minute.

        The answer does not contain the secret: Amazon sends it as APPLICATION_OAUTH_CLIENT_NEW_SECRET to the
        queue that is registered in the developer console, and `parse_notification` reads it. From this call
        on, the old secret is accepted for seven more days only. Access tokens and refresh tokens stay valid.

        Args:
            options: what every call takes.

        Raises:
            BadRequestError: no queue is registered for the application; nothing has changed.
            OutcomeUnknownError: there may be a new secret, and then the old one ends in seven days. Do not
                repeat the call, which would make another secret: wait for the message in the queue, and
                save what it contains. Only if none has arrived after a day, call again.
        """
        return await self._run(ROTATE_APPLICATION_CLIENT_SECRET(), **options)
