"""What a rate must keep to be bought for a parcel: times, benefits, and required services."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from spshipping.errors import InvalidRequestError
from spshipping.named import NamedTuple
from spshipping.shipping.models.documents import present
from spshipping.shipping.models.offers import Promise, Rate, TimeWindow
from spshipping.shipping.ship.policy import ServicePolicy, names
from spshipping.wire.model import has
from spshipping.wire.times import read_time, write_time

_TIMES = ("ship_by", "deliver_by")
_NO_POLICY = ServicePolicy()


class Conditions(NamedTuple):
    """What a rate must keep to be bought."""

    ship_by: datetime | None = None
    deliver_by: datetime | None = None
    benefits: tuple[str, ...] = ()
    policy: ServicePolicy = _NO_POLICY

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Read them from the options of `ship`.

        Raises:
            InvalidRequestError: one of them cannot be right, and why.
        """
        for name in _TIMES:
            given: object = options.get(name)
            if given is not None and (not isinstance(given, datetime) or given.utcoffset() is None):
                raise InvalidRequestError("is a datetime with a time zone", path=name)
        policy: object = options.get("policy", _NO_POLICY)
        if not isinstance(policy, ServicePolicy):
            raise InvalidRequestError("is a ServicePolicy", path="policy")
        return cls(
            options.get("ship_by"),
            options.get("deliver_by"),
            names(options.get("require_benefits", ()), "require_benefits"),
            policy.checked(),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return them as a dictionary that fits into JSON; what is not asked for is left out."""
        times = {name: write_time(time) for name in _TIMES if (time := getattr(self, name)) is not None}
        found: dict[str, Any] = {**times, "benefits": list(self.benefits)}
        if self.policy != _NO_POLICY:
            found["policy"] = self.policy.as_dict()
        return found

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned."""
        times = {name: read_time(saved[name]) if name in saved else None for name in _TIMES}
        policy = ServicePolicy.from_dict(saved["policy"]) if "policy" in saved else _NO_POLICY
        return cls(**times, benefits=tuple(saved["benefits"]), policy=policy)

    def broken_by(self, rate: Rate) -> str | None:
        """Return which condition a rate does not keep; None where it keeps all."""
        included = present(rate.benefits.included_benefits) if rate.benefits is not None else []
        lacking = [name for name in self.benefits if name not in included]
        if lacking:
            return f"lacks the benefit {', '.join(lacking)}"
        promise = rate.promise if has(rate, "promise") else Promise()
        return _later(promise.pickup_window, self.ship_by, "ship_by", "pickup") or _later(
            promise.delivery_window, self.deliver_by, "deliver_by", "delivery"
        )


def _later(window: TimeWindow | None, limit: datetime | None, name: str, event: str) -> str | None:
    """Return why a promise is not within a limit; None where it is, or there is no limit."""
    if limit is None:
        return None
    end = window.end if window is not None else None
    if end is None:
        return f"promises no {event}, and {name} is given"
    return f"promises the {event} after {name}" if end > limit else None
