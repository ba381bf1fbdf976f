"""What is to be bought: a parcel, the choice of a rate, and the documents; as a value, and as JSON."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Self, cast

from spshipping.errors import InvalidRequestError
from spshipping.journal.entry import Scope
from spshipping.named import NamedTuple
from spshipping.operation import CallOptions
from spshipping.secret import discreet
from spshipping.shipping.models.documents import DocumentFormat, DocumentSize
from spshipping.shipping.models.rates import GetRatesRequest
from spshipping.shipping.ship.choice import NAMES, Choice, checked
from spshipping.shipping.ship.conditions import Conditions
from spshipping.shipping.ship.policy import ServicePolicy, names
from spshipping.wire.convert import encode_request, loads
from spshipping.wire.model import Model, extra, replace
from spshipping.wire.text import parse, write
from spshipping.wire.times import write_time

VERSION = 2
"""Written into what a journal keeps; version 1 had no conditions, and no other kinds of purchases."""
_VERSIONS = (1, VERSION)
SERVICES = "value_added_services"
"""The path of the services among the fields; they are no field of the request."""
_NOT_COMPARED = ("packages[0].package_client_reference_id", "ship_date")
"""The first is ours; the second changes from one run of a job to the next, and makes no other parcel."""
_DIGEST_LETTERS = 16


class ShipOptions(CallOptions, total=False):
    """The options of `ship`, without the parcel, its reference and the choice of a rate."""

    generation: int
    """1, unless a second label is wanted for the same reference: then 2, and so on."""
    replaces: str
    """The shipment id of the generation before, where that was neither cancelled nor refused: it is lost, or
    misprinted, and a new label is wanted all the same."""
    format: DocumentFormat | str
    """The file format of the label: PDF."""
    dpi: int
    """The resolution; the first that the rate supports, unless given."""
    size: DocumentSize
    """The size of the label; the first that the rate supports, unless given."""
    value_added_services: tuple[str, ...]
    """The ids of the extras to buy; they count in the choice of a rate."""
    policy: ServicePolicy
    """How groups of extras are answered that a rate requires; none are, unless given."""
    ship_by: datetime
    """Until when it must be picked up. A rate that promises a later pickup, or none, is not bought."""
    deliver_by: datetime
    """Until when it must be delivered. A rate that promises a later delivery, or none, is not bought."""
    require_benefits: tuple[str, ...]
    """What the label must come with, such as `CLAIMS_PROTECTED`. A rate that lacks one is not bought."""


class Wanted(NamedTuple):
    """What is to be bought."""

    request: GetRatesRequest
    """The request for rates, with the package's reference of the scope."""
    choose: Choice | None
    """None where it was a function, which a journal cannot keep."""
    format: str = "PDF"
    dpi: int | None = None
    services: tuple[str, ...] = ()
    conditions: Conditions = Conditions()
    size: DocumentSize | None = None

    def __repr__(self) -> str:
        return "<Wanted>"

    def to_json(self, *, keeps_personal: bool) -> str:
        """Return it as JSON; without the parcel where that must not be kept."""
        saved: dict[str, Any] = {"version": VERSION, "format": self.format, "services": list(self.services)}
        saved["conditions"] = self.conditions.as_dict()
        if self.dpi is not None:
            saved["dpi"] = self.dpi
        if self.size is not None:
            saved["size"] = encode_request(self.size).decode()
        if isinstance(self.choose, str):
            saved["choose"] = self.choose
        order_id = order_id_in(self.request)
        if order_id is not None:
            saved["order_id"] = order_id
        if keeps_personal:
            saved["request"] = encode_request(self.request).decode()
        return write(saved)

    @classmethod
    def from_json(cls, text: str | None) -> Self | None:
        """Read what `to_json` returned; None where the parcel is not in it."""
        saved = saved_in(text)
        # a purchase without a quote names its kind, and its request is another
        if saved is None or "request" not in saved or "kind" in saved:
            return None
        choose = saved.get("choose")
        return cls(
            request=loads(saved["request"], GetRatesRequest),
            choose=cast("Choice", choose) if choose in NAMES else None,
            format=saved["format"],
            dpi=saved.get("dpi"),
            services=tuple(saved["services"]),
            conditions=Conditions.from_dict(saved["conditions"]) if "conditions" in saved else Conditions(),
            size=loads(saved["size"], DocumentSize) if "size" in saved else None,
        )


