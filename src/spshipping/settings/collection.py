"""Settings: named connections, and the clients that they share, from a file, the environment or a mapping."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from spshipping import environment
from spshipping.auth.file_store import FileStore
from spshipping.auth.stores import SecretStore
from spshipping.environment import Variables, variables
from spshipping.errors import ConfigurationError
from spshipping.secret import Secret, discreet
from spshipping.settings import file
from spshipping.settings.connection import Connection, Table, read_table, text_of
from spshipping.settings.engines import ENGINE_FIELDS, ENGINE_KEYS, Engines
from spshipping.settings.engines import TABLE as ENGINES
from spshipping.settings.field import Field, Given, Problem
from spshipping.settings.fields import (
    BY_NAME,
    CLIENT_KEYS,
    CONNECTION_KEYS,
    FieldDescription,
    describe,
    json_schema,
    nearest,
    unknown,
)

DEFAULT_NAME = "default"
"""What the environment's connection is called, unless `SPSHIPPING_NAME` says so."""

_TABLES = ("connections", "clients", "store", ENGINES)
_FIELDS = {**BY_NAME, **{field.name: field for field in ENGINE_FIELDS}}
_STORE_KEYS = ("path", "key")
_EMPTY = Table({}, [])


class Settings:
    """Named connections, and the OAuth clients that some of them share.

    In a file:
        ```toml
        [clients.shop]
        client_id = "amzn1.application-oa2-client.…"

        [connections.uk]
        client = "shop"
        marketplace = "UK"

        [store]                 # where secrets lie: this is the default
        path = "store"          # beside this file; the variable SPSHIPPING_STORE comes first
        key = "environment"     # the variable SPSHIPPING_STORE_KEY; or "keyring"

        [engines]               # what machines share; a variable such as SPSHIPPING_REDIS_URL comes first
        redis_url = "rediss://redis.example:6379/0"
        ```

    A secret that is not written there is looked for in the store, as `connections.uk.refresh_token` or
    `clients.shop.client_secret`. Not for use by several threads while it is being changed.
    """

    describe: Callable[[], list[FieldDescription]] = staticmethod(describe)
    json_schema: Callable[[], dict[str, Any]] = staticmethod(json_schema)

    def __init__(self, *, path: Path | None = None, store: SecretStore | None = None) -> None:
        """Make empty settings; `load`, `from_env` and `from_mapping` fill them.

        Args:
            path: where `save` writes.
            store: where secrets are looked for, and where `save` puts them.
        """
        self.path = path
        self.store = store
        self._connections: dict[str, Table] = {}
        self._clients: dict[str, Table] = {}
        self._places: dict[str, str] = {}
        self._engines = Table({}, [])
        self._variables = Table({}, [])
        """What the environment says of the engines."""
        self._faults: list[Problem] = []
        self._forgotten: set[str] = set()
        self._digest: str | None = None
        self._is_from_environment = False

    @classmethod
    @discreet
    def load(cls, path: str | os.PathLike[str] | None = None, *, store: SecretStore | None = None) -> Self:
        """Read a file. One that is not there yet has no connections; `save` makes it.

        Args:
            path: the file; None for the one that `SPSHIPPING_SETTINGS` names, else the user's own:
                `~/.config/spshipping/settings.toml`.
            store: where secrets lie; None for the file's own `[store]`, a `FileStore`.

        Raises:
            ConfigurationError: it cannot be read, or is no TOML. What else is wrong, `problems` lists.
        """
        where = file.default_path() if path is None else Path(path).expanduser()
        settings = cls(path=where, store=store)
        settings._read_file(where)
        settings._variables = _engine_variables(variables())
        if store is None:
            settings.store = settings._own_store(where)
        if any(_held(table) for table in settings._tables()):
            file.warn_if_open(where)
        return settings

    @classmethod
    @discreet
    def from_mapping(
        cls,
        data: Mapping[str, Any],
        *,
        path: str | os.PathLike[str] | None = None,
        store: SecretStore | None = None,
    ) -> Self:
        """Read the content that a file would have: `{"connections": {"uk": {"client_id": ...}}}`.

        Args:
            data: texts, or `Secret` where a field is sensitive.
            path: where `save` writes.
            store: where other secrets lie.
        """
        settings = cls(path=None if path is None else Path(path).expanduser(), store=store)
        settings._read(data)
        return settings

    @classmethod
    @discreet
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read one connection from `SPSHIPPING_*` variables.

        It is called what `SPSHIPPING_NAME` says, or `default`. Each field has a variable, but `client`; a
        variable that is unknown is a problem of the connection.
        """
        given = Variables(environ)
        name = given.get("NAME") or DEFAULT_NAME
        data = {
            key.lower(): given.get(key)
            for key in (*environment.CONNECTION, *environment.SHOP, *environment.VENDOR)
        }
        values, faults = read_table(data, CONNECTION_KEYS)
        faults += [Problem(variable, "unknown", fault) for variable, fault in given.unknown()]
        settings = cls()
        settings._is_from_environment = True
        settings._variables = _engine_variables(given)
        settings._connections[name] = Table({**values, "name": name}, faults)
        return settings

    def _tables(self) -> list[Table]:
        return [*self._connections.values(), *self._clients.values(), self._engines]

    def _read_file(self, path: Path) -> None:
        found = file.read(path)
        self._read(found.data)
        self._digest = found.digest

    def _read(self, data: Mapping[str, Any]) -> None:
        for key, value in data.items():
            if key not in _TABLES:
                self._faults.append(unknown(key, "is no table of settings", key, _TABLES))
            elif not isinstance(value, Mapping):
                self._faults.append(Problem(key, "invalid", "must be a table"))
            elif key == "store":
                self._read_store(value)
            elif key == ENGINES:
                values, faults = read_table(value, ENGINE_KEYS)
                self._engines = Table(values, [_placed(fault, ENGINES) for fault in faults])
            else:
                for name, table in value.items():
                    self._read_table(key, name, table)

    def _read_store(self, data: Mapping[str, Any]) -> None:
        for key, value in data.items():
            if key not in _STORE_KEYS:
                self._faults.append(unknown(f"store.{key}", "is no setting", key, _STORE_KEYS))
            elif not isinstance(value, str) or (key == "key" and value not in ("environment", "keyring")):
                allowed = "environment or keyring" if key == "key" else "text"
                self._faults.append(Problem(f"store.{key}", "invalid", f"must be {allowed}"))
            else:
                self._places[key] = value

    def _read_table(self, kind: str, name: str, data: object) -> None:
        if not isinstance(data, Mapping):
            self._faults.append(Problem(f"{kind}.{name}", "invalid", "must be a table"))
        elif kind == "clients":
            values, faults = read_table(data, CLIENT_KEYS)
            self._clients[name] = Table(values, [_placed(fault, f"clients.{name}") for fault in faults])
        else:
            values, faults = read_table(data, CONNECTION_KEYS)
            if values.get("name", name) != name:
                faults.append(Problem("name", "contradiction", f"contradicts its table, connections.{name}"))
            self._connections[name] = Table({**values, "name": name}, faults)

    def _own_store(self, path: Path) -> FileStore:
        named = variables().get("STORE")
        place = named or path.parent / Path(self._places.get("path", "store")).expanduser()
        return FileStore(place, key="keyring" if self._places.get("key") == "keyring" else None)

    def __repr__(self) -> str:
        return f"<Settings of {self._origin}: {', '.join(self.names) or 'no connections'}>"

    @property
    def _origin(self) -> str:
        if self._is_from_environment:
            return "the environment"
        return str(self.path or "a mapping")

    @property
    def names(self) -> tuple[str, ...]:
        """The connections' names."""
        return tuple(self._connections)

    @property
    def clients(self) -> tuple[str, ...]:
        """The shared clients' names."""
        return tuple(self._clients)

    def connection(self, name: str) -> Connection:
        """Return a connection, as it now is.

        Raises:
            ConfigurationError: there is none of that name, and which there are.
        """
        if not isinstance(name, str):
            raise ConfigurationError(f"a connection is named by text, not by a {type(name).__name__}")
        table = self._connections.get(name)
        if table is None:
            near = nearest(name, self.names)
            hint = f"did you mean {near}?" if near else f"there are: {', '.join(self.names) or 'none'}"
            faults = "".join(f"\n  {problem}" for problem in self._faults)
            raise ConfigurationError(f"there is no connection {name!r} in {self._origin}; {hint}{faults}")
        return Connection(
            name,
            _copied(table),
            clients={client: _copied(one) for client, one in self._clients.items()},
            look_up=self._look_up,
            engines=self.engines,
            is_from_environment=self._is_from_environment,
        )

    def problems(self) -> list[Problem]:
        """List what is wrong with the settings as a whole; each connection lists its own."""
        clients = [fault for table in self._clients.values() for fault in table.faults]
        return [*self._faults, *clients, *self.engines.problems()]

    @property
    def engines(self) -> Engines:
        """The engines that several machines share, as they now are."""
        table, variables = self._engines, self._variables
        faults = [*table.faults, *variables.faults]
        return Engines({**table.values, **variables.values}, faults, self._look_up)

    def _look_up(self, name: str) -> Secret | None:
        if self.store is None or name in self._forgotten:
            return None
        return self.store.load_secret(name)

    @discreet
    def update(self, name: str, values: Mapping[str, Given]) -> Connection:
        """Apply what a page sent for a connection, which is made if there is none.

        A blank or None empties the field; but a blank sensitive one is left as it is, for a page never shows
        it. Fields that are not named stay, and so does the name. Case and separators in a name do not matter:
        `ClientId` is `client_id`. Nothing is written before `save`.
        """
        table = self._connections.setdefault(name, Table({"name": name}, []))
        sent = {_name_of(key): value for key, value in values.items()}
        named = sent.get("client", table.values.get("client"))
        client = text_of(named) if isinstance(named, str | Secret) else ""
        shared = self._clients.get(client, _EMPTY).values
        changes = {key: value for key, value in values.items() if _name_of(key) != "name"}
        for key, value in changes.items():
            field = CLIENT_KEYS.get(key)
            if field and value and value == shared.get(field.name):
                changes[key] = None  # a page that shows the shared client's fields sends them back
        self._apply(f"connections.{name}", table, changes, CONNECTION_KEYS)
        if client:
            self._forgotten |= _secret_names(f"connections.{name}", CLIENT_KEYS)
        return self.connection(name)

    @discreet
    def update_client(self, name: str, values: Mapping[str, Given]) -> None:
        """Apply what a page sent for a shared client, in the same way."""
        table = self._clients.setdefault(name, Table({}, []))
        place = f"clients.{name}"
        self._apply(place, table, values, CLIENT_KEYS)
        table.faults[:] = [_placed(fault, place) for fault in table.faults]

    @discreet
    def update_engines(self, values: Mapping[str, Given]) -> Engines:
        """Apply what a page sent for the engines, in the same way; variables still come first."""
        self._apply(ENGINES, self._engines, values, ENGINE_KEYS)
        self._engines.faults[:] = [_placed(fault, ENGINES) for fault in self._engines.faults]
        return self.engines

    def _apply(
        self,
        place: str,
        table: Table,
        values: Mapping[str, Given],
        known: Mapping[str, Field],
    ) -> None:
        read = read_table(values, known)
        for key, value in values.items():
            field = known.get(key)
            if field and field.name not in read.values and (value is None or not field.is_sensitive):
                table.values.pop(field.name, None)
                self._forgotten.add(f"{place}.{field.name}")
        table.values.update(read.values)
        self._forgotten -= {f"{place}.{field_name}" for field_name in read.values}
        corrected = {*values, *(known[key].name for key in values if key in known)}
        table.faults[:] = [fault for fault in table.faults if fault.field.split(".")[-1] not in corrected]
        table.faults.extend(read.faults)

    def remove(self, name: str) -> None:
        """Remove a connection; `save` forgets its secrets too."""
        self._connections.pop(name, None)
        self._forgotten |= _secret_names(f"connections.{name}", CONNECTION_KEYS)

    def remove_client(self, name: str) -> None:
        """Remove a shared client in the same way; connections that name it have a problem then."""
        self._clients.pop(name, None)
        self._forgotten |= _secret_names(f"clients.{name}", CLIENT_KEYS)

    @discreet
    def save(self) -> None:
        """Put the secrets into the store and everything else into the file: whole, and for its owner only.

        Comments in the file are not kept.

        Raises:
            ConfigurationError: there is no path or no store for the secrets, there is an unknown key (it may
                be a misspelt secret), or the file was changed since it was read. The file is as it was.
        """
        if self.path is None:
            raise ConfigurationError("these settings have no file: give them a path")
        faults = [*self._faults, *(fault for table in self._tables() for fault in table.faults)]
        if faults:
            listed = "".join(f"\n  {fault}" for fault in faults)
            raise ConfigurationError(f"nothing was saved, for this would be lost{listed}")
        content = file.rendered(self._document())
        file.check_unchanged(self.path, self._digest)
        self._store_secrets()
        self._digest = file.replace(self.path, content)
        for table in self._tables():
            for field_name in _held(table):
                del table.values[field_name]
        if self.store is not None:
            for name in sorted(self._forgotten):
                self.store.delete_secret(name)
        self._forgotten.clear()

    def _store_secrets(self) -> None:
        for kind, tables in (("connections", self._connections), ("clients", self._clients)):
            for name, table in tables.items():
                for field_name, secret in _held(table).items():
                    self._store_secret(f"{kind}.{name}.{field_name}", secret)
        for field_name, secret in _held(self._engines).items():
            self._store_secret(f"{ENGINES}.{field_name}", secret)

    def _store_secret(self, name: str, secret: Secret) -> None:
        if self.store is None:
            raise ConfigurationError("these settings have no store for secrets: give them one")
        self.store.save_secret(name, secret)

    def _document(self) -> dict[str, Any]:
        parts: dict[str, dict[str, Any]] = {
            "clients": {name: _shown(table) for name, table in self._clients.items()},
            "connections": {name: _shown(table) for name, table in self._connections.items()},
            "store": dict(self._places),
            ENGINES: _shown(self._engines),
        }
        return {kind: part for kind, part in parts.items() if part}


def _engine_variables(given: Variables) -> Table:
    return read_table({name.lower(): given.get(name) for name in environment.ENGINES}, ENGINE_KEYS)


def _copied(table: Table) -> Table:
    return Table(dict(table.values), list(table.faults))


def _secret_names(place: str, known: Mapping[str, Field]) -> set[str]:
    return {f"{place}.{field.name}" for field in known.values() if field.is_sensitive}


def _placed(fault: Problem, place: str) -> Problem:
    return fault if fault.field.startswith(place) else fault._replace(field=f"{place}.{fault.field}")


def _held(table: Table) -> dict[str, Secret]:
    return {name: value for name, value in table.values.items() if isinstance(value, Secret)}


def _shown(table: Table) -> dict[str, Any]:
    return {
        name: _FIELDS[name].written(value)
        for name, value in table.values.items()
        if isinstance(value, str) and name != "name"
    }


def _name_of(key: str) -> str:
    field = CONNECTION_KEYS.get(key)
    return field.name if field else key
