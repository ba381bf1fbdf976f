"""What is raised where a PostgreSQL database cannot be used, or its URL is wrong, and what to do then."""

import re
from typing import TYPE_CHECKING, Any

from spshipping.errors import (
    ConfigurationError,
    InvalidRequestError,
    SpShippingError,
    TransportError,
    printable,
)

if TYPE_CHECKING:
    from psycopg import Error

MAKE = "call make_tables() of the PostgresDatabase once, with a role that may create them"
FOREIGN = (
    "the schema has another table of that name, which is not of this package: give the PostgresDatabase a"
    " schema= of its own"
)
_REMEDIES = {
    "42P01": f"its tables are not there: {MAKE}",
    "3F000": f"its tables are not there: {MAKE}",
    "42501": "the role may not do that: grant it what it needs, on the schema and on its tables",
    "42P07": FOREIGN,
    "42703": FOREIGN,
    "25006": "it can only be read: connect to the primary, by target_session_attrs=read-write in the URL; or"
    " take default_transaction_read_only from the role",
    "55P03": "another process holds what is needed, for 30 seconds already: pg_locks shows it; end it",
    "57014": "the server's statement_timeout ended the statement: give the role one of 40s or more, or none",
    "53100": "its disk is full",
    "26000": "prepared statements are used behind PgBouncer: open the connection with prepare_threshold=None",
    "42P05": "prepared statements are used behind PgBouncer: open the connection with prepare_threshold=None",
}
"""By the codes of errors of the server."""

_AWAY = frozenset(("57P01", "57P02", "57P03", "57P05", "25P03"))
"""The server shuts down, or starts; or it ended a session that stood still."""
_STATEMENT_MODE = "statement pooling"
"""What PgBouncer says of a transaction in its statement mode; it gives no code of its own."""

STRAY = (
    "has an @ or a / within the user or the password: write %40 for @ and %2F for /, or give the password"
    " separately"
)

# psycopg gives no code where there is no connection; texts in another language count as an outage
_REFUSALS = {
    "password authentication failed": "correct the user, and the password in the URL or in password=",
    "SASL authentication failed": "correct the user, and the password in the URL or in password=",
    "no password supplied": "give the password, in the URL or as password=",
    'role ".*" does not exist': "correct the user in the URL",
    'role ".*" is not permitted to log in': "let that role log in, or correct the user in the URL",
    "no such user": "correct the user in the URL",
    'database ".*" does not exist': "make that database, or correct its name in the URL",
    "no such database": "make that database, or correct its name in the URL",
    "permission denied for database": "grant the role CONNECT on the database",
    "no pg_hba.conf entry": "allow the role, the database and this machine in pg_hba.conf",
}


_ENDS = {
    "ACTIVE": "another thread uses the connection of a step: leave a connection of yours to one thread at a"
    " time",
    "INERROR": "a step of the database went on after a statement of it had failed, so that nothing is kept:"
    " let the error leave the step",
    "IDLE": "the transaction of a step has ended within it, by the step or by another thread: leave COMMIT"
    " and ROLLBACK to the database, and a connection of yours to one thread at a time",
}
"""By what psycopg says of the transaction when the step has ended."""


_BEGINNINGS = {
    "ACTIVE": "the connection is in the middle of a statement, of another thread or of one that was"
    " interrupted: leave it to one thread at a time; where no statement runs, close it and make another one",
    "INERROR": "a statement of your transaction has failed: roll it back first",
    "PIPELINE": "the connection is in pipeline mode, in which statements have no result yet: leave it first",
}
"""By what psycopg says of a connection of the user's before a step."""

UNDONE = (
    "another thread has ended the transaction of a step, so that nothing of it is kept: leave a connection of"
    " yours to one thread at a time"
)


def fault_of_begin(status: str) -> str | None:
    """Return why no step can begin on a connection of the user's; *status* is what it is at."""
    return _BEGINNINGS.get(status)


def fault_of_end(status: str) -> str | None:
    """Return why a step that has ended cannot be committed, if it cannot; *status* is its transaction's."""
    return _ENDS.get(status)


def _remedy_of(text: str) -> str | None:
    """Return what to do where a server refused a connection for good; None where it may be an outage."""
    return next((remedy for refusal, remedy in _REFUSALS.items() if re.search(refusal, text)), None)


def has_stray_mark(url: str) -> bool:
    """Say whether a part of the user or the password would be read as that of the host or the database."""
    rest = url.partition("://")[2]
    user, is_there, place = rest.partition("@")
    if not is_there or "/" in user:
        place = rest
    return "@" in place.partition("?")[0]


def unreachable(error: "Error", options: dict[str, Any], *, is_first: bool) -> SpShippingError:
    """Return our error where there is no connection. Its text helps, and holds nothing of a row."""
    text, password = str(error).strip(), options.get("password")
    shown = printable(text.replace(password, "…") if password else text)
    remedy = _remedy_of(text)
    if remedy and is_first:
        return ConfigurationError(f"the database refuses the connection: {remedy}. It says: {shown}")
    return TransportError(
        f"the database cannot be reached: {shown}",
        failure="connect",
        host=f"{options.get('host') or 'localhost'}:{options.get('port') or 5432}",
    )


def error_of(error: "Error", *, is_closed: bool) -> SpShippingError:
    """Return our error for one of psycopg's; without its text, which may hold values."""
    state = error.sqlstate or ""
    if state == "54000":
        return InvalidRequestError("a name is too long: PostgreSQL keeps some 2000 bytes of it")
    if _STATEMENT_MODE in str(error):
        return ConfigurationError(
            "PgBouncer is in statement mode, which allows no transactions: set pool_mode = transaction, or"
            " session, for this database"
        )
    if is_closed or state in _AWAY or state.startswith("08"):
        return TransportError("the connection to the database was lost", failure="cut")
    reason = _REMEDIES.get(state) or f"{type(error).__name__}{state and f' ({state})'}"
    return ConfigurationError(f"the database cannot be used: {reason}")
