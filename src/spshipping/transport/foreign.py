"""Tells an exception of the network's code from one that a signal handler raised inside it."""

import sys
from types import FrameType

_NETWORK = frozenset(
    {
        "aiohappyeyeballs",
        "aiohttp",
        "aiosignal",
        "certifi",
        "charset_normalizer",
        "idna",
        "requests",
        "socks",
        "spshipping",
        "urllib3",
        "uvloop",
        "yarl",
        # recorders and mocks raise what the network would
        "aioresponses",
        "requests_mock",
        "responses",
        "vcr",
    }
)


def root_cause(error: BaseException) -> BaseException:
    """Return the exception that *error* began with."""
    seen = {id(error)}
    while (earlier := error.__cause__ or error.__context__) is not None and id(earlier) not in seen:
        seen.add(id(earlier))
        error = earlier
    return error


def innermost_frame(error: BaseException) -> FrameType | None:
    """Return the frame in which *error* was raised, if that is known."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return step.tb_frame if step else None


def is_networks(error: BaseException, own: frozenset[str] = frozenset()) -> bool:
    """Say whether *error*, which left the network's code, was raised there and not by a signal handler.

    A signal handler runs in the midst of whatever is being executed, and what it raises looks like the
    network's own `TimeoutError` or `ValueError`; only the frame in which it was raised shows the difference.
    Where there is no such frame, the answer is False.

    Args:
        error: what was caught.
        own: further packages that count as the network's code, such as that of a caller's own adapter.
    """
    root = root_cause(error)
    if _package(type(root).__module__) in _NETWORK:
        return True
    frame = innermost_frame(root)
    if frame is None:
        return False
    package = _package(str(frame.f_globals.get("__name__", "")))
    return package in _NETWORK or package in own or package in sys.stdlib_module_names


def _package(module: str) -> str:
    return module.partition(".")[0]
