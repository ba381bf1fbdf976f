"""A connection's test: what works, what does not, and what to do about it."""

from collections.abc import Callable, Coroutine, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from spshipping.errors import (
    AccessDeniedError,
    AnsweredError,
    ApiError,
    BadRequestError,
    ConfigurationError,
    MissingFieldError,
    NotFoundError,
    QuotaError,
    ServerError,
    SpShippingError,
    ThrottledError,
    TransportError,
)
from spshipping.facade import Context, Sender
from spshipping.operation import Call
from spshipping.roles import Role
from spshipping.wire.view import Grid, as_html, as_rich

if TYPE_CHECKING:
    from spshipping.sellers import MarketplaceParticipation

Purpose = Literal["shipping", "orders", "vendor", "notifications"]
"""What a connection is for."""

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

SIGN_IN = "sign in"
_DEADLINE = 30.0
"""Seconds for each step: a user waits for the result."""


class Outcome(Enum):
    """The result of one step."""

    WORKS = "works"
    NOT_NEEDED = "not allowed, and not needed"
    FAILED = "failed"
    NOT_TRIED = "not tried"


class Step(NamedTuple):
    """One step of a check."""

    name: str
    """`sign in`, or the operation that was tried."""
    outcome: Outcome
    detail: str | None = None
    """What was found: the message of the error if it is one, as a support case needs it."""
    remedy: str | None = None
    """What to do, where that is known."""
    error: str | None = None
    """The name of the error's class."""

    @property
    def is_ok(self) -> bool:
        """Whether this step does not prevent the purpose."""
        return self.outcome in (Outcome.WORKS, Outcome.NOT_NEEDED)

    def as_dict(self) -> dict[str, Any]:
        """Return what fits into JSON."""
        return {**self._asdict(), "outcome": self.outcome.name.lower(), "is_ok": self.is_ok}


class Report(NamedTuple):
    """The result of a check."""

    purpose: Purpose
    steps: tuple[Step, ...]

    @property
    def is_ok(self) -> bool:
        """Whether the connection can be used for its purpose."""
        return all(step.is_ok for step in self.steps)

    def as_dict(self) -> dict[str, Any]:
        """Return what fits into JSON."""
        steps = [step.as_dict() for step in self.steps]
        return {"purpose": self.purpose, "is_ok": self.is_ok, "steps": steps}

    def _grid(self) -> Grid:
        rows = [(step.name, step.outcome.value, step.detail or "", step.remedy or "") for step in self.steps]
        said = "works" if self.is_ok else "does not work"
        return Grid(f"{self.purpose}: {said}", ("step", "result", "detail", "what to do"), rows)

    def _repr_html_(self) -> str:
        """Show the steps as a table in Jupyter."""
        return as_html([self._grid()])

    def __rich__(self) -> Any:
        """Show the steps as a table where rich prints it."""
        return as_rich([self._grid()])


class Probe(NamedTuple):
    """A call that changes nothing, costs nothing and needs what the purpose needs."""

    call: Call[Any]
    allowed: tuple[type[SpShippingError], ...] = ()
    """Errors of Amazon's that show that the call was allowed."""
    without: str | None = None
    """What does not work where Amazon refuses the call; None where the purpose itself does not."""


def _shipping() -> tuple[Probe, ...]:
    # imported here, and below: a check of one purpose loads one domain
    from spshipping.shipping import GET_TRACKING

    # a parcel that does not exist: where the call is allowed, the answer is that there is none
    call = GET_TRACKING(query={"trackingId": "TBA000000000000", "carrierId": "AMZN_US"})
    return (Probe(call, (NotFoundError,)),)


def _orders() -> tuple[Probe, ...]:
    from spshipping.auth.tokens import (
        CREATE_RESTRICTED_DATA_TOKEN,
        CreateRestrictedDataTokenRequest,
        RestrictedMethod,
        RestrictedResource,
    )
    from spshipping.orders.v2026_01_01 import GET_ORDER

    resource = RestrictedResource(
        method=RestrictedMethod.GET,
        path="/orders/v0/orders/{orderId}",
        data_elements=["buyerInfo", "shippingAddress"],
    )
    body = CreateRestrictedDataTokenRequest(restricted_resources=[resource])
    return (
        # an order that does not exist costs no search
        Probe(GET_ORDER(path={"orderId": "000-0000000-0000000"}), (NotFoundError, BadRequestError)),
        Probe(
            CREATE_RESTRICTED_DATA_TOKEN(body=body),
            without="orders come without names and addresses: the application needs the role"
            f" {Role.DIRECT_TO_CONSUMER_SHIPPING} for them",
        ),
    )


def _vendor() -> tuple[Probe, ...]:
    from spshipping.vendor.orders import GET_PURCHASE_ORDER
    from spshipping.vendor.shipments import GET_SHIPMENT_DETAILS
    from spshipping.vendor.transactions import GET_TRANSACTION

    # none of them exists: where the call is allowed, the answer says so
    shipment = GET_SHIPMENT_DETAILS(query={"vendorShipmentIdentifier": "none", "limit": 1})
    none = (NotFoundError, BadRequestError)
    return (
        Probe(GET_PURCHASE_ORDER(path={"purchaseOrderNumber": "00000000"}), none),
        Probe(
            shipment,
            (NotFoundError,),
            without="pickups cannot be requested: Amazon allows it to vendors whose freight it pays, in North"
            " America and Europe",
        ),
        Probe(GET_TRANSACTION(path={"transactionId": "none"}), none),
    )


