"""A connection's test: what works, what does not, and what to do about it."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from spshipping.errors import (
    AccessDeniedError,
    ApiError,
    ConfigurationError,
    MissingFieldError,
    NotFoundError,
    QuotaError,
    ServerError,
    SpShippingError,
    ThrottledError,
    TransportError,
)
from spshipping.facade import Sender
from spshipping.operation import Call

if TYPE_CHECKING:
    from spshipping.sellers import MarketplaceParticipation

Purpose = Literal["shipping"]
"""What a connection is for."""

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

SIGN_IN = "sign in"
_DEADLINE = 30.0
"""Seconds for each step: somebody has pressed a button and waits."""


class Outcome(Enum):
    """What one step came to."""

    WORKS = "works"
    NOT_NEEDED = "not allowed, and not needed"
    FAILED = "failed"
    NOT_TRIED = "not tried"


class Step(NamedTuple):
    """One step of a check."""

    name: str
    """`sign in`, or the operation that was tried."""
    outcome: Outcome
    told: str | None = None
    """What was learnt, in the error's own words if it is one: what a support case asks for."""
    remedy: str | None = None
    """What to do, where that is known."""
    error: str | None = None
    """The name of the error's class."""

    @property
    def is_ok(self) -> bool:
        """Say whether nothing stands in the way here."""
        return self.outcome in (Outcome.WORKS, Outcome.NOT_NEEDED)

    def as_dict(self) -> dict[str, Any]:
        """Return what fits into JSON."""
        return {**self._asdict(), "outcome": self.outcome.name.lower(), "is_ok": self.is_ok}


class Report(NamedTuple):
    """What a check came to."""

    purpose: Purpose
    steps: tuple[Step, ...]

    @property
    def is_ok(self) -> bool:
        """Say whether the connection can be used for its purpose."""
        return all(step.is_ok for step in self.steps)

    def as_dict(self) -> dict[str, Any]:
        """Return what fits into JSON."""
        steps = [step.as_dict() for step in self.steps]
        return {"purpose": self.purpose, "is_ok": self.is_ok, "steps": steps}


class Probe(NamedTuple):
    """A call that changes nothing, costs nothing and needs what the purpose needs."""

    call: Call[Any]
    allowed: tuple[type[SpShippingError], ...] = ()
    """Errors of Amazon's that say that the call was let through."""


def _shipping() -> Probe:
    # imported here: a check of one purpose loads one domain
    from spshipping.shipping import GET_TRACKING

    # a parcel that nobody has: whoever may ask is told that there is none
    return Probe(
        GET_TRACKING(query={"trackingId": "TBA000000000000", "carrierId": "AMZN_US"}), (NotFoundError,)
    )


PROBES: Mapping[Purpose, Callable[[], Probe]] = {"shipping": _shipping}


def check(sender: Sender, sign_in: Callable[[float], object], purpose: Purpose) -> Report:
    """Try what a connection is for. Costs nothing, changes nothing, and takes three requests.

    Args:
        sender: the client.
        sign_in: gets an access token within so many seconds, or raises.
        purpose: what the connection is for.

    Raises:
        ConfigurationError: there is no such purpose.
    """
    if purpose not in PROBES:
        raise ConfigurationError(f"{purpose!r} is nothing to check: use {' or '.join(PURPOSES)}")
    probe = PROBES[purpose]()
    signed_in = _signed_in(sign_in)
    if not signed_in.is_ok:
        told = "there is no access token to try it with"
        skipped = (Step(name, Outcome.NOT_TRIED, told) for name in (probe.call.operation.name, _SELLERS))
        return Report(purpose, (signed_in, *skipped))
    return Report(purpose, (signed_in, _probed(sender, probe), _participations(sender)))


def _signed_in(sign_in: Callable[[float], object]) -> Step:
    try:
        sign_in(_DEADLINE)
    except SpShippingError as error:
        return _step(SIGN_IN, Outcome.FAILED, error)
    return Step(SIGN_IN, Outcome.WORKS)


def _probed(sender: Sender, probe: Probe) -> Step:
    name = probe.call.operation.name
    try:
        sender.send(probe.call, deadline=_DEADLINE)
    except SpShippingError as error:
        # without a code it is not Amazon who answers: a wrong endpoint has no parcels either
        if not isinstance(error, probe.allowed) or not getattr(error, "code", None):
            return _step(name, Outcome.FAILED, error)
    return Step(name, Outcome.WORKS)


_SELLERS = "getMarketplaceParticipations"


def _participations(sender: Sender) -> Step:
    """Ask where the seller sells: a vendor, and many an application, may not ask that, and need not."""
    from spshipping.sellers import GET_MARKETPLACE_PARTICIPATIONS

    try:
        # its quota is one a minute: a second check must not wait for that
        reply = sender.send(GET_MARKETPLACE_PARTICIPATIONS(), deadline=_DEADLINE, max_wait=0.0)
    except (ApiError, QuotaError) as error:
        return _step(_SELLERS, Outcome.NOT_NEEDED, error)
    except SpShippingError as error:
        return _step(_SELLERS, Outcome.FAILED, error)
    codes = {code for code in map(_country_code, reply.value) if code}
    places = ", ".join(sorted(codes)) or "no marketplace"
    return Step(_SELLERS, Outcome.WORKS, f"the seller can list in: {places}")


def _country_code(entry: "MarketplaceParticipation") -> str | None:
    try:
        return entry.marketplace.country_code
    except MissingFieldError:
        return None


def _step(name: str, outcome: Outcome, error: SpShippingError) -> Step:
    remedy = _remedy(error) if outcome is Outcome.FAILED else None
    return Step(name, outcome, _told(error), remedy, type(error).__name__)


def _told(error: SpShippingError) -> str:
    remedy = getattr(error, "remedy", None)
    return str(error).removesuffix(f" ({remedy})")


_REMEDIES: tuple[tuple[type[SpShippingError], str], ...] = (
    (
        AccessDeniedError,
        "check that marketplace and region are the account's own, and that the seller or vendor authorized"
        " the application after its roles last changed",
    ),
    (NotFoundError, "check the endpoint: it does not answer as Amazon does"),
    (ThrottledError, "wait a minute, and check again"),
    (ServerError, "Amazon has a fault of its own: check again later"),
    (TransportError, "check the network, the proxy and the endpoint"),
)


def _remedy(error: SpShippingError) -> str | None:
    given: str | None = getattr(error, "remedy", None)
    return given or next((remedy for cls, remedy in _REMEDIES if isinstance(error, cls)), None)
