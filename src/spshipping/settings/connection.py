"""One named connection: what it holds, what is wrong with it, and what a client needs of it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from spshipping.auth.aws import AwsRole, keys_of
from spshipping.auth.credentials import Credentials
from spshipping.errors import ConfigurationError
from spshipping.regions import Marketplace, Region
from spshipping.secret import Secret, discreet
from spshipping.settings.connection_fields import business_of, marketplace_of
from spshipping.settings.engines import Engines
from spshipping.settings.field import Field, Problem, Value
from spshipping.settings.fields import (
    BY_NAME,
    CONNECTION_KEYS,
    FIELDS,
    ROLE_NEEDS,
    STS_NEEDS,
    TOGETHER,
    FieldDescription,
    describe,
    unknown,
)
from spshipping.settings.shop import ShopSettings, contradictions, shop_settings
from spshipping.settings.vendor import VendorSettings, vendor_settings

LookUp = Callable[[str], Secret | None]
"""Returns a secret of the store by its name there."""

SET = "set"
"""All that is shown of a secret."""


class Table(NamedTuple):
    """One table of the settings, read: values that are known, and faults of the rest."""

    values: dict[str, Value]
    faults: list[Problem]


def read_table(data: Mapping[str, Any], known: Mapping[str, Field]) -> Table:
    """Read a table, its keys in any spelling: empty values are not there, sensitive ones hidden at once."""
    values: dict[str, Value] = {}
    faults: list[Problem] = []
    for key, value in data.items():
        field = known.get(key)
        if value is None:
            continue
        if field is None:
            faults.append(unknown(key, "is no setting", key.lower(), known))
        elif field.name in values:
            faults.append(
                Problem(key, "contradiction", f"is given twice: it is another name of {field.name}")
            )
        elif isinstance(read := field.read(value), Problem):
            faults.append(read)
        elif not is_blank(read):
            values[field.name] = Secret(read) if field.is_sensitive else text_of(read)
    return Table(values, faults)


def text_of(value: Value | None) -> str:
    """Return the text of a value."""
    return value.reveal() if isinstance(value, Secret) else str(value or "")


def is_blank(value: Value | None) -> bool:
    """Say whether a page would count *value* as left empty."""
    return not text_of(value).strip()


class ClientArguments(NamedTuple):
    """What `Client(credentials, marketplace, **options)` takes."""

    credentials: Credentials
    marketplace: Marketplace | None
    options: dict[str, Any]


class ConnectionDescription(FieldDescription):
    """One field, with what a connection has in it."""

    value: str | None
    """What to show: of a secret only that it is `set`."""
    problems: list[str]


class _Found(NamedTuple):
    values: dict[str, Value]
    providers: dict[str, Callable[[], Secret]]
    faults: list[Problem]


class Connection:
    """One connection as it stands in its settings. It shows no secret."""

    def __init__(
        self,
        name: str,
        table: Table,
        *,
        clients: Mapping[str, Table],
        look_up: LookUp,
        engines: Engines | None = None,
        is_from_environment: bool = False,
    ) -> None:
        self.name = name
        self._table = table
        self._clients = clients
        self._look_up = look_up
        self.engines: Engines = engines or Engines({}, [], look_up)
        """What all connections of the settings share."""
        self._is_from_environment = is_from_environment

    def __repr__(self) -> str:
        return f"<Connection {self.name!r}>"

    @property
    def client(self) -> str | None:
        """The shared client that it uses, by name."""
        return self.get("client")

    def get(self, name: str) -> str | None:
        """Return a field that is no secret, or None if it is not set and has no default.

        Raises:
            ConfigurationError: there is no such field, or it is sensitive.
        """
        field = BY_NAME.get(name)
        if field is None or field.is_sensitive:
            raise ConfigurationError(f"{name!r} is no field that can be shown")
        value = self._own(field)[0]
        return field.default if value is None else field.choice(text_of(value))

    def values(self) -> dict[str, str]:
        """Return the fields that are set, as a page may show them: of a secret, only that it is `set`."""
        return {
            name: SET if BY_NAME[name].is_sensitive else BY_NAME[name].choice(text_of(value))
            for name, value in self._find().values.items()
        }

    def describe(self) -> list[ConnectionDescription]:
        """List all fields in the order of a page, with what is in them and what is wrong with it."""
        values, problems = self.values(), self.problems()
        return [
            {
                **description,
                "value": values.get(description["name"]),
                "problems": [one.message for one in problems if one.field == description["name"]],
            }
            for description in describe()
        ]

    def problems(self) -> list[Problem]:
        """List all that is wrong, at once; nothing is sent."""
        return self._problems(self._find())

    @discreet
    def client_options(self, *, given: Collection[str] = (), allow_http: bool = False) -> ClientArguments:
        """Return what a `Client` is made of. A secret of the store is read again when Amazon refuses it.

        Args:
            given: options of `Client` that are passed to it otherwise; the fields for them are not needed,
                not checked and not returned.
            allow_http: accept plain http for other hosts than this machine.

        Raises:
            ConfigurationError: all that is wrong.
        """
        found = self._find()
        unused = {CONNECTION_KEYS[name].name for name in given if name in CONNECTION_KEYS}
        if "aws" in given:
            unused.update(("role_arn", "sts_url", "access_key_id", "secret_access_key"))
        for name in unused:
            found.values.pop(name, None)
        problems = [
            problem for problem in self._problems(found, allow_http=allow_http) if problem.field not in unused
        ]
        self._refuse(problems)
        values = found.values
        credentials = Credentials(
            text_of(values["client_id"]),
            found.providers.get("client_secret") or Secret(values["client_secret"]),
            Secret(values["refresh_token"]),
            selling_partner_id=text_of(values.get("seller")) or None,
        )
        marketplace = marketplace_of(text_of(values.get("marketplace")))
        engines = self.engines.client_options(given=given)
        return ClientArguments(credentials, marketplace, {**_options(values), **engines})

    def shop(self) -> ShopSettings:
        """Return what the shop's page says, in types: for `ShipmentGateway`, and for the webhook.

        Raises:
            ConfigurationError: all that is wrong with the connection.
        """
        found = self._find()
        self._refuse(self._problems(found))
        return shop_settings(found.values)

    def vendor(self) -> VendorSettings:
        """Return what the vendor's page says, in types: for `PurchaseOrderImport`.

        Raises:
            ConfigurationError: all that is wrong with the connection.
        """
        found = self._find()
        self._refuse(self._problems(found))
        return vendor_settings(found.values)

    def _refuse(self, problems: list[Problem]) -> None:
        if problems:
            first = " " if len(problems) == 1 else "\n  "
            listed = first + "\n  ".join(map(str, problems))
            raise ConfigurationError(f"the connection {self.name!r} cannot be used:{listed}")

    def _find(self) -> _Found:
        found = _Found({}, {}, [])
        for field in FIELDS:
            try:
                value, provider = self._own(field)
            except ConfigurationError as error:
                found.faults.append(Problem(field.name, "invalid", error.message))
                continue
            if value is not None:
                found.values[field.name] = value
            if provider is not None:
                found.providers[field.name] = provider
        return found

    def _own(self, field: Field) -> tuple[Value | None, Callable[[], Secret] | None]:
        """Return a field's value and, where the store holds it, a function that reads it again."""
        client = text_of(self._table.values.get("client"))
        place, table = f"connections.{self.name}", self._table
        if client and field.is_shared:
            place, table = f"clients.{client}", self._clients.get(client, Table({}, []))
        value = table.values.get(field.name)
        if value is not None or not field.is_sensitive:
            return value, None
        name = f"{place}.{field.name}"
        value = self._look_up(name)
        return value, (None if value is None else lambda: _read_again(self._look_up, name))

    def _problems(self, found: _Found, *, allow_http: bool = False) -> list[Problem]:
        problems = [*self._table.faults, *found.faults, *self._sharing_problems()]
        ignored = {problem.field for problem in problems}
        if self.client and self.client not in self._clients:
            ignored |= {field.name for field in FIELDS if field.is_shared}
        for field in FIELDS:
            value = found.values.get(field.name)
            fault = None if value is None else field.check(text_of(value), allow_http=allow_http)
            if fault:
                problems.append(Problem(field.name, "invalid", fault))
            elif value is None and field.is_required and field.name not in ignored:
                set_it = f": set {field.variable}" if self._is_from_environment else ""
                problems.append(Problem(field.name, "missing", f"is missing{set_it}"))
        problems += _contradictions(found.values)
        problems += contradictions(
            {name: value if isinstance(value, str) else "" for name, value in found.values.items()}
        )
        order = {name: number for number, name in enumerate(BY_NAME)}
        return sorted(problems, key=lambda problem: order.get(problem.field, len(order)))

    def _sharing_problems(self) -> list[Problem]:
        client = self.client
        if not client:
            return []
        if client not in self._clients:
            return [unknown("client", "is no client of these settings", client, self._clients)]
        twice = [name for name in self._table.values if BY_NAME[name].is_shared]
        return [
            *self._clients[client].faults,
            *(Problem(name, "contradiction", "is the shared client's: change it there") for name in twice),
        ]


