"""Where an operation differs from Amazon's description of it: one small law for each of its facts."""

from collections.abc import Callable, Iterator
from typing import Any

from spshipping.operation import Effect, Items, Length, Operation, Parameter, Pattern, Range
from spshipping.operation.parameter import ParameterLimit
from tests.contract.differences import Difference
from tests.contract.facts import Described, Json, resolved
from tests.contract.model_laws import free_form

Law = Callable[[Operation[Any], Described], Iterator[Difference]]


def _where(operation: Operation[Any], part: str) -> str:
    return f"{operation.route} {part}"


def _differ(operation: Operation[Any], part: str, ours: object, amazons: object) -> Iterator[Difference]:
    if ours != amazons:
        yield Difference(_where(operation, part), repr(ours), repr(amazons))


def its_name(operation: Operation[Any], described: Described) -> Iterator[Difference]:
    """The name is Amazon's operationId."""
    yield from _differ(operation, "name", operation.name, described.facts["operationId"])


def its_path(operation: Operation[Any], described: Described) -> Iterator[Difference]:
    """Every path parameter stands in the path, and no other."""
    amazons = [facts["name"] for facts in described.facts["parameters"] if facts["in"] == "path"]
    yield from _differ(operation, "path", sorted(operation.path_names), sorted(amazons))


def written(facts: Json) -> str:
    """Return how a parameter must be written."""
    kind = facts["type"]
    if kind == "array":
        return "list"
    if kind == "boolean" or facts.get("format") == "boolean":
        return "boolean"
    # the one number among the parameters is whole: 300, never 300.0
    if kind == "integer" or (kind == "number" and facts["name"] == "dpi"):
        return "integer"
    if kind == "number":
        return "number"
    # the older files do not say which texts are times
    is_time = facts.get("format") == "date-time" or facts["name"].endswith(("After", "Before"))
    return "time" if is_time else "text"


def _parameters(operation: Operation[Any], described: Described, place: str) -> Iterator[Difference]:
    declared: tuple[Parameter, ...] = operation.query if place == "query" else operation.headers
    ours = {parameter.name: (parameter.written, parameter.is_required) for parameter in declared}
    amazons = {
        facts["name"]: (written(facts), facts.get("required", False))
        for facts in described.facts["parameters"]
        if facts["in"] == place
    }
    for name in sorted({*ours, *amazons}):
        yield from _differ(operation, f"{place} {name}", ours.get(name), amazons.get(name))


def _limits(facts: Json) -> Iterator[ParameterLimit]:
    kind = written(facts)
    if kind == "text" and ("minLength" in facts or "maxLength" in facts):
        yield Length(facts.get("minLength", 0), facts.get("maxLength", 2**31 - 1))
    if kind == "text" and "pattern" in facts:
        yield Pattern(facts["pattern"])
    if kind == "integer" and ("minimum" in facts or "maximum" in facts):
        yield Range(facts.get("minimum", 0), facts.get("maximum", 2**31 - 1))
    if kind == "list" and ("minItems" in facts or "maxItems" in facts):
        # an empty list is never sent
        yield Items(max(1, facts.get("minItems", 1)), facts.get("maxItems", 2**31 - 1))


def its_limits(operation: Operation[Any], described: Described) -> Iterator[Difference]:
    """Every parameter is limited as Amazon limits it."""
    ours = {parameter.name: parameter.limits for parameter in (*operation.query, *operation.headers)}
    for facts in described.facts["parameters"]:
        if facts["name"] in ours:
            amazons = tuple(_limits(facts))
            yield from _differ(operation, f"limits of {facts['name']}", ours[facts["name"]], amazons)


def its_query(operation: Operation[Any], described: Described) -> Iterator[Difference]:
    """Every query parameter is declared, as Amazon requires and writes it."""
    yield from _parameters(operation, described, "query")


def its_headers(operation: Operation[Any], described: Described) -> Iterator[Difference]:
    """Every header is declared, as Amazon requires and writes it."""
    yield from _parameters(operation, described, "header")


def its_key(operation: Operation[Any], described: Described) -> Iterator[Difference]:
    """It is keyed if, and only if, Amazon takes an idempotency key."""
    headers = [facts["name"] for facts in described.facts["parameters"] if facts["in"] == "header"]
    keys = [name for name in headers if "idempotency" in name.lower()]
    yield from _differ(operation, "key header", operation.key_header, keys[0] if keys else None)
    yield from _differ(operation, "is keyed", operation.effect is Effect.KEYED, bool(keys))


def its_body(operation: Operation[Any], described: Described) -> Iterator[Difference]:
    """It sends the model that Amazon names."""
    ours = operation.body.__name__ if operation.body else None
    yield from _differ(operation, "body", ours, described.facts.get("body"))


def answer(described: Described) -> Json | None:
    """Return the schema of what a success gives, without its envelope; None where it gives nothing."""
    success = described.facts["success"]
    if "payload" in success:
        payload: Json = success["payload"]
        return payload or None  # Amazon may not say what is in it
    if "schema" not in success:
        return None
    schema: Json = {"ref": success["schema"]}
    is_empty = set(resolved(described.file, schema)[0].get("properties", {})) == {"errors"}
    return None if is_empty else schema


def its_answer(operation: Operation[Any], described: Described) -> Iterator[Difference]:
    """It gives what Amazon names, and opens the envelope where there is one."""
    yield from _differ(operation, "envelope", operation.envelope, "payload" in described.facts["success"])
    schema = answer(described)
    if schema is None:
        yield from _differ(operation, "returns", operation.returns, type(None))
        return
    end, name = resolved(described.file, schema)
    if free_form(end) and operation.returns == dict[str, Any]:
        return
    if end["type"] == "array":
        end, name = resolved(described.file, end["items"])
        yield from _differ(operation, "returns", operation.returns.__args__[0].__name__, name)
    else:
        yield from _differ(operation, "returns", operation.returns.__name__, name)


def its_quota(operation: Operation[Any], described: Described) -> Iterator[Difference]:
    """Its quota is the one in Amazon's usage plan."""
    amazons = described.facts["quota"]
    yield from _differ(operation, "quota", tuple(operation.quota), (amazons["rate"], amazons["burst"]))


LAWS: tuple[Law, ...] = (
    its_name,
    its_path,
    its_query,
    its_headers,
    its_limits,
    its_key,
    its_body,
    its_answer,
    its_quota,
)
