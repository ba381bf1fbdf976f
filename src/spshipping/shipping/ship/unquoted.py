"""A purchase without a quote, direct or with one click: what is wanted, as a value and as JSON."""

import hashlib
import hmac
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Self

from spshipping.errors import InvalidRequestError
from spshipping.journal.entry import Charge, Scope
from spshipping.named import NamedTuple
from spshipping.operation import Call, CallOptions
from spshipping.secret import discreet
from spshipping.shipping.models.purchases import DirectPurchaseRequest, OneClickShipmentRequest
from spshipping.shipping.ship.money import checked_charge
from spshipping.shipping.ship.wanted import VERSION, Wanted, digested, digests, leaves, order_id_in, saved_in
from spshipping.wire.convert import encode_request, loads
from spshipping.wire.model import replace
from spshipping.wire.text import write

Request = DirectPurchaseRequest | OneClickShipmentRequest

_NOT_COMPARED = ("label_specifications", "service_selection")
"""How it is printed, and by which service it goes, make no other parcel."""


class Kind(Enum):
    """How a purchase is made."""

    QUOTED = "quoted"
    """From a rate: purchaseShipment."""
    DIRECT = "direct"
    ONE_CLICK = "one_click"


_REQUESTS: dict[Kind, type[Request]] = {
    Kind.DIRECT: DirectPurchaseRequest,
    Kind.ONE_CLICK: OneClickShipmentRequest,
}


class OneClickOptions(CallOptions, total=False):
    """The options of `ship_one_click`."""

    generation: int
    """1, unless a second label is wanted for the same reference: then 2, and so on."""
    replaces: str
    """The shipment id of the generation before, where that was neither cancelled nor refused."""
    max_charge: Charge
    """What counts for the spending limit, as Amazon names no price before; needed where there is a limit. It
    is not sent: Amazon may charge more."""


class DirectOptions(OneClickOptions, total=False):
    """The options of `ship_direct`."""

    locale: str
    """The language of the answer, such as `en-US`."""


class Unquoted(NamedTuple):
    """What is to be bought without a quote."""

    kind: Kind
    request: Request
    """With the package's reference of the scope."""
    max_charge: Charge | None = None
    locale: str | None = None

    def __repr__(self) -> str:
        return f"<Unquoted {self.kind.value}>"

    def to_json(self, *, keeps_personal: bool) -> str:
        """Return it as JSON; without the parcel where that must not be kept."""
        saved: dict[str, Any] = {"version": VERSION, "kind": self.kind.value}
        if self.max_charge is not None:
            saved["max_charge"] = [str(self.max_charge.amount), self.max_charge.unit]
        if self.locale is not None:
            saved["locale"] = self.locale
        order_id = order_id_in(self.request)
        if order_id is not None:
            saved["order_id"] = order_id
        if keeps_personal:
            saved["request"] = encode_request(self.request).decode()
        return write(saved)

    @classmethod
    def from_json(cls, text: str | None) -> Self | None:
        """Read what `to_json` returned; None where the parcel is not in it."""
        saved, kind = saved_in(text), kind_of(text)
        if saved is None or "request" not in saved or kind not in _REQUESTS:
            return None
        charge = saved.get("max_charge")
        return cls(
            kind=kind,
            request=loads(saved["request"], _REQUESTS[kind]),
            max_charge=None if charge is None else Charge(Decimal(charge[0]), charge[1]),
            locale=saved.get("locale"),
        )


def kind_of(text: str | None) -> Kind:
    """Return how a purchase is made, by what a journal keeps of what is wanted."""
    return Kind((saved_in(text) or {}).get("kind", Kind.QUOTED))


@discreet
def unquoted_of(kind: Kind, request: Request, scope: Scope, options: Mapping[str, Any]) -> Unquoted:
    """Return what is to be bought.

    Raises:
        InvalidRequestError: it cannot be, and why.
    """
    expected = _REQUESTS[kind]
    if not isinstance(request, expected):
        raise InvalidRequestError(f"is no {expected.__name__}", path="request")
    packages = request.packages
    if packages is not None and len(packages) != 1:
        raise InvalidRequestError(
            "holds one package: Amazon takes no more for a shipment; ship each under a reference of its own",
            path="packages",
        )
    if packages:
        named = replace(packages[0], package_client_reference_id=scope.package)
        request = replace(request, packages=[named])
    encode_request(request)
    if isinstance(request, OneClickShipmentRequest) and not request.service_selection.service_id:
        raise InvalidRequestError(
            "names the services that may be bought, the best first", path="service_selection.service_id"
        )
    return Unquoted(kind, request, checked_charge(options.get("max_charge")), options.get("locale"))


def wanted_from_json(text: str | None) -> Wanted | Unquoted | None:
    """Read what is wanted, of either kind; None where the parcel is not kept."""
    return Wanted.from_json(text) if kind_of(text) is Kind.QUOTED else Unquoted.from_json(text)


def digests_of(wanted: Wanted | Unquoted, scope: Scope, secret: bytes) -> dict[str, str]:
    """Return a keyed digest of each field that makes a parcel this one, of either kind; see `digests`."""
    if isinstance(wanted, Wanted):
        return digests(wanted, scope, secret)
    values = leaves(wanted.request)
    return digested(
        {path: text for path, text in values.items() if not path.startswith(_NOT_COMPARED)}, scope, secret
    )


def fingerprint(call: Call[Any], scope: Scope, secret: bytes) -> str:
    """Return a keyed digest of what is sent, for a journal that must not keep it."""
    headers = sorted(call.headers.items())
    head = "\0".join([scope.package, *(f"{name}: {value}" for name, value in headers)])
    data = head.encode() + b"\0" + (call.freeze().content or b"")
    return hmac.new(secret, data, hashlib.sha256).hexdigest()
