"""How a PostgreSQL database is reached: its URL, its password, and a connection."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from spshipping.errors import ConfigurationError
from spshipping.postgres_remedies import STRAY, has_stray_mark, unreachable
from spshipping.secret import Secret, is_encodable

if TYPE_CHECKING:
    from psycopg import Connection

SecretSource = str | Secret | Callable[[], str | Secret]
"""A secret text, or what returns it."""

_OTHERS = {
    "database": ", what returns one, or a connection of psycopg 3",
    "password": ", or what returns one",
}
# what the URL says comes first
_OPTIONS: dict[str, Any] = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


def hidden(source: SecretSource, what: str) -> Callable[[], Secret]:
    """Return what returns a secret text.

    Raises:
        ConfigurationError: *source* is none, or later what it returns.
    """
    if callable(source):
        return lambda: _checked(source(), f"what {what}= returns is")
    secret = _checked(source, f"{what}= is", _OTHERS[what])
    return lambda: secret


def _checked(text: object, what: str, others: str = "") -> Secret:
    if not isinstance(text, str | Secret):
        raise ConfigurationError(f"{what} a text or a Secret{others}, not a {type(text).__name__}")
    secret = Secret(text)
    del text
    if not is_encodable(secret):
        raise ConfigurationError(
            f"{what} not UTF-8, as a variable of the environment may be: give it as text"
        )
    return secret


def opened(url: Secret, password: Secret | None, *, is_first: bool) -> "Connection[Any]":
    """Return a new connection.

    Args:
        url: of the database.
        password: None where it is in the URL, or in a file of PostgreSQL's own.
        is_first: no connection was opened with both before.

    Raises:
        ConfigurationError: the URL is none, or the database refuses what it says.
        TransportError: the database cannot be reached.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    options: dict[str, Any] = {}
    with suppress(psycopg.Error):
        options.update(conninfo_to_dict(url.reveal()))
    host, port = str(options.get("host", "")), str(options.get("port", ""))
    # an abstract socket of Linux begins with @
    if has_stray_mark(url.reveal()) or "@" in host.lstrip("@") or not re.fullmatch(r"[0-9,]*", port):
        raise ConfigurationError(f"the URL of the database {STRAY}")
    if not options:
        raise ConfigurationError("the URL of the database is none: postgresql://user@host:5432/database")
    if password is not None:
        options["password"] = password.reveal()
    merged = {**_OPTIONS, **options, "client_encoding": "utf8", "prepare_threshold": None}
    try:
        return psycopg.connect(autocommit=True, **merged)
    except UnicodeError:  # of Python, which looks the host up
        raise ConfigurationError("the URL of the database has a host that is no name: correct it") from None
    except psycopg.Error as error:
        failure = unreachable(error, options, is_first=is_first)
    raise failure
