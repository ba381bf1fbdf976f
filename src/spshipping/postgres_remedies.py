"""What to do where a PostgreSQL database cannot be used, or its URL is wrong."""

import re

MAKE = "call make_tables() of the PostgresDatabase once, with a role that may create them"
REMEDIES = {
    "42P01": f"its tables are not there: {MAKE}",
    "3F000": f"its tables are not there: {MAKE}",
    "42501": "the role may not do that: grant it what it needs, on the schema and on its tables",
    "42P07": "the schema has another table of that name: give the PostgresDatabase a schema= of its own",
    "25006": "it can only be read: connect to the primary, by target_session_attrs=read-write in the URL",
    "55P03": "another process holds what is needed, for 30 seconds already",
    "53100": "its disk is full",
    "26000": "prepared statements are used behind PgBouncer: open the connection with prepare_threshold=None",
    "42P05": "prepared statements are used behind PgBouncer: open the connection with prepare_threshold=None",
}
"""By the codes of errors of the server."""

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


def remedy_of(text: str) -> str | None:
    """Return what to do where a server refused a connection for good; None where it may be an outage."""
    return next((remedy for refusal, remedy in _REFUSALS.items() if re.search(refusal, text)), None)


def has_stray_mark(url: str) -> bool:
    """Say whether a part of the user or the password would be read as that of the host or the database."""
    rest = url.partition("://")[2]
    user, is_there, place = rest.partition("@")
    if not is_there or "/" in user:
        place = rest
    return "@" in place.partition("?")[0]
