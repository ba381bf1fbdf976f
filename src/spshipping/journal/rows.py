"""How a journal writes a purchase into a row of a table, and reads it; what may be personal is sealed."""

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from spshipping.auth import vault
from spshipping.auth.vault import KeySource, Vault
from spshipping.errors import ConfigurationError, DecodeError
from spshipping.journal.entry import Charge, Entry, Scope, State
from spshipping.secret import Secret
from spshipping.wire.text import parse, write

KEY_COLUMNS = ("place", "seller", "business", "reference", "generation")
_SEALED = ("wanted", "call", "result")
COLUMNS = (
    *KEY_COLUMNS,
    "state",
    "attempt",
    "key",
    "fence",
    "lease_until",
    "began_at",
    "changed_at",
    "fields",
    *_SEALED,
    "amount",
    "unit",
    "day",
    "sent_at",
    "has_been_in_doubt",
    "is_by_hand",
    "delivered_at",
)
SECRET = "secret"  # noqa: S105 - the name of it
SECRET_BYTES = 32
_REMEDY = "give the journal that key; never remove it, for it keeps a label from being bought twice"


class Rows:
    """Writes and reads rows; with a key, texts are sealed, each for its own place."""

    def __init__(self, key: KeySource | None, where: Path | str) -> None:
        """Use a key, or that of the variable; *where* names the journal in errors."""
        self._vault = Vault(key or vault.key_from_environment, remedy=_REMEDY)
        self._where = where

    @property
    def keeps_personal(self) -> bool:
        """Whether there is a key."""
        return self._vault.has_key()

    def seal(self, text: str | None, name: str) -> bytes | None:
        """Return *text* as it is written: sealed for *name*, where there is a key."""
        if text is None:
            return None
        return self._vault.seal(Secret(text), name) if self.keeps_personal else text.encode()

    def open(self, data: bytes | None, name: str) -> str | None:
        """Return the text that was sealed for *name*.

        Raises:
            ConfigurationError: it is another's, or is damaged; or there is no key, or another one.
        """
        if data is None:
            return None
        if not vault.is_sealed(data):
            with suppress(UnicodeDecodeError):
                return data.decode()
            raise self._damaged()
        found = self._vault.open(data, name, self._where)
        if found is None:
            raise self._damaged()
        return found.reveal()

    def lacks_seal(self, data: bytes) -> bool:
        """Say whether the secret was made without a key, and is to be sealed now that there is one."""
        return self.keeps_personal and not vault.is_sealed(data)

    def secret(self, data: bytes | None) -> bytes:
        """Return the key for digests of personal fields, which was sealed for `SECRET`.

        Raises:
            ConfigurationError: it is not whole.
        """
        with suppress(ValueError):
            found = bytes.fromhex(self.open(data, SECRET) or "")
            if len(found) == SECRET_BYTES:
                return found
        raise self._damaged()

    def _damaged(self) -> ConfigurationError:
        return ConfigurationError(f"{self._where} is damaged: bring back a copy of it that is whole")

    def entry(self, row: Sequence[Any], now: float) -> Entry:
        """Return the entry of a row that was read at a time.

        Raises:
            ConfigurationError: it is not whole, or is sealed under another key.
        """
        with suppress(ValueError, ArithmeticError, DecodeError):
            return self._entry(row, now)
        raise self._damaged()

    def _entry(self, row: Sequence[Any], now: float) -> Entry:
        found = dict(zip(COLUMNS, row, strict=True))
        scope = Scope(*(found.pop(name) for name in KEY_COLUMNS))
        amount, unit = found.pop("amount"), found.pop("unit")
        found |= {name: self.open(found[name], _name(scope, name)) for name in _SEALED}
        return Entry(
            scope=scope,
            charge=None if amount is None else Charge(Decimal(amount), unit),
            read_at=now,
            **{
                **found,
                "state": State(found["state"]),
                "fields": parse(found["fields"].encode()),
                "has_been_in_doubt": bool(found["has_been_in_doubt"]),
                "is_by_hand": bool(found["is_by_hand"]),
            },
        )

    def row(self, entry: Entry) -> list[Any]:
        """Return the values of the columns."""
        texts = {name: self.seal(getattr(entry, name), _name(entry.scope, name)) for name in _SEALED}
        charge = entry.charge
        values = {
            **entry._asdict(),
            **entry.scope._asdict(),
            **texts,
            "state": entry.state.value,
            "fields": write(dict(entry.fields)),
            "amount": charge and str(charge.amount),
            "unit": charge and charge.unit,
        }
        return [values[name] for name in COLUMNS]


def _name(scope: Scope, column: str) -> str:
    """Return what a sealed text is bound to: it does not open in the place of another."""
    return f"{column} {scope.package}"
