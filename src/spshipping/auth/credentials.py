"""The credentials of a client."""

from __future__ import annotations

import re
from collections.abc import Callable

from spshipping.errors import ConfigurationError
from spshipping.secret import Secret, discreet

SecretProvider = Callable[[], str | Secret]
"""Returns the client secret as it is now, so that a rotation needs no restart."""


class Credentials:
    """A Login with Amazon client, and one seller's or vendor's refresh token.

    The secret and the refresh token are hidden in every repr, and keep the whole from being pickled. Without
    a refresh token only operations that act without a seller can be called.
    """

    __slots__ = ("_provider", "_secret", "client_id", "refresh_token", "selling_partner_id")

    @discreet
    def __init__(
        self,
        client_id: str,
        client_secret: str | Secret | SecretProvider,
        refresh_token: str | Secret | None = None,
        *,
        selling_partner_id: str | None = None,
    ) -> None:
        """Hold the values, as Amazon's developer console shows them.

        Args:
            client_id: the client.
            client_secret: its secret, or a callable that returns it, which is called when the secret is first
                needed, and again after Amazon refused it.
            refresh_token: what the seller or vendor granted.
            selling_partner_id: whose it is, where that is known.

        Raises:
            ConfigurationError: one is empty, holds spaces or line breaks, as a careless paste does, or is
                what belongs in another place: a client id as the secret, say.
        """
        refresh_token = None if refresh_token is None else Secret(refresh_token)
        if not callable(client_secret):
            client_secret = Secret(client_secret)
        self.client_id: str = client_id
        self.refresh_token: Secret | None = refresh_token
        self.selling_partner_id: str | None = selling_partner_id
        self._provider: SecretProvider | None = None
        self._secret: Secret | None = None
        if isinstance(client_secret, Secret):
            self._secret = _checked("client_secret", client_secret)
        else:
            self._provider = client_secret
        _checked("client_id", Secret(client_id))
        if refresh_token is not None:
            _checked("refresh_token", refresh_token)

    @property
    def client_secret(self) -> Secret:
        """The client's secret, which the provider is called for if it has not been yet."""
        return self._secret or self.accept_secret(self.provider())

    @property
    def known_secret(self) -> Secret | None:
        """The client's secret, if it is here; None until `provider` has brought it."""
        return self._secret

    @property
    def is_provided(self) -> bool:
        """Whether a callable returns the secret."""
        return self._provider is not None

    @property
    def provider(self) -> SecretProvider:
        """What brings the secret."""
        assert self._provider is not None  # noqa: S101 - where there is no secret, there is a provider
        return self._provider

    def accept_secret(self, brought: str | Secret) -> Secret:
        """Keep what the provider has brought.

        Raises:
            ConfigurationError: it is no secret.
        """
        self._secret = _checked("client_secret", Secret(brought))
        return self._secret

    @discreet
    def for_seller(self, refresh_token: str | Secret, selling_partner_id: str | None = None) -> Credentials:
        """Return the same client with another seller's refresh token."""
        secret = self._provider or self.client_secret
        return Credentials(self.client_id, secret, refresh_token, selling_partner_id=selling_partner_id)

    def __repr__(self) -> str:
        return f"Credentials({self.client_id!r}, Secret('…'), {self.refresh_token!r})"


def _checked(name: str, secret: Secret) -> Secret:
    problem = _problem(secret) or _mistaken(name, secret)
    if problem:
        from spshipping.environment import PREFIX  # only an error needs it

        raise ConfigurationError(f"{name} {problem}; set {PREFIX}{name.upper()} or pass {name}=")
    return secret


def _problem(secret: Secret) -> str | None:
    text: object = secret.reveal()
    if text is None or text == "":
        return "is missing"
    if not isinstance(text, str):
        return f"is of type {type(text).__name__}, and must be text"
    if text.strip() != text or not text.isprintable():
        return "has spaces or line breaks around or in it"
    return None


_FORMS = (
    ("client_id", r"amzn1\.application-oa2-client\..*"),
    ("client_secret", r"amzn1\.oa2-cs\..*|[0-9a-f]{64}"),
    ("refresh_token", r"Atzr\|.*"),
    ("access token", r"Atza\|.*"),
    ("application's id", r"amzn1\.(sp|sellerapps)\..*"),
)
"""What Amazon's identifiers look like."""


def _mistaken(name: str, secret: Secret) -> str | None:
    """Return what is wrong with a value that has the form of something else."""
    text = secret.reveal()
    form = next((form for form, pattern in _FORMS if re.fullmatch(pattern, text)), name)
    del text  # a traceback shows local variables
    if form == name:
        return None
    if form in ("client_id", "client_secret", "refresh_token"):
        return f"holds a {form}: the arguments are client_id, client_secret, refresh_token, in this order"
    return f"holds an {form}, which is something else"