def _notifications() -> tuple[Probe, ...]:
    from spshipping.notifications import GET_DESTINATIONS, GET_SUBSCRIPTION

    subscribed = GET_SUBSCRIPTION(path={"notificationType": "ORDER_CHANGE"})
    return (Probe(GET_DESTINATIONS()), Probe(subscribed, (NotFoundError,)))


PROBES: Mapping[Purpose, Callable[[], tuple[Probe, ...]]] = {
    "shipping": _shipping,
    "orders": _orders,
    "vendor": _vendor,
    "notifications": _notifications,
}


SignIn = Callable[[float], Coroutine[Any, Any, object]]
"""Gets an access token within so many seconds, or raises."""


async def check(
    context: Context, sign_in: SignIn, purpose: Purpose, *, has_true_places: bool = True
) -> Report:
    """Try what a connection is for. Costs nothing, changes nothing, and takes three or four requests.

    Args:
        context: what is needed of the client.
        sign_in: gets an access token within so many seconds, or raises.
        purpose: what the connection is for.
        has_true_places: whether the seller's marketplaces can be known; Amazon's sandbox has fixed ones.

    Raises:
        ConfigurationError: there is no such purpose.
    """
    if purpose not in PURPOSES:
        raise ConfigurationError(f"{purpose!r} cannot be checked: use {', '.join(PURPOSES)}")
    probes = PROBES[purpose]()
    signed_in = await _signed_in(sign_in)
    if not signed_in.is_ok:
        reason = "there is no access token to try it with"
        names = [probe.call.operation.name for probe in probes]
        names += [] if purpose == "vendor" else [_SELLERS]
        return Report(purpose, (signed_in, *(Step(name, Outcome.NOT_TRIED, reason) for name in names)))
    sender = context.sender
    tried = [await _probed(sender, probe) for probe in probes]
    if purpose != "vendor":  # who sells to Amazon sells in no marketplace
        place = context.marketplace_id if has_true_places else None
        tried.append(await _participations(sender, place))
    return Report(purpose, (signed_in, *tried))


async def _signed_in(sign_in: SignIn) -> Step:
    try:
        await sign_in(_DEADLINE)
    except SpShippingError as error:
        return _step(SIGN_IN, Outcome.FAILED, error)
    return Step(SIGN_IN, Outcome.WORKS)


async def _probed(sender: Sender, probe: Probe) -> Step:
    name = probe.call.operation.name
    try:
        await sender.send(probe.call, deadline=_DEADLINE)
    except SpShippingError as error:
        # an answer without a code is not Amazon's: a wrong endpoint has no parcels either
        is_allowed = isinstance(error, probe.allowed) and isinstance(error, AnsweredError) and error.code
        if not is_allowed and probe.without and isinstance(error, ApiError) and error.status in (400, 403):
            return Step(name, Outcome.NOT_NEEDED, f"{probe.without}; {_detail(error)}", None, _name(error))
        if not is_allowed:
            return _step(name, Outcome.FAILED, error)
    return Step(name, Outcome.WORKS)


_SELLERS = "getMarketplaceParticipations"


async def _participations(sender: Sender, place: str | None) -> Step:
    """Find out whether the seller sells in the marketplace *place*.

    A vendor, and many an application, is not allowed to, and need not.
    """
    from spshipping.sellers import GET_MARKETPLACE_PARTICIPATIONS

    try:
        # its quota is one a minute: a second check must not wait for that
        reply = await sender.send(GET_MARKETPLACE_PARTICIPATIONS(), deadline=_DEADLINE, max_wait=0.0)
    except (ApiError, QuotaError) as error:
        return _step(_SELLERS, Outcome.NOT_NEEDED, error)
    except SpShippingError as error:
        return _step(_SELLERS, Outcome.FAILED, error)
    found = _codes(reply.value)
    if found is None:
        return Step(_SELLERS, Outcome.WORKS, "the answer does not say where the seller can list")
    detail = f"the seller can list in: {', '.join(sorted(found.values())) or 'no marketplace'}"
    if place is None or place in found:
        return Step(_SELLERS, Outcome.WORKS, detail)
    remedy = f"choose one of them for the connection: the seller does not sell in its marketplace, {place}"
    return Step(_SELLERS, Outcome.FAILED, detail, remedy)


def _codes(entries: "list[MarketplaceParticipation]") -> dict[str, str] | None:
    """Return the countries where the seller sells, by marketplace; None where an entry does not say it."""
    try:
        return {
            entry.marketplace.id: entry.marketplace.country_code
            for entry in entries
            if entry.participation.is_participating
        }
    except MissingFieldError:
        return None


def _step(name: str, outcome: Outcome, error: SpShippingError) -> Step:
    remedy = _remedy(error) if outcome is Outcome.FAILED else None
    return Step(name, outcome, _detail(error), remedy, _name(error))


def _name(error: SpShippingError) -> str:
    return type(error).__name__


def _detail(error: SpShippingError) -> str:
    remedy = error.remedy if isinstance(error, AnsweredError) else None
    return str(error).removesuffix(f" ({remedy})")


_REMEDIES: tuple[tuple[type[SpShippingError], str], ...] = (
    (
        AccessDeniedError,
        "check that marketplace and region are the account's own, and that the seller or vendor authorized"
        " the application after its roles last changed",
    ),
    (NotFoundError, "check the endpoint: it does not answer as Amazon does"),
    (ThrottledError, "wait a minute, and check again"),
    (ServerError, "Amazon has a problem: check again later"),
    (TransportError, "check the network, the proxy and the endpoint"),
)


def _remedy(error: SpShippingError) -> str | None:
    given = error.remedy if isinstance(error, AnsweredError) else None
    return given or next((remedy for cls, remedy in _REMEDIES if isinstance(error, cls)), None)
