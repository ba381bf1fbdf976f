"""What a client signs in with."""

from spshipping.errors import ConfigurationError
from spshipping.secret import Secret


class Credentials:
    """A Login with Amazon client and one seller's or vendor's refresh token.

    The secret and the refresh token are hidden in every repr, and keep the whole from being pickled.
    """

    __slots__ = ("client_id", "client_secret", "refresh_token")

    def __init__(self, client_id: str, client_secret: str | Secret, refresh_token: str | Secret) -> None:
        """Hold the three values, as Amazon's developer console shows them.

        Raises:
            ConfigurationError: one is empty, or holds spaces or line breaks, as a careless paste does.
        """
        self.client_id: str = client_id
        self.client_secret: Secret = Secret(client_secret)
        self.refresh_token: Secret = Secret(refresh_token)
        del client_secret, refresh_token  # a traceback shows local variables
        for name in self.__slots__:
            value = getattr(self, name)
            problem = _problem(value.reveal() if isinstance(value, Secret) else value)
            if problem:
                raise ConfigurationError(f"{name} {problem}; set SPSHIPPING_{name.upper()} or pass {name}=")

    def for_seller(self, refresh_token: str | Secret) -> "Credentials":
        """Return the same client with another seller's refresh token."""
        return Credentials(self.client_id, self.client_secret, refresh_token)

    def __repr__(self) -> str:
        return f"Credentials({self.client_id!r}, {self.client_secret!r}, {self.refresh_token!r})"


def _problem(text: object) -> str | None:
    if not isinstance(text, str) or not text:
        return "is missing"
    if text.strip() != text or not text.isprintable():
        return "has spaces or line breaks around or in it"
    return None