def saved_in(text: str | None) -> Mapping[str, Any] | None:
    """Return what a journal keeps of what is wanted; None where that is erased, or of a later version."""
    saved: Mapping[str, Any] = {} if text is None else parse(text.encode())
    return saved if saved.get("version") in _VERSIONS else None


def order_id_of(text: str | None) -> str | None:
    """Return the Amazon order in what `Wanted.to_json` returned, if it is for one."""
    return None if text is None else cast("str | None", parse(text.encode()).get("order_id"))


def order_id_in(request: Any) -> str | None:
    """Return the Amazon order that a request is for, if it is for one."""
    details = getattr(request.channel_details, "amazon_order_details", None)
    return getattr(details, "order_id", None)


@discreet
def wanted_of(parcel: GetRatesRequest, scope: Scope, choose: Choice, options: ShipOptions) -> Wanted:
    """Return what is to be bought.

    Raises:
        InvalidRequestError: it cannot be, and why.
    """
    if not isinstance(parcel, GetRatesRequest):
        raise InvalidRequestError("is no GetRatesRequest", path="parcel")
    if len(parcel.packages) != 1:
        raise InvalidRequestError(
            "holds one package: Amazon takes no more for a shipment; ship each under a reference of its own",
            path="packages",
        )
    (package,) = parcel.packages
    request = replace(parcel, packages=[replace(package, package_client_reference_id=scope.package)])
    encode_request(request)
    return Wanted(
        request,
        checked(choose),
        str(options.get("format", DocumentFormat.PDF)),
        options.get("dpi"),
        names(options.get("value_added_services", ()), SERVICES),
        Conditions.of(options),
        _size(options),
    )


def _size(options: ShipOptions) -> DocumentSize | None:
    size: object = options.get("size")
    if size is not None and not isinstance(size, DocumentSize):
        raise InvalidRequestError("is a DocumentSize", path="size")
    return size


def digests(wanted: Wanted, scope: Scope, secret: bytes) -> dict[str, str]:
    """Return a keyed digest of each field that makes a parcel this one, by the path of the field.

    The same value has another digest in another scope: no two parcels can be compared by them.
    """
    found = leaves(wanted.request)
    if wanted.services:
        found[SERVICES] = " ".join(sorted(wanted.services))
    return digested(found, scope, secret)


def leaves(request: Model) -> dict[str, str]:
    """Return every value of a request that makes a parcel this one, by its path."""
    return {path: text for path, text in _leaves(request, "") if path not in _NOT_COMPARED}


def digested(values: Mapping[str, str], scope: Scope, secret: bytes) -> dict[str, str]:
    """Return a keyed digest of each value."""
    return {path: _digest(secret, scope.package, path, text) for path, text in values.items()}


def _digest(secret: bytes, *parts: str) -> str:
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hmac.new(secret, data, hashlib.sha256).hexdigest()[:_DIGEST_LETTERS]


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    """Return the paths of the fields that differ."""
    return tuple(sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path)))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield every value of a request, and where it stands."""
    if isinstance(value, Model):
        fields = {name: getattr(value, name, None) for name in value.__wire_names__}
        for name, part in {**fields, **extra(value)}.items():
            yield from _leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _leaves(part, f"{path}[{index}]")
    elif value is not None:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        # 1.0 is 1.00, and is 1
        return f"{Decimal(value).normalize():f}"
    return str(value)
