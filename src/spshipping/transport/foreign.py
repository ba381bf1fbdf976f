"""Separates exceptions of the network's code, and of ours, from those of signal handlers inside it."""

from __future__ import annotations

import sys

_NETWORK = frozenset(
    {
        "aiohappyeyeballs",
        "aiohttp",
        "aiosignal",
        "attr",
        "cattrs",
        "certifi",
        "charset_normalizer",
        "dateutil",
        "idna",
        "requests",
        "socks",
        "spshipping",
        "urllib3",
        "uvloop",
        "yarl",
        # what programs put in the place of the standard library's sockets and certificates
        "OpenSSL",
        "eventlet",
        "gevent",
        "truststore",
        # recorders and mocks raise what the network would
        "aioresponses",
        "requests_mock",
        "responses",
        "vcr",
    }
)


def root_cause(error: BaseException, handled: BaseException | None) -> BaseException:
    """Return the exception that *error* began with.

    Args:
        error: what was caught.
        handled: what the caller was handling before, in an `except` of its own: Python makes it the context
            of whatever is raised then, and it is no cause.
    """
    seen = {id(error), id(handled)}
    while (earlier := error.__cause__ or error.__context__) is not None and id(earlier) not in seen:
        seen.add(id(earlier))
        error = earlier
    return error


def innermost_module(error: BaseException) -> str | None:
    """Return the name of the module in which *error* was raised, if that is known.

    Code that was made at run time (of attrs, of cattrs, ours) has no module, and counts as its caller's.
    """
    found, step = None, error.__traceback__
    while step is not None:
        found = step.tb_frame.f_globals.get("__name__") or found
        step = step.tb_next
    return str(found) if found else None


def is_networks(
    error: BaseException, handled: BaseException | None, own: frozenset[str] = frozenset()
) -> bool:
    """Say whether *error*, which left the network's code, was raised there and not by a signal handler.

    A signal handler runs in the midst of whatever is being executed, and what it raises looks like the
    network's own `TimeoutError` or `ValueError`; only the module in which it was raised shows the difference.
    Where that is not known, the answer is False.

    Args:
        error: what was caught.
        handled: what the caller was handling before.
        own: further packages that count as the network's code, such as that of a caller's own adapter.
    """
    root = root_cause(error, handled)
    if _package(type(root).__module__) in _NETWORK:
        return True
    module = innermost_module(root)
    if module is None:
        return False
    package = _package(module)
    return package in _NETWORK or package in own or package in sys.stdlib_module_names


def _package(module: str) -> str:
    return module.partition(".")[0]
