"""A transaction of a PostgreSQL database, and the statements of one step."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.postgres_remedies import fault_of_end

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

_NUMBER = """
SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';
SELECT pg_current_xact_id()::text
"""
_ISOLATION = "SELECT current_setting('transaction_isolation')"
_CLOCK = "SELECT extract(epoch FROM clock_timestamp())::double precision"


class Transaction:
    """The statements of one step: they happen all, or not at all."""

    def __init__(self, connection: "Connection[Any]", schema: str, clock: Clock | None) -> None:
        self._connection = connection
        self._schema = schema
        self._clock = clock
        self._process = os.getpid()
        self.is_busy: bool = False
        """Whether a statement runs: a signal handler that sent another would wait for it for ever."""

    def execute(
        self, text: str, values: Sequence[object] | Mapping[str, object] | None = None
    ) -> "Cursor[tuple[Any, ...]]":
        """Run a statement; `$schema` in it is the schema. What it returns is its own, whatever comes next."""
        from psycopg import Cursor, DataError
        from psycopg.rows import tuple_row

        if not self.is_here():
            raise ConfigurationError(
                "a step of the database goes on in a forked process: end that process in the step, by"
                " os._exit(), or fork before the step"
            )
        try:
            query = text.replace("$schema", self._schema).encode()
            # a signal handler may read before the rows are fetched; and a connection of the user's may have a
            # class of cursors with other marks for values
            cursor = Cursor(self._connection, row_factory=tuple_row)
            self.is_busy = True
            return cursor.execute(query, values, prepare=False)
        except (UnicodeEncodeError, DataError) as error:
            if getattr(error, "sqlstate", None):
                raise  # the server's
        finally:
            self.is_busy = False
        raise InvalidRequestError("a text has a NUL or half a surrogate pair, which PostgreSQL cannot keep")

    def is_here(self) -> bool:
        """Say whether this is the process that began it: what a forked one sends would be part of it."""
        return os.getpid() == self._process

    def check_whole(self) -> None:
        """Make sure that what the step did can be committed.

        Raises:
            ConfigurationError: a statement failed, and the step went on; or the transaction has ended.
        """
        fault = fault_of_end(self._connection.info.transaction_status.name)
        if fault is not None:
            raise ConfigurationError(fault)

    def check_isolation(self) -> None:
        """Make sure that the transaction sees what others have written.

        Raises:
            ConfigurationError: it does not.
        """
        if self.execute(_ISOLATION).fetchone() != ("read committed",):
            raise ConfigurationError(
                "only a transaction that is READ COMMITTED sees what others write: use one"
            )

    def begin(self, first: str = "") -> str:
        """Return the number of the transaction, whose commit is to be on the disk when it is answered.

        Args:
            first: statements that stand before, in the same round trip.
        """
        cursor = self.execute(first + _NUMBER)
        while cursor.nextset():
            pass
        return str(cast(tuple[str], cursor.fetchone())[0])

    def now(self) -> float:
        """Return seconds since 1970, by the clock of the database."""
        if self._clock is not None:
            return self._clock.now().timestamp()
        return float(cast(tuple[Any, ...], self.execute(_CLOCK).fetchone())[0])

    def alone(self, *names: str) -> None:
        """Wait until no other transaction is alone with the same names, and be alone until this one ends."""
        name = "\n".join((self._schema, *names))
        self.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))

    def is_alone(self, *names: str) -> bool:
        """Do as `alone` does, but return False at once where another transaction is alone."""
        name = "\n".join((self._schema, *names))
        row = self.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (name,)).fetchone()
        return bool(row and row[0])
