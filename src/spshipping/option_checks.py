"""Checks of a client's options: a value that cannot be used is refused when the client is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from spshipping.auth.aws import AwsCredentials, AwsRole
from spshipping.auth.cache import TokenCache
from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.operation.arguments import checked_elements
from spshipping.regions import Marketplace, is_marketplace_id
from spshipping.secret import Secret
from spshipping.transport.retry import RetryBudget, RetryPolicy

Check = Callable[[Any], str | None]
"""Returns what is wrong with a value, without the value: it may be a secret."""

_ELEMENTS = ("buyerInfo", "shippingAddress", "buyerTaxInformation")
"""All data elements that Amazon documents.

Source: https://developer-docs.amazon.com/sp-api/docs/tokens-api-use-case-guide
"""


def check_options(options: Mapping[str, Any], known: type[Any], client: str) -> None:
    """Refuse an option that the client does not have, and a value that cannot be used.

    None counts as not given.

    Raises:
        ConfigurationError: there is one; what to pass instead.
    """
    for name, value in options.items():
        if name not in known.__annotations__:
            raise ConfigurationError(
                f"{client} has no option {name!r}{_nearest(name, known.__annotations__)}"
            )
        check = _CHECKS.get(name)
        fault = check(value) if check is not None and value is not None else None
        if fault:
            raise ConfigurationError(f"{name}= {fault}")


def _nearest(name: str, known: Iterable[str]) -> str:
    # imported here: only a mistake needs it
    from difflib import get_close_matches

    found = get_close_matches(name, list(known), 1)
    return f"; did you mean {found[0]!r}?" if found else ""


def _kind(value: object) -> str:
    return f"not a {type(value).__name__}"


def _boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else f"takes True or False, {_kind(value)}"


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) else f"takes text, {_kind(value)}"


def _code(value: Any) -> str | None:
    is_code = isinstance(value, str) and value.strip() == value != ""
    return None if is_code else "takes a vendor code, such as ABCD1, without blanks around it"


def _function(value: Any) -> str | None:
    return None if callable(value) else f"takes a function, {_kind(value)}"


def _marketplace_id(value: Any) -> str | None:
    if isinstance(value, Marketplace) or not is_marketplace_id(value):
        return "is no marketplace id, such as A1F83G8C2ARO7P; a name, such as UK, is given as marketplace="
    return None


def _pii(value: Any) -> str | None:
    try:
        unknown = checked_elements(value).difference(_ELEMENTS)
    except InvalidRequestError as error:
        return error.message
    # one that is nothing like them may be of an operation of the caller's own
    meant = next(filter(None, (_nearest(element, _ELEMENTS) for element in sorted(unknown))), None)
    return f"has an unknown data element{meant}" if meant else None


def _token(value: Any) -> str | None:
    text = value.reveal() if isinstance(value, Secret) else value
    return None if isinstance(text, str) and text.strip() else "takes a token, as text or Secret"


def _texts(value: Any) -> str | None:
    is_fit = isinstance(value, Mapping) and all(
        isinstance(text, str) for pair in value.items() for text in pair
    )
    return None if is_fit else "takes a mapping from text to text"


def _authentication(value: Any) -> str | None:
    return None if value in ("body", "basic") else "takes 'body' or 'basic'"


def _aws(value: Any) -> str | None:
    if isinstance(value, AwsRole):
        arn: object = value.role_arn
        return _keys(value.keys) if isinstance(arn, str) else "takes AwsRole(role_arn, AwsCredentials(...))"
    if isinstance(value, AwsCredentials):
        return _keys(value)
    is_fit = callable(value) and not isinstance(value, type)
    return None if is_fit else "takes AwsCredentials, AwsRole, or a function that returns AwsCredentials"


def _keys(keys: Any) -> str | None:
    if isinstance(keys, AwsCredentials):
        parts: tuple[object, ...] = keys
        kinds = (str, Secret, Secret | None)
        if all(isinstance(part, kind) for part, kind in zip(parts, kinds, strict=False)):
            return None
    return "takes the secret key, and a session token, as Secret: AwsCredentials(key_id, Secret(secret_key))"


def _retry(value: Any) -> str | None:
    if not isinstance(value, RetryPolicy):
        return f"takes RetryPolicy(...), {_kind(value)}; RetryPolicy(attempts=1) repeats nothing but a 429"
    if not all(type(count) is int and count >= 1 for count in (value.attempts, value.throttled_attempts)):
        return "takes whole numbers above 0 as attempts and throttled_attempts"
    if not all(_is_duration(seconds) for seconds in (value.base, value.throttled_base, value.cap)):
        return "takes seconds, 0 or more, as base, throttled_base and cap"
    return None


def _is_duration(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _budget(value: Any) -> str | None:
    is_fit = isinstance(value, RetryBudget) and isinstance(value.capacity, int | float)
    return None if is_fit else "takes RetryBudget(repeats), which clients may share"


def _cache(value: Any) -> str | None:
    return None if isinstance(value, TokenCache) else f"takes a TokenCache, {_kind(value)}"


def _having(what: str, *names: str) -> Check:
    """Return the check of a protocol: that its methods are there."""

    def check(value: Any) -> str | None:
        lacking = [name for name in names if not callable(getattr(value, name, None))]
        return f"takes {what}: it has no method {lacking[0]}()" if lacking else None

    return check


_CHECKS: Mapping[str, Check] = {
    "marketplace_id": _marketplace_id,
    "allow_http": _boolean,
    "vendor_code": _code,
    "application": _text,
    "strict": _boolean,
    "on_reply": _function,
    "on_unsettled": _function,
    "pii": _pii,
    "restricted_data_token": _token,
    "client_authentication": _authentication,
    "token_parameters": _texts,
    "aws": _aws,
    "proxies": _texts,
    "retry": _retry,
    "retry_budget": _budget,
    "quota": _having("a QuotaKeeper", "reserve", "remaining", "give_back", "drain", "learn", "state"),
    "token_cache": _cache,
    "clock": _having("a Clock", "now", "monotonic", "sleep", "sleep_async"),
    "chance": _function,
    "transport": _having("a transport", "exchange", "close"),
}
"""Those that are not checked where they are read: places, environment, URLs, times, session and adapter."""
