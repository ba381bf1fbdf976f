"""Checks additional inputs against the JSON Schema that Amazon returned for them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from spshipping.errors import ConfigurationError, DecodeError, InvalidRequestError
from spshipping.secret import discreet

_FIELD = "additional_inputs"
_OBJECTS = ("properties", "patternProperties", "definitions", "dependencies", "$defs")
"""Keywords whose value is an object; Amazon was seen to send an empty list for an empty one."""
_MOST_TEXT = 200


@discreet
def check_additional_inputs(inputs: Mapping[str, Any] | None, schema: Mapping[str, Any]) -> None:
    """Check what `purchase_shipment` sends as `additional_inputs`. Sends nothing.

    Needs the extra `spshipping[schema]`.

    Args:
        inputs: the additional inputs; None is checked as an empty object.
        schema: what `get_additional_inputs` returned for the rate.

    Raises:
        InvalidRequestError: an input is missing or wrong: where, and which rule it breaks, never its value.
        ConfigurationError: the extra is not installed.
        DecodeError: the schema cannot be used.
    """
    try:
        from jsonschema.exceptions import best_match
        from jsonschema.validators import Draft202012Validator, validator_for
        from referencing import Registry
    except ImportError:
        raise ConfigurationError(
            'the check of additional inputs needs jsonschema: pip install "spshipping[schema]"'
        ) from None
    usable = _plain(schema)
    try:
        # an empty registry, so that nothing is fetched from the network
        validator = validator_for(usable, default=Draft202012Validator)(usable, registry=Registry())
        error = best_match(validator.iter_errors(_plain(inputs or {})))
    except Exception as failure:
        raise DecodeError(
            f"the schema of the additional inputs cannot be used ({type(failure).__name__})",
            operation="getAdditionalInputs",
        ) from None
    if error is not None:
        path, problem = _problem(error.absolute_path, error.validator, error.validator_value, error.instance)
        raise InvalidRequestError(problem, path=path)


def _problem(steps: Iterable[str | int], rule: object, limit: object, value: object) -> tuple[str, str]:
    """Return where an input is wrong, and what it must be; the message of jsonschema shows its value."""
    path = _FIELD + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    if rule == "required" and isinstance(limit, list) and isinstance(value, dict):
        missing = next(name for name in limit if name not in value)
        return f"{path}.{missing}", "is needed by this rate; see get_additional_inputs"
    if rule == "additionalProperties":
        return path, "has a property that the schema of this rate does not know; see get_additional_inputs"
    text = repr(limit)
    shown = text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}..."
    return path, f"breaks the rule {rule}: {shown}; see get_additional_inputs"


def _plain(value: Any) -> Any:
    """Return JSON data as jsonschema computes with it: plain objects, and no Decimal."""
    if isinstance(value, Mapping):
        return {name: {} if name in _OBJECTS and part == [] else _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