def _read_again(look_up: LookUp, name: str) -> Secret:
    secret = look_up(name)
    if secret is None:
        raise ConfigurationError(f"the store holds no {name} any more")
    return secret


def _region(values: Mapping[str, Value]) -> Region | None:
    return Region.__members__.get(BY_NAME["region"].choice(text_of(values.get("region"))))


def _contradictions(values: Mapping[str, Value]) -> list[Problem]:
    problems: list[Problem] = []
    place, region = text_of(values.get("marketplace")), _region(values)
    marketplace = marketplace_of(place)
    if marketplace and region and region is not marketplace.region:
        message = f"contradicts the marketplace: {marketplace.name} is in {marketplace.region.name}"
        problems.append(Problem("region", "contradiction", message))
    if place and not marketplace and "region" not in values:
        message = "is not one that this version lists: say its region as well"
        problems.append(Problem("marketplace", "contradiction", message))
    for given, needed in TOGETHER:
        if given in values and needed not in values:
            message = f"is missing, and the {BY_NAME[given].label.lower()} is given: they go together"
            problems.append(Problem(needed, "contradiction", message))
    if STS_NEEDS[0] in values and STS_NEEDS[1] not in values:
        message = "is missing, and an STS URL is given: STS is used for roles only"
        problems.append(Problem(STS_NEEDS[1], "contradiction", message))
    if "role_arn" in values and not set(TOGETHER[0]) & set(values):
        message = "is missing, and a role is given: the role is assumed with it"
        problems.append(Problem(ROLE_NEEDS[1], "contradiction", message))
    return problems


def _options(values: Mapping[str, Value]) -> dict[str, Any]:
    options: dict[str, Any] = {
        name: text_of(values[name]) for name in ("endpoint", "token_url") if name in values
    }
    region, place = _region(values), text_of(values.get("marketplace"))
    if region:
        options["region"] = region
    if place and marketplace_of(place) is None:
        options["marketplace_id"] = place
    if "environment" in values:
        options["environment"] = BY_NAME["environment"].choice(text_of(values["environment"]))
    if "vendor_code" in values:
        options["vendor_code"] = text_of(values["vendor_code"])
    if "shipping_business" in values:
        options["shipping_business"] = business_of(text_of(values["shipping_business"]))
    if "access_key_id" in values:
        aws = keys_of(
            text_of(values.get("role_arn")) or None,
            text_of(values["access_key_id"]),
            Secret(values["secret_access_key"]),
        )
        if isinstance(aws, AwsRole) and "sts_url" in values:
            aws = aws._replace(sts_url=text_of(values["sts_url"]))
        options["aws"] = aws
    return options
