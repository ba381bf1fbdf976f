"""The operation of Application Management 2023-11-30, and the facade that names it."""

from typing import Unpack

from spshipping.facade import Api
from spshipping.operation import CallOptions, Effect, Operation, Quota

ROTATE_APPLICATION_CLIENT_SECRET = Operation(
    name="rotateApplicationClientSecret",
    route="POST /applications/2023-11-30/clientSecret",
    returns=type(None),
    quota=Quota(0.0167, burst=1),
    effect=Effect.ONCE,  # each call makes another secret
    scope="sellingpartnerapi::client_credential:rotation",
)


class ApplicationsApi(Api):
    """Rotate the client secret of the application; it expires 180 days after it was made.

    Source: https://developer-docs.amazon.com/sp-api/docs/application-management-api-v2023-11-30-use-case-guide
    """

    __slots__ = ()

    def rotate_application_client_secret(self, **options: Unpack[CallOptions]) -> None:
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
        return self._run(ROTATE_APPLICATION_CLIENT_SECRET(), **options)
