"""Which value-added services are bought: those that are always wanted, and those that a rate requires."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, Self, get_args

from spshipping.errors import InvalidRequestError
from spshipping.named import NamedTuple
from spshipping.shipping.models.documents import present
from spshipping.shipping.models.offers import AvailableValueAddedServiceGroup, Rate, ValueAddedService
from spshipping.wire.model import has

Otherwise = Literal["refuse", "cheapest"]


class ServicePolicy(NamedTuple):
    """How a required group of value-added services is answered.

    A group of which `always` or `value_added_services` names a service is answered. Another one that is
    required is answered by the first service of `groups`, then of `prefer`, that it offers; where there is
    none, by `otherwise`. A rate that cannot be answered, or lacks what is always bought, is not bought.

    What the services cost counts in the choice of a rate, and for a spending limit.
    """

    prefer: tuple[str, ...] = ()
    """Ids of services, the best first."""
    otherwise: Otherwise = "refuse"
    """`refuse`, or `cheapest`: the service of the group that costs least."""
    groups: Mapping[str, str | tuple[str, ...]] = {}
    """The answer, or answers, to a group of this id; they come before `prefer`."""
    always: tuple[str, ...] = ()
    """Ids of services that are bought with every rate."""

    def checked(self) -> Self:
        """Return the same policy with tuples of text.

        Raises:
            InvalidRequestError: it is no policy, and why.
        """
        if self.otherwise not in get_args(Otherwise):
            raise InvalidRequestError("is 'refuse' or 'cheapest'", path="policy.otherwise")
        if not isinstance(self.groups, Mapping):
            raise InvalidRequestError("is a mapping of group ids", path="policy.groups")
        groups = {
            names((name,), "policy.groups")[0]: names(
                (answer,) if isinstance(answer, str) else answer, "policy.groups"
            )
            for name, answer in self.groups.items()
        }
        return self._replace(
            prefer=names(self.prefer, "policy.prefer"),
            groups=groups,
            always=names(self.always, "policy.always"),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as a dictionary that fits into JSON."""
        return {
            "prefer": list(self.prefer),
            "otherwise": self.otherwise,
            "groups": {name: list(answers) for name, answers in self.groups.items()},
            "always": list(self.always),
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned."""
        return cls(**saved).checked()


class Unanswered(NamedTuple):
    """A rate that this policy cannot buy."""

    reason: str


def names(given: Sequence[str], path: str) -> tuple[str, ...]:
    """Return names as a tuple.

    Raises:
        InvalidRequestError: they are no list of texts.
    """
    values: object = given
    if not isinstance(values, list | tuple) or not all(isinstance(each, str) and each for each in values):
        raise InvalidRequestError("is a tuple of names, such as ('NAME',)", path=path)
    return tuple(dict.fromkeys(values))


def services_of(rate: Rate, wanted: Sequence[str], policy: ServicePolicy) -> tuple[str, ...] | Unanswered:
    """Return the services to buy with a rate, each once, or why they cannot be bought."""
    groups = present(rate.available_value_added_service_groups)
    offered = {each.id for group in groups for each in _offered(group)}
    lacking = [name for name in policy.always if name not in offered]
    if lacking:
        return Unanswered(f"does not offer {', '.join(lacking)}, which the policy always buys")
    bought = dict.fromkeys([*wanted, *policy.always])
    for group in groups:
        ids = [each.id for each in _offered(group)]
        if not getattr(group, "is_required", False) or any(name in ids for name in bought):
            continue
        answer = _answer(group, policy)
        if answer is None:
            name = getattr(group, "group_id", None)
            return Unanswered(
                f"requires one of group {name} ({', '.join(ids) or 'none is named'}): give one in"
                " value_added_services, or a policy that answers it"
            )
        bought[answer] = None
    return tuple(bought)


def _answer(group: AvailableValueAddedServiceGroup, policy: ServicePolicy) -> str | None:
    offered = _offered(group)
    ids = [each.id for each in offered]
    own = policy.groups.get(group.group_id, ()) if has(group, "group_id") else ()
    answers: tuple[str, ...] = (*own, *policy.prefer)
    for name in answers:
        if name in ids:
            return name
    costs = ((_cost(each), each.id) for each in offered)
    priced = [(cost, name) for cost, name in costs if cost is not None]
    if policy.otherwise == "refuse" or not priced or len({unit for (_, unit), _ in priced}) > 1:
        return None
    return min(priced)[1]


def _offered(group: AvailableValueAddedServiceGroup) -> list[ValueAddedService]:
    return [each for each in present(group.value_added_services) if has(each, "id")]


def _cost(service: ValueAddedService) -> tuple[Decimal, str] | None:
    cost = getattr(service, "cost", None)
    if cost is None or not has(cost, "value") or not has(cost, "unit"):
        return None
    return cost.value, cost.unit


def costs_of(rate: Rate) -> dict[str, tuple[Decimal, str] | None]:
    """Return what each service of a rate costs; None where that could not be read."""
    groups = present(rate.available_value_added_service_groups)
    return {each.id: _cost(each) for group in groups for each in _offered(group)}
